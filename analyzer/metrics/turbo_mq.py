"""TurboMQ: how much of what clusters touch is inside them.

B. S. Mitchell, S. Mancoridis: On the automatic modularization of software systems using the Bunch
tool. IEEE Transactions on Software Engineering 32(3), 2006.
"""

from collections import defaultdict

from analyzer.metrics.grouping import Assignment, Volumes


def turbo_mq(volumes: Volumes, *, assignment: Assignment) -> float:
    """TurboMQ = Σ over clusters of 2μ / (2μ + ε); between 0 and the number of clusters.

    μ is the weight inside a cluster, ε the weight that enters or leaves it; a cluster with nothing
    inside counts 0. Many small clusters are rewarded: read it beside the degeneracy warning.

    >>> calls = {("a", "b"): 2, ("b", "c"): 1, ("c", "d"): 2}
    >>> turbo_mq(calls, assignment=dict(zip("abcd", "xxyy")))
    1.6
    """
    inside: defaultdict[str, float] = defaultdict(float)
    crossing: defaultdict[str, float] = defaultdict(float)
    for (source, target), volume in volumes.items():
        if source == target or source not in assignment or target not in assignment:
            continue
        if assignment[source] == assignment[target]:
            inside[assignment[source]] += volume
        else:
            crossing[assignment[source]] += volume
            crossing[assignment[target]] += volume
    return sum(
        2 * inside[cluster] / (2 * inside[cluster] + crossing[cluster])
        for cluster in sorted(inside)
        if inside[cluster] > 0
    )


def mean_turbo_mq(volumes: Volumes, *, assignment: Assignment) -> float:
    """TurboMQ per cluster in percent, as the ASE'24 comparison of decomposition tools reports it.

    >>> calls = {("a", "b"): 2, ("b", "c"): 1, ("c", "d"): 2}
    >>> mean_turbo_mq(calls, assignment=dict(zip("abcd", "xxyy")))
    80.0
    """
    clusters = len(set(assignment.values()))
    return 100.0 * turbo_mq(volumes, assignment=assignment) / clusters if clusters else 0.0
