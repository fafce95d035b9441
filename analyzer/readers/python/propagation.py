"""Follows calls: what a unit, or a transaction, reads and writes through what it calls."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import TableAccess
from analyzer.facts.transactions import Lock, TransactionScope
from analyzer.readers.python.linking import Node, key_of

UNIT_DEPTH = 4  # calls that are followed from a unit
TRANSACTION_DEPTH = 8  # calls that are followed from inside a transaction

Key = tuple[str, str]  # (table, mode)


@dataclass(frozen=True, slots=True)
class Step:
    """How a node comes to touch a table: itself (`callee` is ""), or through a call."""

    distance: int
    callee: str
    line: int
    operation: str


@dataclass(slots=True)
class Graph:
    """The nodes of a project by key, what they call, and what they touch at which distance."""

    nodes: dict[str, list[Node]] = field(default_factory=dict)
    callees: dict[str, tuple[str, ...]] = field(default_factory=dict)
    reach: dict[str, dict[Key, Step]] = field(default_factory=dict)


def graph_of(nodes: Iterable[Node]) -> Graph:
    """The nodes with everything that they reach within TRANSACTION_DEPTH calls.

    Level by level from the direct accesses backwards, so that each entry is a shortest path; ties
    go to the callee that sorts first. Cycles need no care: an entry is never made twice.
    """
    graph = Graph()
    for node in nodes:
        graph.nodes.setdefault(node.key, []).append(node)
    for key in sorted(graph.nodes):
        parts = graph.nodes[key]
        called = {key_of(function) for part in parts for function, _, _ in part.effects.calls}
        graph.callees[key] = tuple(sorted(one for one in called if one in graph.nodes))
        graph.reach[key] = _direct(parts)
    fresh = {key: tuple(reach) for key, reach in graph.reach.items() if reach}
    for distance in range(1, TRANSACTION_DEPTH + 1):
        fresh = _one_level(graph, fresh, distance)
        if not fresh:
            break
    return graph


def _direct(parts: list[Node]) -> dict[Key, Step]:
    found: dict[Key, Step] = {}
    for part in parts:
        for table, mode, operation, line, _ in part.effects.accesses:
            known = found.get((table, mode))
            if known is None or (line, operation) < (known.line, known.operation):
                found[table, mode] = Step(0, "", line, operation)
    return found


def _one_level(
    graph: Graph, fresh: dict[str, tuple[Key, ...]], distance: int
) -> dict[str, tuple[Key, ...]]:
    added: dict[str, tuple[Key, ...]] = {}
    for key, callees in graph.callees.items():
        reach = graph.reach[key]
        new = []
        for callee in callees:
            for access in fresh.get(callee, ()):
                if access not in reach:
                    source = graph.reach[callee][access]
                    reach[access] = Step(distance, callee, source.line, source.operation)
                    new.append(access)
        if new:
            added[key] = tuple(new)
    return added


def derived_accesses(graph: Graph) -> Iterator[TableAccess]:
    """What units read and write through calls; nothing that they do themselves already."""
    by_unit: dict[str, list[str]] = {}
    for key, parts in graph.nodes.items():
        by_unit.setdefault(parts[0].unit, []).append(key)
    for unit, keys in by_unit.items():
        best: dict[Key, tuple[int, str]] = {}
        for key in sorted(keys):
            for access, step in graph.reach[key].items():
                if step.distance > UNIT_DEPTH:
                    continue
                known = best.get(access)
                if known is None or step.distance < known[0]:
                    best[access] = (step.distance, key)
        for access, (distance, key) in best.items():
            if distance:
                yield _access(graph, unit, key, access)


def _access(graph: Graph, unit: str, key: str, access: Key) -> TableAccess:
    """The access that starts at a node, with its path of units."""
    via: list[str] = []
    step = graph.reach[key][access]
    while step.callee:
        key = step.callee
        called = graph.nodes[key][0].unit
        if called != (via[-1] if via else unit):
            via.append(called)
        step = graph.reach[key][access]
    place = Evidence(_path_of(graph, key, access), step.line)
    return TableAccess(unit, access[0], access[1], place, tuple(via), step.operation)  # type: ignore[arg-type]


def _path_of(graph: Graph, key: str, access: Key) -> str:
    parts = graph.nodes[key]
    for part in parts:
        if any(one[:2] == access for one in part.effects.accesses):
            return part.path
    return parts[0].path


def transactions(graph: Graph) -> Iterator[TransactionScope | Lock]:
    """Every transaction with all that happens inside it, and the row locks."""
    taken: dict[str, int] = {}
    for key in sorted(graph.nodes, key=lambda one: (graph.nodes[one][0].path, one)):
        for node in graph.nodes[key]:
            yield from _transactions_of(graph, node, taken)


def _transactions_of(
    graph: Graph, node: Node, taken: dict[str, int]
) -> Iterator[TransactionScope | Lock]:
    effects = node.effects
    ids = []
    for opened in effects.opened:
        place = f"{node.path}:{opened.line}"
        taken[place] = taken.get(place, 0) + 1
        ids.append(place if taken[place] == 1 else f"{place}#{taken[place]}")
    for index, opened in enumerate(effects.opened):
        inside = {index}
        for inner in range(index + 1, len(effects.opened)):
            if effects.opened[inner].parent in inside:
                inside.add(inner)
        calls = {function for function, _, scope in effects.calls if scope in inside}
        deferred = {
            (function.unit, Evidence(node.path, line))
            for function, line, scope in effects.deferred
            if scope in inside
        }
        yield TransactionScope(
            id=ids[index],
            unit=node.unit,
            kind=opened.kind,  # type: ignore[arg-type]
            evidence=Evidence(node.path, opened.line),
            end_line=opened.end_line,
            accesses=tuple(_inside(graph, node, inside)),
            nested_in=ids[opened.parent] if opened.parent >= 0 else None,
            calls=tuple(sorted({function.unit for function in calls})),
            deferred=tuple(sorted(deferred)),
        )
    for table, line, scope in effects.row_locks:
        holder = ids[scope] if scope >= 0 else None
        yield Lock(node.unit, "row", table, Evidence(node.path, line), holder)


def _inside(graph: Graph, node: Node, inside: set[int]) -> list[TableAccess]:
    """Accesses between the opening of a transaction and its end, direct ones and through calls."""
    found = [
        TableAccess(node.unit, table, mode, Evidence(node.path, line), (), operation)  # type: ignore[arg-type]
        for table, mode, operation, line, scope in node.effects.accesses
        if scope in inside
    ]
    known = {(access.table, access.mode) for access in found}
    best: dict[Key, tuple[int, str]] = {}
    callees = {key_of(function) for function, _, scope in node.effects.calls if scope in inside}
    for callee in sorted(callees):
        for access, step in graph.reach.get(callee, {}).items():
            if access not in known and step.distance < best.get(access, (99, ""))[0]:
                best[access] = (step.distance, callee)
    for access, (_, callee) in best.items():
        reached = _access(graph, graph.nodes[callee][0].unit, callee, access)
        unit = graph.nodes[callee][0].unit
        via = reached.via if unit == node.unit else (unit, *reached.via)
        found.append(
            TableAccess(node.unit, *access, reached.evidence, via, reached.operation)  # type: ignore[arg-type]
        )
    return sorted(found)
