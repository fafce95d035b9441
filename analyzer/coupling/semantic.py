"""Factors from words: code about one domain speaks one language."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from math import log
from typing import Any

import numpy as np
from scipy import sparse

from analyzer.coupling.product import Product
from analyzer.coupling.reason import Reason
from analyzer.facts.tables import Table

# Each unit is tied to this many of those that speak most like it.
NEIGHBOURS = 5
# Cosine below which two vocabularies are not alike.
ALIKE = 0.15
# A term in more than this share of all units says nothing.
COMMONPLACE = 0.1
# How much more a word in a unit's own name counts than one in its body.
NAME_COUNTS = 5

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

# scipy's sparse module has no annotations.
_sparse: Any = sparse

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def words_of(identifier: str) -> tuple[str, ...]:
    """Words of an identifier, lower case and singular: `OrderLines_2` gives order, line."""
    return tuple(_singular(word.lower()) for word in _WORD.findall(identifier))


def table_words(table: Table) -> tuple[str, ...]:
    """Words of the class that maps a table, else of its name without the framework's prefix."""
    if table.defined_by and table.kind == "model":
        return words_of(table.defined_by.rpartition(":")[2])
    return words_of(table.name.removeprefix(f"{table.app}_") if table.app else table.name)


def semantic_reasons(product: Product) -> Iterator[Reason]:
    """Units with like vocabularies, units named like tables, tables named alike."""
    yield from _alike_units(product)
    yield from _named_after_tables(product)
    yield from _alike_tables(product)


def _alike_units(product: Product) -> Iterator[Reason]:
    spoken: dict[str, Counter[str]] = {
        unit.id: Counter(dict.fromkeys(words_of(unit.name), NAME_COUNTS))
        for unit in product.units.values()
    }
    for vocabulary in product.facts.vocabularies:
        if vocabulary.unit in spoken:
            spoken[vocabulary.unit].update(dict(vocabulary.terms))
    units = sorted(unit for unit, terms in spoken.items() if terms)
    for one, other, alike in _nearest(units, spoken):
        yield Reason("vocabulary", (one, other), alike, (product.place_of(one),))


def _nearest(
    units: Sequence[str], spoken: Mapping[str, Counter[str]]
) -> Iterator[tuple[str, str, float]]:
    """For each unit its nearest neighbours by cosine of tf-idf, above a floor."""
    if len(units) < 2:
        return
    matrix = _tf_idf(units, spoken)
    for start in range(0, len(units), 512):
        block = (matrix[start : start + 512] @ matrix.T).tocsr()
        for row in range(block.shape[0]):
            begin, end = block.indptr[row], block.indptr[row + 1]
            columns, values = block.indices[begin:end], block.data[begin:end]
            best = np.lexsort((columns, -values))[: NEIGHBOURS + 1]
            for column, value in zip(columns[best], values[best], strict=True):
                if column != start + row and value >= ALIKE:
                    yield units[start + row], units[column], round(float(value), 6)


def _tf_idf(units: Sequence[str], spoken: Mapping[str, Counter[str]]) -> Any:
    spread = Counter(term for unit in units for term in spoken[unit])
    most = max(3, COMMONPLACE * len(units))
    terms = {t: i for i, t in enumerate(sorted(t for t, n in spread.items() if 2 <= n <= most))}
    rows, columns, values = [], [], []
    for row, unit in enumerate(units):
        for term, count in sorted(spoken[unit].items()):
            if term in terms:
                rows.append(row)
                columns.append(terms[term])
                values.append((1 + log(count)) * log(len(units) / spread[term]))
    matrix = _sparse.csr_matrix((values, (rows, columns)), shape=(len(units), len(terms)))
    norms = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    norms[norms == 0] = 1.0
    return _sparse.csr_matrix(_sparse.diags(1 / norms) @ matrix)


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


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word
