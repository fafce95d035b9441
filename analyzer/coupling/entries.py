"""Factors from the ways in: what is served together, and who hands work to whom."""

from collections import defaultdict
from collections.abc import Iterator
from math import sqrt

from analyzer.coupling.product import Product
from analyzer.coupling.reason import Reason
from analyzer.facts.evidence import Evidence


def entry_reasons(product: Product) -> Iterator[Reason]:
    """Units routed under one prefix, and senders with the receivers of their messages."""
    yield from _routes(product)
    yield from _messages(product)


def _routes(product: Product) -> Iterator[Reason]:
    """Each unit with the first unit of its prefix, weaker for prefixes that serve many."""
    served: defaultdict[tuple[str, ...], dict[str, Evidence]] = defaultdict(dict)
    for entry in product.facts.entry_points:
        if entry.kind == "http" and entry.unit in product.units:
            for prefix in _prefixes(entry.name):
                served[prefix].setdefault(entry.unit, entry.evidence)
    for _, units in sorted(served.items()):
        anchor, *others = sorted(units)
        for unit in others:
            yield Reason("routing", (anchor, unit), 1 / sqrt(len(others)), (units[unit],))


def _prefixes(name: str) -> Iterator[tuple[str, ...]]:
    """Fixed parts at the start of a route: `POST /orders/<id>/lines/` gives (orders,)."""
    path = name.rpartition(" ")[2]
    parts: list[str] = []
    for part in path.strip("/").split("/"):
        if not part or not part.replace("-", "").replace("_", "").isalnum():
            break
        parts.append(part)
        yield tuple(parts)


def _messages(product: Product) -> Iterator[Reason]:
    for message in product.facts.messages:
        if message.unit in product.units and message.receiver in product.units:
            members = (message.unit, str(message.receiver))
            strength = product.telling_reference(str(message.receiver))
            yield Reason("message", members, strength, (message.evidence,))
