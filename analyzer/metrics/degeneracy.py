"""A warning where a decomposition is one giant and dust, which several metrics reward."""

from collections.abc import Mapping

from analyzer.metrics.grouping import Assignment, groups_of

GIANT_SHARE = 0.6  # of all size in one service, though there are three or more
DUST_SHARE = 0.5  # of all services, each smaller than a tenth of an even share


def degeneracy_warning(
    *, assignment: Assignment, sizes: Mapping[str, float] | None = None
) -> str | None:
    """Says what is degenerate about a decomposition, or nothing.

    >>> degeneracy_warning(assignment=dict(zip("abcdefgh", "xxxxxxyz")))
    'one service holds 75 % of the code and the other 2 share the rest'
    """
    load = {
        service: sum(1.0 if sizes is None else sizes.get(member, 0.0) for member in sorted(members))
        for service, members in groups_of(assignment).items()
    }
    whole = sum(load.values())
    if len(load) < 3 or whole == 0:
        return None
    largest = max(load.values()) / whole
    if largest > GIANT_SHARE:
        return (
            f"one service holds {largest:.0%} of the code and the other {len(load) - 1} "
            "share the rest"
        ).replace("%", " %")
    dust = sum(size < whole / len(load) / 10 for size in load.values())
    if dust / len(load) > DUST_SHARE:
        return f"{dust} of {len(load)} services are smaller than a tenth of an even share"
    return None
