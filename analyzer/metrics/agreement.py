"""Agreement of two groupings by chance-corrected pair counting.

L. Hubert, P. Arabie: Comparing partitions. Journal of Classification 2 (1985).
"""

from collections import Counter
from math import comb

from analyzer.metrics.grouping import Assignment


def adjusted_rand_index(*, found: Assignment, reference: Assignment) -> float:
    """How far two groupings agree about pairs, beyond chance: 1 is equal, 0 is random.

    Over the members that both groupings know, with n_ij in group i of one and j of the other,

        ARI = (Σ C(n_ij, 2) - E) / (½ (Σ C(a_i, 2) + Σ C(b_j, 2)) - E)
        E = Σ C(a_i, 2) Σ C(b_j, 2) / C(n, 2)

    >>> found, expert = dict(zip("abcd", "xxyy")), dict(zip("abcd", "xxyz"))
    >>> round(adjusted_rand_index(found=found, reference=expert), 4)
    0.5714
    """
    members = sorted(found.keys() & reference.keys())
    together = _pairs(Counter((found[member], reference[member]) for member in members))
    in_found = _pairs(Counter(found[member] for member in members))
    in_reference = _pairs(Counter(reference[member] for member in members))
    all_pairs = comb(len(members), 2)
    if all_pairs == 0:
        return 1.0
    expected = in_found * in_reference / all_pairs
    highest = (in_found + in_reference) / 2
    if highest == expected:  # both all together, or both all apart: nothing could differ
        return 1.0
    return (together - expected) / (highest - expected)


def _pairs(counts: Counter[str] | Counter[tuple[str, str]]) -> int:
    return sum(comb(count, 2) for count in counts.values())
