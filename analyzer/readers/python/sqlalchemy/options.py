"""Loader options of a query, wherever they are put together."""

from collections.abc import Iterator

from analyzer.readers.python import record
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import Function, Variable
from analyzer.readers.python.sqlalchemy import vocabulary as words
from analyzer.readers.python.types import Bound, options_of

_DEPTH = 3  # functions and constants that are followed one into the other


def options_in(frame: Frame, call: Expression, depth: int = _DEPTH) -> Iterator[Expression]:
    """The calls in the arguments of `call` that are options, and those behind the names in them.

    Of a local variable, whatever options the code makes: they are made for its query.
    """
    is_local = False
    for argument in call[2]:
        for part in record.walk_expressions(argument):
            if part[0] == "name" and "." not in part[1] and frame.is_local(part[1]):
                is_local = is_local or not frame.is_parameter(part[1])
            yield from _options_of(frame, part, depth)
    if is_local:
        for name in sorted(words.OPTIONS):
            yield from frame.body.calls(name)


def _options_of(frame: Frame, part: Expression, depth: int) -> Iterator[Expression]:
    if part[0] == "call":
        if record.callee_name(part) in words.OPTIONS:
            yield part
        elif depth > 0:
            for value in options_of(frame.silently(part[1])):
                function = value.function if isinstance(value, Bound) else value
                if isinstance(function, Function):
                    yield from _returned(frame, function, depth)
    elif part[0] == "name" and depth > 0 and not frame.is_local(part[1].partition(".")[0]):
        symbol = frame.knowledge.project.resolve(frame.module, part[1])
        if isinstance(symbol, Variable) and symbol.value is not None:
            outer = ("call", None, (symbol.value,), (), 0)
            for one in record.walk_expressions(outer):
                yield from _options_of(frame, one, 0)


def _returned(frame: Frame, function: Function, depth: int) -> Iterator[Expression]:
    inner = frame.knowledge.silent(function, None, 1)
    for operation in record.walk_operations(inner.operations):
        if operation[0] == "return" and operation[1] is not None:
            yield from options_in(inner, ("call", None, (operation[1],), (), 0), depth - 1)
