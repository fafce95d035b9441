"""Reading module records: names for the positions, and walks over operations and expressions.

The format is described in `syntax.py`. Everything here is a plain function over tuples.
"""

from collections.abc import Callable, Iterator
from typing import Any

LINES, CODE_LINES, UNDERSTOOD, NOTES, IMPORTS, UNITS, OPERATIONS, BOUND, REQUEST = range(9)

F_NAME, F_LINE, F_END, F_DECORATORS, F_PARAMETERS, F_RETURNS = range(6)
F_FLAGS, F_BODY, F_BOUND, F_CALLED, F_OWN = range(6, 11)
C_NAME, C_LINE, C_END, C_DECORATORS, C_BASES, C_KEYWORDS, C_OPERATIONS, C_BOUND, C_SELF = range(9)

Expression = Any
Operation = tuple[Any, ...]
# A function's record with the operations and the calls of its body.
OpenBody = tuple[tuple[Any, ...], tuple[Operation, ...], tuple[Expression, ...]]


def walk_operations(operations: tuple[Operation, ...]) -> Iterator[Operation]:
    """Every operation in order, also inside `if`, `try` and `with`; not inside definitions."""
    for operation in operations:
        yield operation
        tag = operation[0]
        if tag == "if":
            for _, body in operation[1]:
                yield from walk_operations(body)
        elif tag == "with":
            yield from walk_operations(operation[2])
        elif tag == "try":
            yield from walk_operations(operation[1])
            for _, _, body in operation[2]:
                yield from walk_operations(body)
            yield from walk_operations(operation[3])
            yield from walk_operations(operation[4])


def expressions_of(operation: Operation) -> Iterator[Expression]:
    """The outermost expressions of one operation; those of nested operations are not among them."""
    tag = operation[0]
    if tag in ("expr", "return", "raise"):
        yield operation[1]
    elif tag == "assign":
        yield operation[2]
        yield from operation[1]
    elif tag == "augment":
        yield operation[3]
        yield operation[1]
    elif tag == "for":
        yield operation[2]
    elif tag == "if":
        yield from (test for test, _ in operation[1])
    elif tag == "with":
        yield from (context for context, _ in operation[1])
    elif tag == "try":
        yield from (kind for kind, _, _ in operation[2])
    elif tag == "delete":
        yield from operation[1]


def walk_expressions(expression: Expression) -> Iterator[tuple[Any, ...]]:
    """The expression and everything inside it, outermost first."""
    pending = [expression]
    while pending:
        current = pending.pop()
        if current is None:
            continue
        yield current
        inside = _INSIDE.get(current[0])
        if inside is not None:
            pending.extend(reversed(inside(current)))


def _inside_call(expression: Expression) -> list[Expression]:
    return [expression[1], *expression[2], *(value for _, value in expression[3])]


def _inside_dict(expression: Expression) -> list[Expression]:
    return [part for item in expression[1] for part in item]


def _inside_comprehension(expression: Expression) -> list[Expression]:
    found = list(expression[2])
    for target, iterable, conditions in expression[3]:
        found += (target, iterable, *conditions)
    return found


# The expressions directly inside an expression, by its tag; names and constants have none.
_INSIDE: dict[str, Callable[[Expression], list[Expression]]] = {
    "attr": lambda one: [one[1]],
    "call": _inside_call,
    "sub": lambda one: [one[1], one[2]],
    "fstr": lambda one: [part for part in one[1] if type(part) is tuple],
    "list": lambda one: list(one[1]),
    "tuple": lambda one: list(one[1]),
    "set": lambda one: list(one[1]),
    "group": lambda one: list(one[1]),
    "dict": _inside_dict,
    "comp": _inside_comprehension,
    "either": lambda one: [*one[1], one[2]],
    "op": lambda one: list(one[2]),
    "lambda": lambda one: [one[2]],
    "walrus": lambda one: [one[2]],
    "star": lambda one: [one[1]],
    "yield": lambda one: [one[1]],
}


def calls_in(operations: tuple[Operation, ...]) -> Iterator[tuple[Any, ...]]:
    """Every call that stands in the operations, in order; not inside definitions."""
    for operation in walk_operations(operations):
        for expression in expressions_of(operation):
            for part in walk_expressions(expression):
                if part[0] == "call":
                    yield part


def callee_name(call: tuple[Any, ...]) -> str:
    """The last name of what is called: `filter` for `a.b.filter(...)`; "" where it has none."""
    callee = call[1]
    if callee is None:
        return ""
    if callee[0] == "name":
        name: str = callee[1]
        return name[name.rfind(".") + 1 :]
    return str(callee[2]) if callee[0] == "attr" else ""


def callee_path(call: tuple[Any, ...]) -> str:
    """The dotted name of what is called; "" where it is not a plain dotted name."""
    callee = call[1]
    return str(callee[1]) if callee is not None and callee[0] == "name" else ""


def argument(call: tuple[Any, ...], position: int, name: str | None = None) -> Expression:
    """The argument at this position or of this name; None where it is not given."""
    arguments = call[2]
    if 0 <= position < len(arguments):
        given = arguments[position]
        return None if given is not None and given[0] == "star" else given
    return keyword(call, name) if name is not None else None


def keyword(call: tuple[Any, ...], name: str) -> Expression:
    """The keyword argument of this name; None where it is not given."""
    for key, value in call[3]:
        if key == name:
            return value
    return None


def string_of(expression: Expression) -> str | None:
    """The text of a string constant or of a concatenation of them; None for anything else."""
    if expression is None:
        return None
    if expression[0] == "str":
        return str(expression[1])
    if expression[0] == "op" and expression[1] == "+":
        parts = [string_of(part) for part in expression[2]]
        return None if None in parts else "".join(part for part in parts if part is not None)
    return None


def strings_of(expression: Expression) -> tuple[tuple[str, int], ...]:
    """The string constants among the items of a list, tuple or set (or sum of them), with lines."""
    if expression is None:
        return ()
    if expression[0] in ("list", "tuple", "set"):
        return tuple((item[1], item[2]) for item in expression[1] if item and item[0] == "str")
    if expression[0] == "op" and expression[1] == "+":
        return tuple(found for part in expression[2] for found in strings_of(part))
    return ((expression[1], expression[2]),) if expression[0] == "str" else ()


_HOLDING = {"either": 2, "group": 1}  # where the parts stand that keep a line, if not last


def line_of(expression: Expression) -> int:
    """The line where an expression stands; 0 where it keeps none."""
    if expression is None or expression[0] in ("const", "either", "op", "group", "star"):
        inner = None
        if expression is not None and expression[0] != "const":
            inner = expression[_HOLDING.get(expression[0], -1)]
        if type(inner) is tuple and inner and type(inner[0]) is tuple:
            inner = inner[0]
        return line_of(inner) if type(inner) is tuple and inner and type(inner[0]) is str else 0
    return int(expression[-1])
