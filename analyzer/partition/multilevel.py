"""Multilevel search: coarsen the hypergraph along its clusters, move there, refine on the way back.

One climb is the multilevel scheme of hypergraph partitioners (Karypis and Kumar, "Multilevel
k-way hypergraph partitioning", DAC 1999) with the coarsening of Leiden (Traag, Waltman and van
Eck, Scientific Reports 2019): what is contracted is a refinement of the current clusters, so a
node of a coarser level can still leave its cluster. A restart climbs several times and then
dissolves small regions and solves them afresh. The work is counted, not timed.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from analyzer.coupling.factor_graph import Floats, Hypergraph, Indices, Offsets
from analyzer.partition.kernels import agglomerate, induced, restrict, transpose
from analyzer.partition.local_search import (
    Limits,
    cheaper,
    exchanged,
    improved,
    limits_of,
    tolerance,
)
from analyzer.partition.objective import cost
from analyzer.partition.problem import Prices, Problem, contracted

DENSE = 2500  # clusters that `agglomerate` may hold in a matrix
VISITS_PER_NODE = 200  # stops a descent that crawls; hardly ever reached


@dataclass(frozen=True, slots=True)
class Effort:
    """How much work a search does; the same effort and seed give the same result."""

    restarts: int
    climbs: int  # per restart
    regions: int  # dissolved and solved afresh, per restart

    @staticmethod
    def fitting(nodes: int) -> "Effort":
        """More for small graphs, where it is cheap."""
        if nodes <= 400:
            return Effort(restarts=8, climbs=4, regions=120)
        if nodes <= 3_000:
            return Effort(restarts=4, climbs=4, regions=150)
        if nodes <= 20_000:
            return Effort(restarts=2, climbs=4, regions=100)
        return Effort(restarts=1, climbs=3, regions=0)


Stop = Callable[[], bool]  # true once the search should come to an end


def search(
    problem: Problem,
    prices: Prices,
    *,
    effort: Effort,
    seed: int,
    jobs: int = 1,
    start: Indices | None = None,
    stop: Stop = lambda: False,
    found: Callable[[Indices], None] = lambda labels: None,
) -> Indices | None:
    """The cheapest clustering found by independent restarts; none where none is feasible.

    `start`, if given, is where the first restart begins. `found` hears of each restart's result.
    """
    seeds = np.random.SeedSequence(seed).spawn(effort.restarts)

    def restart(index: int) -> Indices | None:
        if index and stop():
            return None
        rng = np.random.default_rng(seeds[index])
        begun = start if index == 0 else None
        return _restart(problem, prices, effort, rng, begun, stop)

    best: Indices | None = None
    with ThreadPoolExecutor(max_workers=max(1, jobs)) as pool:
        results = (
            map(restart, range(effort.restarts))
            if jobs <= 1
            else pool.map(restart, range(effort.restarts))
        )
        for labels in results:
            if labels is None:
                continue
            best = labels if best is None else cheaper(problem.graph, best, labels, prices)
            found(best)
    return best


def _restart(
    problem: Problem,
    prices: Prices,
    effort: Effort,
    rng: np.random.Generator,
    start: Indices | None,
    stop: Stop,
) -> Indices | None:
    graph, limits = problem.graph, limits_of(problem)
    if start is None:
        free = climb(graph, prices, limits.without_count(), rng)
        labels = counted(graph, free, prices, limits, rng)
    else:
        labels = start
    if labels is None:
        return None
    for _ in range(effort.climbs):
        if stop():
            return labels
        labels = cheaper(graph, labels, climb(graph, prices, limits, rng, labels), prices)
    if _tight(limits):
        labels = exchanged(graph, labels, prices, limits, _shuffled(graph, rng))
    return _regions_renewed(graph, labels, prices, limits, effort.regions, rng, stop)


def _tight(limits: Limits) -> bool:
    return bool(np.isfinite(limits.size_limit)) or limits.fewest == limits.most


def _shuffled(graph: Hypergraph, rng: np.random.Generator) -> Indices:
    return rng.permutation(graph.node_count).astype(np.int32)


def climb(
    graph: Hypergraph,
    prices: Prices,
    limits: Limits,
    rng: np.random.Generator,
    start: Indices | None = None,
) -> Indices:
    """Coarsen along clusters, moving nodes on every level up and down; never dearer than `start`.

    Without a start, every node begins alone, which only a limit without a count allows.
    """
    labels = np.arange(graph.node_count, dtype=np.int32) if start is None else dense(start)
    levels: list[tuple[Hypergraph, Limits, Indices]] = []
    sharpness = float(rng.choice([1.0, 1.0, 2.0, 4.0]))
    while True:
        labels = _settled(graph, labels, prices, limits, rng)
        groups = _refinement(graph, labels, prices, limits, rng, sharpness)
        count = int(groups.max(initial=-1)) + 1
        if count == graph.node_count:
            break
        levels.append((graph, limits, groups))
        graph, limits = contracted(graph, groups), coarser(limits, groups, count)
        labels = _carried(labels, groups, count)
    while levels:
        graph, limits, groups = levels.pop()
        labels = _settled(graph, labels[groups], prices, limits, rng)
    return dense(labels)


def _settled(
    graph: Hypergraph, labels: Indices, prices: Prices, limits: Limits, rng: np.random.Generator
) -> Indices:
    visits = VISITS_PER_NODE * graph.node_count
    return improved(graph, labels, prices, limits, _shuffled(graph, rng), visits=visits)


def _refinement(
    graph: Hypergraph,
    labels: Indices,
    prices: Prices,
    limits: Limits,
    rng: np.random.Generator,
    sharpness: float,
) -> Indices:
    """Clusters within the clusters; the clusters themselves where those are single nodes."""
    whole = dense(labels)
    inside = within_clusters(graph, whole)
    finer = Prices(load=prices.load * sharpness, service=0.0)
    alone = np.arange(graph.node_count, dtype=np.int32)
    groups = dense(_settled(inside, alone, finer, limits.without_count(), rng))
    return groups if groups.max(initial=-1) + 1 < graph.node_count else whole


def within_clusters(graph: Hypergraph, labels: Indices) -> Hypergraph:
    """The hypergraph without what crosses between clusters."""
    clusters = int(labels.max(initial=-1)) + 1
    parts = restrict(graph.factor_offsets, graph.members, graph.weights, labels, clusters)
    return _assembled(graph.sizes, *parts)


def _assembled(sizes: Floats, offsets: Offsets, members: Indices, weights: Floats) -> Hypergraph:
    node_offsets, incident = transpose(offsets, members, len(sizes))
    return Hypergraph(sizes, weights, offsets, members, node_offsets, incident)


def coarser(limits: Limits, groups: Indices, count: int) -> Limits:
    """The same limits on groups of nodes."""
    if not len(limits.rivals):
        offsets = np.zeros(count + 1, np.int64)
        return replace(limits, rival_offsets=offsets)
    owner = np.repeat(np.arange(len(groups)), np.diff(limits.rival_offsets))
    pairs = np.unique(np.stack((groups[owner], groups[limits.rivals])), axis=1)
    offsets = np.concatenate(
        (np.zeros(1, np.int64), np.cumsum(np.bincount(pairs[0], minlength=count)))
    ).astype(np.int64)
    return replace(limits, rival_offsets=offsets, rivals=pairs[1].astype(np.int32))


def _carried(labels: Indices, groups: Indices, count: int) -> Indices:
    """Labels of groups, each of which lies within one cluster."""
    carried = np.zeros(count, np.int32)
    carried[groups] = dense(labels)
    return carried


def dense(labels: Indices) -> Indices:
    """Renumber clusters 0, 1, 2 … in the order in which nodes first show them."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return rank[inverse].astype(np.int32)


def counted(
    graph: Hypergraph,
    labels: Indices,
    prices: Prices,
    limits: Limits,
    rng: np.random.Generator,
) -> Indices | None:
    """Bring a clustering into the allowed range of numbers; none where merging gets stuck."""
    clusters = int(dense(labels).max(initial=-1)) + 1
    if limits.fewest <= clusters <= limits.most:
        return labels
    goal = limits.fewest if clusters < limits.fewest else limits.most
    finer = _at_least(graph, labels, prices, limits, goal, rng)
    merged = merged_down(graph, finer, prices, limits, goal)
    return None if merged is None else climb(graph, prices, limits, rng, merged)


def _at_least(
    graph: Hypergraph,
    labels: Indices,
    prices: Prices,
    limits: Limits,
    goal: int,
    rng: np.random.Generator,
) -> Indices:
    """The coarsest clustering with at least `goal` clusters that bisecting the load price finds."""
    free = limits.without_count()
    low, high = None, None
    best = None
    load = max(prices.load, 1e-12)
    for _ in range(24):
        tried = climb(graph, replace(prices, load=load), free, rng)
        clusters = int(tried.max(initial=-1)) + 1
        if clusters >= goal:
            high = load
            if best is None or clusters <= int(best.max()) + 1:
                best = tried
        else:
            low = load
        if clusters == goal or (low and high and high / low < 1.02):
            break
        load = load * 4 if high is None else load / 4 if low is None else (low * high) ** 0.5
    if best is None or int(best.max()) + 1 > DENSE:
        alone = np.arange(graph.node_count, dtype=np.int32)
        exactly = replace(limits, fewest=goal, most=graph.node_count)
        return dense(_settled(graph, alone, replace(prices, load=0.0), exactly, rng))
    return best


def merged_down(
    graph: Hypergraph, labels: Indices, prices: Prices, limits: Limits, goal: int
) -> Indices | None:
    """Merge clusters until `goal` are left; none where rivals or sizes do not let it."""
    whole = dense(labels)
    clusters = int(whole.max(initial=-1)) + 1
    if clusters <= goal:
        return whole
    if clusters > DENSE:
        return None
    for kept, dissolved in merge_order(graph, whole, prices, limits)[: clusters - goal]:
        whole[whole == dissolved] = kept
    whole = dense(whole)
    return whole if int(whole.max(initial=-1)) + 1 == goal else None


def merge_order(
    graph: Hypergraph, labels: Indices, prices: Prices, limits: Limits
) -> list[tuple[int, int]]:
    """The order in which a falling load price merges clusters, as (kept, dissolved)."""
    coarse = contracted(graph, labels)
    apart = np.zeros((coarse.node_count, coarse.node_count), np.bool_)
    owner = np.repeat(np.arange(graph.node_count), np.diff(limits.rival_offsets))
    apart[labels[owner], labels[limits.rivals]] = True
    merges = agglomerate(
        coarse.factor_offsets, coarse.members, coarse.node_offsets, coarse.incident,
        coarse.weights, coarse.sizes, apart, prices.service, limits.size_limit,
    )  # fmt: skip
    return [(int(kept), int(dissolved)) for kept, dissolved in merges]


def _regions_renewed(
    graph: Hypergraph,
    labels: Indices,
    prices: Prices,
    limits: Limits,
    times: int,
    rng: np.random.Generator,
    stop: Stop,
) -> Indices:
    """Dissolve a cluster and some of its neighbours and solve that region afresh, many times."""
    labels = dense(labels)
    for _ in range(times):
        if stop() or labels.max(initial=0) == 0:
            break
        nodes = _region(graph, labels, rng)
        renewed = _renewed(graph, labels, nodes, prices, limits, rng)
        if renewed is not None:
            labels = dense(renewed)
    return labels


def _region(graph: Hypergraph, labels: Indices, rng: np.random.Generator) -> Indices:
    """The nodes of a random node's cluster and of one to three clusters tied to it."""
    node = int(rng.integers(graph.node_count))
    chosen = {int(labels[node])}
    wanted = int(rng.integers(2, 5))
    inside = np.flatnonzero(labels == labels[node])
    for _ in range(8):
        if len(chosen) >= wanted:
            break
        near = int(rng.choice(inside))
        start, end = graph.node_offsets[near], graph.node_offsets[near + 1]
        if end == start:
            continue
        factor = int(graph.incident[int(rng.integers(start, end))])
        pins = graph.members[graph.factor_offsets[factor] : graph.factor_offsets[factor + 1]]
        chosen.add(int(labels[int(rng.choice(pins))]))
    return np.flatnonzero(np.isin(labels, sorted(chosen))).astype(np.int32)


def _renewed(
    graph: Hypergraph,
    labels: Indices,
    nodes: Indices,
    prices: Prices,
    limits: Limits,
    rng: np.random.Generator,
) -> Indices | None:
    """A cheaper clustering that differs only in where these nodes are; none if none is found."""
    part = subgraph(graph, nodes)
    before = dense(labels[nodes])
    elsewhere = int(labels.max()) - int(before.max())
    inside = limits_within(limits, nodes, elsewhere, graph.node_count)
    fresh = counted(part, climb(part, prices, inside.without_count(), rng), prices, inside, rng)
    if fresh is None:
        return None
    if cost(part, before, prices) - cost(part, fresh, prices) <= tolerance(graph, prices):
        return None
    renewed = labels.copy()
    renewed[nodes] = fresh + graph.node_count
    return improved(graph, dense(renewed), prices, limits, nodes, visits=20 * len(nodes))


def subgraph(graph: Hypergraph, nodes: Indices) -> Hypergraph:
    """The nodes and what ties them among themselves."""
    parts = induced(
        nodes, graph.factor_offsets, graph.members, graph.node_offsets, graph.incident,
        graph.weights,
    )  # fmt: skip
    return _assembled(graph.sizes[nodes], *parts)


def limits_within(limits: Limits, nodes: Indices, elsewhere: int, total: int) -> Limits:
    """The limits for some nodes of `total`, when `elsewhere` services are not theirs."""
    place = np.full(total, -1, np.int32)
    place[nodes] = np.arange(len(nodes), dtype=np.int32)
    offsets = np.zeros(len(nodes) + 1, np.int64)
    rivals = limits.rivals[:0]
    if len(limits.rivals):
        owner = np.repeat(np.arange(total), np.diff(limits.rival_offsets))
        both = (place[owner] >= 0) & (place[limits.rivals] >= 0)
        ends = np.stack((place[owner][both], place[limits.rivals][both]))
        ends = ends[:, np.lexsort((ends[1], ends[0]))]
        offsets[1:] = np.cumsum(np.bincount(ends[0], minlength=len(nodes)))
        rivals = ends[1].astype(np.int32)
    return Limits(
        rival_offsets=offsets,
        rivals=rivals,
        size_limit=limits.size_limit,
        fewest=max(limits.fewest - elsewhere, 1),
        most=limits.most - elsewhere,
    )
