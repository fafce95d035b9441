"""All metrics of one decomposition, each labelled with the paper whose definition it follows."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from analyzer.coupling.semantic import words_of
from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.metrics import independence, interfaces
from analyzer.metrics.coupling import ServiceCoupling, service_coupling
from analyzer.metrics.database_entropy import database_entropy
from analyzer.metrics.degeneracy import degeneracy_warning
from analyzer.metrics.grouping import Assignment, Volumes
from analyzer.metrics.interfaces import Operation
from analyzer.metrics.modularity import newman_girvan_modularity
from analyzer.metrics.transactional_purity import transactional_purity
from analyzer.metrics.turbo_mq import mean_turbo_mq, turbo_mq
from analyzer.metrics.use_cases import use_cases_of_services

MONO2MICRO = "Mono2Micro, ESEC/FSE 2021 (replication code)"
FOSCI = "FoSCI, TSE 2019"
FOSCI_ADAPTED = "FoSCI, TSE 2019; interfaces are modules, messages are tables"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One number about a decomposition."""

    key: str  # stable name in the report
    title: str
    value: float
    better: Literal["higher", "lower"]
    source: str  # the paper, and what was adapted


@dataclass(frozen=True, slots=True)
class Observations:
    """What the metrics are computed from."""

    assignment: Assignment  # units only
    volumes: Volumes
    accessors: Mapping[str, tuple[str, ...]]  # table → units that access it themselves
    use_cases: Mapping[str, frozenset[str]]  # service → entry points that reach it
    operations: tuple[Operation, ...]
    terms: Mapping[str, frozenset[str]]


# (key, title, better, source, how)
_METRICS: tuple[
    tuple[str, str, Literal["higher", "lower"], str, Callable[[Observations], float]], ...
] = (
    ("bcp", "Business context purity", "lower", MONO2MICRO, lambda seen: _purity(seen)),
    (
        "icp",
        "Inter-partition call percentage",
        "lower",
        MONO2MICRO,
        lambda seen: independence.inter_call_percentage(seen.volumes, assignment=seen.assignment),
    ),
    (
        "sm",
        "Structural modularity",
        "higher",
        MONO2MICRO,
        lambda seen: independence.structural_modularity(seen.volumes, assignment=seen.assignment),
    ),
    (
        "ifn",
        "Interface number",
        "lower",
        MONO2MICRO,
        lambda seen: independence.interface_number(seen.volumes, assignment=seen.assignment),
    ),
    (
        "ned",
        "Non-extreme distribution",
        "lower",
        MONO2MICRO,
        lambda seen: independence.non_extreme_distribution(assignment=seen.assignment),
    ),
    (
        "smq",
        "Structural modularity quality",
        "higher",
        FOSCI,
        lambda seen: interfaces.structural_modularity_quality(
            seen.volumes, assignment=seen.assignment
        ),
    ),
    (
        "cmq",
        "Conceptual modularity quality",
        "higher",
        FOSCI + "; terms of a unit's name",
        lambda seen: interfaces.conceptual_modularity_quality(
            seen.terms, assignment=seen.assignment
        ),
    ),
    (
        "ifn_fosci",
        "Interfaces per service",
        "lower",
        FOSCI_ADAPTED,
        lambda seen: interfaces.interface_number_of_services(
            seen.operations, assignment=_interface_owners(seen)
        ),
    ),
    (
        "opn",
        "Operations offered",
        "lower",
        FOSCI_ADAPTED,
        lambda seen: float(
            interfaces.operation_number(seen.operations, assignment=_interface_owners(seen))
        ),
    ),
    (
        "chm",
        "Cohesion at message level",
        "higher",
        FOSCI_ADAPTED,
        lambda seen: interfaces.cohesion_at_message_level(
            seen.operations, assignment=_interface_owners(seen)
        ),
    ),
    (
        "chd",
        "Cohesion at domain level",
        "higher",
        FOSCI_ADAPTED,
        lambda seen: interfaces.cohesion_at_domain_level(
            seen.operations, assignment=_interface_owners(seen)
        ),
    ),
    (
        "turbo_mq",
        "TurboMQ",
        "higher",
        "Mitchell and Mancoridis, TSE 2006",
        lambda seen: turbo_mq(seen.volumes, assignment=seen.assignment),
    ),
    (
        "turbo_mq_percent",
        "TurboMQ per service, %",
        "higher",
        "independent tool comparison, ASE 2024",
        lambda seen: mean_turbo_mq(seen.volumes, assignment=seen.assignment),
    ),
    (
        "modularity",
        "Modularity Q",
        "higher",
        "Newman and Girvan 2004; weighted, Newman 2004",
        lambda seen: newman_girvan_modularity(seen.volumes, assignment=seen.assignment),
    ),
    (
        "transactional_purity",
        "Database transactional purity",
        "higher",
        "CARGO, ASE 2022",
        lambda seen: transactional_purity(seen.accessors, assignment=seen.assignment),
    ),
    (
        "database_entropy",
        "Database entropy, %",
        "higher",
        "independent tool comparison, ASE 2024",
        lambda seen: database_entropy(seen.accessors, assignment=seen.assignment),
    ),
)


def measure(facts: CodebaseFacts, *, assignment: Assignment) -> tuple[Measurement, ...]:
    """Every metric of a decomposition; `assignment` gives each unit its service.

    Nodes that are not units (tables) may be in the assignment; they are left out.
    """
    seen = observe(facts, assignment=assignment)
    return tuple(
        Measurement(key, title, round(compute(seen), 6), better, source)
        for key, title, better, source, compute in _METRICS
    )


def measure_services(facts: CodebaseFacts, *, assignment: Assignment) -> dict[str, ServiceCoupling]:
    """Ca, Ce and instability of each service (Martin 1994); one of tables alone depends on none."""
    units = _units(facts, assignment)
    found = service_coupling(_volumes(facts, units), assignment=units)
    alone = dict.fromkeys(sorted(set(assignment.values()) - found.keys()), ServiceCoupling(0, 0))
    return found | alone


def warning(facts: CodebaseFacts, *, assignment: Assignment) -> str | None:
    """Says what is degenerate about a decomposition by lines of code, or nothing."""
    lines = {unit.id: float(unit.lines) for unit in facts.units}
    return degeneracy_warning(
        assignment={node: service for node, service in assignment.items() if node in lines},
        sizes=lines,
    )


def observe(facts: CodebaseFacts, *, assignment: Assignment) -> Observations:
    """Reduce facts to what metrics look at."""
    units = _units(facts, assignment)
    accessors: defaultdict[str, set[str]] = defaultdict(set)
    for access in facts.accesses:
        if not access.via:
            accessors[access.table].add(access.unit)
    return Observations(
        assignment=units,
        volumes=_volumes(facts, units),
        accessors={table: tuple(sorted(who)) for table, who in sorted(accessors.items())},
        use_cases=use_cases_of_services(facts, assignment=units),
        operations=_operations(facts, units),
        terms={u.id: frozenset(words_of(u.name)) for u in facts.units if u.id in units},
    )


def _units(facts: CodebaseFacts, assignment: Assignment) -> Assignment:
    known = {unit.id for unit in facts.units}
    return {node: service for node, service in sorted(assignment.items()) if node in known}


def _volumes(facts: CodebaseFacts, units: Assignment) -> Volumes:
    volumes: Counter[tuple[str, str]] = Counter(
        (reference.source, reference.target)
        for reference in facts.references
        if reference.source in units and reference.target in units
    )
    return dict(sorted(volumes.items()))


def _purity(seen: Observations) -> float:
    services = {service: service for service in sorted(set(seen.assignment.values()))}
    return independence.business_context_purity(seen.use_cases, assignment=services)


def _interface_owners(seen: Observations) -> Assignment:
    """Interfaces are modules within a service; one placeholder for each service without any."""
    owners = {operation.owner: operation.owner.partition(" ")[0] for operation in seen.operations}
    return owners | {f"{service} ": service for service in seen.assignment.values()}


def _operations(facts: CodebaseFacts, units: Assignment) -> tuple[Operation, ...]:
    """What units offer to other services: each member that is used from outside."""
    read: defaultdict[str, set[str]] = defaultdict(set)
    written: defaultdict[str, set[str]] = defaultdict(set)
    for access in facts.accesses:
        (written if access.mode == "write" else read)[access.unit].add(access.table)
    module_of = {unit.id: (unit.module, unit.name) for unit in facts.units}
    offered = {
        (reference.target, reference.member)
        for reference in facts.references
        if reference.source in units
        and reference.target in units
        and units[reference.source] != units[reference.target]
    }
    operations: list[Operation] = []
    for unit, member in sorted(offered):
        module, name = module_of[unit]
        label = f"{name}.{member}" if member else name
        operations.append(
            Operation(
                owner=f"{units[unit]} {module}",
                name=label,
                results=frozenset(read[unit]),
                parameters=frozenset(written[unit]),
                terms=frozenset(words_of(label)),
            )
        )
    return tuple(operations)
