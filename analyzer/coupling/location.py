"""Factors from where code stands: authors put together what they think of as one thing."""

from collections import defaultdict
from collections.abc import Iterator
from math import log

from analyzer.coupling.product import Product
from analyzer.coupling.reason import Reason


def location_reasons(product: Product) -> Iterator[Reason]:
    """The tree of packages: separating a whole package from the rest costs one factor.

    Each unit is tied to the anchor of its module, each module's or package's anchor to that of the
    package around it. The anchor of a module is its first unit; of a package, its own body or else
    the anchor of the part with most units. A place that holds n of all N units is telling by
    ln(N / n) / ln N: a module that holds nearly everything says nothing.
    """
    units, parts = _tree(product)
    anchors, inside_of = _anchors(units, parts)
    whole = max(2, len(product.units))
    for place in sorted(anchors):
        telling = log(whole / inside_of[place]) / log(whole)
        inside = [*units.get(place, ()), *(anchors[part] for part in sorted(parts.get(place, ())))]
        for member in inside:
            if member != anchors[place]:
                members = (anchors[place], member)
                yield Reason("location", members, telling, (product.place_of(member),))


def _tree(product: Product) -> tuple[dict[str, list[str]], dict[str, set[str]]]:
    """Units of each module in the order of their lines; parts of each package."""
    units: defaultdict[str, list[str]] = defaultdict(list)
    parts: defaultdict[str, set[str]] = defaultdict(set)
    for unit in sorted(product.units.values(), key=lambda unit: (unit.module, unit.line, unit.id)):
        units[unit.module].append(unit.id)
    for module in units:
        place = module
        while parent := place.rpartition(".")[0]:
            parts[parent].add(place)
            place = parent
    return dict(units), dict(parts)


def _anchors(
    units: dict[str, list[str]], parts: dict[str, set[str]]
) -> tuple[dict[str, str], dict[str, int]]:
    """The anchor of each place, and how many units are inside it."""
    anchors: dict[str, str] = {}
    weight: dict[str, int] = {}
    deepest_first = sorted(units.keys() | parts.keys(), key=lambda p: (-p.count("."), p))
    for place in deepest_first:
        inside = sorted(parts.get(place, ()))
        weight[place] = len(units.get(place, ())) + sum(weight[part] for part in inside)
        if place in units:
            anchors[place] = units[place][0]
        else:
            anchors[place] = anchors[max(inside, key=lambda part: (weight[part], part))]
    return anchors, weight
