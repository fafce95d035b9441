"""How much a reason counts, by whether its members are tied to the same others.

That one unit calls another says little by itself: code of one capability calls code of another all
the time. It says more where both are tied to the same tables and units besides. Ties are compared
like this before clusters are looked for since Jarvis and Patrick, "Clustering using a similarity
measure based on shared near neighbors", IEEE Transactions on Computers C-22 (1973); in networks, by
the cosine, since Xu et al., "SCAN: a structural clustering algorithm for networks", KDD 2007.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from scipy import sparse

from analyzer.coupling.factor_graph import Floats
from analyzer.coupling.reason import Reason
from analyzer.coupling.vocabulary import hearing

# What a reason still counts whose members have no other tie in common.
LEAST = 0.1
# These hold whatever else there is: one thing in two forms, or what somebody put together.
FIRM = frozenset(["mapping", "many_to_many", "co_migration", "module"])
# Reasons that are compared at once; bounds the memory that it takes.
AT_ONCE = 1_024

# scipy's sparse module has no annotations.
_sparse: Any = sparse


def in_agreement(reasons: Sequence[Reason], *, weights: Mapping[str, float]) -> Iterator[Reason]:
    """The reasons, each as strong as it was times how much its members' ties have in common.

    That is the cosine of two members' ties: of the weights that tie each to every other node, all
    reasons together; of more than two members, the mean cosine of any two.
    """
    loose = [reason for reason in reasons if reason.kind not in FIRM and _joins(reason)]
    shares = dict(zip(map(id, loose), _in_common(loose, reasons, weights).tolist(), strict=True))
    for reason in reasons:
        share = shares.get(id(reason), 1.0)
        yield replace(reason, strength=reason.strength * share) if share < 1 else reason


def _joins(reason: Reason) -> bool:
    return len(set(reason.members)) > 1


def _in_common(
    loose: Sequence[Reason], reasons: Sequence[Reason], weights: Mapping[str, float]
) -> Floats:
    """For each loose reason the mean cosine of its members' ties, by all reasons; at least LEAST.

    The directions of n members add up to a vector of the squared length n + n(n - 1) · mean cosine.
    """
    nodes = sorted({member for reason in reasons for member in reason.members})
    position = {node: index for index, node in enumerate(nodes)}
    ties = _directions(hearing(reasons, position, weights))
    shares: Floats = np.zeros(len(loose))
    for start in range(0, len(loose), AT_ONCE):
        members = [sorted({position[m] for m in r.members}) for r in loose[start : start + AT_ONCE]]
        count = np.array([len(rows) for rows in members])
        together = _sums(ties, members)
        square = np.asarray(together.multiply(together).sum(axis=1)).ravel()
        shares[start : start + AT_ONCE] = (square - count) / (count * (count - 1))
    found: Floats = shares.clip(LEAST, 1.0).round(4)
    return found


def _directions(ties: Any) -> Any:
    """The same rows with length one; what is tied to nothing keeps no direction."""
    lengths = np.sqrt(np.asarray(ties.multiply(ties).sum(axis=1)).ravel())
    lengths[lengths == 0] = 1.0
    return _sparse.diags(1 / lengths).tocsr() @ ties.astype(np.float64)


def _sums(ties: Any, groups: Sequence[Sequence[int]]) -> Any:
    """The sum of some rows for each group."""
    ends = np.cumsum([0, *(len(rows) for rows in groups)])
    columns = np.array([row for rows in groups for row in rows], np.int64)
    ones = np.ones(len(columns))
    return _sparse.csr_matrix((ones, columns, ends), shape=(len(groups), ties.shape[0])) @ ties
