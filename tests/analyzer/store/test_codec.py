"""Artefacts survive the store."""

import pytest

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.evidence import Evidence
from analyzer.store.codec import decode, encode
from tests.fakes.codebase import Codebase


def _facts() -> CodebaseFacts:
    return (
        Codebase()
        .units("shop.orders", "Order", "place")
        .words("shop.orders:place", order=3, stock=1)
        .table("orders_order", defined_by="shop.orders:Order")
        .access("shop.orders:place", "orders_order", "write", "shop.orders:Order")
        .transaction(
            "shop.orders:place", "orders_order", side_effects=(("http", Evidence("a", 1)),)
        )
        .facts()
    )


def test_facts_come_back_equal() -> None:
    assert decode(CodebaseFacts, encode(_facts())) == _facts()


def test_a_path_that_is_no_valid_text_survives() -> None:
    place = Evidence("caf\udce9.py", 3)
    assert decode(Evidence, encode(place)) == place


@pytest.mark.parametrize("content", [b"", b"\x80\x04rubbish", encode(_facts())[:40]])
def test_damaged_bytes_are_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match="damaged"):
        decode(CodebaseFacts, content)


def test_bytes_of_another_kind_are_refused() -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - which text depends on where it breaks
        decode(CodebaseFacts, encode(Evidence("a.py", 1)))
