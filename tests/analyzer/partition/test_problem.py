"""Constraints that cannot hold are refused with the reason."""

import pytest

from analyzer.errors import UnusableInput
from analyzer.partition.problem import ConflictingConstraints, Constraints
from analyzer.partition.solve import solve

from .graphs import graph_of

PAIR = graph_of([1.0, 1.0], [(1.0, (0, 1))])
SIX = graph_of([1.0, 1.0, 1.0, 1.0, 1.0, 2.0], [(1.0, (0, 1)), (1.0, (2, 3, 4))])


@pytest.mark.parametrize(
    ("constraints", "said"),
    [
        (Constraints(pins=(("n09", "A"),)), "pins names nodes that are not in the graph: 'n09'"),
        (Constraints(services=(3, 2)), "3 to 2 is not a range"),
        (Constraints(services=(0, 0)), "0 to 0 is not a range"),
    ],
)
def test_what_makes_no_sense_is_refused(constraints: Constraints, said: str) -> None:
    with pytest.raises(UnusableInput, match=said):
        solve(PAIR, constraints=constraints)


@pytest.mark.parametrize(
    ("constraints", "said"),
    [
        (
            Constraints(pins=(("n00", "A"), ("n01", "B")), must_link=(("n00", "n01"),)),
            "'n00' is pinned to 'A' but 'n01' to 'B', and must-links tie the two together",
        ),
        (Constraints(pins=(("n00", "A"), ("n00", "B"))), "'n00' is pinned to 'A' but 'n00' to"),
        (
            Constraints(must_link=(("n00", "n01"),), cannot_link=(("n01", "n00"),)),
            "'n01' and 'n00' cannot be linked, but they are tied",
        ),
        (Constraints(services=(7, 9)), "7 services were asked for, but only 6"),
        (Constraints(must_link=(("n00", "n05"),), size_limit=2.5), "'n00', 'n05' are tied .*of"),
        (Constraints(services=(1, 2), size_limit=3.0), "total size 7 does not fit into 2"),
        (
            Constraints(pins=(("n00", "A"), ("n01", "B")), services=(1, 1)),
            r"pinned to 2 services \('A', 'B'\)",
        ),
        (
            Constraints(
                cannot_link=(("n00", "n01"), ("n01", "n02"), ("n00", "n02")), services=(2, 2)
            ),
            "keep 3 nodes apart",
        ),
        (
            Constraints(
                cannot_link=tuple((f"n0{i}", f"n0{(i + 1) % 5}") for i in range(5)),
                services=(2, 2),
            ),
            "no partition",
        ),
    ],
)
def test_constraints_that_conflict_are_named(constraints: Constraints, said: str) -> None:
    with pytest.raises(ConflictingConstraints, match=said):
        solve(SIX, constraints=constraints)


def test_pinned_services_keep_their_names() -> None:
    pins = (("n00", "Orders"), ("n01", "Stock"), ("n05", "Orders"))
    solution = solve(SIX, constraints=Constraints(pins=pins))
    index = dict(solution.pinned)
    assert solution.assignment[0] == solution.assignment[5] == index["Orders"]
    assert solution.assignment[1] == index["Stock"] != index["Orders"]


def test_where_the_number_is_given_services_are_not_made_alike_in_size() -> None:
    """Two pairs apart from a ring of eight: three services are these three, whatever their size."""
    ring = [(1.0, (i, (i + step) % 8)) for i in range(8) for step in (1, 2, 3)]
    pairs = [(1.0, (8, 9)), (1.0, (10, 11)), (0.1, (7, 8)), (0.1, (0, 10))]
    three = solve(graph_of([1.0] * 12, ring + pairs), constraints=Constraints(services=(3, 3)))
    assert three.assignment == (0,) * 8 + (1,) * 2 + (2,) * 2
    free = solve(graph_of([1.0] * 12, ring + pairs))
    assert three.prices.service < 0.01 * free.prices.service
