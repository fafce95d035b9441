"""How the services stand to each other: upstream, downstream, and what must stand between."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence
from analyzer.plan.landscape import LIBRARY, Landscape

Pattern = Literal["customer-supplier", "anti-corruption-layer", "partnership"]

_FOREIGN_TABLES = 3  # so many foreign tables in a service's code, and their model leaks into it


@dataclass(frozen=True, slots=True, order=True)
class Relation:
    """One service depends on another."""

    downstream: str
    upstream: str
    pattern: Pattern
    reason: str
    calls: int
    reads: int
    writes: int
    foreign_keys: int
    evidence: tuple[Evidence, ...]  # the first of each kind


def relations_of(landscape: Landscape) -> tuple[Relation, ...]:
    """Every ordered pair of services of which the first uses the second, and how often."""
    counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    first: dict[tuple[str, str], dict[str, Evidence]] = defaultdict(dict)
    tables: dict[tuple[str, str], set[str]] = defaultdict(set)
    for downstream, upstream, kind, evidence, table in _uses(landscape):
        pair = (downstream, upstream)
        counts[pair][kind] += 1
        first[pair][kind] = min(first[pair].get(kind, evidence), evidence)
        if table:
            tables[pair].add(table)
    return tuple(
        Relation(
            downstream=downstream,
            upstream=upstream,
            pattern=(judged := _judge(landscape, downstream, upstream, counts, tables))[0],
            reason=judged[1],
            calls=count["call"],
            reads=count["read"],
            writes=count["write"],
            foreign_keys=count["foreign_key"],
            evidence=tuple(first[downstream, upstream][kind] for kind in sorted(count)),
        )
        for (downstream, upstream), count in sorted(counts.items())
    )


def _uses(landscape: Landscape) -> Iterable[tuple[str, str, str, Evidence, str]]:
    of_unit, of_table = landscape.service_of_unit, landscape.service_of_table
    for reference in landscape.facts.references:
        source = of_unit.get(reference.source, LIBRARY)
        target = of_unit.get(reference.target, LIBRARY)
        if reference.kind == "call" and LIBRARY not in (source, target) and source != target:
            yield source, target, "call", reference.evidence, ""
    for table, owner in of_table.items():
        for access in landscape.own_accesses(table):
            service = of_unit[access.unit]
            if service not in (owner, LIBRARY):
                yield service, owner, access.mode, access.evidence, table
    for key in landscape.facts.foreign_keys:
        source, target = of_table.get(key.source, LIBRARY), of_table.get(key.target, LIBRARY)
        if LIBRARY not in (source, target) and source != target:
            yield source, target, "foreign_key", key.evidence, key.target


def _judge(
    landscape: Landscape,
    downstream: str,
    upstream: str,
    counts: dict[tuple[str, str], Counter[str]],
    tables: dict[tuple[str, str], set[str]],
) -> tuple[Pattern, str]:
    names = landscape.name(downstream), landscape.name(upstream)
    here, back = counts[downstream, upstream], counts.get((upstream, downstream), Counter())
    if here["write"] and back["write"]:
        return "partnership", (
            f"each writes the other's tables ({here['write']} and {back['write']} lines): plan the "
            f"change of both together"
        )
    foreign = sorted(tables[downstream, upstream])
    if len(foreign) >= _FOREIGN_TABLES:
        return "anti-corruption-layer", (
            f"{names[0]} works on {len(foreign)} tables of {names[1]} "
            f"({', '.join(foreign[:6])}{', …' if len(foreign) > 6 else ''}): translate them at one "
            f"place"
        )
    return "customer-supplier", f"{names[1]} offers what {names[0]} uses; see its API"
