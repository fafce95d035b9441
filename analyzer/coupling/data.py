"""Factors over tables, and between tables and the units that access them."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import combinations
from math import log

from analyzer.coupling.product import Product
from analyzer.coupling.reason import Reason
from analyzer.coupling.semantic import TECHNICAL, table_words
from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import ForeignKey, Table

# How strongly a foreign key binds, by what it says about the life of the row that holds it.
KEY_STRENGTH = {
    "parent_link": 3.0,  # one row in two tables
    "one_to_one": 1.5,  # mostly an extension of the other row
    "foreign_key": 1.0,
    "many_to_many": 1.0,
}
CASCADE_STRENGTH = 1.5  # the row cannot outlive the row it refers to
NULLABLE_STRENGTH = 0.7  # the row means something without the other

# A unit that writes more tables than this is a tool (an importer, a reset), not an aggregate.
WRITES_OF_ONE_AGGREGATE = 8

# Statements more calls away than this belong to what is called; the calls themselves are factors.
FARTHEST_ACCESS = 1


def data_reasons(product: Product) -> Iterator[Reason]:
    """All factors that come from tables, their keys and their use."""
    yield from _mappings(product)
    yield from _foreign_keys(product)
    yield from _joins(product)
    yield from _accesses(product)
    yield from _co_writes(product)
    yield from _bindings(product)


def _mappings(product: Product) -> Iterator[Reason]:
    for name, table in sorted(product.tables.items()):
        if table.defined_by in product.units:
            members = (product.nodes[name], str(table.defined_by))
            yield Reason("mapping", members, 1.0, (table.evidence,))


def _foreign_keys(product: Product) -> Iterator[Reason]:
    declaring = _declaring_tables(product)
    for key in product.facts.foreign_keys:
        if key.source not in product.tables or key.target not in product.tables:
            continue
        members = (product.nodes[key.source], product.nodes[key.target])
        if declaring.get(key.source) == key.target:
            yield Reason("many_to_many", members, 1.0, (key.evidence,))
        else:
            part = _is_part(product.tables[key.source], product.tables[key.target])
            telling = 1.0 if part else product.telling_key(key.target)
            yield Reason("foreign_key", members, _key_strength(key) * telling, (key.evidence,))


def _is_part(table: Table, whole: Table) -> bool:
    """Named as a part of what it refers to, `OrderLine` of `Order`: then hubs are as telling."""
    own, other = set(table_words(table)), set(table_words(whole)) - TECHNICAL
    return bool(other) and other < own


def _declaring_tables(product: Product) -> dict[str, str]:
    """Many-to-many table → the table whose class declares the relation."""
    of_unit = {table.defined_by: name for name, table in product.tables.items()}
    declaring: dict[str, str] = {}
    for name, table in sorted(product.tables.items()):
        if table.kind in ("many_to_many", "history"):
            targets = [k.target for k in product.facts.foreign_keys if k.source == name]
            longest = sorted((t for t in targets if name.startswith(t)), key=len, reverse=True)
            owner = of_unit.get(table.defined_by)
            found = longest[0] if longest else owner if owner in targets else None
            if found is not None:
                declaring[name] = found
    return declaring


def _key_strength(key: ForeignKey) -> float:
    strength = KEY_STRENGTH.get(key.kind, 0.0)
    if key.on_delete.rpartition(".")[2].upper() == "CASCADE":
        strength *= CASCADE_STRENGTH
    return strength * (NULLABLE_STRENGTH if key.nullable else 1.0)


def _joins(product: Product) -> Iterator[Reason]:
    count: Counter[tuple[str, str]] = Counter()
    places: defaultdict[tuple[str, str], list[Evidence]] = defaultdict(list)
    for join in product.facts.joins:
        known = sorted(name for name in join.tables if name in product.tables)
        if join.unit not in product.units:
            continue
        for pair in combinations(known, 2):
            count[pair] += 1
            places[pair].append(join.evidence)
    for (one, other), joins in sorted(count.items()):
        telling = min(product.telling_key(one), product.telling_key(other))
        yield Reason(
            "join",
            (product.nodes[one], product.nodes[other]),
            (1 + log(joins)) * telling,
            tuple(places[one, other]),
        )


def _accesses(product: Product) -> Iterator[Reason]:
    """Strength: how telling the table is, over how many calls away the statement stands."""
    nearest: dict[tuple[str, str, str], int] = {}
    places: defaultdict[tuple[str, str, str], list[Evidence]] = defaultdict(list)
    for access in product.facts.accesses:
        known = access.unit in product.units and access.table in product.tables
        if known and len(access.via) <= FARTHEST_ACCESS:
            key = (access.mode, access.unit, access.table)
            nearest[key] = min(nearest.get(key, len(access.via)), len(access.via))
            places[key].append(access.evidence)
    for (mode, unit, table), distance in sorted(nearest.items()):
        yield Reason(
            kind=mode,
            members=(unit, product.nodes[table]),
            strength=product.telling_access(table) / (1 + distance) ** 2,
            evidence=tuple(places[mode, unit, table]),
        )


def _co_writes(product: Product) -> Iterator[Reason]:
    written: defaultdict[str, dict[str, Evidence]] = defaultdict(dict)
    for access in product.facts.accesses:
        if access.mode == "write" and not access.via and access.table in product.tables:
            written[access.unit].setdefault(access.table, access.evidence)
    for unit, tables in sorted(written.items()):
        if unit in product.units and 2 <= len(tables) <= WRITES_OF_ONE_AGGREGATE:
            members = tuple(product.nodes[name] for name in sorted(tables))
            strength = min(product.telling_access(name) for name in tables) / (len(tables) - 1)
            yield Reason("co_write", members, strength, tuple(tables[n] for n in sorted(tables)))


def _bindings(product: Product) -> Iterator[Reason]:
    """A class that names few mapped classes, outside of calls, is about them."""
    named: defaultdict[str, dict[str, Evidence]] = defaultdict(dict)
    for reference in product.facts.references:
        if reference.kind in ("attribute", "name") and reference.target in product.mappers:
            named[reference.source].setdefault(reference.target, reference.evidence)
    for unit, mappers in sorted(named.items()):
        if unit not in product.units or unit in product.mappers:
            continue
        for mapper, place in sorted(mappers.items()):
            table = product.mappers[mapper]
            yield Reason("binding", (unit, product.nodes[table]), 1 / len(mappers), (place,))
