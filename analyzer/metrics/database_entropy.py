"""Database entropy: the share of data that one service has to itself.

Y. Wang, S. Bornais, J. Rubin: Microservice decomposition techniques: an independent tool
comparison. ASE 2024.
"""

from collections.abc import Iterable, Mapping

from analyzer.metrics.grouping import Assignment
from analyzer.metrics.transactional_purity import access_entropies


def database_entropy(accessors: Mapping[str, Iterable[str]], *, assignment: Assignment) -> float:
    """(1 - mean over tables of min(1, H_t)) · 100; 100 where each table has one service.

    H_t is the entropy (natural logarithm) of the services of the units that access table t.

    >>> accessors = {"orders": ["a", "b"], "items": ["a"]}
    >>> round(database_entropy(accessors, assignment={"a": "x", "b": "y"}), 2)
    65.34
    """
    entropies = access_entropies(accessors, assignment=assignment)
    if not entropies:
        return 100.0
    return 100.0 * (1 - sum(min(1.0, entropy) for entropy in entropies) / len(entropies))
