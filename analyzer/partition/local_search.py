"""Moves that never make a partition dearer: single nodes, exchanges, merges, splits."""

from dataclasses import dataclass

import numpy as np

from analyzer.coupling.factor_graph import Hypergraph, Indices
from analyzer.partition.kernels import begin, relocate, swap
from analyzer.partition.objective import cost
from analyzer.partition.problem import Prices, Problem

NEGLIGIBLE = 1e-11  # relative to all weights and loads; a smaller saving is rounding noise


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """What moves must honour on one level: rivals, the size limit, the number of services."""

    rival_offsets: "np.typing.NDArray[np.int64]"
    rivals: Indices
    size_limit: float
    fewest: int
    most: int

    def without_count(self) -> "Limits":
        """The same with any number of services."""
        return Limits(self.rival_offsets, self.rivals, self.size_limit, 0, 2**31 - 1)


def limits_of(problem: Problem) -> Limits:
    """The limits that a problem sets."""
    return Limits(
        rival_offsets=problem.rival_offsets,
        rivals=problem.rivals,
        size_limit=problem.size_limit,
        fewest=problem.fewest,
        most=problem.most,
    )


def improved(
    graph: Hypergraph,
    labels: Indices,
    prices: Prices,
    limits: Limits,
    order: Indices,
    *,
    visits: int,
) -> Indices:
    """Move single nodes of `order`, and those they disturb, until none gains."""
    moved = labels.copy()
    state = begin(graph.factor_offsets, graph.members, graph.sizes, moved)
    relocate(
        graph.factor_offsets, graph.members, graph.node_offsets, graph.incident,
        graph.weights, graph.sizes, limits.rival_offsets, limits.rivals, moved, state, order,
        prices.load, prices.service, limits.size_limit, limits.fewest, limits.most,
        tolerance(graph, prices), visits,
    )  # fmt: skip
    return moved


def exchanged(
    graph: Hypergraph, labels: Indices, prices: Prices, limits: Limits, order: Indices
) -> Indices:
    """Exchange pairs of nodes where that saves something."""
    moved = labels.copy()
    state = begin(graph.factor_offsets, graph.members, graph.sizes, moved)
    swap(
        graph.factor_offsets, graph.node_offsets, graph.incident, graph.weights, graph.sizes,
        limits.rival_offsets, limits.rivals, moved, state, order,
        prices.load, limits.size_limit, tolerance(graph, prices), 32,
    )  # fmt: skip
    return moved


def tolerance(graph: Hypergraph, prices: Prices) -> float:
    """The least saving that is not rounding noise."""
    total = float(graph.sizes.sum())
    return NEGLIGIBLE * max(float(graph.weights.sum()) + prices.load * total * total, 1e-300)


def cheaper(graph: Hypergraph, first: Indices, second: Indices, prices: Prices) -> Indices:
    """The cheaper of two clusterings; the first where they tie."""
    gained = cost(graph, first, prices) - cost(graph, second, prices)
    return second if gained > tolerance(graph, prices) else first
