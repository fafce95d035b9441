"""Stock Leiden on the pairwise projection, judged by our objective."""

from itertools import combinations
from typing import Any

import numpy as np

from analyzer.coupling.factor_graph import FactorGraph, compact
from analyzer.partition.objective import cost
from analyzer.partition.problem import Prices


def projection(graph: FactorGraph) -> Any:
    """The clique expansion as an igraph graph: each pair of a factor of arity k gets w/(k−1)."""
    import igraph

    place = {node.id: number for number, node in enumerate(graph.nodes)}
    weights: dict[tuple[int, int], float] = {}
    for factor in graph.factors:
        share = factor.weight / (len(factor.members) - 1)
        for first, second in combinations(sorted(place[m] for m in factor.members), 2):
            weights[first, second] = weights.get((first, second), 0.0) + share
    built = igraph.Graph(len(graph.nodes), list(weights))
    built.es["weight"] = list(weights.values())
    return built


def best_of_stock(graph: FactorGraph, prices: Prices, *, seeds: int = 3) -> tuple[float, str]:
    """The cheapest of modularity, RB and CPM at several resolutions and seeds, and which it was."""
    import leidenalg

    built, laid = projection(graph), compact(graph)
    settings: list[tuple[str, Any, dict[str, float]]] = [
        ("modularity", leidenalg.ModularityVertexPartition, {})
    ]
    for resolution in (0.25, 0.5, 1.0, 2.0, 4.0):
        kind = leidenalg.RBConfigurationVertexPartition
        settings.append((f"RB {resolution:g}", kind, {"resolution_parameter": resolution}))
    for factor in (0.5, 1.0, 2.0):
        kind = leidenalg.CPMVertexPartition
        settings.append((f"CPM {factor:g}γ", kind, {"resolution_parameter": factor * prices.load}))
    best = (float("inf"), "")
    for name, kind, options in settings:
        for seed in range(seeds):
            found = leidenalg.find_partition(
                built, kind, weights="weight", n_iterations=-1, seed=seed, **options
            )
            value = cost(laid, np.array(found.membership, np.int32), prices)
            best = min(best, (value, name))
    return best
