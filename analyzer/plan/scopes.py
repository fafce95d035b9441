"""What happens between the opening of a transaction and its end, besides accesses to tables."""

from collections import defaultdict
from dataclasses import dataclass

from analyzer.facts.evidence import Evidence
from analyzer.facts.transactions import Lock, TransactionScope
from analyzer.plan.landscape import Landscape

_FINAL = frozenset({"http", "mail", "queue"})  # has happened, whatever the database does then
_LEAVES_THE_PROCESS = _FINAL | {"task"}


@dataclass(frozen=True, slots=True)
class Effect:
    """Something that leaves the process while the transaction is open."""

    line: int  # of the scope, where it happens or is called
    what: str
    evidence: Evidence

    @property
    def cannot_be_undone(self) -> bool:
        return self.what.partition(" ")[0].rstrip(":") in _FINAL


def effects_inside(landscape: Landscape, scope: TransactionScope) -> tuple[Effect, ...]:
    """What the readers found inside, and every message sent by the scope or by what it calls."""
    called_at = lines_of_calls(landscape, scope)
    found = {Effect(where.line, what, where) for what, where in scope.side_effects}
    known = {effect.evidence for effect in found}
    later = {where for _, where in scope.deferred}
    for message in landscape.facts.messages:
        place = message.evidence
        if message.kind not in _LEAVES_THE_PROCESS or place in known or place in later:
            continue
        what = f"{message.kind} {message.name}"
        if message.unit == scope.unit and encloses(scope, place):
            found.add(Effect(place.line, what, place))
        elif message.unit in scope.calls:
            found.add(Effect(called_at.get(message.unit, scope.end_line), what, place))
    return tuple(sorted(found, key=lambda effect: (effect.line, effect.what, effect.evidence)))


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
