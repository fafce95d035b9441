"""The facts and the partition side by side, indexed for the planners."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.entry_points import Message
from analyzer.facts.evidence import Evidence
from analyzer.facts.modules import Unit
from analyzer.facts.references import Reference
from analyzer.facts.tables import Table, TableAccess
from analyzer.partition.partition import Partition

Fact = TypeVar("Fact")

LIBRARY = ""  # stands where a service's id would, for units of the shared kernel


@dataclass(frozen=True, slots=True, order=True)
class Ground:
    """A statement and the place in the source that proves it."""

    statement: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Landscape:
    """Who lives where. Only units and tables that the partition assigns are of interest here."""

    facts: CodebaseFacts
    partition: Partition
    service_of_unit: Mapping[str, str]  # the shared kernel's units map to LIBRARY
    service_of_table: Mapping[str, str]
    tables: Mapping[str, Table]
    units: Mapping[str, Unit]
    paths: Mapping[str, str]  # of modules
    names: Mapping[str, str]  # of services
    accesses_by_table: Mapping[str, tuple[TableAccess, ...]]
    own_by_table: Mapping[str, tuple[TableAccess, ...]]  # see `own_accesses`
    references_by_unit: Mapping[str, tuple[Reference, ...]]
    messages_by_unit: Mapping[str, tuple[Message, ...]]

    def name(self, service: str) -> str:
        """The service's name for people."""
        return self.names.get(service, "the shared library")

    def place_of(self, unit: str) -> Evidence:
        """Where a unit begins."""
        known = self.units[unit]
        return known.evidence_in(self.paths.get(known.module, known.module))

    def owners(self, tables: Iterable[str]) -> tuple[str, ...]:
        """The services that own these tables, sorted; tables without an owner are left out."""
        return tuple(
            sorted({self.service_of_table[t] for t in tables if t in self.service_of_table})
        )

    def stands_in(self, access: TableAccess) -> str:
        """The unit in whose text the statement of an access stands."""
        return access.via[-1] if access.via else access.unit

    def own_accesses(self, table: str) -> tuple[TableAccess, ...]:
        """Accesses that assigned units make themselves, or through nothing but the shared kernel.

        An access through a unit of another service is that unit's access; the caller merely calls.
        """
        return self.own_by_table.get(table, ())


def landscape_of(facts: CodebaseFacts, partition: Partition) -> Landscape:
    """Index the facts by the services that the partition gives."""
    assigned = dict(partition.assignment)
    library = {unit for unit, _ in partition.shared}
    units = {unit.id: unit for unit in facts.units}
    services = {
        u: LIBRARY if u in library else assigned[u] for u in units if u in assigned or u in library
    }
    tables = {table.name: table for table in facts.tables}
    nodes = {name: node_of_table(name, units=units, nodes=assigned) for name in tables}
    return Landscape(
        facts=facts,
        partition=partition,
        service_of_unit=services,
        service_of_table={name: assigned[node] for name, node in nodes.items() if node},
        tables=tables,
        units=units,
        paths={module.id: module.path for module in facts.modules},
        names={service.id: service.name for service in partition.services},
        accesses_by_table=_grouped((a.table, a) for a in facts.accesses),
        own_by_table=_grouped((a.table, a) for a in facts.accesses if _is_own(a, services)),
        references_by_unit=_grouped((r.source, r) for r in facts.references),
        messages_by_unit=_grouped((m.unit, m) for m in facts.messages),
    )


def _is_own(access: TableAccess, services: Mapping[str, str]) -> bool:
    if access.unit not in services:
        return False
    if services[access.unit] == LIBRARY:
        return not access.via
    return all(services.get(unit) == LIBRARY for unit in access.via)


def node_of_table(name: str, *, units: Container[str], nodes: Container[str]) -> str:
    """The node that stands for a table, or ""; a unit of the same id keeps the bare name."""
    marked = f"table:{name}"
    if marked in nodes:
        return marked
    return name if name in nodes and name not in units else ""


def _grouped(pairs: Iterable[tuple[str, Fact]]) -> dict[str, tuple[Fact, ...]]:
    groups: dict[str, list[Fact]] = defaultdict(list)
    for key, fact in pairs:
        groups[key].append(fact)
    return {key: tuple(group) for key, group in groups.items()}
