"""Follows calls: what a unit, or a transaction, reads and writes through what it calls."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from analyzer.facts.entry_points import Message
from analyzer.facts.evidence import Evidence
from analyzer.facts.rows import Row
from analyzer.facts.tables import TableAccess
from analyzer.facts.transactions import Lock, TransactionScope
from analyzer.readers.python.linking import Node

UNIT_DEPTH = 4  # calls that are followed from a unit
TRANSACTION_DEPTH = 8  # calls that are followed from inside a transaction
SIDE_EFFECT_DEPTH = 5  # the same, for what is sent to other systems

Key = tuple[str, str]  # (table, mode)
SideEffect = tuple[str, Evidence]


class Step(NamedTuple):
    """How a node comes to touch a table: itself (`callee` is ""), or through a call."""

    distance: int
    callee: str
    path: str  # where the table is touched in the end
    line: int
    operation: str


@dataclass(slots=True)
class Graph:
    """The nodes of a project by key, what they call, and what they touch at which distance."""

    nodes: dict[str, list[Node]] = field(default_factory=dict)
    callees: dict[str, tuple[str, ...]] = field(default_factory=dict)
    callers: dict[str, list[str]] = field(default_factory=dict)
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
        called = {call[0] for part in parts for call in part.calls}
        graph.callees[key] = tuple(sorted(called & graph.nodes.keys()))
        graph.reach[key] = _direct(parts)
        for callee in graph.callees[key]:
            graph.callers.setdefault(callee, []).append(key)
    fresh = {key: list(reach) for key, reach in graph.reach.items() if reach}
    for distance in range(1, TRANSACTION_DEPTH + 1):
        fresh = _one_level(graph, fresh, distance)
        if not fresh:
            break
    return graph


def _direct(parts: list[Node]) -> dict[Key, Step]:
    found: dict[Key, Step] = {}
    for part in parts:
        for table, mode, operation, line, _ in part.accesses:
            known = found.get((table, mode))
            if known is None:
                found[table, mode] = Step(0, "", part.path, line, operation)
            elif (line, operation) < (known.line, known.operation):
                found[table, mode] = Step(0, "", known.path, line, operation)
    return found


def _one_level(graph: Graph, fresh: dict[str, list[Key]], distance: int) -> dict[str, list[Key]]:
    added: dict[str, list[Key]] = {}
    for callee in sorted(fresh):
        callers = graph.callers.get(callee)
        if not callers:
            continue
        below = graph.reach[callee]
        steps: dict[Key, Step] = {}
        for key in callers:
            reach = graph.reach[key]
            fresh_here = [access for access in fresh[callee] if access not in reach]
            for access in fresh_here:
                step = steps.get(access)
                if step is None:
                    _, _, path, line, operation = below[access]
                    step = steps[access] = Step(distance, callee, path, line, operation)
                reach[access] = step
            if fresh_here:
                added.setdefault(key, []).extend(fresh_here)
    return added


def held_by(locks: Iterable[Lock], scopes: Iterable[TransactionScope]) -> Iterator[Lock]:
    """Locks with the innermost transaction that surrounds them in the same file."""
    by_path: dict[str, list[TransactionScope]] = {}
    for scope in scopes:
        by_path.setdefault(scope.evidence.path, []).append(scope)
    for lock in locks:
        line = lock.evidence.line
        around = [
            scope
            for scope in by_path.get(lock.evidence.path, ())
            if scope.unit == lock.unit and scope.evidence.line <= line <= scope.end_line
        ]
        if lock.transaction is None and around:
            innermost = max(around, key=lambda scope: (scope.evidence.line, scope.id))
            yield replace(lock, transaction=innermost.id)
        else:
            yield lock


def derived_accesses(graph: Graph, units: Collection[str] | None = None) -> Iterator[Row]:
    """What units (all, or these) read and write through calls; nothing that they do themselves."""
    by_unit: dict[str, list[str]] = {}
    for key, parts in graph.nodes.items():
        if units is None or parts[0].unit in units:
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


def _access(graph: Graph, unit: str, key: str, access: Key) -> Row:
    """The access that starts at a node, with its path of units: a row of a `TableAccess`."""
    via: list[str] = []
    step = graph.reach[key][access]
    while step.callee:
        key = step.callee
        called = graph.nodes[key][0].unit
        if called != (via[-1] if via else unit):
            via.append(called)
        step = graph.reach[key][access]
    origin = graph.nodes[key][0].inherited_from
    if origin and origin != (via[-1] if via else unit):
        via.append(origin)
    return (unit, *access, step.path, step.line, tuple(via), step.operation)


def transactions(
    graph: Graph,
    sent: dict[str, list[SideEffect]],
    handlers: Iterable[str],
    paths: Collection[str] | None = None,
) -> Iterator[TransactionScope | Lock]:
    """Every transaction (in these files) with all that happens inside it, and the row locks.

    `sent` is what each node sends, see `sent_by`; `handlers` are the keys of the functions that run
    in a transaction of their own because each request does.
    """
    taken: dict[str, int] = {}
    for key in sorted(graph.nodes, key=lambda one: (graph.nodes[one][0].path, one)):
        for node in graph.nodes[key]:
            if paths is None or node.path in paths:
                yield from _transactions_of(graph, node, sent, taken)
    for key in sorted(set(handlers)):
        for node in graph.nodes.get(key, ()):
            if paths is None or node.path in paths:
                yield _request(graph, node, sent, taken)


def sent_by(
    nodes: Iterable[tuple[str, int, int, str]], messages: Iterable[Message]
) -> dict[str, list[SideEffect]]:
    """What nodes send, given (path, line, end line, key): what spans it most closely sends it."""
    spans: dict[str, list[tuple[int, int, str]]] = {}
    for path, first, last, key in nodes:
        spans.setdefault(path, []).append((first, last, key))
    found: dict[str, list[SideEffect]] = {}
    for message in messages:
        line = message.evidence.line
        around = [one for one in spans.get(message.evidence.path, ()) if one[0] <= line <= one[1]]
        if around and message.kind != "signal":  # receivers of signals are followed as calls
            effect = (f"{message.kind} {message.name}", message.evidence)
            found.setdefault(max(around)[2], []).append(effect)
    return found


def _effects_through(
    graph: Graph, callees: Iterable[str], sent: dict[str, list[SideEffect]]
) -> set[SideEffect]:
    """What is sent by the functions that are called, within SIDE_EFFECT_DEPTH calls."""
    found: set[SideEffect] = set()
    level = {callee for callee in callees if callee in graph.nodes}
    seen = set(level)
    for _ in range(SIDE_EFFECT_DEPTH):
        found.update(effect for key in level for effect in _sent_at_once(graph, key, sent))
        level = {callee for key in level for callee in graph.callees[key]} - seen
        seen |= level
    return found


def _sent_at_once(
    graph: Graph, key: str, sent: dict[str, list[SideEffect]]
) -> Iterator[SideEffect]:
    """What a node sends, but for what waits until the transaction is committed."""
    effects = sent.get(key, ())
    nodes = graph.nodes[key] if effects else ()
    later = {(node.path, line) for node in nodes for _, line, _ in node.deferred}
    return (effect for effect in effects if (effect[1].path, effect[1].line) not in later)


def _request(
    graph: Graph, node: Node, sent: dict[str, list[SideEffect]], taken: dict[str, int]
) -> TransactionScope:
    """The transaction of a whole request."""
    everything = {-1, *range(len(node.opened))}
    return _scope(
        graph, node, everything, sent, _unique(f"{node.path}:{node.line}", taken), "request",
        node.line, node.end_line, None,
    )  # fmt: skip


def _unique(place: str, taken: dict[str, int]) -> str:
    taken[place] = taken.get(place, 0) + 1
    return place if taken[place] == 1 else f"{place}#{taken[place]}"


def _transactions_of(
    graph: Graph, node: Node, sent: dict[str, list[SideEffect]], taken: dict[str, int]
) -> Iterator[TransactionScope | Lock]:
    ids = [_unique(f"{node.path}:{line}", taken) for _, line, _, _ in node.opened]
    for index, (kind, line, end_line, around) in enumerate(node.opened):
        inside = {index}
        for inner in range(index + 1, len(node.opened)):
            if node.opened[inner][3] in inside:
                inside.add(inner)
        parent = ids[around] if around >= 0 else None
        yield _scope(graph, node, inside, sent, ids[index], kind, line, end_line, parent)
    for table, line, scope in node.row_locks:
        holder = ids[scope] if scope >= 0 else None
        yield Lock(node.unit, "row", table, Evidence(node.path, line), holder)


def _scope(
    graph: Graph,
    node: Node,
    inside: set[int],
    sent: dict[str, list[SideEffect]],
    identity: str,
    kind: str,
    line: int,
    end_line: int,
    parent: str | None,
) -> TransactionScope:
    calls = {call[:2] for call in node.calls if call[3] in inside}
    deferred = {
        (unit, Evidence(node.path, place))
        for unit, place, scope in node.deferred
        if scope in inside
    }
    side_effects = _effects_through(graph, [key for key, _ in calls], sent)
    side_effects.update(
        effect
        for effect in _sent_at_once(graph, node.key, sent)
        if line <= effect[1].line <= end_line
    )
    return TransactionScope(
        id=identity,
        unit=node.unit,
        kind=kind,  # type: ignore[arg-type]
        evidence=Evidence(node.path, line),
        end_line=end_line,
        accesses=tuple(_inside(graph, node, inside)),
        nested_in=parent,
        calls=tuple(sorted({unit for _, unit in calls})),
        side_effects=tuple(sorted(side_effects)),
        deferred=tuple(sorted(deferred)),
    )


def _inside(graph: Graph, node: Node, inside: set[int]) -> list[TableAccess]:
    """Accesses between the opening of a transaction and its end, direct ones and through calls."""
    through = (node.inherited_from,) if node.inherited_from else ()
    found = [
        TableAccess(node.unit, table, mode, Evidence(node.path, line), through, operation)  # type: ignore[arg-type]
        for table, mode, operation, line, scope in node.accesses
        if scope in inside
    ]
    known = {(access.table, access.mode) for access in found}
    best: dict[Key, tuple[int, str]] = {}
    callees = {call[0] for call in node.calls if call[3] in inside}
    for callee in sorted(callees):
        for access, step in graph.reach.get(callee, {}).items():
            if access not in known and step.distance < best.get(access, (99, ""))[0]:
                best[access] = (step.distance, callee)
    for access, (_, callee) in best.items():
        unit = graph.nodes[callee][0].unit
        *_, path, line, through, operation = _access(graph, unit, callee, access)
        via = through if unit == node.unit else (unit, *through)
        found.append(
            TableAccess(node.unit, *access, Evidence(path, line), via, operation)  # type: ignore[arg-type]
        )
    return sorted(found)
