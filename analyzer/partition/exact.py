"""Proven optimal partitions of small problems."""

import numpy as np

from analyzer.coupling.factor_graph import Floats, Hypergraph, Indices
from analyzer.partition.kernels import best_by_subsets
from analyzer.partition.problem import Prices, Problem

SUBSETS = 11  # nodes up to which every subset is priced


def by_subsets(problem: Problem, prices: Prices) -> Indices | None:
    """The cheapest partition, by dynamic programming over all subsets; none if none is feasible."""
    graph = problem.graph
    price = subset_prices(graph, prices)
    price[~_allowed(problem)] = np.inf
    value, labels = best_by_subsets(price, problem.fewest, problem.most, graph.node_count)
    return labels if np.isfinite(value) else None


def subset_prices(graph: Hypergraph, prices: Prices) -> Floats:
    """For each subset, its share of the cost: load, α, and the weight of the factors it touches.

    Added up over a partition this is its cost plus the weight of all factors.
    """
    subsets = np.arange(1 << graph.node_count)
    total = np.zeros(len(subsets))
    for factor, weight in enumerate(graph.weights):
        pins = graph.members[graph.factor_offsets[factor] : graph.factor_offsets[factor + 1]]
        mask = int(sum(1 << int(pin) for pin in pins))
        total += weight * ((subsets & mask) != 0)
    return total + prices.load * subset_sizes(graph) ** 2 / 2 + prices.service


def subset_sizes(graph: Hypergraph) -> Floats:
    """The size of each subset of the nodes."""
    subsets = np.arange(1 << graph.node_count)
    sizes = np.zeros(len(subsets))
    for node, size in enumerate(graph.sizes):
        sizes += size * (subsets >> node & 1)
    return sizes


def _allowed(problem: Problem) -> "np.typing.NDArray[np.bool_]":
    subsets = np.arange(1 << problem.graph.node_count)
    allowed = subset_sizes(problem.graph) <= problem.size_limit
    for node in range(problem.graph.node_count):
        start, end = problem.rival_offsets[node], problem.rival_offsets[node + 1]
        for rival in problem.rivals[start:end]:
            allowed &= ~((subsets >> node & 1) & (subsets >> int(rival) & 1)).astype(bool)
    return allowed
