"""A transaction over several services as a saga: ordered steps, pivot, compensations."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import Column, TableAccess
from analyzer.facts.transactions import TransactionScope
from analyzer.plan.landscape import LIBRARY, Ground, Landscape
from analyzer.plan.scopes import Effect, effects_inside, lines_of_calls, locks_inside
from analyzer.plan.transactions import TransactionPlan

StepKind = Literal["compensatable", "pivot", "retriable"]

_CHOREOGRAPHED_SERVICES = 2  # with more participants nobody can see the flow any more
_STATE_COLUMNS = frozenset({"status", "state", "phase", "stage"})
_CREATING = frozenset({"insert", "bulk_insert"})
_UNDOING = {
    "insert": "mark the new rows of {table} cancelled, or delete them",
    "bulk_insert": "mark the new rows of {table} cancelled, or delete them",
    "save": "write the former values of {table} back; cancel rows that were new",
    "upsert": "write the former values of {table} back; cancel rows that were new",
    "update": "write the former values of {table} back, or book the opposite change",
    "set_null": "write the former references in {table} back",
    "delete": "mark the rows of {table} deleted first; remove them when the saga has ended",
    "cascade": "mark the rows of {table} deleted first; remove them when the saga has ended",
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
class _Part:
    """What one service does in one step."""

    service: str
    accesses: tuple[tuple[int, TableAccess], ...]  # with the line of the scope they happen at

    @property
    def line(self) -> int:
        return self.accesses[0][0]


def sagas_of(landscape: Landscape, plans: Iterable[TransactionPlan]) -> tuple[Saga, ...]:
    """One saga for each outermost transaction whose disposition is a saga."""
    scopes = {scope.id: scope for scope in landscape.facts.transactions}
    wanted = [plan for plan in plans if plan.disposition == "saga"]
    sagas = {plan.id for plan in wanted}
    return tuple(
        _saga(landscape, plan, scopes[plan.id]) for plan in wanted if plan.part_of not in sagas
    )


def _saga(landscape: Landscape, plan: TransactionPlan, scope: TransactionScope) -> Saga:
    parts, confirms = _parts(landscape, plan, scope)
    effects = effects_inside(landscape, scope)
    pivot, pivot_reason = _pivot(landscape, plan, effects, parts, confirms=confirms)
    participants = tuple(sorted({part.service for part in parts}))
    style, style_reason = _style(landscape, participants)
    return Saga(
        id=f"saga:{plan.id}",
        transaction=plan.id,
        unit=plan.unit,
        evidence=plan.evidence,
        coordinator=plan.service if plan.service != LIBRARY else parts[0].service,
        services=participants,
        style=style,
        style_reason=style_reason,
        steps=tuple(_step(number, part, pivot) for number, part in enumerate(parts)),
        pivot_reason=pivot_reason,
        side_effects=tuple(Ground(effect.what, effect.evidence) for effect in effects),
        countermeasures=_countermeasures(landscape, plan, scope),
    )


def _parts(
    landscape: Landscape, plan: TransactionPlan, scope: TransactionScope
) -> tuple[list[_Part], bool]:
    """A step for each service, in the order of their first writes; whether the last one confirms.

    The service that opened the transaction may come twice: where it writes again after others
    have, it first creates its rows in a pending state and confirms them in the end.
    """
    placed = _placed_accesses(landscape, scope)
    by_service: dict[str, list[tuple[int, TableAccess]]] = defaultdict(list)
    for line, access in placed:
        by_service[landscape.service_of_table[access.table]].append((line, access))
    own = by_service.pop(plan.service, [])
    others = [_Part(s, tuple(found)) for s, found in by_service.items() if _writes(found)]
    others.sort(key=lambda part: (_first_write(part.accesses), part.service))
    if not _writes(own):
        return others, False
    first_of_others = min(_first_write(part.accesses) for part in others)
    late = [(n, a) for n, a in own if n > first_of_others and a.operation not in _CREATING]
    early = [pair for pair in own if pair not in late]
    if _writes(early) and _writes(late):
        confirm = _Part(plan.service, tuple(late))
        return [_Part(plan.service, tuple(early)), *others, confirm], True
    whole = _Part(plan.service, tuple(own))
    parts = [whole, *others]
    parts.sort(key=lambda part: _first_write(part.accesses))
    return parts, False


def _placed_accesses(
    landscape: Landscape, scope: TransactionScope
) -> list[tuple[int, TableAccess]]:
    """Accesses to owned tables with their line in the scope, in the order of its text."""
    called_at = lines_of_calls(landscape, scope)
    owned = {a for a in scope.accesses if a.table in landscape.service_of_table}
    placed = ((_line_in_scope(access, scope, called_at), access) for access in owned)
    return sorted(placed, key=_in_text_order)


def _line_in_scope(access: TableAccess, scope: TransactionScope, called_at: dict[str, int]) -> int:
    if access.via:
        return called_at.get(access.via[0], scope.end_line)
    return access.evidence.line


def _in_text_order(placed: tuple[int, TableAccess]) -> tuple[int, str, int, str, str, str, str]:
    line, a = placed
    where = a.evidence
    return (line, where.path, where.line, a.table, a.mode, a.operation, repr(a.via))


def _writes(accesses: Iterable[tuple[int, TableAccess]]) -> bool:
    return any(access.mode == "write" for _, access in accesses)


def _first_write(accesses: Iterable[tuple[int, TableAccess]]) -> int:
    return min(line for line, access in accesses if access.mode == "write")


def _pivot(
    landscape: Landscape,
    plan: TransactionPlan,
    effects: Sequence[Effect],
    parts: list[_Part],
    *,
    confirms: bool,
) -> tuple[int, str]:
    """The step after which the saga only goes forward, and why it is that one."""
    outside = [effect for effect in effects if effect.cannot_be_undone]
    opener = landscape.name(plan.service)
    if outside:
        last = max(outside, key=lambda effect: effect.line)
        return _step_of(landscape, last, parts), (
            f"{last.evidence} reaches another system from inside the transaction ({last.what}), "
            f"and no rollback takes that back"
        )
    if confirms:
        return len(parts) - 2, (
            f"after it only {opener} is left, which confirms what it created and is retried until "
            f"that succeeds"
        )
    own = [n for n, part in enumerate(parts) if part.service == plan.service]
    if own and own[0] == 0 and _only_creates(parts[0]):
        return len(parts) - 1, (
            f"the last step: what {opener} creates first can be cancelled until all others have "
            f"agreed"
        )
    if own and own[0] == 0:
        return 0, (
            f"{opener} opened the transaction and writes first; what the later steps could refuse "
            f"is to be asked before"
        )
    if own:
        return own[0], f"the step of {opener}, which opened the transaction"
    return len(parts) - 1, "the last step: everything before it can be compensated"


def _step_of(landscape: Landscape, effect: Effect, parts: list[_Part]) -> int:
    """The step of the service whose code causes the effect, else the one at its line."""
    services = [landscape.service_of_unit.get(unit) for unit in effect.units]
    taking_part = {part.service for part in parts}
    service = next((service for service in services if service in taking_part), None)
    own = [n for n, part in enumerate(parts) if part.service == service]
    reached = [n for n, part in enumerate(parts) if part.line <= effect.line]
    return max([n for n in own if n in reached] or own or reached or [0])


def _only_creates(part: _Part) -> bool:
    return all(a.operation in _CREATING for _, a in part.accesses if a.mode == "write")


def _step(number: int, part: _Part, pivot: int) -> SagaStep:
    kind: StepKind = "pivot" if number == pivot else "compensatable"
    if number > pivot:
        kind = "retriable"
    changes = [a for _, a in part.accesses if a.mode == "write"]
    return SagaStep(
        order=number + 1,
        service=part.service,
        kind=kind,
        reads=tuple(sorted({a.table for _, a in part.accesses if a.mode == "read"})),
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
    for lock in locks_inside(landscape, scope):
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
