"""Decisions of people, as a file and as rows."""

import pytest

from analyzer.errors import UnusableInput
from analyzer.partition.problem import Constraints
from analyzer.report.constraints import constraints_of_rows, read_constraints, rows_of_constraints

EVERYTHING = Constraints(
    pins=(("shop.models:Order", "ordering"),),
    must_link=(("a", "b", "c"),),
    cannot_link=(("a", "d"),),
    names=(("ordering", "Orders and returns"),),
    services=(3, 6),
    size_limit=400.0,
)

AS_TOML = b"""
[[constraints]]
kind = "pin"
node = "shop.models:Order"
service = "ordering"
[[constraints]]
kind = "must_link"
nodes = ["a", "b", "c"]
[[constraints]]
kind = "cannot_link"
nodes = ["a", "d"]
[[constraints]]
kind = "name"
service = "ordering"
name = "Orders and returns"
[[constraints]]
kind = "services"
at_least = 3
at_most = 6
[[constraints]]
kind = "size_limit"
size = 400
"""


def test_rows_and_constraints_are_the_same_thing() -> None:
    assert constraints_of_rows(rows_of_constraints(EVERYTHING)) == EVERYTHING


def test_toml_and_json_say_the_same() -> None:
    as_json = b'{"constraints": [{"kind": "services", "at_least": 2, "at_most": 2}]}'
    assert read_constraints(AS_TOML) == EVERYTHING
    assert read_constraints(as_json).services == (2, 2)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"constraints = 5", "one list"),
        (b"{", "neither TOML nor JSON"),
        (b"\xff\xfe", "neither TOML nor JSON"),
        (b'{"constraints": [{"kind": "glue"}]}', "Constraint 1 needs a `kind`"),
        (b'{"constraints": [{"kind": "pin", "node": "a"}]}', "takes node, service"),
        (b'{"constraints": [{"kind": "cannot_link", "nodes": ["a"]}]}', "nodes cannot be"),
        (b'{"constraints": [{"kind": "size_limit", "size": true}]}', "size cannot be true"),
    ],
)
def test_what_is_wrong_is_said(content: bytes, says: str) -> None:
    with pytest.raises(UnusableInput, match=says):
        read_constraints(content)
