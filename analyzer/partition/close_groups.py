"""Groups of nodes that are tied closely, to stand for them where much is to be tried."""

import numpy as np

from analyzer.coupling.factor_graph import Floats, Indices
from analyzer.partition.cycles import symmetric
from analyzer.partition.multilevel import dense
from analyzer.partition.pair_costs import PairCosts
from analyzer.partition.relaxation_kernels import joined

LEAST_SHARE = 0.02  # of a group's ties that its best partner has to have
PASSES = 20


def close_groups(costs: PairCosts, labels: Indices, *, count: int) -> Indices:
    """Groups within services, about `count`, of the nodes that are tied most closely.

    In each pass groups join the one that they have the greatest part of their ties with.
    """
    groups = np.arange(len(labels), dtype=np.int32)
    for _ in range(PASSES):
        now = int(groups.max()) + 1
        one, other, weight = _ties_between(costs, groups)
        within = np.zeros(now, np.int32)
        within[groups] = labels
        share = weight / np.bincount(one, weight, minlength=now)[one]
        near = (within[one] == within[other]) & (share > LEAST_SHARE)
        order = np.flatnonzero(near)[np.lexsort((other[near], one[near], -share[near]))]
        roots = joined(one[order], other[order], now, max(now - count, 0))
        groups = dense(roots[groups])
        if int(groups.max()) + 1 == now:
            break
    return groups


def _ties_between(costs: PairCosts, groups: Indices) -> tuple[Indices, Indices, Floats]:
    owner = np.repeat(np.arange(len(groups)), np.diff(costs.pairs.offsets))
    one, other = groups[owner], groups[costs.pairs.others]
    upper = (owner < costs.pairs.others) & (one != other)
    count = int(groups.max()) + 1
    pairs = symmetric(one[upper], other[upper], costs.pairs.weights[upper], count)
    return np.repeat(np.arange(count), np.diff(pairs.offsets)), pairs.others, pairs.weights


def of_groups(costs: PairCosts, groups: Indices) -> PairCosts:
    """The same costs where all nodes of a group, which lies within one service, stay together."""
    count = int(groups.max()) + 1
    owner = np.repeat(np.arange(len(groups)), np.diff(costs.pairs.offsets))
    one, other = groups[owner], groups[costs.pairs.others]
    upper, inside = owner < costs.pairs.others, one == other
    across = upper & ~inside
    spread = np.zeros(count)
    spread[groups] = costs.spread
    return PairCosts(
        constant=costs.constant - float(costs.pairs.weights[upper & inside].sum()),
        pairs=symmetric(one[across], other[across], costs.pairs.weights[across], count),
        sizes=np.bincount(groups, costs.sizes).astype(np.float64),
        spread=spread,
        load=costs.load,
    )
