"""What every metric is computed from: who is in which group, and who calls whom how often."""

from collections.abc import Hashable, Mapping
from typing import TypeVar

# Member → its group (a service, or a cluster of somebody else's decomposition).
Assignment = Mapping[str, str]

# (caller, callee) → number of calls or other references.
Volumes = Mapping[tuple[str, str], float]

_Member = TypeVar("_Member", bound=Hashable)
_Group = TypeVar("_Group", bound=Hashable)


def groups_of(assignment: Mapping[_Member, _Group]) -> dict[_Group, frozenset[_Member]]:
    """The members of each group, in the order in which groups first appear.

    >>> sorted(groups_of({"a": "x", "b": "y", "c": "x"})["x"])
    ['a', 'c']
    """
    collected: dict[_Group, set[_Member]] = {}
    for member, group in assignment.items():
        collected.setdefault(group, set()).add(member)
    return {group: frozenset(members) for group, members in collected.items()}


def linked_pairs(volumes: Volumes, *, within: Assignment) -> frozenset[tuple[str, str]]:
    """Pairs of members that refer to each other in either direction, each pair sorted.

    >>> calls = {("b", "a"): 2, ("a", "b"): 1, ("a", "a"): 1}
    >>> sorted(linked_pairs(calls, within={"a": "x", "b": "x"}))
    [('a', 'b')]
    """
    return frozenset(
        (min(source, target), max(source, target))
        for (source, target), volume in volumes.items()
        if volume > 0 and source != target and source in within and target in within
    )


def links_within_and_between(
    pairs: frozenset[tuple[str, str]], assignment: Assignment
) -> tuple[dict[str, int], dict[tuple[str, str], int]]:
    """Number of linked pairs inside each group, and between each two groups (names sorted)."""
    within = dict.fromkeys(assignment.values(), 0)
    between: dict[tuple[str, str], int] = {}
    for first, second in pairs:
        one, other = sorted((assignment[first], assignment[second]))
        if one == other:
            within[one] += 1
        else:
            between[one, other] = between.get((one, other), 0) + 1
    return within, between
