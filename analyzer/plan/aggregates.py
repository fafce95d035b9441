"""Tables that are written together and therefore stay in one database."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from analyzer.plan.landscape import Ground, Landscape

_GROUNDS_KEPT = 12  # per aggregate; the report lists every transaction elsewhere


@dataclass(frozen=True, slots=True, order=True)
class Aggregate:
    """Tables of one service that change in the same transactions; `root` is the way in."""

    service: str
    root: str
    tables: tuple[str, ...]
    reasons: tuple[Ground, ...]


def aggregates_of(landscape: Landscape) -> tuple[Aggregate, ...]:
    """Group each service's tables by the transactions that write them and by shared identity."""
    bonds = [*_written_together(landscape), *_sharing_identity(landscape)]
    groups = _connected(landscape.service_of_table, bonds)
    reasons: dict[str, set[Ground]] = defaultdict(set)
    for first, _, ground in bonds:
        reasons[groups[first]].add(ground)
    members: dict[str, list[str]] = defaultdict(list)
    for table in sorted(groups):
        members[groups[table]].append(table)
    return tuple(
        sorted(
            Aggregate(
                service=landscape.service_of_table[group],
                root=_root(landscape, tables),
                tables=tuple(tables),
                reasons=tuple(sorted(reasons[group])[:_GROUNDS_KEPT]),
            )
            for group, tables in members.items()
        )
    )


def _written_together(landscape: Landscape) -> Iterable[tuple[str, str, Ground]]:
    owner = landscape.service_of_table
    for scope in landscape.facts.transactions:
        written = sorted(
            {a.table for a in scope.accesses if a.mode == "write" and a.table in owner}
        )
        statement = f"{scope.unit} writes {', '.join(written)} in one transaction"
        for service in sorted({owner[table] for table in written}):
            own = [table for table in written if owner[table] == service]
            for first, second in pairwise(own):
                yield first, second, Ground(statement, scope.evidence)


def _sharing_identity(landscape: Landscape) -> Iterable[tuple[str, str, Ground]]:
    owner = landscape.service_of_table
    for key in landscape.facts.foreign_keys:
        if key.kind != "parent_link" or owner.get(key.source, "") != owner.get(key.target, None):
            continue
        statement = f"{key.source} extends the rows of {key.target} under the same primary key"
        yield key.source, key.target, Ground(statement, key.evidence)


def _connected(nodes: Iterable[str], bonds: Iterable[tuple[str, str, Ground]]) -> dict[str, str]:
    """The smallest name of the group that each node falls in."""
    leader = {node: node for node in nodes}

    def find(node: str) -> str:
        while leader[node] != node:
            leader[node] = leader[leader[node]]
            node = leader[node]
        return node

    for first, second, _ in bonds:
        low, high = sorted((find(first), find(second)))
        leader[high] = low
    return {node: find(node) for node in leader}


def _root(landscape: Landscape, tables: list[str]) -> str:
    """The table that most foreign keys of the group point to; of equals, the most written one."""
    inside = set(tables)
    pointed_at = Counter(
        key.target
        for key in landscape.facts.foreign_keys
        if key.source in inside and key.target in inside and key.source != key.target
    )
    writes = {
        table: sum(a.mode == "write" for a in landscape.own_accesses(table)) for table in tables
    }
    return min(tables, key=lambda table: (-pointed_at[table], -writes[table], table))
