"""The one objective: what a partition costs, and what changing it would cost.

    cost(P) =  Σ over factors f   w_f · (λ_f − 1)       coupling paid across boundaries
             + γ · Σ over services s   size_s² / 2      load on the teams that own them
             + α · (number of services)                 running each

λ_f is the number of services that factor f touches, γ is `Prices.load`, α is `Prices.service`.
Example: two nodes of size 1 and one factor of weight 3 over both, γ = 1, α = 0. Together they
cost 0 + 2²/2 = 2, apart 3 + 1²/2 + 1²/2 = 4.
"""

from dataclasses import dataclass

import numpy as np

from analyzer.coupling.factor_graph import Hypergraph, Indices
from analyzer.partition.kernels import begin, shift, ties, touched
from analyzer.partition.problem import Prices


@dataclass(frozen=True, slots=True)
class Terms:
    """The three sums of the objective before prices."""

    coupling: float  # Σ w_f (λ_f − 1)
    load: float  # Σ size² / 2
    services: int

    def at(self, prices: Prices) -> float:
        """The cost under these prices."""
        return self.coupling + prices.load * self.load + prices.service * self.services


def terms(graph: Hypergraph, labels: Indices) -> Terms:
    """Add the objective's sums up from scratch; labels are cluster numbers from 0."""
    if not graph.node_count:
        return Terms(0.0, 0.0, 0)
    clusters = int(labels.max()) + 1
    spans = touched(graph.factor_offsets, graph.members, labels, clusters)
    sizes = np.bincount(labels, graph.sizes, minlength=clusters)
    return Terms(
        coupling=float(np.sum(graph.weights * (spans - 1))),
        load=float(np.sum(sizes**2)) / 2,
        services=len(np.unique(labels)),
    )


def cost(graph: Hypergraph, labels: Indices, prices: Prices) -> float:
    """Cost of a clustering, from scratch."""
    return terms(graph, labels).at(prices)


class Clustering:
    """A clustering that knows its cost, keeps knowing it as nodes move, and can ask before."""

    def __init__(self, graph: Hypergraph, labels: Indices, prices: Prices) -> None:
        self.graph = graph
        self.labels = labels.astype(np.int32, copy=True)
        self.prices = prices
        self.cost = cost(graph, self.labels, prices)
        self.state = begin(graph.factor_offsets, graph.members, graph.sizes, self.labels)
        self._pull = np.zeros(graph.node_count)
        self._seen = np.empty(graph.node_count + 1, np.int32)

    def ties_of(self, node: int) -> dict[int, float]:
        """Weight that ties a node to its own cluster and to each that it shares a factor with."""
        graph = self.graph
        found = ties(
            node, graph.factor_offsets, graph.node_offsets, graph.incident, graph.weights,
            self.labels, self.state, self._pull, self._seen,
        )  # fmt: skip
        clusters = self._seen[:found].copy()
        weights = self._pull[clusters].copy()
        self._pull[clusters] = 0.0
        return dict(zip(clusters.tolist(), weights.tolist(), strict=True))

    def moves_of(self, node: int) -> dict[int, float]:
        """What moving a node would add to the cost, for each cluster that it is tied to."""
        pulls = self.ties_of(node)
        return {target: self._added(node, target, pulls) for target in pulls}

    def move_cost(self, node: int, target: int) -> float:
        """What moving one node would add to the cost; the target may be an empty cluster."""
        return self._added(node, target, self.ties_of(node))

    def _added(self, node: int, target: int, pulls: dict[int, float]) -> float:
        source = int(self.labels[node])
        if source == target:
            return 0.0
        load, heads = self.state[0], self.state[1]
        size = float(self.graph.sizes[node])
        coupling = pulls[source] - pulls.get(target, 0.0)
        crowding = size * (float(load[target]) - float(load[source]) + size)
        services = int(heads[target] == 0) - int(heads[source] == 1)
        return coupling + self.prices.load * crowding + self.prices.service * services

    def move(self, node: int, target: int) -> None:
        """Move one node."""
        self.cost += self.move_cost(node, target)
        if self.labels[node] != target:
            graph = self.graph
            shift(
                node, target, graph.factor_offsets, graph.node_offsets, graph.incident,
                graph.sizes, self.labels, self.state,
            )  # fmt: skip
