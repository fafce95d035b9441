"""Modularity: more weight inside groups than chance would put there.

M. E. J. Newman, M. Girvan: Finding and evaluating community structure in networks. Physical Review
E 69, 026113 (2004); with weights after M. E. J. Newman, Physical Review E 70, 056131 (2004).
"""

from collections import defaultdict

from analyzer.metrics.grouping import Assignment, Volumes


def newman_girvan_modularity(volumes: Volumes, *, assignment: Assignment) -> float:
    """Q = Σ over groups c of ( L_c / m - (d_c / 2m)² ), of the undirected weighted graph.

    L_c is the weight inside c, d_c the sum of its members' degrees, m the whole weight; the two
    directions of a pair add up. Higher is better; 0 is what chance gives.

    >>> two_triangles = dict.fromkeys(["ab", "bc", "ca", "cd", "de", "ef", "fd"], 1)
    >>> calls = {(a, b): volume for (a, b), volume in two_triangles.items()}
    >>> round(newman_girvan_modularity(calls, assignment=dict(zip("abcdef", "xxxyyy"))), 4)
    0.3571
    """
    whole = 0.0
    inside: defaultdict[str, float] = defaultdict(float)
    degree: defaultdict[str, float] = defaultdict(float)
    for (source, target), volume in volumes.items():
        if source not in assignment or target not in assignment:
            continue
        whole += volume
        degree[assignment[source]] += volume
        degree[assignment[target]] += volume
        if assignment[source] == assignment[target]:
            inside[assignment[source]] += volume
    if whole == 0:
        return 0.0
    return sum(
        inside[group] / whole - (degree[group] / (2 * whole)) ** 2 for group in sorted(degree)
    )
