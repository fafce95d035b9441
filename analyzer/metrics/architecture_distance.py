"""a2a: distance between two architectures in edit operations.

D. M. Le, P. Behnamghader, J. Garcia, D. Link, A. Shahbazian, N. Medvidovic: An empirical study of
architectural change in open-source software systems. MSR 2015.
"""

from importlib import import_module
from typing import Any

import numpy as np

from analyzer.metrics.grouping import Assignment, groups_of


def a2a(*, found: Assignment, reference: Assignment) -> float:
    """Similarity of two architectures in percent; members need not be the same.

        a2a = (1 - mto / (K1 + 2 N1 + K2 + 2 N2)) · 100
        mto = |K1 - K2| + 2 · added + 2 · removed + moved

    K clusters and N members on each side; `moved` is the least number of common members that must
    change cluster, by an optimal matching of clusters. The divisor is what it takes to build both
    architectures from nothing.

    >>> a2a(found=dict(zip("abcd", "xxyy")), reference=dict(zip("abcd", "xxxy")))
    95.0
    """
    own, expected = groups_of(found), groups_of(reference)
    whole = len(own) + len(expected) + 2 * (len(found) + len(reference))
    if whole == 0:
        return 100.0
    common = found.keys() & reference.keys()
    unshared = len(found.keys() ^ reference.keys())
    moved = len(common) - _most_in_place(own, expected)
    operations = abs(len(own) - len(expected)) + 2 * unshared + moved
    return 100.0 * (1 - operations / whole)


def _most_in_place(own: dict[str, frozenset[str]], expected: dict[str, frozenset[str]]) -> int:
    if not own or not expected:
        return 0
    overlap = np.array(
        [[len(members & others) for others in expected.values()] for members in own.values()]
    )
    optimize: Any = import_module("scipy.optimize")  # half a second to import
    rows, columns = optimize.linear_sum_assignment(overlap, maximize=True)
    return int(overlap[rows, columns].sum())
