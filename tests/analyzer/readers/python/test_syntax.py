"""One file in, one module record out."""

import ast
import marshal
from textwrap import dedent

import pytest

from analyzer.readers.python import record
from analyzer.readers.python.syntax import SIZE_LIMIT, lower, lower_tree
from analyzer.readers.python.syntax import lowered as lowered_file
from analyzer.readers.python.syntax_tolerant import parse_tolerantly


def lowered(source: str) -> record.Operation:
    return lower(dedent(source).encode())


def codes(one: record.Operation) -> list[str]:
    return [note[2] for note in one[record.NOTES]]


def decoded(part: object) -> object:
    """A record with the bodies of its functions in place of their bytes, which may differ."""
    if isinstance(part, tuple):
        return tuple(decoded(item) for item in part)
    return decoded(marshal.loads(part)) if isinstance(part, bytes) else part


def unit(one: record.Operation, name: str) -> tuple[object, ...]:
    return next(found for found in one[record.UNITS] if found[0] == name)


def test_dotted_names_become_one_string_and_calls_carry_the_line_of_their_last_name() -> None:
    one = lowered(
        """\
        rows = (Order.objects
                .filter(customer__name="x")
                .update(total=1))
        """
    )
    expected = (
        "call",
        (
            "attr",
            (
                "call",
                ("name", "Order.objects.filter", 2),
                (),
                (("customer__name", ("str", "x", 2)),),
                2,
            ),
            "update",
            3,
        ),
        (),
        (("total", ("const", 1)),),
        3,
    )
    assert one[record.OPERATIONS] == (("assign", (("name", "rows", 1),), expected, 1, None),)


def test_units_are_the_top_level_definitions_also_those_inside_if_and_try() -> None:
    one = lowered(
        """\
        try:
            class Order(Base): pass
        except ImportError:
            class Order: pass

        @task
        def bill(order):
            def inner(): pass
        """
    )
    spans = [found[:4] for found in one[record.UNITS]]
    assert spans == [
        ("Order", "class", 2, 2),
        ("bill", "function", 6, 8),
        ("", "module", 1, 8),
    ]


def test_mentions_lead_out_of_the_unit_and_know_the_imports_inside_it() -> None:
    one = lowered(
        """\
        from shop.models import Order

        def place(cart):
            from shop import billing
            total = cart.total
            return [Order(line=line, total=total) for line in billing.lines(cart)]
        """
    )
    assert unit(one, "place")[5] == (
        (1, "billing.lines", 6, "call"),
        ("Order", "Order", 6, "call"),
    )


def test_mentions_in_a_class_body_know_the_imports_inside_it() -> None:
    one = lowered(
        """\
        class Cart:
            from shop.marks import marked
            from shop import prices
            rate = prices.rate(1)
            own = 2
            half = own / 2
            @marked
            def show(self):
                return marked
        """
    )
    assert set(unit(one, "Cart")[5]) == {
        (0, "marked", 7, "decoration"),
        (1, "prices.rate", 4, "call"),
        ("marked", "marked", 9, "attribute"),
    }


def test_class_names_are_not_visible_in_methods() -> None:
    one = lowered(
        """\
        class Cart:
            size = 1
            def show(self):
                return size
        """
    )
    assert unit(one, "Cart")[5] == (("size", "size", 4, "attribute"),)


def test_imports_tell_whether_they_are_deferred_or_only_for_typing() -> None:
    one = lowered(
        """\
        import a.b
        from . import c as d
        if TYPE_CHECKING:
            from e import F
        def f():
            from g import *
        """
    )
    assert one[record.IMPORTS] == (
        ("a.b", None, None, 0, 1, False, False),
        ("", "c", "d", 1, 2, False, False),
        ("e", "F", None, 0, 4, False, True),
        ("g", "*", None, 0, 6, True, False),
    )


def test_quoted_annotations_are_read_as_annotations() -> None:
    one = lowered('def f(order: "shop.Order") -> "list[Line]": pass')
    assert unit(one, "f")[5] == (
        ("shop", "shop.Order", 1, "typing"),
        ("list", "list", 1, "typing"),
        ("Line", "Line", 1, "typing"),
    )


def test_what_methods_assign_to_self_is_kept_with_the_class() -> None:
    one = lowered(
        """\
        class View:
            def setup(this, request):
                this.order = load(request)
        """
    )
    definition = one[record.OPERATIONS][0][1]
    value = ("call", ("name", "load", 3), (("name", "request", 3),), (), 3)
    assert definition[record.C_SELF] == (("order", value, None, "setup", 3),)


def test_words_of_a_unit_are_those_of_its_names_and_docstrings() -> None:
    one = lowered(
        """\
        def bill(customer):
            "Sends the invoice."
            from shipping import parcel
            invoice_lines = InvoiceLine(owner=customer, text="secret words")
        """
    )
    assert unit(one, "bill")[6] == (
        ("bill", 2),
        ("customer", 2),
        ("invoice", 2),
        ("line", 1),
        ("owner", 1),
        ("send", 1),
    )


def test_python_2_is_read_and_reported() -> None:
    one = lowered(
        """\
        class Order(Model):
            def save(self):
                print "saving", self.total
                try:
                    pay(self)
                except Declined, e:
                    raise Failed, "no"
        """
    )
    assert codes(one) == ["python-2"]
    assert one[record.UNDERSTOOD] == 1.0
    mentioned = [mention[1] for mention in unit(one, "Order")[5]]
    assert mentioned == ["Model", "print", "pay", "Declined", "Failed"]


def test_python_newer_than_the_interpreter_is_read_whole() -> None:
    one = lowered("def f[T: Base](x: T) -> T:\n    return x.copy()\n")
    assert [found[0] for found in one[record.UNITS]] == ["f", ""]
    assert one[record.UNDERSTOOD] == 1.0


def test_a_broken_line_costs_only_its_surroundings() -> None:
    one = lowered(
        """\
        def good():
            return Order.objects.all()

        def bad(:
            x = = 3
        """
    )
    assert codes(one) == ["syntax-error"]
    assert 0 < one[record.UNDERSTOOD] < 1
    assert unit(one, "good")[5] == (("Order", "Order.objects.all", 2, "call"),)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"x = 1\x00\n", "null-bytes"),
        (b"# coding: nonsense\nx = '\xff'\n", "encoding"),
        (b"# coding: undefined\nx = '\xff'\n", "encoding"),
        (b"# coding: idna\nx = '\xff'\n", "encoding"),
        (b"x = '\xe9'\n", "encoding"),
        ("x = 'caf\xe9'\n".encode("utf-16"), "encoding"),
        (b"#" * (SIZE_LIMIT + 1), "too-large"),
        (b"x = " + b"(" * 500 + b")" * 500, "foreign-syntax"),
        (b"x = " + b"-" * 20_000 + b"1", "foreign-syntax"),
        (b"x = " + b"y" + b".a()" * 9_000, "foreign-syntax"),
        (bytes(range(256)) * 4, "syntax-error"),
    ],
)
def test_hostile_files_give_a_diagnostic(content: bytes, code: str) -> None:
    one = lower(content)
    assert code in codes(one)
    assert marshal.loads(marshal.dumps(one)) == one


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xef\xbb\xbfx = 1\n",
        b"x = 1\n\x0c\ny = 2\r\nz = 3\r",
        "# coding: latin-1\nx='é'".encode("latin-1"),
    ],
)
def test_unusual_but_sound_files_are_read_without_complaint(content: bytes) -> None:
    one = lower(content)
    assert codes(one) == []
    assert one[record.UNDERSTOOD] == 1.0


def test_both_parsers_give_the_same_record() -> None:
    source = dedent(
        '''\
        """Doc."""
        from __future__ import annotations
        import os, a.b as c
        from .x import (y as z, w)

        @register(Order, site=admin.site)
        class Page(generic.ListView, metaclass=Meta):
            queryset: QuerySet[Order] = Order.objects.filter(Q(a=1) | ~Q(b=2) & F("c"))[:5]
            async def get(self, request, *args, page: int = 1, **kwargs) -> Response | None:
                async with lock(f"page:{page}") as held, other:
                    self.x, *rest = [i.name for i in self.items if i and not i.gone]
                for key, value in {**a, "b": 1}.items():
                    total += value if key else -1
                else:
                    del self.cache[key:1]
                try:
                    yield (lambda q, *r: q)(await call(*args, **kwargs))
                except (A, B) as error:
                    raise Failed(error) from error
                finally:
                    pass
                if (n := len(a)) > 10: return {1, 2}
                elif n: return None
                else: global G
        def f(a, /, b=1, *, c): assert a, "no"; return "x" "y" f"z{a!r}" % b
        '''
    )
    tolerant = parse_tolerantly(source)
    assert tolerant is not None
    assert not tolerant.has_errors
    theirs = lower_tree(tolerant.tree, source, notes=(), understood=1.0).record
    ours = lower_tree(ast.parse(source), source, notes=(), understood=1.0).record
    assert decoded(theirs) == decoded(ours)


def test_walking_an_expression_meets_everything_inside_it_and_nothing_else() -> None:
    source = "f(x.y, name='n', group=[1, {'k': a if b else g(*c)}], call=lambda q: q[1])"
    (operation,) = lowered(source)[record.OPERATIONS]
    met = [
        (part[0], part[1]) for part in record.walk_expressions(operation[1]) if part[0] != "const"
    ]
    names = [name for tag, name in met if tag == "name"]
    assert names == ["f", "x.y", "a", "g", "c", "b", "q"]
    assert [text for tag, text in met if tag == "str"] == ["n", "k"]
    assert len([tag for tag, _ in met if tag == "call"]) == 2


def test_bodies_that_are_kept_open_are_those_that_were_written() -> None:
    source = """
class Order:
    def pay(self):
        def charge():
            return gateway.charge(self.total)
        return charge()
"""
    opened = lowered_file(source.encode()).opened
    assert [function[record.F_NAME] for function, _, _ in opened] == ["charge", "pay"]
    for function, operations, calls in opened:
        assert marshal.loads(function[record.F_BODY]) == (operations, calls)


def test_statements_nested_too_deeply_are_left_out_and_told() -> None:
    deep = "f" + "()" * 2_500
    one = lower(f"def g():\n    h(1)\n    {deep}\nx = {deep}\ny = k(2)\n".encode())
    assert set(codes(one)) == {"too-deep"}
    assert [operation[0] for operation in one[record.OPERATIONS]] == ["def", "assign"]
    assert codes(lower(f"x = {deep}\n".encode())) == ["too-deep"]
