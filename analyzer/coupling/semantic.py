"""Factors from words: code about one domain speaks one language."""

import re
from collections import Counter
from collections.abc import Iterator
from math import log

from analyzer.coupling.product import Product
from analyzer.coupling.reason import Reason
from analyzer.facts.tables import Table
from analyzer.words import singular

# A word in more than this share of all table names says nothing.
COMMONPLACE = 0.1
# Words for the technical part a class plays, not for the domain.
_TECHNICAL = """
abstract action admin api app backend base cache callback choice class client command config
controller create creator delete detail edit error event exception factory field filter form
formset function get handler helper hook index inline job json list loader log manager meta
middleware migration mixin mode model module mutation node option page permission plugin post
processor provider proxy query queryset registry request resolver response route router schema
serializer service set setting settings signal store tag task template test type update
util validator value view viewset widget
"""
TECHNICAL = frozenset(_TECHNICAL.split())

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words_of(identifier: str) -> tuple[str, ...]:
    """Words of an identifier, lower case and singular: `OrderLines_2` gives order, line."""
    return tuple(singular(word.lower()) for word in _WORD.findall(identifier))


def table_words(table: Table) -> tuple[str, ...]:
    """Words of the class that maps a table, else of its name without the framework's prefix."""
    if table.defined_by and table.kind == "model":
        return words_of(table.defined_by.rpartition(":")[2])
    return words_of(table.name.removeprefix(f"{table.app}_") if table.app else table.name)


def semantic_reasons(product: Product) -> Iterator[Reason]:
    """Units named like tables, tables named alike."""
    yield from _named_after_tables(product)
    yield from _alike_tables(product)


def _named_after_tables(product: Product) -> Iterator[Reason]:
    """A unit with the table whose words its own name covers best, where that is unambiguous."""
    words = {name: frozenset(table_words(table)) for name, table in product.tables.items()}
    spread = Counter(word for own in words.values() for word in own)
    using: dict[str, list[str]] = {}
    for name in sorted(words):
        for word in words[name]:
            using.setdefault(word, []).append(name)
    for unit in sorted(product.units):
        own = frozenset(words_of(product.units[unit].name)) - TECHNICAL
        candidates = sorted({name for word in own for name in using.get(word, ())})
        scored = [(_covered(own, words[name], spread, len(words)), name) for name in candidates]
        best = max((score for score, _ in scored), default=0.0)
        chosen = [name for score, name in scored if score == best]
        if best >= 0.5 and unit not in product.mappers and len(chosen) <= 3:
            for name in chosen:
                members = (unit, product.nodes[name])
                yield Reason("naming", members, best / len(chosen), (product.place_of(unit),))


def _covered(
    own: frozenset[str], words: frozenset[str], spread: Counter[str], tables: int
) -> float:
    """Weighted Jaccard of a unit's and a table's words, rare words counting more."""

    def weight(of: frozenset[str]) -> float:
        return sum(log(1 + tables / max(1, spread[word])) for word in sorted(of))

    return weight(own & words) / weight(own | words)


def _alike_tables(product: Product) -> Iterator[Reason]:
    """Tables that share a rare word in their names, with the first that has it."""
    using: dict[str, list[str]] = {}
    for name, table in sorted(product.tables.items()):
        for word in sorted(set(table_words(table)) - TECHNICAL):
            using.setdefault(word, []).append(name)
    for _, names in sorted(using.items()):
        if 2 <= len(names) <= max(3.0, COMMONPLACE * len(product.tables)):
            anchor = min(names, key=lambda name: (len(name), name))
            for name in names:
                if name != anchor:
                    members = (product.nodes[anchor], product.nodes[name])
                    places = (product.tables[name].evidence,)
                    yield Reason("table_naming", members, 1 / len(names) ** 0.5, places)
