"""From a partition that people already look at to one that honours their new decisions."""

from collections.abc import Mapping

import numpy as np

from analyzer.coupling.factor_graph import FactorGraph, Indices
from analyzer.partition.local_search import limits_of
from analyzer.partition.multilevel import counted, dense
from analyzer.partition.problem import Prices, Problem


def repaired(
    problem: Problem,
    graph: FactorGraph,
    homes: Mapping[str, str],
    prices: Prices,
    *,
    seed: int,
) -> Indices | None:
    """The partition `homes`, changed as little as the constraints ask; none where that fails.

    What is tied together goes where most of its size was; rivals and what is too much for a
    service go into new ones. Nodes that `homes` does not name begin alone.
    """
    labels = _majority(problem, graph, homes)
    for node in range(problem.graph.node_count):
        if not _fits(problem, labels, node):
            labels[node] = labels.max() + 1
    labels = dense(labels)
    rng = np.random.default_rng(seed)
    return counted(problem.graph, labels, prices, limits_of(problem), rng)


def _majority(problem: Problem, graph: FactorGraph, homes: Mapping[str, str]) -> Indices:
    numbers = {service: number for number, service in enumerate(sorted(set(homes.values())))}
    votes = np.zeros((problem.graph.node_count, len(numbers)))
    for node, place in zip(graph.nodes, problem.home.tolist(), strict=True):
        if node.id in homes:
            votes[place, numbers[homes[node.id]]] += node.size + 1e-12
    labels = np.arange(problem.graph.node_count, dtype=np.int32) + len(numbers)
    if len(numbers):
        voted = votes.max(axis=1) > 0
        labels[voted] = np.argmax(votes[voted], axis=1)
    taken: Indices = labels
    for service, place in problem.pinned:
        taken[place] = numbers.get(service, len(numbers) + place)
    return taken


def _fits(problem: Problem, labels: Indices, node: int) -> bool:
    """Whether a node may stay, given the nodes before it and those that are pinned."""
    start, end = problem.rival_offsets[node], problem.rival_offsets[node + 1]
    pinned = {place for _, place in problem.pinned}
    if node in pinned:
        return True
    rivals = problem.rivals[start:end]
    if any(labels[r] == labels[node] and (r < node or int(r) in pinned) for r in rivals):
        return False
    if not np.isfinite(problem.size_limit):
        return True
    mates = np.flatnonzero(labels == labels[node])
    before = [mate for mate in mates if mate <= node or int(mate) in pinned]
    return float(problem.graph.sizes[before].sum()) <= problem.size_limit
