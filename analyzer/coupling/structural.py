"""Factors between units: who refers to whom."""

from collections import Counter
from collections.abc import Iterator
from math import log

from analyzer.coupling.product import Product
from analyzer.coupling.reason import Reason
from analyzer.facts.evidence import Evidence


def structural_reasons(product: Product) -> Iterator[Reason]:
    """References between units, by kind; damped by how many others refer to the same target.

    Strength is (1 + ln n) / (fan-in of the target) for n references of one kind.
    """
    count: Counter[tuple[str, str, str]] = Counter()
    places: dict[tuple[str, str, str], list[Evidence]] = {}
    for reference in product.facts.references:
        if reference.source == reference.target or reference.source not in product.units:
            continue
        if reference.target in product.units:
            key = (reference.kind, reference.source, reference.target)
            count[key] += 1
            places.setdefault(key, []).append(reference.evidence)
    for (kind, source, target), references in sorted(count.items()):
        yield Reason(
            kind=kind,
            members=(source, target),
            strength=(1 + log(references)) * product.telling_reference(target),
            evidence=tuple(places[kind, source, target]),
        )
