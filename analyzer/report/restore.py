"""From the document of a report back to the artefacts it was made from."""

from collections.abc import Callable
from typing import Any, TypeVar

from analyzer.coupling.factor import Factor, Node
from analyzer.coupling.factor_graph import FactorGraph
from analyzer.errors import UnusableInput
from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.configuration import ResourceUse, Secret, Setting
from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.entry_points import EntryPoint, Message
from analyzer.facts.evidence import Evidence
from analyzer.facts.modules import Module, Unit, Vocabulary
from analyzer.facts.references import Reference
from analyzer.facts.tables import ForeignKey, Join, Table, TableAccess
from analyzer.facts.transactions import Lock, TransactionScope
from analyzer.partition.problem import Constraints
from analyzer.report.constraints import constraints_of_rows
from analyzer.report.document import REMARKS_ON_THE_CUT, Codebase
from analyzer.report.report import Document, Report
from analyzer.report.rows import value_of

Artefact = TypeVar("Artefact")


def codebase_of(report: Report) -> Codebase:
    """What the report is about."""
    return Codebase(report.document["codebase"]["name"], report.document["codebase"]["digest"])


def constraints_of(report: Report) -> Constraints:
    """What people had decided when the report was made."""
    return constraints_of_rows(report.document["constraints"])


def shared_of(report: Report) -> tuple[tuple[str, str], ...]:
    """The shared kernel, with the reason for each unit."""
    return tuple((row["unit"], row["reason"]) for row in report.document["shared"])


def assignment_of(report: Report) -> dict[str, str]:
    """The service of every node of the graph."""
    homes: dict[str, str] = {}
    units = {row["id"] for row in report.document["units"]}
    for service in report.document["services"]:
        homes.update(dict.fromkeys(service["units"], service["id"]))
        for table in service["tables"]:
            homes[f"table:{table}" if table in units else table] = service["id"]
    return homes


def graph_of(report: Report) -> FactorGraph:
    """The factor graph that the report's partition cuts."""
    return _restored(report, _graph)


def facts_of(report: Report) -> CodebaseFacts:
    """The facts about product code, as far as planning and measuring need them."""
    return _restored(report, _facts)


def _restored(report: Report, make: Callable[[Document], Artefact]) -> Artefact:
    try:
        return make(report.document)
    except (KeyError, TypeError, ValueError) as error:
        raise UnusableInput(f"This report is damaged: {error!r}.") from error


def _graph(document: Document) -> FactorGraph:
    return FactorGraph(
        nodes=tuple(value_of(Node, row) for row in document["nodes"]),
        factors=tuple(value_of(Factor, row) for row in document["factors"]),
    )


def _facts(document: Document) -> CodebaseFacts:
    return CodebaseFacts(
        digest=document["codebase"]["digest"],
        modules=_all(Module, document["modules"]),
        units=_all(Unit, document["units"]),
        vocabularies=tuple(
            Vocabulary(row["id"], tuple((term, count) for term, count in row["terms"]))
            for row in document["units"]
            if row["terms"]
        ),
        references=_references(document["references"]),
        tables=tuple(value_of(Table, row, name=row["id"]) for row in document["tables"]),
        foreign_keys=_all(ForeignKey, document["foreign_keys"]),
        accesses=_accesses(document["tables"]),
        joins=_all(Join, document["joins"]),
        transactions=_all(TransactionScope, document["transactions"]),
        locks=_all(Lock, document["locks"]),
        entry_points=_all(EntryPoint, document["entry_points"]),
        messages=_all(Message, document["messages"]),
        settings=_all(Setting, document["settings"]),
        secrets=_all(Secret, document["secrets"]),
        resources=_all(ResourceUse, document["resources"]),
        diagnostics=tuple(
            one
            for one in _all(Diagnostic, document["diagnostics"])
            if one.code not in REMARKS_ON_THE_CUT
        ),
    )


def _all(kind: type[Artefact], rows: list[dict[str, Any]]) -> tuple[Artefact, ...]:
    return tuple(value_of(kind, row) for row in rows)


def _references(rows: list[dict[str, Any]]) -> tuple[Reference, ...]:
    found: list[Reference] = []
    for row in rows:
        for line in row["lines"]:
            place = Evidence(row["path"], line)
            found.append(Reference(row["source"], row["target"], row["kind"], place, row["member"]))
    return tuple(sorted(found))


def _accesses(tables: list[dict[str, Any]]) -> tuple[TableAccess, ...]:
    return tuple(
        sorted(
            value_of(TableAccess, row, table=table["id"])
            for table in tables
            for row in table["accesses"]
        )
    )
