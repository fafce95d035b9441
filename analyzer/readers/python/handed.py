"""What a function of the snapshot does with the classes that one call hands to it.

`fetch(Order, id=1)` reads another table than `fetch(Customer, id=1)`: the function is followed once
more with what is handed over, and what that does to the tables of those classes is its caller's.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from analyzer.readers.python import record
from analyzer.readers.python.effects import Effects
from analyzer.readers.python.evaluator import Evaluator
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.record import Expression
from analyzer.readers.python.running import run
from analyzer.readers.python.scopes import Function
from analyzer.readers.python.types import Value, one_of

TablesOf = Callable[[Frame, Value], Iterable[str]]  # that what is handed over is about


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the function returns, and (table, mode, operation) of what it does."""

    returned: Value
    touches: tuple[tuple[str, str, str], ...]


NOTHING = Outcome(None, ())


def with_classes(
    frame: Frame,
    function: Function,
    receiver: Value,
    call: Expression,
    *,
    kinds: tuple[type, ...],
    tables_of: TablesOf,
) -> Outcome:
    """What a call does by the values of these kinds among its arguments, to their tables."""
    given = _handed(frame, function, call, kinds, is_bound=receiver is not None)
    if not given or frame.depth <= 0:
        return NOTHING
    known = frame.knowledge.with_arguments
    key = (function, receiver, tuple(sorted(given.items(), key=lambda one: one[0])), frame.depth)
    if key not in known:
        known[key] = NOTHING  # what recursion sees
        known[key] = _followed(frame, function, receiver, given, tables_of)
    found: Outcome = known[key]
    return found


def _followed(
    frame: Frame,
    function: Function,
    receiver: Value,
    given: dict[str, Value],
    tables_of: TablesOf,
) -> Outcome:
    inner = Evaluator(
        frame.knowledge, function.module, function=function, receiver=receiver,
        depth=frame.depth - 1, effects=Effects(),
    )  # fmt: skip
    inner.types.update(given)
    run(inner, inner.operations)
    concerned = {table for value in given.values() for table in tables_of(frame, value)}
    accesses = inner.effects.accesses if inner.effects is not None else {}
    touches = {key[:3]: None for key in accesses if key[0] in concerned}
    inner.effects = None
    returned = [
        inner.value(operation[1])
        for operation in record.walk_operations(inner.operations)
        if operation[0] == "return" and operation[1] is not None
    ]
    return Outcome(one_of(returned), tuple(touches))


def _handed(
    frame: Frame, function: Function, call: Expression, kinds: tuple[type, ...], *, is_bound: bool
) -> dict[str, Value]:
    """The values of these kinds in a call's arguments, by the parameter that takes them."""
    names = [name for name, *_ in function.record[record.F_PARAMETERS] if name[:1] != "*"]
    positional = zip(names[1:] if is_bound else names, call[2], strict=False)
    found: dict[str, Value] = {}
    for name, expression in (*positional, *call[3]):
        if name in names and expression is not None and expression[0] == "name":
            value = _value(frame, expression)
            if isinstance(value, kinds):
                found[name] = value
    return found


def _value(frame: Frame, expression: Expression) -> Value:
    head, _, rest = expression[1].partition(".")
    if head in frame.types and not rest:
        return frame.types[head]
    if frame.is_parameter(head):
        return None
    return frame.silently(expression)
