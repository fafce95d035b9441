"""c2c coverage: how many of the clusters found are clusters of the reference.

J. Garcia, I. Ivkovic, N. Medvidovic: A comparative analysis of software architecture recovery
techniques. ASE 2013.
"""

from analyzer.metrics.grouping import Assignment, groups_of

# Overlap above which two clusters count as the same: majority, moderate and weak match.
THRESHOLDS = (0.5, 0.33, 0.1)


def c2c_coverage(*, found: Assignment, reference: Assignment, threshold: float = 0.5) -> float:
    """Share of found clusters, in percent, that match some reference cluster.

    c2c(a, b) = |a ∩ b| / max(|a|, |b|); a found cluster is covered where some c2c > threshold.

    >>> found, expert = dict(zip("abcdef", "xxyyzw")), dict(zip("abcdef", "xxyyyy"))
    >>> c2c_coverage(found=found, reference=expert)
    25.0
    """
    own, expected = groups_of(found), groups_of(reference)
    if not own:
        return 0.0
    covered = sum(
        any(len(a & b) / max(len(a), len(b)) > threshold for b in expected.values())
        for a in own.values()
    )
    return 100.0 * covered / len(own)
