"""URL patterns that a function of the project makes: `order_patterns("shop", views.Order)`."""

from collections.abc import Iterator

from analyzer.readers.python import record
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import Function

MOST_ITEMS = 100  # of a list that the function goes through


def patterns_made_by(function: Function, call: Expression) -> Iterator[Expression]:
    """Every call in the function, with what this call gives in the place of its parameters."""
    given = _given(function, call)
    loops = _loops(function, given)
    for made in record.calls_in(function.operations):
        expression = _with(made, given)
        name, items = _loop_of(expression, loops)
        if name is None:
            yield expression
        for item in items:
            yield _with(expression, {name: item})


def _given(function: Function, call: Expression) -> dict[str | None, Expression]:
    found: dict[str | None, Expression] = {}
    for position, (name, _, default) in enumerate(function.record[record.F_PARAMETERS]):
        value = record.argument(call, position, name) or record.keyword(call, name) or default
        if value is not None:
            found[name] = value
    return found


def _loops(
    function: Function, given: dict[str | None, Expression]
) -> dict[str, tuple[Expression, ...]]:
    """Names that stand for one item after the other of a list that is known."""
    found: dict[str, tuple[Expression, ...]] = {}
    for operation in record.walk_operations(function.operations):
        if operation[0] != "for":
            continue
        target, iterable = operation[1], _with(operation[2], given)
        if _is_enumeration(iterable):
            iterable = iterable[2][0]
            target = target[1][-1] if target is not None and target[0] == "tuple" else target
        is_list = iterable is not None and iterable[0] in ("list", "tuple")
        if is_list and target is not None and target[0] == "name":
            found[target[1]] = tuple(iterable[1][:MOST_ITEMS])
    return found


def _is_enumeration(iterable: Expression) -> bool:
    is_call = iterable is not None and iterable[0] == "call" and bool(iterable[2])
    return is_call and record.callee_name(iterable) == "enumerate"


def _loop_of(
    expression: Expression, loops: dict[str, tuple[Expression, ...]]
) -> tuple[str | None, tuple[Expression, ...]]:
    for part in record.walk_expressions(expression):
        if part[0] == "name" and part[1] in loops:
            return part[1], loops[part[1]]
    return None, ()


def _with(expression: Expression, given: dict[str | None, Expression]) -> Expression:
    """The expression with other expressions in the place of some names."""
    if type(expression) is not tuple or not expression:
        return expression
    if expression[0] == "name" and len(expression) == 3 and isinstance(expression[1], str):
        root, dot, rest = expression[1].partition(".")
        value = given.get(root)
        if value is None:
            return expression
        if not dot:
            return value
        if value[0] == "name":
            return ("name", f"{value[1]}.{rest}", expression[2])
        return expression
    return tuple(_with(part, given) for part in expression)
