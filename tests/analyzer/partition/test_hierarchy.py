"""Which number of services is recommended, and how much that hangs on."""

from math import exp

import numpy as np

from analyzer.partition.hierarchy import Candidate, recommended
from analyzer.partition.objective import Terms

TABLES = 40
NODES = 240


def curve(widths: dict[int, float]) -> tuple[Candidate, ...]:
    """Even partitions; each number stays the cheapest over a range of so many e-folds."""
    return tuple(
        Candidate(
            labels=(np.arange(NODES) % number).astype(np.int32),
            terms=Terms(coupling=float(number), load=1.0 / number, services=number),
            largest=1 / number,
            low=1.0,
            high=exp(width),
        )
        for number, width in sorted(widths.items())
    )


def number_of(widths: dict[int, float], *, tables: int = TABLES) -> int:
    owned = (np.arange(NODES) < tables).astype(np.int32)
    points = curve(widths)
    choice, _ = recommended(points, services=None, tables=owned)
    return points[choice].terms.services


def test_where_numbers_hold_alike_little_changes_move_the_choice_by_a_step_at_most() -> None:
    before = {9: 0.3, 11: 0.4, 13: 0.4, 15: 0.4, 17: 0.3}

    chosen = {number_of({**before, number: 0.6}) for number in before}

    assert number_of(before) in chosen
    assert chosen == {13, 15}


def test_a_structure_of_another_scale_wins_where_it_is_clear() -> None:
    assert number_of({4: 3.0, 11: 0.01, 13: 0.01, 15: 0.01}) == 4
    assert number_of({11: 0.01, 13: 0.01, 15: 0.01, 38: 3.0}) == 38


def test_without_tables_the_widest_range_is_taken() -> None:
    assert number_of({4: 0.5, 12: 0.4, 15: 0.4}, tables=0) == 4


def test_numbers_that_are_never_the_cheapest_are_not_recommended() -> None:
    assert number_of({11: 0.0, 13: 0.4, 14: 0.0, 30: 0.0}) == 13
