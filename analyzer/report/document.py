"""From the artefacts of a run to the document of its report."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.coupling.factor_graph import FactorGraph
from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.modules import Module
from analyzer.facts.references import Reference
from analyzer.facts.tables import Table, TableAccess
from analyzer.partition.partition import Certainty, Partition
from analyzer.partition.problem import Constraints
from analyzer.plan.landscape import LIBRARY, Landscape, landscape_of
from analyzer.plan.migration_plan import MigrationPlan
from analyzer.report.constraints import rows_of_constraints
from analyzer.report.report import SCHEMA, Document
from analyzer.report.rows import Row, plain, rounded, row_of

_PULLS_KEPT = 6  # factors named for each unit that is torn between services


# Codes of diagnostics that are about a cut, not about the code: the next cut has its own.
CUT_SHORT, DEGENERATE = REMARKS_ON_THE_CUT = ("search-cut-short", "degenerate-cut")


@dataclass(frozen=True, slots=True)
class Codebase:
    """What was analysed."""

    name: str
    digest: str


@dataclass(frozen=True, slots=True)
class Findings:
    """The artefacts of all stages before the report."""

    codebase: Codebase
    facts: CodebaseFacts
    graph: FactorGraph
    partition: Partition
    plan: MigrationPlan
    constraints: Constraints
    metrics: Mapping[str, Any]  # of the whole partition
    service_metrics: Mapping[str, Mapping[str, Any]]  # by service id
    curve_metrics: Sequence[Mapping[str, Any]]  # by point of the curve
    diagnostics: tuple[Diagnostic, ...] = ()  # of the stages themselves


def document_of(findings: Findings, *, generated: Mapping[str, Any]) -> Document:
    """Everything that was found, under the keys of a report; `generated` alone may differ."""
    landscape = landscape_of(findings.facts, findings.partition)
    certainties = {c.node: c for c in findings.partition.certainties}
    return {
        "schema": SCHEMA,
        "generated": dict(generated),
        "codebase": _codebase(findings),
        "metrics": dict(findings.metrics),
        "optimality": _optimality(findings.partition),
        "prices": dict(zip(("load", "service"), findings.partition.prices, strict=True)),
        "services": _services(findings, landscape),
        "boundaries": [row_of(boundary) for boundary in findings.partition.boundaries],
        "shared": [{"unit": unit, "reason": why} for unit, why in findings.partition.shared],
        "constraints": rows_of_constraints(findings.constraints),
        "plan": _plan(findings.plan),
        "tables": _tables(landscape, certainties),
        "foreign_keys": _foreign_keys(landscape, findings.plan),
        "transactions": _transactions(landscape, findings.plan),
        "entry_points": _entry_points(landscape),
        "joins": _of_units(landscape, findings.facts.joins),
        "locks": _of_units(landscape, findings.facts.locks),
        "messages": _of_units(landscape, findings.facts.messages),
        "resources": _of_units(landscape, findings.facts.resources),
        "settings": _of_units(landscape, findings.facts.settings),
        "secrets": [row_of(secret) for secret in findings.facts.secrets],
        "modules": _modules(landscape),
        "units": _units(landscape, certainties),
        "references": _references(landscape),
        "nodes": [row_of(node) for node in findings.graph.nodes],
        "factors": _factors(findings),
        "curve": _curve(findings),
        "diagnostics": _diagnostics(findings),
    }


def _codebase(findings: Findings) -> Row:
    modules = findings.facts.modules
    lines = Counter[str]()
    for module in modules:
        lines[module.language] += module.lines
    return {
        "name": findings.codebase.name,
        "digest": findings.codebase.digest,
        "files": len(modules),
        "lines": sum(lines.values()),
        "languages": dict(sorted(lines.items())),
    }


def _optimality(partition: Partition) -> Row:
    row = row_of(partition.optimality)
    del row["seconds"]  # stands in `generated`: it differs from run to run
    return row


def _services(findings: Findings, landscape: Landscape) -> list[Row]:
    units: dict[str, list[str]] = defaultdict(list)
    for unit, service in landscape.service_of_unit.items():
        units[service].append(unit)
    tables: dict[str, list[str]] = defaultdict(list)
    for table, service in landscape.service_of_table.items():
        tables[service].append(table)
    return [
        {
            "id": service.id,
            "name": service.name,
            "terms": list(service.terms),
            "size": rounded(service.size),
            "units": sorted(units[service.id]),
            "tables": sorted(tables[service.id]),
            "metrics": dict(findings.service_metrics.get(service.id, {})),
        }
        for service in findings.partition.services
    ]


def _plan(plan: MigrationPlan) -> Row:
    # Dispositions of foreign keys and transactions stand with those, under their own keys.
    return row_of(plan, without=frozenset({"references", "transactions"}))


def _tables(landscape: Landscape, certainties: Mapping[str, Certainty]) -> list[Row]:
    return [
        _table(landscape, table, certainties)
        for table in landscape.facts.tables
        if table.role != "test"
    ]


def _table(landscape: Landscape, table: Table, certainties: Mapping[str, Certainty]) -> Row:
    service = landscape.service_of_table.get(table.name)
    certainty = certainties.get(f"table:{table.name}") or certainties.get(table.name)
    accesses = landscape.accesses_by_table.get(table.name, ())
    return {
        "id": table.name,
        **row_of(table, without=frozenset({"name"})),
        "service": service,
        **_certainty(certainty if service else None, placed=service is not None),
        "accesses": [
            _access(access) for access in accesses if access.unit in landscape.service_of_unit
        ],
    }


def _access(access: TableAccess) -> Row:
    return row_of(access, without=frozenset({"table"}))


def _certainty(certainty: Certainty | None, *, placed: bool) -> Row:
    """How sure a place is; what was set aside has no place to be sure of."""
    if certainty is None:
        unknown = 0.0 if placed else None
        return {"confidence": unknown, "runner_up": None, "regret": 0.0, "pulls": []}
    return {
        "confidence": round(certainty.confidence, 3),
        "runner_up": certainty.runner_up,
        "regret": rounded(certainty.regret),
        "pulls": plain(certainty.pulls[:_PULLS_KEPT]),
    }


def _foreign_keys(landscape: Landscape, plan: MigrationPlan) -> list[Row]:
    decided = {(r.source, r.column, r.target, r.evidence): r for r in plan.references}
    rows = []
    for key in landscape.facts.foreign_keys:
        reference = decided.get((key.source, key.column, key.target, key.evidence))
        if reference is not None:
            rows.append(
                {
                    **row_of(key),
                    "from_service": reference.from_service,
                    "to_service": reference.to_service,
                    "disposition": reference.disposition,
                    "reason": reference.reason,
                }
            )
    return rows


def _transactions(landscape: Landscape, plan: MigrationPlan) -> list[Row]:
    scopes = {scope.id: scope for scope in landscape.facts.transactions}
    return [
        {**row_of(scopes[decided.id]), **row_of(decided, without=frozenset({"part_of"}))}
        for decided in plan.transactions
    ]


def _entry_points(landscape: Landscape) -> list[Row]:
    return [
        {**row_of(entry), "service": landscape.service_of_unit[entry.unit] or None}
        for entry in landscape.facts.entry_points
        if entry.unit in landscape.service_of_unit
    ]


def _of_units(landscape: Landscape, facts: Iterable[Any]) -> list[Row]:
    return [row_of(fact) for fact in facts if fact.unit in landscape.service_of_unit]


def _modules(landscape: Landscape) -> list[Row]:
    homes: dict[str, set[str]] = defaultdict(set)
    for unit, service in landscape.service_of_unit.items():
        if service != LIBRARY:
            homes[landscape.units[unit].module].add(service)
    return [_module(module, homes[module.id]) for module in landscape.facts.modules]


def _module(module: Module, homes: set[str]) -> Row:
    return {**row_of(module), "services": sorted(homes)}


def _units(landscape: Landscape, certainties: Mapping[str, Certainty]) -> list[Row]:
    entered = {entry.unit for entry in landscape.facts.entry_points}
    terms = {v.unit: v.terms for v in landscape.facts.vocabularies}
    rows = []
    for unit in landscape.facts.units:
        service = landscape.service_of_unit.get(unit.id)
        if service is None:
            continue
        role = "entry" if unit.id in entered else "owned"
        rows.append(
            {
                **row_of(unit),
                "service": service or None,
                "role": "shared" if service == LIBRARY else role,
                **_certainty(certainties.get(unit.id), placed=service != LIBRARY),
                "terms": plain(terms.get(unit.id, ())),
            }
        )
    return rows


def _references(landscape: Landscape) -> list[Row]:
    """One row for each way in which a unit refers to another, with all lines that do so."""
    lines: dict[tuple[str, str, str, str, str], set[int]] = defaultdict(set)
    for reference in landscape.facts.references:
        if reference.source in landscape.service_of_unit:
            lines[_way(reference)].add(reference.evidence.line)
    return [
        {
            "source": source,
            "target": target,
            "kind": kind,
            "member": member,
            "path": path,
            "lines": sorted(found),
        }
        for (source, target, kind, member, path), found in sorted(lines.items())
        if target in landscape.service_of_unit
    ]


def _way(reference: Reference) -> tuple[str, str, str, str, str]:
    r = reference
    return (r.source, r.target, r.kind, r.member, r.evidence.path)


def _factors(findings: Findings) -> list[Row]:
    homes = dict(findings.partition.assignment)
    rows = []
    for factor in findings.graph.factors:
        touched = sorted({homes[member] for member in factor.members})
        rows.append(
            {
                **row_of(factor),
                "services_touched": touched,
                "paid": rounded(factor.weight * (len(touched) - 1)),
            }
        )
    return rows


def _curve(findings: Findings) -> list[Row]:
    points = zip(findings.partition.curve, findings.curve_metrics, strict=True)
    return [{**row_of(point), "metrics": dict(metrics)} for point, metrics in points]


def _diagnostics(findings: Findings) -> list[Row]:
    found = {*findings.facts.diagnostics, *findings.diagnostics}
    return [row_of(diagnostic) for diagnostic in sorted(found)]
