"""What each service must offer to the others, and what it offers to the outside already."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence
from analyzer.facts.references import Reference
from analyzer.facts.tables import TableAccess
from analyzer.plan.landscape import LIBRARY, Landscape
from analyzer.plan.wording import counted

OperationKind = Literal[
    "public",  # an entry point of today, kept under its address
    "command",  # called by another service, and changes data
    "query",  # called by another service, and only reads
    "data",  # another service reads or writes the table directly today
]

# Only these run the target; naming, annotating or inheriting needs code, not an operation.
_RUNS_THE_TARGET = frozenset({"call", "instantiation"})


@dataclass(frozen=True, slots=True, order=True)
class Operation:
    """One thing a service offers."""

    name: str
    kind: OperationKind
    unit: str  # that implements it today; for `data`, the table
    consumers: tuple[str, ...]  # services; empty for `public`
    reason: str
    evidence: tuple[Evidence, ...]  # of the calls that need it


@dataclass(frozen=True, slots=True, order=True)
class Api:
    """The operations of one service."""

    service: str
    operations: tuple[Operation, ...]


def apis_of(landscape: Landscape) -> tuple[Api, ...]:
    """For every service: its entry points, the calls from other services, and table accesses."""
    operations: dict[str, list[Operation]] = {s.id: [] for s in landscape.partition.services}
    for service, operation in (
        *_public(landscape),
        *_called(landscape),
        *_accessed(landscape),
    ):
        operations[service].append(operation)
    return tuple(Api(service, tuple(sorted(found))) for service, found in operations.items())


def _public(landscape: Landscape) -> Iterable[tuple[str, Operation]]:
    for entry in landscape.facts.entry_points:
        service = landscape.service_of_unit.get(entry.unit, LIBRARY)
        if entry.kind == "http" and service != LIBRARY:
            yield (
                service,
                Operation(
                    entry.name,
                    "public",
                    entry.unit,
                    (),
                    "reached from outside today",
                    (entry.evidence,),
                ),
            )


def _called(landscape: Landscape) -> Iterable[tuple[str, Operation]]:
    writing = {a.unit for a in landscape.facts.accesses if a.mode == "write"}
    for (target, member), calls in _calls_between_services(landscape).items():
        service = landscape.service_of_unit[target]
        consumers = {landscape.service_of_unit[call.source] for call in calls}
        name = f"{_bare(target)}.{member}" if member else _bare(target)
        lines = len({call.evidence for call in calls})
        yield (
            service,
            Operation(
                name=name,
                kind="command" if target in writing else "query",
                unit=target,
                consumers=tuple(sorted(consumers)),
                reason=f"called on {counted(lines, 'line')} of {_listed(landscape, consumers)}",
                evidence=tuple(sorted({call.evidence for call in calls})),
            ),
        )


def _calls_between_services(landscape: Landscape) -> dict[tuple[str, str], list[Reference]]:
    calls: dict[tuple[str, str], list[Reference]] = defaultdict(list)
    mapped = {table.defined_by for table in landscape.tables.values()}
    for reference in landscape.facts.references:
        source = landscape.service_of_unit.get(reference.source, LIBRARY)
        target = landscape.service_of_unit.get(reference.target, LIBRARY)
        crossing = LIBRARY not in (source, target) and source != target
        # Uses of a mapped class are accesses to its table; those are listed as such.
        on_a_table = reference.target in mapped and not reference.member
        if crossing and reference.kind in _RUNS_THE_TARGET and not on_a_table:
            calls[reference.target, reference.member].append(reference)
    return calls


def _accessed(landscape: Landscape) -> Iterable[tuple[str, Operation]]:
    for table, owner in landscape.service_of_table.items():
        foreign = [
            access
            for access in landscape.own_accesses(table)
            if landscape.service_of_unit[access.unit] not in (owner, LIBRARY)
        ]
        for mode in ("read", "write"):
            used = [access for access in foreign if access.mode == mode]
            if used:
                yield owner, _data_operation(landscape, table, mode, used)


def _data_operation(
    landscape: Landscape, table: str, mode: str, used: list[TableAccess]
) -> Operation:
    consumers = {landscape.service_of_unit[access.unit] for access in used}
    evidence = tuple(sorted({access.evidence for access in used}))
    lines = counted(len(evidence), "line")
    return Operation(
        name=f"{'change' if mode == 'write' else 'read'} {table}",
        kind="data",
        unit=table,
        consumers=tuple(sorted(consumers)),
        reason=f"{lines} of {_listed(landscape, consumers)} {mode} the table directly",
        evidence=evidence,
    )


def _bare(unit: str) -> str:
    return unit.rpartition(":")[2]


def _listed(landscape: Landscape, services: Iterable[str]) -> str:
    return ", ".join(sorted(landscape.name(service) for service in services))
