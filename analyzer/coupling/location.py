"""Factors from where code stands: authors put together what they think of as one thing."""

from collections import defaultdict
from collections.abc import Iterator

from analyzer.coupling.product import Product
from analyzer.coupling.reason import Reason
from analyzer.coupling.semantic import TECHNICAL, words_of

# A package is only a container of others if less than this share of its units is directly in it.
OWN_SHARE = 0.15
# What packages still say where nearly everything is in one: its small neighbours were set apart.
LEAST_DIVIDED = 0.05
# Technical words for packages of packages.
CONTAINING = frozenset(["app", "module", "plugin"])


def location_reasons(product: Product) -> Iterator[Reason]:
    """Each unit with the anchor of its package and with that of its module; tables likewise.

    The package of a unit is the outermost one around it that is more than a container of packages
    (`shop.apps` contains, `shop.apps.orders` is). Strength is 1 - 2s for a place that holds the
    share s of all units: what holds half of everything says nothing about what belongs together.
    For packages it is further times 2D - 1, D = 1 - Σ s² being the chance that two units are in
    different packages: where one package holds nearly all, authors did not divide by package.
    """
    modules: defaultdict[str, list[str]] = defaultdict(list)
    for unit in sorted(product.units.values(), key=lambda unit: (unit.module, unit.line, unit.id)):
        modules[unit.module].append(unit.id)
    package_of = _packages({module: len(units) for module, units in modules.items()})
    packages: defaultdict[str, list[str]] = defaultdict(list)
    for module, units in sorted(modules.items()):
        packages[package_of[module]] += units
    yield from _stars(product, "module", modules, 1.0)
    whole = max(1, len(product.units))
    apart = 1 - sum((len(units) / whole) ** 2 for units in packages.values())
    yield from _stars(product, "package", packages, max(LEAST_DIVIDED, 2 * apart - 1))


def _stars(
    product: Product, kind: str, places: dict[str, list[str]], divided: float
) -> Iterator[Reason]:
    """Each unit of a place with its anchor, which is the unit that most others refer to."""
    for _, units in sorted(places.items()):
        telling = divided * (1 - 2 * len(units) / len(product.units))
        anchor = max(units, key=lambda unit: (product.fan_in[unit], unit))
        for unit in units:
            if unit != anchor:
                yield Reason(kind, (anchor, unit), telling, (product.place_of(unit),))
            if unit in product.mappers:
                table = product.nodes[product.mappers[unit]]
                yield Reason(kind, (anchor, table), telling, (product.place_of(unit),))


def _packages(size: dict[str, int]) -> dict[str, str]:
    """Module → the outermost package around it that is more than a container."""
    inside: defaultdict[str, int] = defaultdict(int)
    directly: defaultdict[str, int] = defaultdict(int)
    parts: defaultdict[str, set[str]] = defaultdict(set)
    around = {module.rpartition(".")[0] for module in size}
    for module, units in size.items():
        home = module if module in around else module.rpartition(".")[0]
        directly[home] += units
        place = home
        while place:
            inside[place] += units
            parent = place.rpartition(".")[0]
            parts[parent].add(place)
            place = parent
    containers = {
        place
        for place in inside
        if len(parts[place]) >= 2
        and directly[place] < OWN_SHARE * inside[place]
        and sum(inside[p] for p in parts[place] if _is_technical(p)) < inside[place] / 3
    }
    only_child = {place for place in inside if len(parts[place]) == 1 and not directly[place]}
    return {module: _outermost(module, containers | only_child) for module in size}


def _is_technical(place: str) -> bool:
    """Named for a technical role (models, api, views), which divides no capability."""
    words = words_of(place.rpartition(".")[2])
    return bool(words) and all(word in TECHNICAL - CONTAINING for word in words)


def _outermost(module: str, containers: set[str]) -> str:
    names = module.split(".")
    for length in range(1, len(names)):
        place = ".".join(names[:length])
        if place not in containers:
            return place
    return module
