"""A transaction over several services as a saga: ordered steps, pivot, compensations."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import Column, TableAccess
from analyzer.facts.transactions import TransactionScope
from analyzer.plan.landscape import LIBRARY, Ground, Landscape
from analyzer.plan.transactions import TransactionPlan

StepKind = Literal["compensatable", "pivot", "retriable"]

_CHOREOGRAPHED_SERVICES = 2  # with more participants nobody can see the flow any more
_STATE_COLUMNS = frozenset({"status", "state", "phase", "stage"})
_UNDOING = {
    "insert": "mark the inserted rows of {table} cancelled, or delete them",
    "bulk_insert": "mark the inserted rows of {table} cancelled, or delete them",
    "update": "write the former values of {table} back, or book the opposite change",
    "delete": "mark the rows of {table} deleted first and remove them after the saga has ended",
}
_UNDOING_UNKNOWN = "reverse the change to {table}"


@dataclass(frozen=True, slots=True, order=True)
class SagaStep:
    """One local transaction of one service."""

    order: int
    service: str
    kind: StepKind
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    changes: tuple[Ground, ...]
    compensation: str  # "" where the step is never undone


@dataclass(frozen=True, slots=True, order=True)
class Saga:
    """What replaces one transaction."""

    id: str
    transaction: str
    unit: str
    evidence: Evidence
    coordinator: str
    services: tuple[str, ...]
    style: Literal["orchestration", "choreography"]
    style_reason: str
    steps: tuple[SagaStep, ...]
    pivot_reason: str
    side_effects: tuple[Ground, ...]
    countermeasures: tuple[Ground, ...]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Consecutive accesses to tables of one service."""

    service: str
    accesses: tuple[tuple[int, TableAccess], ...]  # with the line of the scope they happen at


def sagas_of(landscape: Landscape, plans: Iterable[TransactionPlan]) -> tuple[Saga, ...]:
    """One saga for each outermost transaction whose disposition is a saga."""
    scopes = {scope.id: scope for scope in landscape.facts.transactions}
    sagas = {plan.id for plan in plans if plan.disposition == "saga"}
    return tuple(
        _saga(landscape, plan, scopes[plan.id])
        for plan in plans
        if plan.id in sagas and plan.part_of not in sagas
    )


def _saga(landscape: Landscape, plan: TransactionPlan, scope: TransactionScope) -> Saga:
    stretches = _stretches(landscape, scope)
    pivot, pivot_reason = _pivot(landscape, plan, scope, stretches)
    participants = tuple(sorted({stretch.service for stretch in stretches}))
    coordinator = plan.service if plan.service != LIBRARY else stretches[0].service
    style, style_reason = _style(landscape, participants)
    return Saga(
        id=f"saga:{plan.id}",
        transaction=plan.id,
        unit=plan.unit,
        evidence=plan.evidence,
        coordinator=coordinator,
        services=participants,
        style=style,
        style_reason=style_reason,
        steps=tuple(_step(number, stretch, pivot) for number, stretch in enumerate(stretches)),
        pivot_reason=pivot_reason,
        side_effects=tuple(Ground(what, where) for what, where in scope.side_effects),
        countermeasures=_countermeasures(landscape, plan, scope),
    )


def _stretches(landscape: Landscape, scope: TransactionScope) -> list[_Stretch]:
    """What the transaction does, in the order of its text, cut where the owner changes.

    A service that is written early and again late keeps both steps; reads never make a step of
    their own, they belong to the next write of their service or are asked for beforehand.
    """
    called_at = _lines_of_calls(landscape, scope)
    owned = [a for a in scope.accesses if a.table in landscape.service_of_table]
    placed = sorted({(_line_in_scope(a, scope, called_at), a) for a in owned}, key=_in_text_order)
    writing = {landscape.service_of_table[a.table] for _, a in placed if a.mode == "write"}
    kept = [(line, a) for line, a in placed if landscape.service_of_table[a.table] in writing]
    runs = groupby(kept, key=lambda pair: landscape.service_of_table[pair[1].table])
    stretches = [_Stretch(service, tuple(group)) for service, group in runs]
    return _merged_neighbours([s for s in stretches if _writes(s)])


def _lines_of_calls(landscape: Landscape, scope: TransactionScope) -> dict[str, int]:
    lines: dict[str, list[int]] = defaultdict(list)
    for reference in landscape.references_by_unit.get(scope.unit, ()):
        inside = scope.evidence.line <= reference.evidence.line <= scope.end_line
        if inside and reference.evidence.path == scope.evidence.path:
            lines[reference.target].append(reference.evidence.line)
    return {target: min(found) for target, found in lines.items()}


def _line_in_scope(access: TableAccess, scope: TransactionScope, called_at: dict[str, int]) -> int:
    if access.via:
        return called_at.get(access.via[0], scope.end_line)
    return access.evidence.line


def _in_text_order(placed: tuple[int, TableAccess]) -> tuple[int, str, int, str, str, str]:
    line, access = placed
    where = access.evidence
    return (line, where.path, where.line, access.table, access.mode, repr(access.via))


def _writes(stretch: _Stretch) -> bool:
    return any(access.mode == "write" for _, access in stretch.accesses)


def _merged_neighbours(stretches: list[_Stretch]) -> list[_Stretch]:
    merged: list[_Stretch] = []
    for stretch in stretches:
        if merged and merged[-1].service == stretch.service:
            merged[-1] = _Stretch(stretch.service, merged[-1].accesses + stretch.accesses)
        else:
            merged.append(stretch)
    return merged


def _pivot(
    landscape: Landscape,
    plan: TransactionPlan,
    scope: TransactionScope,
    stretches: list[_Stretch],
) -> tuple[int, str]:
    """The step after which the saga only goes forward, and why it is that one."""
    outside = [where for what, where in scope.side_effects if _cannot_be_undone(what)]
    lines = [where.line for where in outside if where.path == scope.evidence.path]
    if lines:
        reached = [n for n, s in enumerate(stretches) if s.accesses[0][0] <= max(lines)]
        return (max(reached) if reached else 0), (
            f"line {max(lines)} of {scope.evidence.path} reaches another system from inside the "
            f"transaction, and what it does there is not rolled back"
        )
    own = [n for n, stretch in enumerate(stretches) if stretch.service == plan.service]
    if own and own[-1] > 0:
        return own[-1], (
            f"the last write of {landscape.name(plan.service)}, which opened the transaction; "
            f"whatever can refuse comes before it"
        )
    return len(stretches) - 1, "the last step: everything before it can be compensated"


def _cannot_be_undone(effect: str) -> bool:
    return effect.split(":")[0].split(" ")[0] in ("http", "mail", "queue")


def _step(number: int, stretch: _Stretch, pivot: int) -> SagaStep:
    kind: StepKind = "pivot" if number == pivot else "compensatable"
    if number > pivot:
        kind = "retriable"
    changes = [a for _, a in stretch.accesses if a.mode == "write"]
    return SagaStep(
        order=number + 1,
        service=stretch.service,
        kind=kind,
        reads=tuple(sorted({a.table for _, a in stretch.accesses if a.mode == "read"})),
        writes=tuple(sorted({a.table for a in changes})),
        changes=tuple(dict.fromkeys(Ground(_change(a), a.evidence) for a in changes)),
        compensation=_compensation(changes) if kind == "compensatable" else "",
    )


def _change(access: TableAccess) -> str:
    verb = access.operation or "write"
    by = f" in {access.via[-1]}" if access.via else ""
    return f"{verb} {access.table}{by}"


def _compensation(changes: list[TableAccess]) -> str:
    undoing = {
        _UNDOING.get(access.operation, _UNDOING_UNKNOWN).format(table=access.table)
        for access in changes
    }
    return "; ".join(sorted(undoing))


def _style(
    landscape: Landscape, participants: tuple[str, ...]
) -> tuple[Literal["orchestration", "choreography"], str]:
    names = ", ".join(landscape.name(service) for service in participants)
    if len(participants) > _CHOREOGRAPHED_SERVICES:
        return "orchestration", f"{len(participants)} services take part ({names})"
    return "choreography", f"only {names} take part, and each can follow the other's events"


def _countermeasures(
    landscape: Landscape, plan: TransactionPlan, scope: TransactionScope
) -> tuple[Ground, ...]:
    """What keeps other requests from seeing or spoiling the saga's intermediate states."""
    measures: set[Ground] = set()
    for lock in landscape.facts.locks:
        if lock.transaction == scope.id:
            measures.add(
                Ground(
                    f"semantic lock on {lock.target} in place of the {lock.kind} lock: a lock that "
                    f"ends with the first step no longer covers the later ones",
                    lock.evidence,
                )
            )
    for table in plan.writes:
        for column in _state_columns(landscape, table):
            measures.add(
                Ground(
                    f"{table}.{column.name} can hold a pending state while the saga runs",
                    column.evidence,
                )
            )
    for access in scope.accesses:
        if access.mode == "read" and access.table in plan.remote_reads:
            measures.add(
                Ground(f"re-read {access.table} before acting on what was read", access.evidence)
            )
    return tuple(sorted(measures))


def _state_columns(landscape: Landscape, table: str) -> list[Column]:
    known = landscape.tables.get(table)
    columns = known.columns if known else ()
    return [column for column in columns if column.name in _STATE_COLUMNS]
