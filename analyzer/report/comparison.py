"""New coupling across agreed boundaries: what a check refuses."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.coupling.factor import Factor
from analyzer.coupling.factor_graph import FactorGraph
from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.evidence import Evidence
from analyzer.report.report import Report
from analyzer.report.restore import assignment_of, shared_of

# Kinds of factors that code makes, one way or another. Likeness of words, places and histories is
# a hint for cutting; it breaks no boundary.
BREAKS_A_BOUNDARY = frozenset(
    {
        "write", "read", "binding", "mapping", "foreign_key", "many_to_many", "join", "co_write",
        "transaction", "lock", "call", "instantiation", "attribute", "name", "decoration",
        "inheritance", "message",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True, order=True)
class NewCoupling:
    """One factor that crosses an agreed boundary and did not before."""

    kind: str
    members: tuple[str, ...]
    services: tuple[str, ...]
    weight: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What a check found."""

    new: tuple[NewCoupling, ...]
    gone: int  # factors that crossed a boundary when it was agreed and no longer do
    unplaced: tuple[str, ...]  # new units and tables whose service cannot be told; not judged

    @property
    def passed(self) -> bool:
        """Whether nothing new crosses."""
        return not self.new


def new_coupling(graph: FactorGraph, facts: CodebaseFacts, agreed: Report) -> CheckResult:
    """Compare a graph with the boundaries of an agreed report.

    Units and tables that are new since then are placed with their module, their package or their
    class, where those are all in one service.
    """
    library = {unit for unit, _ in shared_of(agreed)}
    homes, unplaced = _placed(graph, facts, assignment_of(agreed), library)
    crossing_then = {f["id"]: len(f["services_touched"]) for f in agreed.document["factors"]}
    new, still = [], set()
    for factor in graph.factors:
        services = sorted({homes[member] for member in factor.members if member in homes})
        if len(services) < 2:
            continue
        still.add(factor.id)
        if len(services) > max(1, crossing_then.get(factor.id, 0)) and _judged(factor):
            new.append(_finding(factor, tuple(services)))
    gone = sum(1 for id, touched in crossing_then.items() if touched > 1 and id not in still)
    return CheckResult(new=tuple(sorted(new)), gone=gone, unplaced=unplaced)


def _judged(factor: Factor) -> bool:
    return factor.kind in BREAKS_A_BOUNDARY


def _finding(factor: Factor, services: tuple[str, ...]) -> NewCoupling:
    return NewCoupling(factor.kind, factor.members, services, factor.weight, factor.evidence)


def _placed(
    graph: FactorGraph, facts: CodebaseFacts, agreed: Mapping[str, str], library: set[str]
) -> tuple[dict[str, str], tuple[str, ...]]:
    modules = {unit.id: unit.module for unit in facts.units}
    classes = {f"table:{t.name}": t.defined_by for t in facts.tables}
    classes |= {t.name: t.defined_by for t in facts.tables if t.name not in modules}
    by_place = _services_by_place(agreed, modules)
    homes = {node.id: agreed[node.id] for node in graph.nodes if node.id in agreed}
    new = [node for node in graph.nodes if node.id not in agreed and node.id not in library]
    for node in new:
        if node.kind == "unit" and (home := _home_of_place(modules[node.id], by_place)):
            homes[node.id] = home
    for node in new:
        mapper = classes.get(node.id) if node.kind == "table" else None
        if mapper in homes:
            homes[node.id] = homes[mapper]
    return homes, tuple(node.id for node in new if node.id not in homes)


def _services_by_place(
    agreed: Mapping[str, str], modules: Mapping[str, str]
) -> dict[str, Counter[str]]:
    """How many units of each module, and of each package around it, are in which service."""
    by_place: dict[str, Counter[str]] = defaultdict(Counter)
    for unit, module in modules.items():
        place = module if unit in agreed else ""
        while place:
            by_place[place][agreed[unit]] += 1
            place = place.rpartition(".")[0]
    return by_place


def _home_of_place(module: str, by_place: Mapping[str, Counter[str]]) -> str | None:
    place = module
    while place and place not in by_place:
        place = place.rpartition(".")[0]
    services = by_place.get(place, Counter())
    return next(iter(services)) if len(services) == 1 else None
