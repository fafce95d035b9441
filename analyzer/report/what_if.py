"""What moving nodes would cost, without moving them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

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


@dataclass(frozen=True, slots=True)
class _Index:
    """What pricing looks up; made once for a report, as people try many moves on it."""

    homes: Mapping[str, str]
    sizes: Mapping[str, float]
    loads: Mapping[str, float]  # by service
    counts: Mapping[str, int]  # of nodes, by service
    factors: Mapping[str, tuple[Document, ...]]  # by member


def price_of_moves(report: Report, moves: Mapping[str, str]) -> Price:
    """Re-price the factors that the moved nodes are in, and the services they leave and enter."""
    index = _index(report)
    unknown = sorted(node for node in moves if node not in index.sizes)
    if unknown:
        raise UnusableInput(f"There is no unit or table {unknown[0]!r} to move in this report.")
    changes = _factor_changes(index, moves)
    load, services = _load_changes(report.document["prices"], index, moves)
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


@lru_cache(maxsize=2)
def _index(report: Report) -> _Index:
    homes = assignment_of(report)
    sizes = {node["id"]: float(node["size"]) for node in report.document["nodes"]}
    loads: dict[str, float] = defaultdict(float)
    counts: dict[str, int] = defaultdict(int)
    for node, size in sizes.items():
        loads[homes[node]] += size
        counts[homes[node]] += 1
    factors: dict[str, list[Document]] = defaultdict(list)
    for factor in report.document["factors"]:
        for member in factor["members"]:
            factors[member].append(factor)
    by_member = {node: tuple(found) for node, found in factors.items()}
    return _Index(homes, sizes, loads, counts, by_member)


def _factor_changes(index: _Index, moves: Mapping[str, str]) -> list[FactorChange]:
    touched = {f["id"]: f for node in moves for f in index.factors.get(node, ())}
    changes = []
    for id, factor in touched.items():
        members = factor["members"]
        before = {index.homes[member] for member in members}
        after = {moves.get(member, index.homes[member]) for member in members}
        if len(before) != len(after):
            difference = factor["weight"] * (len(after) - len(before))
            changes.append(FactorChange(id, factor["kind"], difference))
    return changes


def _load_changes(prices: Document, index: _Index, moves: Mapping[str, str]) -> tuple[float, float]:
    loads, counts = dict(index.loads), dict(index.counts)
    for node, service in moves.items():
        home, size = index.homes[node], index.sizes[node]
        loads[home] -= size
        counts[home] -= 1
        loads[service] = loads.get(service, 0.0) + size
        counts[service] = counts.get(service, 0) + 1
    squares = _squares(loads) - _squares(index.loads)
    more = sum(n > 0 for n in counts.values()) - sum(n > 0 for n in index.counts.values())
    return prices["load"] * squares / 2, prices["service"] * more


def _squares(loads: Mapping[str, float]) -> float:
    return sum(load * load for load in loads.values())
