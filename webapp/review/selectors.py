"""What was decided, and how two cuts of the same code differ."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from webapp.analyses import selectors as analyses
from webapp.analyses.models import AnalysisRun
from webapp.review.models import Constraint, Edit

MOVES_SHOWN = 500
NODES_OFFERED = 20


@dataclass(frozen=True, slots=True)
class Move:
    """A node that is in another service than before; services are given by name."""

    node: str
    kind: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure in both cuts."""

    title: str
    before: float
    after: float

    @property
    def change(self) -> float:
        return self.after - self.before


def decisions_of(run: AnalysisRun) -> QuerySet[Constraint]:
    """The decisions in force for the next cut."""
    return Constraint.objects.filter(run=run)


def last_edit(run: AnalysisRun) -> Edit | None:
    """The edit that undo would take back."""
    return Edit.objects.filter(run=run, undone_at=None).first()


def homes_of(document: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Kind and service of each node that was cut."""
    units = {unit["id"]: unit["service"] for unit in document["units"]}
    tables = {table["id"]: table["service"] for table in document["tables"]}
    homes = {}
    for node in document["nodes"]:
        known = units if node["kind"] == "unit" else tables
        homes[node["id"]] = (
            node["kind"],
            known.get(node["id"]) or known.get(node["id"].removeprefix("table:")) or "",
        )
    return homes


def nodes_named(run: AnalysisRun, text: str) -> list[str]:
    """Units and tables whose name has the words, the shortest first."""
    words = text.lower().split()
    nodes = (node["id"] for node in analyses.document_of(run)["nodes"])
    found = [node for node in nodes if all(word in node.lower() for word in words)]
    return sorted(found, key=lambda node: (len(node), node))[:NODES_OFFERED]


def differences(before: AnalysisRun, after: AnalysisRun) -> list[Difference]:
    """The figures of two cuts, side by side."""
    first, second = analyses.document_of(before), analyses.document_of(after)
    return [
        Difference(title, figure(first), figure(second))
        for title, figure in {
            "Cost": lambda d: d["optimality"]["cost"],
            "Services": lambda d: len(d["services"]),
            "Coupling paid at boundaries": lambda d: sum(f["paid"] for f in d["factors"]),
            "Foreign keys across boundaries": lambda d: sum(
                key["from_service"] != key["to_service"] for key in d["foreign_keys"]
            ),
            "Transactions across services": lambda d: sum(
                len(row["services"]) > 1 for row in d["transactions"]
            ),
            "Modules to split": lambda d: sum(len(m["services"]) > 1 for m in d["modules"]),
        }.items()
    ]


def moves(before: AnalysisRun, after: AnalysisRun) -> list[Move]:
    """Nodes whose service is another one, a renamed service not counting as a move.

    Services of the two cuts answer each other where they share the most nodes.
    """
    first, second = analyses.document_of(before), analyses.document_of(after)
    was, now = homes_of(first), homes_of(second)
    answers = _answering(was, now)
    old, new = _names(first), _names(second)
    found = [
        Move(node, was[node][0], old.get(was[node][1], "none"), new.get(home, "none"))
        for node, (_, home) in sorted(now.items())
        if node in was and answers.get(was[node][1]) != home
    ]
    return sorted(found, key=lambda move: (move.kind != "table", move.before, move.node))


def _answering(
    was: Mapping[str, tuple[str, str]], now: Mapping[str, tuple[str, str]]
) -> dict[str, str]:
    """For each earlier service the later one that it became, the largest overlap first."""
    shared = Counter((was[node][1], now[node][1]) for node in was if node in now)
    answers: dict[str, str] = {}
    taken: set[str] = set()
    for (old, new), _ in sorted(shared.items(), key=lambda item: (-item[1], item[0])):
        if old not in answers and new not in taken:
            answers[old] = new
            taken.add(new)
    return answers


def _names(document: Mapping[str, Any]) -> dict[str, str]:
    return {service["id"]: service["name"] for service in document["services"]}
