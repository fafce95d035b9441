"""Follows calls: what a unit, or a transaction, reads and writes through what it calls."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from analyzer.facts.entry_points import Message
from analyzer.facts.evidence import Evidence
from analyzer.facts.rows import Row
from analyzer.facts.tables import TableAccess
from analyzer.facts.transactions import Lock, TransactionScope
from analyzer.readers.python.branches import Conditions, after_call, joined
from analyzer.readers.python.linking import Node

UNIT_DEPTH = 4  # calls that are followed from a unit
TRANSACTION_DEPTH = 8  # calls that are followed from inside a transaction
SIDE_EFFECT_DEPTH = 5  # the same, for what is sent to other systems

# Methods of Django's and REST framework's views that only show, and those that their handlers call.
SHOWING = frozenset({"get", "head", "options", "list", "retrieve"})
READING_HOOKS = ("get_context_data", "get_form_kwargs", "get_initial", "get_object", "get_queryset")
SAVING_HOOKS = ("form_invalid", "form_valid", "perform_create", "perform_destroy", "perform_update")
HOOKS = (*READING_HOOKS, *SAVING_HOOKS, "create", "destroy", "update")

# (table, mode), or (table, mode, conditions) of what is touched only where the parameters are so.
Key = tuple[Any, ...]
SideEffect = tuple[str, Evidence]


class Step(NamedTuple):
    """How a node comes to touch a table: itself (`callee` is ""), or through a call."""

    distance: int
    callee: str
    path: str  # where the table is touched in the end
    line: int
    operation: str
    below: Key = ()  # what the callee touches, in its own words


@dataclass(slots=True)
class Graph:
    """The nodes of a project by key, what they call, and what they touch at which distance."""

    nodes: dict[str, list[Node]] = field(default_factory=dict)
    callees: dict[str, tuple[str, ...]] = field(default_factory=dict)
    callers: dict[str, list[str]] = field(default_factory=dict)
    reach: dict[str, dict[Key, Step]] = field(default_factory=dict)
    # (caller, callee) where every call stands in a branch that is not always run.
    branched: set[tuple[str, str]] = field(default_factory=set)


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
        always = {call[0] for part in parts for call in part.calls if not call[4]}
        graph.branched.update((key, callee) for callee in called - always)
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
        only_if = dict(part.only_if)
        for index, (table, mode, operation, line, _) in enumerate(part.accesses):
            key = (table, mode, only_if[index]) if index in only_if else (table, mode)
            known = found.get(key)
            if known is None:
                found[key] = Step(0, "", part.path, line, operation)
            elif (line, operation) < (known.line, known.operation):
                found[key] = Step(0, "", known.path, line, operation)
    return found


def _one_level(graph: Graph, fresh: dict[str, list[Key]], distance: int) -> dict[str, list[Key]]:
    added: dict[str, list[Key]] = {}
    for callee in sorted(fresh):
        callers = graph.callers.get(callee)
        if not callers:
            continue
        below = graph.reach[callee]
        steps: dict[Key, Step] = {}
        always = [access for access in fresh[callee] if len(access) == 2]
        held = [access for access in fresh[callee] if len(access) > 2]
        for key in callers:
            reach = graph.reach[key]
            pairs = [(access, access) for access in always if access not in reach]
            if (key, callee) in graph.branched:
                pairs = list(_in_words_of(graph, key, callee, fresh[callee]))
            elif held:
                pairs += _in_words_of(graph, key, callee, held)
            fresh_here = []
            for access, said in pairs:
                if said in reach or said[:2] in reach:
                    continue
                step = steps.get(access)
                if step is None:
                    _, _, path, line, operation, _ = below[access]
                    step = steps[access] = Step(distance, callee, path, line, operation, access)
                reach[said] = step
                fresh_here.append(said)
            if fresh_here:
                added.setdefault(key, []).extend(fresh_here)
    return added


def _in_words_of(
    graph: Graph, caller: str, callee: str, accesses: Iterable[Key]
) -> Iterator[tuple[Key, Key]]:
    """What is touched through the calls of one callee, with the caller's own conditions."""
    calls = [one for part in graph.nodes[caller] for one in part.calls if one[0] == callee]
    defaults = graph.nodes[callee][0].defaults
    for access in accesses:
        for call in calls:
            said = through_call(access, call, defaults)
            if said is not None:
                yield access, said


def through_call(access: Key, call: Row, defaults: tuple[tuple[str, Any], ...]) -> Key | None:
    """What a call touches by what its callee touches, in the caller's words; None if ruled out."""
    conditions: Conditions = call[4]
    if len(access) > 2:
        left = after_call(access[2], call[5], defaults)
        if left is None:
            return None
        conditions = joined(conditions, left)
    return (*access[:2], conditions) if conditions else access[:2]


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
        best: dict[Key, tuple[int, str, Key]] = {}
        for key in sorted(keys):
            for access, step in graph.reach[key].items():
                if step.distance > UNIT_DEPTH:
                    continue
                known = best.get(access[:2])
                if known is None or step.distance < known[0]:
                    best[access[:2]] = (step.distance, key, access)
        for distance, key, access in best.values():
            if distance:
                yield _access(graph, unit, key, access)


def _access(graph: Graph, unit: str, key: str, access: Key) -> Row:
    """The access that starts at a node, with its path of units: a row of a `TableAccess`."""
    via: list[str] = []
    touched = access[:2]
    step = graph.reach[key][access]
    while step.callee:
        key = step.callee
        called = graph.nodes[key][0].unit
        if called != (via[-1] if via else unit):
            via.append(called)
        step = graph.reach[key][step.below]
    origin = graph.nodes[key][0].inherited_from
    if origin and origin != (via[-1] if via else unit):
        via.append(origin)
    return (unit, *touched, step.path, step.line, tuple(via), step.operation)


def transactions(
    graph: Graph,
    sent: dict[str, list[SideEffect]],
    handlers: Iterable[str],
    paths: Collection[str] | None = None,
    inheriting: Iterable[str] = (),
) -> Iterator[TransactionScope | Lock]:
    """Every transaction (in these files) with all that happens inside it, and the row locks.

    `sent` is what each node sends, see `sent_by`; `handlers` are the keys of the functions that run
    in a transaction of their own because each request does; `inheriting` are those of them that a
    class has from its framework.
    """
    taken: dict[str, int] = {}
    for key in sorted(graph.nodes, key=lambda one: (graph.nodes[one][0].path, one)):
        for node in graph.nodes[key]:
            if paths is None or node.path in paths:
                yield from _transactions_of(graph, node, sent, taken)
    for node in _answering(graph, handlers, inheriting):
        if paths is None or node.path in paths:
            yield _request(graph, node, sent, taken)


def _answering(graph: Graph, handlers: Iterable[str], inheriting: Iterable[str]) -> Iterator[Node]:
    """The nodes that answer requests: of functions, and of classes that inherit what answers."""
    for key in sorted(set(handlers)):
        yield from graph.nodes.get(key, ())
    inherited: dict[str, set[str]] = {}
    for key in sorted(set(inheriting)):
        owner, _, name = key.rpartition(".")
        inherited.setdefault(owner, set()).add(name)
    for owner, names in inherited.items():
        yield from _answering_class(graph, owner, shows=names <= SHOWING)


def _answering_class(graph: Graph, owner: str, *, shows: bool) -> Iterator[Node]:
    """A class whose framework answers: what it declares, and its own methods that this calls.

    `shows`: nothing is sent to it that it saves or deletes.
    """
    keys = (f"{owner}.{name}" for name in (READING_HOOKS if shows else HOOKS))
    hooks = [one for key in keys for one in graph.nodes.get(key, ())]
    for node in (graph.nodes.get(owner) or hooks)[:1]:
        calls = [(one.key, one.unit, one.line, -1, (), None) for one in hooks if one is not node]
        accesses = [one for one in node.accesses if not shows or one[1] == "read"]
        if accesses or hooks:
            yield replace(node, accesses=accesses, calls=[*node.calls, *calls])


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
    best: dict[Key, tuple[int, str, Key]] = {}
    callees: dict[str, list[Any]] = {}
    for call in node.calls:
        if call[3] in inside:
            callees.setdefault(call[0], []).append(call)
    for callee in sorted(callees):
        for access, step in graph.reach.get(callee, {}).items():
            touched = access[:2]
            if touched in known or step.distance >= best.get(touched, (99,))[0]:
                continue
            if len(access) == 2 or _may_touch(graph, callee, callees[callee], access):
                best[touched] = (step.distance, callee, access)
    for (table, mode), (_, callee, access) in best.items():
        unit = graph.nodes[callee][0].unit
        *_, path, line, through, operation = _access(graph, unit, callee, access)
        via = through if unit == node.unit else (unit, *through)
        place = Evidence(path, line)
        found.append(TableAccess(node.unit, table, mode, place, via, operation))
    return sorted(found)


def _may_touch(graph: Graph, callee: str, calls: Iterable[Row], access: Key) -> bool:
    """Whether what one of the calls hands over lets the callee touch something."""
    defaults = graph.nodes[callee][0].defaults
    return any(through_call(access, call, defaults) is not None for call in calls)
