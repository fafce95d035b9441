"""Database transactional purity: each table accessed from one service only.

V. Nitin, S. Asthana, B. Ray, R. Krishna: CARGO: AI-guided dependency analysis for migrating
monolithic applications to microservices architecture. ASE 2022.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import log

from analyzer.metrics.grouping import Assignment


def transactional_purity(
    accessors: Mapping[str, Iterable[str]], *, assignment: Assignment
) -> float:
    """Purity = mean over tables t of 1 - h_t; 1 where each table has one service.

    h_t is the entropy (natural logarithm) of the services from which the units that access t come,
    each unit counted once. It falls below 0 where a table is spread over three services and more.

    >>> round(transactional_purity({"orders": ["a", "b"]}, assignment={"a": "x", "b": "y"}), 4)
    0.3069
    """
    purities = [1 - entropy for entropy in access_entropies(accessors, assignment=assignment)]
    return sum(purities) / len(purities) if purities else 1.0


def access_entropies(
    accessors: Mapping[str, Iterable[str]], *, assignment: Assignment
) -> tuple[float, ...]:
    """h_t for each table that any unit with a service accesses, in the order of table names."""
    entropies: list[float] = []
    for _, units in sorted(accessors.items()):
        counts = Counter(assignment[unit] for unit in set(units) if unit in assignment)
        if counts:
            entropies.append(_entropy(counts))
    return tuple(entropies)


def _entropy(counts: Counter[str]) -> float:
    whole = counts.total()
    shares = sorted(count / whole for count in counts.values())
    return -sum(share * log(share) for share in shares) + 0.0
