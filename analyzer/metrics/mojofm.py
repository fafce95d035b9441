"""MoJoFM: how few moves and joins turn one decomposition into another.

Z. Wen, V. Tzerpos: An optimal algorithm for MoJo distance. IWPC 2003.
Z. Wen, V. Tzerpos: An effectiveness measure for software clustering algorithms. IWPC 2004.
"""

from collections import Counter

import networkx as nx

from analyzer.metrics.grouping import Assignment


def mojo_fm(*, found: Assignment, reference: Assignment) -> float:
    """Effectiveness of a clustering in percent: 100 is equal to the reference.

    MoJoFM = (1 - mno(found, reference) / max over any A of mno(A, reference)) · 100, over the
    members that both know. It is not symmetric.

    >>> mojo_fm(found=dict(zip("abcd", "xxyy")), reference=dict(zip("abcd", "xxxy")))
    50.0
    """
    members = found.keys() & reference.keys()
    farthest = _farthest_from(reference={member: reference[member] for member in members})
    if farthest == 0:
        return 100.0
    return 100.0 * (1 - mojo_distance(found=found, reference=reference) / farthest)


def mojo_distance(*, found: Assignment, reference: Assignment) -> int:
    """Least number of Move and Join operations that turn `found` into `reference` (mno).

    Each found cluster is dedicated to a reference cluster with which it shares most; whatever it
    holds besides is moved, and found clusters dedicated to the same reference cluster are joined.
    Where several share as much, the choice that needs fewest joins is a maximum bipartite matching.

    >>> mojo_distance(found=dict(zip("abcd", "xxyy")), reference=dict(zip("abcd", "xxxy")))
    1
    """
    members = sorted(found.keys() & reference.keys())
    shared: dict[str, Counter[str]] = {}
    for member in members:
        shared.setdefault(found[member], Counter())[reference[member]] += 1
    most = {cluster: max(counts.values()) for cluster, counts in shared.items()}
    favourites = {
        cluster: [name for name, count in sorted(counts.items()) if count == most[cluster]]
        for cluster, counts in shared.items()
    }
    moves = len(members) - sum(most.values())
    joins = len(shared) - _most_distinct(favourites)
    return moves + joins


def _most_distinct(favourites: dict[str, list[str]]) -> int:
    graph = nx.Graph()
    left = [("found", cluster) for cluster in favourites]
    for cluster, names in favourites.items():
        graph.add_edges_from((("found", cluster), ("reference", name)) for name in names)
    return len(nx.bipartite.maximum_matching(graph, top_nodes=left)) // 2


def _farthest_from(*, reference: Assignment) -> int:
    # The worst clustering leaves as few distinct favourites as the reference's sizes allow.
    unavoidable = 0
    for size in sorted(Counter(reference.values()).values()):
        if unavoidable < size:
            unavoidable += 1
    return len(reference) - unavoidable
