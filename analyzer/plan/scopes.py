"""What happens between the opening of a transaction and its end, besides accesses to tables."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.facts.entry_points import Message
from analyzer.facts.evidence import Evidence
from analyzer.facts.references import Reference
from analyzer.facts.transactions import Lock, TransactionScope
from analyzer.plan.landscape import Landscape

_FINAL = frozenset({"http", "mail", "queue"})  # has happened, whatever the database does then
_LEAVES_THE_PROCESS = _FINAL | {"task"}
_RUNS = frozenset({"call", "instantiation"})
_DEEPEST_CALL = 4  # functions from the scope to what sends; further away it is a guess


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that leaves the process while the transaction is open."""

    line: int  # of the scope, where it happens or is called
    what: str
    evidence: Evidence
    units: tuple[str, ...]  # that lead to it, the sender first; empty if the reader told of it

    @property
    def cannot_be_undone(self) -> bool:
        return self.what.partition(" ")[0].rstrip(":") in _FINAL


def effects_inside(landscape: Landscape, scope: TransactionScope) -> tuple[Effect, ...]:
    """What the readers found inside, and messages sent by the scope or by functions it runs."""
    found = {Effect(where.line, what, where, ()) for what, where in scope.side_effects}
    known = {effect.evidence for effect in found}  # told by the reader in its own words
    later = {where for _, where in scope.deferred}
    for message in landscape.facts.messages:
        place = message.evidence
        if message.unit == scope.unit and encloses(scope, place) and place not in later | known:
            found |= _effect(message, place.line, (scope.unit,))
    for line, units in _run_inside(landscape, scope, later):
        for message in landscape.messages_by_unit.get(units[0], ()):
            # A task sent further down may wait for the commit; what is final has happened.
            if message.kind in _FINAL:
                found |= _effect(message, line, units)
    return tuple(sorted(found, key=lambda e: (e.line, e.what, e.evidence, e.units)))


def _effect(message: Message, line: int, units: tuple[str, ...]) -> set[Effect]:
    if message.kind not in _LEAVES_THE_PROCESS:
        return set()
    return {Effect(line, f"{message.kind} {message.name}".strip(), message.evidence, units)}


def _run_inside(
    landscape: Landscape, scope: TransactionScope, later: set[Evidence]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """(line of the scope, units from the callee back to the scope) of all that is run inside.

    Followed are functions, and classes that map no table: a mapped class has so many methods that
    whoever uses it would seem to run them all. Tasks run elsewhere, whoever seems to call them.
    """
    mapped = {table.defined_by for table in landscape.tables.values()}
    chain: tuple[str, ...] = (scope.unit,)
    frontier = [
        (reference.evidence.line, reference, chain)
        for reference in landscape.references_by_unit.get(scope.unit, ())
        if encloses(scope, reference.evidence) and reference.evidence not in later
    ]
    tasks = {entry.unit for entry in landscape.facts.entry_points if entry.kind == "task"}
    seen = {scope.unit, *mapped, *tasks}
    for _ in range(_DEEPEST_CALL):
        following: list[tuple[int, Reference, tuple[str, ...]]] = []
        for line, reference, chain in sorted(frontier, key=lambda one: (one[0], one[1])):
            target = reference.target
            if reference.kind not in _RUNS or target in seen or target not in landscape.units:
                continue
            seen.add(target)
            units = (target, *chain)
            yield line, units
            calls = landscape.references_by_unit.get(target, ())
            following += [(line, call, units) for call in calls]
        frontier = following


def locks_inside(landscape: Landscape, scope: TransactionScope) -> tuple[Lock, ...]:
    """Locks that the scope takes itself, and those that a query inside of it takes elsewhere."""
    queried = {access.evidence for access in scope.accesses}
    return tuple(
        lock
        for lock in landscape.facts.locks
        if lock.transaction == scope.id or (lock.kind == "row" and lock.evidence in queried)
    )


def lines_of_calls(landscape: Landscape, scope: TransactionScope) -> dict[str, int]:
    """The first line of the scope that refers to each unit."""
    lines: dict[str, list[int]] = defaultdict(list)
    for reference in landscape.references_by_unit.get(scope.unit, ()):
        if encloses(scope, reference.evidence):
            lines[reference.target].append(reference.evidence.line)
    return {target: min(found) for target, found in lines.items()}


def encloses(scope: TransactionScope, place: Evidence) -> bool:
    """Whether a place stands between the scope's first and last line."""
    start = scope.evidence
    return start.path == place.path and start.line <= place.line <= scope.end_line
