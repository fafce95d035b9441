"""Proven bounds: no partition can cost less."""

import numpy as np

from analyzer.partition.problem import Prices, Problem


def simple_bound(problem: Problem, prices: Prices) -> float:
    """What every partition pays: the fewest services, and each node's load beside itself."""
    own = float(np.sum(problem.graph.sizes**2)) / 2
    return prices.service * problem.fewest + prices.load * own
