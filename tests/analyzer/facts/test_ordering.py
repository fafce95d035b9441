"""Facts are sorted by value, numbers as numbers, and each stands once."""

from analyzer.facts.codebase_facts import CodebaseFacts, collected, merged
from analyzer.facts.evidence import Evidence
from analyzer.facts.ordering import in_order
from analyzer.facts.references import Import
from analyzer.facts.tables import Table
from analyzer.facts.transactions import Lock


def imported(target: str, line: int) -> Import:
    return Import("a", target, Evidence("a.py", line))


def test_lines_are_ordered_as_numbers_and_repeats_vanish() -> None:
    facts = [imported("b", 10), imported("b", 9), imported("a", 100), imported("b", 9)]
    assert in_order(facts) == (imported("a", 100), imported("b", 9), imported("b", 10))


def test_what_is_missing_comes_first() -> None:
    place = Evidence("a.py", 1)
    known, unknown = Lock("u", "row", "t", place, "a.py:1"), Lock("u", "row", "t", place)
    assert in_order([known, unknown]) == (unknown, known)


def test_facts_of_all_kinds_find_their_place() -> None:
    table = Table("orders", "model", Evidence("m.py", 3))
    facts = collected([imported("b", 1), table, imported("b", 1)], digest="d")
    assert facts == CodebaseFacts(digest="d", imports=(imported("b", 1),), tables=(table,))
    assert merged(facts, facts, CodebaseFacts()) == facts
    assert hash(facts) == hash(merged(facts))
