"""Proven bounds: no partition can cost less."""

import numpy as np

from analyzer.coupling.factor_graph import Hypergraph
from analyzer.partition.problem import Prices, Problem


def simple_bound(problem: Problem, prices: Prices) -> float:
    """What every partition pays: the fewest services, and each node's load beside itself."""
    own = float(np.sum(problem.graph.sizes**2)) / 2
    return prices.service * problem.fewest + prices.load * own


def rounding(graph: Hypergraph, prices: Prices) -> float:
    """More than floating-point sums over the whole problem can be off by, several times over.

    A sum of n terms is off by less than n·ε times the sum of their sizes (Higham, "Accuracy and
    Stability of Numerical Algorithms", section 4.2); here that sum is below all weights, times
    the members that may be counted apart, all load in one service, and α for each node.
    """
    total = float(graph.sizes.sum())
    terms = graph.factor_count + graph.node_count + 64
    apart = float(np.sum(graph.weights * np.diff(graph.factor_offsets)))
    magnitude = apart + prices.load * total**2 + prices.service * graph.node_count
    return float(np.finfo(float).eps) * terms * magnitude
