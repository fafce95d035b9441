"""BCP, ICP, SM, IFN and NED, as the replication code of Mono2Micro computes them.

A. K. Kalia, J. Xiao, R. Krishna, S. Sinha, M. Vukovic, D. Banerjee: Mono2Micro: a practical and
effective tool for decomposing monolithic Java applications to microservices. ESEC/FSE 2021.

Where the paper's formula and its code differ, the code is followed, and the docstring says so.
Classes are the units that have a service; self-calls are left out everywhere.
"""

from collections.abc import Mapping
from math import log

from analyzer.metrics.grouping import (
    Assignment,
    Volumes,
    groups_of,
    linked_pairs,
    links_within_and_between,
)

# Services of a size between these are neither extreme.
SMALLEST, LARGEST = 5, 20


def business_context_purity(
    contexts: Mapping[str, frozenset[str]], *, assignment: Assignment
) -> float:
    """BCP = (1/K) Σ ln |BC_i|, lower is better.

    BC_i is the set of business contexts (use cases) in which a class of service i takes part; the
    logarithm is the entropy of a uniform distribution over them. A service without any counts 0.

    >>> contexts = {"a": frozenset({"buy", "pay"})}
    >>> round(business_context_purity(contexts, assignment={"a": "x", "b": "y"}), 4)
    0.3466
    """
    groups = groups_of(assignment)
    if not groups:
        return 0.0
    total = 0.0
    for members in groups.values():
        touched = frozenset().union(*(contexts.get(member, frozenset()) for member in members))
        total += log(len(touched)) if touched else 0.0
    return total / len(groups)


def inter_call_percentage(volumes: Volumes, *, assignment: Assignment) -> float:
    """ICP = Σ crossing (ln v + 1) / Σ all (ln v + 1), over ordered pairs; lower is better.

    The paper has no logarithm; the code damps call volumes with it.

    >>> inter_call_percentage({("a", "b"): 1, ("b", "c"): 1}, assignment=dict(zip("abc", "xxy")))
    0.5
    """
    crossing = whole = 0.0
    for (source, target), volume in sorted(volumes.items()):
        if source == target or source not in assignment or target not in assignment or volume <= 0:
            continue
        damped = log(volume) + 1
        whole += damped
        if assignment[source] != assignment[target]:
            crossing += damped
    return crossing / whole if whole else 0.0


def structural_modularity(volumes: Volumes, *, assignment: Assignment) -> float:
    """SM = (1/K) Σ μ_i / m_i² - 2/(K(K-1)) Σ over ordered pairs i≠j of σ_ij / (2 m_i m_j).

    μ_i linked pairs inside service i of m_i classes, σ_ij linked pairs between two; higher is
    better. The code sums coupling over ordered pairs, so that each pair of services counts twice.

    >>> structural_modularity({("a", "b"): 1, ("b", "c"): 1}, assignment=dict(zip("abcd", "xxyy")))
    -0.125
    """
    groups = groups_of(assignment)
    if not groups:
        return 0.0
    size = {group: len(members) for group, members in groups.items()}
    pairs = linked_pairs(volumes, within=assignment)
    within, between = links_within_and_between(pairs, assignment)
    count = len(groups)
    cohesion = sum(within[group] / size[group] ** 2 for group in sorted(groups)) / count
    if count == 1:
        return cohesion
    coupling = sum(
        links / (2 * size[one] * size[other]) for (one, other), links in sorted(between.items())
    )
    return cohesion - 2 / (count * (count - 1)) * 2 * coupling


def interface_number(volumes: Volumes, *, assignment: Assignment) -> float:
    """IFN = linked pairs of classes in different services / K; lower is better.

    FoSCI's metric of the same name counts something else: see `interfaces.py`.

    >>> interface_number({("a", "b"): 1, ("b", "c"): 1}, assignment=dict(zip("abc", "xxy")))
    0.5
    """
    services = len(set(assignment.values()))
    if services == 0:
        return 0.0
    pairs = linked_pairs(volumes, within=assignment)
    return sum(assignment[a] != assignment[b] for a, b in pairs) / services


def non_extreme_distribution(*, assignment: Assignment) -> float:
    """NED = 1 - (classes in services of 5 to 20 classes) / (all classes); lower is better.

    >>> non_extreme_distribution(assignment=dict(zip("abcdefgh", "xxxxxyyy")))
    0.375
    """
    if not assignment:
        return 0.0
    sizes = [len(members) for members in groups_of(assignment).values()]
    return 1 - sum(size for size in sizes if SMALLEST <= size <= LARGEST) / len(assignment)
