"""Which transactions stay local, which are merged into one owner, which become sagas."""

from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence
from analyzer.facts.transactions import TransactionScope
from analyzer.plan.landscape import LIBRARY, Landscape
from analyzer.plan.scopes import locks_inside

Disposition = Literal[
    "local",  # one service's database holds all that it writes
    "merged",  # the foreign tables it writes are written by nobody else: move them to its service
    "saga",  # it writes tables of several services
]


@dataclass(frozen=True, slots=True, order=True)
class TransactionPlan:
    """A transaction of today and what becomes of it."""

    id: str
    unit: str
    service: str  # of the unit that opens it
    evidence: Evidence
    reads: tuple[str, ...]
    writes: tuple[str, ...]
    locks: tuple[str, ...]  # targets of locks taken inside
    services: tuple[str, ...]  # owners of all that it reads and writes
    disposition: Disposition
    reason: str
    part_of: str | None  # the transaction that surrounds it in the text
    remote_reads: tuple[str, ...]  # tables of other services, read inside: to be asked for before


def transaction_plans(landscape: Landscape) -> tuple[TransactionPlan, ...]:
    """Decide on every transaction that an assigned unit opens."""
    return tuple(
        _decide(landscape, scope)
        for scope in landscape.facts.transactions
        if scope.unit in landscape.service_of_unit
    )


def _decide(landscape: Landscape, scope: TransactionScope) -> TransactionPlan:
    reads = tuple(sorted({a.table for a in scope.accesses if a.mode == "read"}))
    writes = tuple(sorted({a.table for a in scope.accesses if a.mode == "write"}))
    home = _home(landscape, scope, writes)
    disposition, reason = _judge(landscape, scope, writes, home)
    return TransactionPlan(
        id=scope.id,
        unit=scope.unit,
        service=home,
        evidence=scope.evidence,
        reads=reads,
        writes=writes,
        locks=tuple(sorted({lock.target for lock in locks_inside(landscape, scope)})),
        services=landscape.owners({*reads, *writes}),
        disposition=disposition,
        reason=reason,
        part_of=scope.nested_in,
        remote_reads=tuple(t for t in reads if landscape.service_of_table.get(t, home) != home),
    )


def _home(landscape: Landscape, scope: TransactionScope, writes: tuple[str, ...]) -> str:
    """The opening unit's service; for the shared library, the owner of what it writes, if one."""
    service = landscape.service_of_unit[scope.unit]
    owners = landscape.owners(writes)
    return owners[0] if service == LIBRARY and len(owners) == 1 else service


def _judge(
    landscape: Landscape, scope: TransactionScope, writes: tuple[str, ...], home: str
) -> tuple[Disposition, str]:
    owners = landscape.owners(writes)
    if not owners:
        return "local", "writes no table that a service owns"
    if len(owners) == 1 and owners[0] == home:
        return "local", f"everything it writes belongs to {landscape.name(home)}"
    if len(owners) == 1:
        return "local", (
            f"everything it writes belongs to {landscape.name(owners[0])}: the transaction moves "
            f"there, behind one operation"
        )
    foreign = tuple(t for t in writes if landscape.service_of_table.get(t, home) != home)
    if foreign and all(_only_written_from(landscape, table, home) for table in foreign):
        return "merged", (
            f"no service but {landscape.name(home)} writes {', '.join(foreign)}: owning them there "
            f"keeps the transaction whole"
        )
    listed = "; ".join(
        f"{landscape.name(owner)}: {_tables_of(landscape, owner, writes)}" for owner in owners
    )
    return "saga", f"writes tables of {len(owners)} services ({listed})"


def _only_written_from(landscape: Landscape, table: str, service: str) -> bool:
    writers = {
        landscape.service_of_unit[access.unit]
        for access in landscape.own_accesses(table)
        if access.mode == "write"
    }
    return writers == {service}


def _tables_of(landscape: Landscape, service: str, tables: tuple[str, ...]) -> str:
    return ", ".join(table for table in tables if landscape.service_of_table.get(table) == service)
