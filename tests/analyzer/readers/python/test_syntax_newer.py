"""Type parameters and `type` statements, read by interpreters that do not know them."""

import ast
import sys

import pytest

from analyzer.readers.python import record
from analyzer.readers.python.syntax import lower
from analyzer.readers.python.syntax_newer import parse_newer

SOURCE = """\
type Key = tuple[str, Order]
type Pair[T] = tuple[T, T]


class Box[
    T: Order,
](Base[T]):
    type Inner = list[Item]

    async def first[S](self, key: S) -> list[S]:
        return load(key)


def last[**P](rows):
    return rows["type"][-1]
"""

pytestmark = pytest.mark.skipif(sys.version_info >= (3, 12), reason="the parser knows them")


def test_the_rest_of_such_a_file_is_read_as_ever_on_its_own_lines() -> None:
    tree = parse_newer(SOURCE)
    assert tree is not None
    found = [(type(node).__name__, node.lineno, node.end_lineno) for node in tree.body[2:]]
    assert found == [("ClassDef", 5, 11), ("FunctionDef", 14, 15)]


def test_what_a_type_stands_for_is_mentioned_as_a_type() -> None:
    one = lower(SOURCE.encode())
    mentions = {(path, role) for unit in one[record.UNITS] for _, path, _, role in unit[5]}
    assert {("Order", "typing"), ("Item", "typing"), ("load", "call")} <= mentions
    assert [(code, severity) for _, severity, code, _ in one[record.NOTES]] == [
        ("foreign-syntax", "info")
    ]
    assert one[record.UNDERSTOOD] == 1.0


@pytest.mark.parametrize(
    "source",
    [
        "x = 1\n",
        "print 'x'\n",
        "class A[T:\n    pass\n",
        "type X[\n",
        "def f[(]:\n  pass\n",
        "def f[" * 100_000,
        "type a = [\n" * 100_000,
    ],
)
def test_files_with_anything_else_wrong_are_left_to_the_tolerant_parser(source: str) -> None:
    assert parse_newer(source) is None


def test_a_variable_called_type_is_none_of_them() -> None:
    tree = parse_newer("type = 1\ntype[0] = 2\nclass A[T]:\n    type: int = 3\n")
    assert tree is not None
    assert [type(node) for node in tree.body] == [ast.Assign, ast.Assign, ast.ClassDef]
