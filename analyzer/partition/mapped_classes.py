"""The class that maps a table, the table, and its join tables are cut as one thing."""

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain, pairwise

import networkx as nx

from analyzer.coupling.factor_graph import FactorGraph
from analyzer.partition.problem import Constraints


def with_mapped_classes(graph: FactorGraph, asked: Constraints) -> Constraints:
    """The constraints, and must-links of each class with the tables that it declares.

    What people asked for comes first: where decisions name several of the nodes that would be
    linked, those stay free; so are groups above the size limit, and all of them where so many
    services are asked for that classes and tables must part.
    """
    decided = frozenset(chain.from_iterable(asked.nodes_named().values()))
    sizes = {node.id: node.size for node in graph.nodes}
    limit = float("inf") if asked.size_limit is None else asked.size_limit
    groups = []
    for group in _groups(graph):
        free = group - decided if len(group & decided) > 1 else group
        if len(free) > 1 and sum(sizes[node] for node in free) <= limit:
            groups.append(tuple(sorted(free)))
    apart = len(graph.nodes) - sum(len(group) - 1 for group in groups)
    if asked.services is not None and asked.services[0] > apart / NODES_OF_A_SERVICE:
        return asked
    return replace(asked, must_link=(*asked.must_link, *sorted(groups)))


def _groups(graph: FactorGraph) -> Iterable[set[str]]:
    """Each mapping class with its table and the join tables of its many-to-many relations."""
    tied: nx.Graph[str] = nx.Graph()
    for factor in graph.factors:
        if factor.kind in ("mapping", "many_to_many"):
            tied.add_edges_from(pairwise(factor.members))
    groups: Iterable[set[str]] = nx.connected_components(tied)
    return groups


NODES_OF_A_SERVICE = 2  # fewer than this on average, and single nodes are what is wanted
