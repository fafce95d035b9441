"""What if: the price of a change to a partition at once, and the rest solved anew around it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from analyzer.coupling.factor_graph import FactorGraph, Hypergraph, Indices, compact
from analyzer.errors import UnusableInput
from analyzer.partition.objective import Clustering, Terms
from analyzer.partition.problem import Constraints, Prices
from analyzer.partition.solve import Solution, Watcher, solve


@dataclass(frozen=True, slots=True)
class Difference:
    """What a change does to the cost, term by term; negative is cheaper."""

    cost: float
    coupling: float
    load: float  # γ times the change in Σ size² / 2
    services: float  # α times the change in their number
    paid_more: tuple[tuple[str, float], ...]  # (factor id, change in what it pays), dearest first
    paid_less: tuple[tuple[str, float], ...]


class Sketch:
    """A partition laid open for questions; nothing that is asked changes it.

    Laying a graph open takes longest; ask one sketch all questions about one partition.
    """

    def __init__(self, graph: FactorGraph, homes: Mapping[str, str], prices: Prices) -> None:
        self.graph = graph
        self.prices = prices
        self.services = sorted(set(homes.values()))
        self._number = {service: number for number, service in enumerate(self.services)}
        self._place = {node.id: place for place, node in enumerate(graph.nodes)}
        self._compact: Hypergraph = compact(graph)
        self.labels: Indices = np.array([self._number[homes[n.id]] for n in graph.nodes], np.int32)
        self._clustering = Clustering(self._compact, self.labels, prices)

    def if_moved(self, moves: Mapping[str, str]) -> Difference:
        """What moving nodes costs; a service that is not there yet is new.

        Raises `UnusableInput` for a node that is not in the graph.
        """
        labels = self.labels.copy()
        fresh: dict[str, int] = {}
        for node, service in moves.items():
            if node not in self._place:
                raise UnusableInput(f"{node!r} is not in the graph")
            number = self._number.get(service)
            if number is None:
                number = fresh.setdefault(service, len(self.services) + len(fresh))
            labels[self._place[node]] = number
        return self._between(labels)

    def if_merged(self, services: Iterable[str]) -> Difference:
        """What making one service of several costs."""
        numbers = [self._known(service) for service in services]
        labels = self.labels.copy()
        labels[np.isin(labels, numbers)] = numbers[0]
        return self._between(labels)

    def if_split(self, service: str, apart: Iterable[str]) -> Difference:
        """What taking these nodes out of a service into one of their own costs."""
        self._known(service)
        return self.if_moved(dict.fromkeys(sorted(apart), "\x00apart"))

    def if_pinned(self, node: str, service: str) -> Difference:
        """What keeping a node in a service costs while all others stay: the price of the move."""
        return self.if_moved({node: service})

    def alternatives(self, node: str) -> tuple[tuple[str, float], ...]:
        """What each service that a node is tied to would cost it, cheapest first; 0 at home."""
        if node not in self._place:
            raise UnusableInput(f"{node!r} is not in the graph")
        moves = self._clustering.moves_of(self._place[node])
        named = [(self.services[number], price) for number, price in moves.items()]
        return tuple(sorted(named, key=lambda entry: (entry[1], entry[0])))

    def _known(self, service: str) -> int:
        if service not in self._number:
            raise UnusableInput(f"there is no service {service!r}")
        return self._number[service]

    def _between(self, labels: Indices) -> Difference:
        """Compare with another labelling; only the factors of nodes that moved are counted."""
        moved = np.flatnonzero(labels != self.labels)
        compacted = self._compact
        spans = [
            compacted.incident[compacted.node_offsets[node] : compacted.node_offsets[node + 1]]
            for node in moved
        ]
        factors = np.unique(np.concatenate(spans)) if spans else np.zeros(0, np.int32)
        changes = [(int(f), self._change(int(f), labels)) for f in factors]
        named = [(self.graph.factors[f].id, change) for f, change in changes if change]
        before, after = self._loads(self.labels), self._loads(labels)
        coupling = sum(change for _, change in changes)
        load = self.prices.load * (after.load - before.load)
        services = self.prices.service * (after.services - before.services)
        return Difference(
            cost=coupling + load + services,
            coupling=coupling,
            load=load,
            services=services,
            paid_more=tuple(sorted((c for c in named if c[1] > 0), key=lambda c: (-c[1], c[0]))),
            paid_less=tuple(sorted((c for c in named if c[1] < 0), key=lambda c: (c[1], c[0]))),
        )

    def _change(self, factor: int, labels: Indices) -> float:
        start, end = self._compact.factor_offsets[factor : factor + 2]
        pins = self._compact.members[start:end]
        more = len(set(labels[pins].tolist())) - len(set(self.labels[pins].tolist()))
        return more * float(self._compact.weights[factor])

    def _loads(self, labels: Indices) -> Terms:
        sizes = np.bincount(labels, self._compact.sizes)
        heads = np.bincount(labels)
        return Terms(0.0, float(np.sum(sizes**2)) / 2, int(np.count_nonzero(heads)))


def solved_around(
    graph: FactorGraph,
    homes: Mapping[str, str],
    *,
    constraints: Constraints,
    prices: Prices,
    seed: int = 0,
    time_limit: float = 10.0,
    jobs: int = 1,
    watcher: Watcher = lambda optimality: None,
) -> Solution:
    """Solve anew around a person's decisions, starting from the partition that is there.

    Raises `ConflictingConstraints` where no partition honours the constraints.
    """
    return solve(
        graph, constraints=constraints, prices=prices, seed=seed, time_limit=time_limit,
        jobs=jobs, watcher=watcher, start=homes,
    )  # fmt: skip


def price_of_moves(
    graph: FactorGraph, homes: Mapping[str, str], prices: Prices, moves: Mapping[str, str]
) -> Difference:
    """What moving nodes between services costs; see `Sketch` to ask more than once."""
    return Sketch(graph, homes, prices).if_moved(moves)
