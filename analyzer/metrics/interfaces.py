"""Interfaces and modularity of services, as FoSCI defines them.

W. Jin, T. Liu, Y. Cai, R. Kazman, R. Mo, Q. Zheng: Service candidate identification from monolithic
systems based on execution traces. IEEE Transactions on Software Engineering 47(5), 2021 (2019).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt

from analyzer.metrics.grouping import (
    Assignment,
    Volumes,
    groups_of,
    linked_pairs,
    links_within_and_between,
)


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation that a class offers to other services."""

    owner: str  # the class
    name: str
    results: frozenset[str] = frozenset()  # types that it returns
    parameters: frozenset[str] = frozenset()  # types that it takes
    terms: frozenset[str] = frozenset()  # domain terms in its name


def interface_number_of_services(
    operations: Iterable[Operation], *, assignment: Assignment
) -> float:
    """IFN (FoSCI) = (1/K) Σ |I_j|, I_j the classes of service j that offer an operation.

    Lower is better.

    >>> offered = [Operation("a", "f"), Operation("a", "g")]
    >>> interface_number_of_services(offered, assignment={"a": "x", "b": "y"})
    0.5
    """
    services = len(set(assignment.values()))
    offering = {operation.owner for operation in operations if operation.owner in assignment}
    return len(offering) / services if services else 0.0


def operation_number(operations: Iterable[Operation], *, assignment: Assignment) -> int:
    """OPN = Σ over services and their interface classes of the operations offered; lower is better.

    >>> operation_number([Operation("a", "f"), Operation("a", "g")], assignment={"a": "x"})
    2
    """
    return len({(o.owner, o.name) for o in operations if o.owner in assignment})


def cohesion_at_message_level(operations: Iterable[Operation], *, assignment: Assignment) -> float:
    """CHM = mean over interfaces of the mean similarity of their operations' messages.

    f = ½ (Jaccard of result types + Jaccard of parameter types); an interface with one operation
    counts 1; higher is better.

    >>> f = Operation("a", "f", parameters=frozenset({"Order"}))
    >>> g = Operation("a", "g", parameters=frozenset({"Order", "Item"}))
    >>> cohesion_at_message_level([f, g], assignment={"a": "x"})
    0.25
    """
    return _mean_over_interfaces(operations, assignment, _message_similarity)


def cohesion_at_domain_level(operations: Iterable[Operation], *, assignment: Assignment) -> float:
    """CHD = the same with f = Jaccard of the domain terms in the operations' names.

    >>> f = Operation("a", "place_order", terms=frozenset({"place", "order"}))
    >>> g = Operation("a", "cancel_order", terms=frozenset({"cancel", "order"}))
    >>> round(cohesion_at_domain_level([f, g], assignment={"a": "x"}), 4)
    0.3333
    """
    return _mean_over_interfaces(operations, assignment, lambda a, b: _jaccard(a.terms, b.terms))


def structural_modularity_quality(volumes: Volumes, *, assignment: Assignment) -> float:
    """SMQ = (1/K) Σ μ_i / m_i² - 1/(K(K-1)/2) Σ over pairs i<j of σ_ij / (2 m_i m_j).

    As SM of Mono2Micro, but each pair of services counts once; higher is better.

    >>> calls = {("a", "b"): 1, ("b", "c"): 1}
    >>> structural_modularity_quality(calls, assignment=dict(zip("abcd", "xxyy")))
    0.0
    """
    return _modularity_quality(linked_pairs(volumes, within=assignment), assignment)


def conceptual_modularity_quality(
    terms: Mapping[str, frozenset[str]], *, assignment: Assignment
) -> float:
    """CMQ = SMQ where two classes are linked if they share a term.

    >>> terms = {"a": frozenset({"order"}), "b": frozenset({"order", "item"})}
    >>> conceptual_modularity_quality(terms, assignment=dict(zip("abc", "xxy")))
    0.125
    """
    size = {group: len(members) for group, members in groups_of(assignment).items()}
    within, between = _links_by_terms(terms, assignment)
    return _quality(size, within, between)


def _links_by_terms(
    terms: Mapping[str, frozenset[str]], assignment: Assignment
) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """Linked pairs inside and between groups; counted by member, for pairs are very many."""
    members = sorted(assignment)
    groups = sorted(set(assignment.values()))
    group = {name: index for index, name in enumerate(groups)}
    home = np.array([group[assignment[member]] for member in members], np.int64)
    users: dict[str, list[int]] = {}
    for row, member in enumerate(members):
        for term in terms.get(member, ()):
            users.setdefault(term, []).append(row)
    rows = {term: np.array(using) for term, using in users.items()}
    linked: dict[frozenset[str], npt.NDArray[np.int64]] = {}  # by group, the member itself too
    count = np.zeros((len(groups), len(groups)), np.int64)
    for row, member in enumerate(members):
        if own := terms.get(member):
            if own not in linked:
                marked = np.zeros(len(members), np.bool_)
                for term in own:
                    marked[rows[term]] = True
                linked[own] = np.bincount(home[marked], minlength=len(groups))
            count[home[row]] += linked[own]
            count[home[row], home[row]] -= 1
    within = {name: int(count[i, i]) // 2 for name, i in group.items()}
    between = {
        (a, b): int(count[group[a], group[b]])
        for a, b in combinations(groups, 2)
        if count[group[a], group[b]]
    }
    return within, between


def _modularity_quality(pairs: frozenset[tuple[str, str]], assignment: Assignment) -> float:
    size = {group: len(members) for group, members in groups_of(assignment).items()}
    return _quality(size, *links_within_and_between(pairs, assignment))


def _quality(
    size: Mapping[str, int], within: Mapping[str, int], between: Mapping[tuple[str, str], int]
) -> float:
    count = len(size)
    if not count:
        return 0.0
    cohesion = sum(within[group] / size[group] ** 2 for group in sorted(size)) / count
    if count == 1:
        return cohesion
    coupling = sum(
        links / (2 * size[one] * size[other]) for (one, other), links in sorted(between.items())
    )
    return cohesion - coupling / (count * (count - 1) / 2)


def _mean_over_interfaces(
    operations: Iterable[Operation],
    assignment: Assignment,
    similarity: Callable[[Operation, Operation], float],
) -> float:
    offered: dict[str, list[Operation]] = {}
    for operation in sorted(set(operations), key=lambda o: (o.owner, o.name)):
        if operation.owner in assignment:
            offered.setdefault(operation.owner, []).append(operation)
    if not offered:
        return 0.0
    return sum(_mean_over_pairs(group, similarity) for group in offered.values()) / len(offered)


def _mean_over_pairs(
    operations: list[Operation], similarity: Callable[[Operation, Operation], float]
) -> float:
    pairs = list(combinations(operations, 2))
    return sum(similarity(a, b) for a, b in pairs) / len(pairs) if pairs else 1.0


def _message_similarity(one: Operation, other: Operation) -> float:
    results = _jaccard(one.results, other.results)
    return (results + _jaccard(one.parameters, other.parameters)) / 2


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    union = one | other
    return len(one & other) / len(union) if union else 0.0
