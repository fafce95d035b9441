"""What moving nodes would cost, without moving them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.errors import UnusableInput
from analyzer.report.report import Document, Report
from analyzer.report.restore import assignment_of


@dataclass(frozen=True, slots=True)
class FactorChange:
    """A factor that would pay more or less."""

    factor: str
    kind: str
    difference: float


@dataclass(frozen=True, slots=True)
class Price:
    """The cost before and after, and what makes the difference."""

    before: float
    after: float
    coupling: float  # difference in coupling paid
    load: float  # difference in the load on teams
    services: float  # difference in what running services costs
    factors: tuple[FactorChange, ...]  # largest difference first

    @property
    def difference(self) -> float:
        """What the moves add to the cost; negative if they save."""
        return self.after - self.before


def price_of_moves(report: Report, moves: Mapping[str, str]) -> Price:
    """Re-price the factors that the moved nodes are in, and the services they leave and enter."""
    homes = assignment_of(report)
    unknown = sorted(set(moves) - set(homes))
    if unknown:
        raise UnusableInput(f"There is no unit or table {unknown[0]!r} to move in this report.")
    changes = _factor_changes(report.document, homes, moves)
    load, services = _load_changes(report.document, homes, moves)
    coupling = sum(change.difference for change in changes)
    before = float(report.document["optimality"]["cost"])
    return Price(
        before=before,
        after=before + coupling + load + services,
        coupling=coupling,
        load=load,
        services=services,
        factors=tuple(sorted(changes, key=lambda c: (-abs(c.difference), c.factor))),
    )


def _factor_changes(
    document: Document, homes: Mapping[str, str], moves: Mapping[str, str]
) -> list[FactorChange]:
    changes = []
    for factor in document["factors"]:
        members = factor["members"]
        if moves.keys().isdisjoint(members):
            continue
        before = {homes[member] for member in members}
        after = {moves.get(member, homes[member]) for member in members}
        if len(before) != len(after):
            difference = factor["weight"] * (len(after) - len(before))
            changes.append(FactorChange(factor["id"], factor["kind"], difference))
    return changes


def _load_changes(
    document: Document, homes: Mapping[str, str], moves: Mapping[str, str]
) -> tuple[float, float]:
    sizes = {node["id"]: node["size"] for node in document["nodes"]}
    loads: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    for node, service in homes.items():
        if node in sizes:
            loads[service] += sizes[node]
            counts[service] += 1
    moved_loads, moved_counts = loads.copy(), counts.copy()
    for node, service in moves.items():
        moved_loads[homes[node]] -= sizes[node]
        moved_counts[homes[node]] -= 1
        moved_loads[service] += sizes[node]
        moved_counts[service] += 1
    squares = _squares(moved_loads) - _squares(loads)
    more = sum(c > 0 for c in moved_counts.values()) - sum(c > 0 for c in counts.values())
    return document["prices"]["load"] * squares / 2, document["prices"]["service"] * more


def _squares(loads: Mapping[str, float]) -> float:
    return sum(load * load for load in loads.values())
