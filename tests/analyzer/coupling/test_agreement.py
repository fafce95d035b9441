"""A reason counts by how far its members agree in what else they are tied to."""

from math import sqrt

import pytest

from analyzer.coupling.agreement import LEAST, in_agreement
from analyzer.coupling.reason import Reason

WEIGHTS = {"call": 1.0, "read": 2.0, "mapping": 8.0}


def strengths(*reasons: Reason) -> list[float]:
    return [reason.strength for reason in in_agreement(reasons, weights=WEIGHTS)]


def test_a_tie_counts_by_the_cosine_of_what_both_ends_are_tied_to() -> None:
    call, *_ = strengths(
        Reason("call", ("a", "b"), 3.0),  # a: b 3, t 2; b: a 3, t 2
        Reason("read", ("a", "t"), 1.0),
        Reason("read", ("b", "t"), 1.0),
    )
    assert call == pytest.approx(3.0 * 4 / 13, abs=1e-3)


def test_ends_that_have_nothing_in_common_still_hold_each_other() -> None:
    assert strengths(Reason("call", ("a", "b"), 3.0)) == [pytest.approx(3.0 * LEAST)]


def test_one_thing_in_two_forms_holds_whatever_else_there_is() -> None:
    assert strengths(Reason("mapping", ("a", "b"), 1.0)) == [1.0]


def test_of_more_than_two_members_the_mean_of_all_pairs_counts() -> None:
    three, *_ = strengths(
        Reason("call", ("a", "b", "c"), 2.0),  # each tied to the two others by 1
        Reason("read", ("a", "t"), 1.0),
        Reason("read", ("b", "t"), 1.0),
    )
    near, far = 5 / 6, 1 / (sqrt(6) * sqrt(2))
    assert three == pytest.approx(2.0 * (near + 2 * far) / 3, abs=1e-3)


def test_what_names_one_member_only_stays_as_it_is() -> None:
    assert strengths(Reason("call", ("a", "a"), 1.0)) == [1.0]


def test_no_reasons_give_none() -> None:
    assert strengths() == []
