"""The coupling graph people look at: the pairwise projection of the factor graph."""

from collections import defaultdict
from itertools import combinations

import networkx as nx

from analyzer.coupling.factor import Factor
from analyzer.coupling.factor_graph import FactorGraph


def coupling_graph(graph: FactorGraph) -> "nx.Graph[str]":
    """Project every factor onto the pairs of its members.

    A factor of arity k and weight w gives each of its k(k-1)/2 pairs the weight w/(k-1), the
    clique expansion in which cutting off one member costs exactly w, as it does in the factor
    graph. Cutting further apart costs more than in the factor graph; only arity two is exact.
    Each edge carries `weight` and `factors`, the ids behind it.
    """
    projected: nx.Graph[str] = nx.Graph()
    for node in graph.nodes:
        projected.add_node(node.id, kind=node.kind, size=node.size)
    weights, reasons = _pairs(graph.factors)
    for (first, second), weight in weights.items():
        projected.add_edge(first, second, weight=weight, factors=tuple(reasons[first, second]))
    return projected


def _pairs(
    factors: tuple[Factor, ...],
) -> tuple[dict[tuple[str, str], float], dict[tuple[str, str], list[str]]]:
    weights: dict[tuple[str, str], float] = defaultdict(float)
    reasons: dict[tuple[str, str], list[str]] = defaultdict(list)
    for factor in factors:
        share = factor.weight / (len(factor.members) - 1)
        for pair in combinations(sorted(factor.members), 2):
            weights[pair] += share
            reasons[pair].append(factor.id)
    return weights, reasons


def afferent_and_efferent_ends(
    references: tuple[tuple[str, str], ...], *, groups: dict[str, str]
) -> dict[str, tuple[int, int]]:
    """Count, for each group, its afferent and efferent ends.

    `references` are (from, to) pairs of nodes and `groups` says which group each node is in.
    Afferent (Ca): nodes outside that refer to a node inside. Efferent (Ce): nodes inside that
    refer to a node outside (Martin, "OO Design Quality Metrics", 1994).
    Example: with a -> b and c -> b, and b alone in group g, g has (2, 0).
    """
    afferent: dict[str, set[str]] = defaultdict(set)
    efferent: dict[str, set[str]] = defaultdict(set)
    for source, target in references:
        if groups[source] != groups[target]:
            afferent[groups[target]].add(source)
            efferent[groups[source]].add(source)
    return {g: (len(afferent[g]), len(efferent[g])) for g in sorted(set(groups.values()))}
