"""What code gives a template by which name: dictionaries built in any of the usual ways."""

from collections.abc import Iterable
from typing import Any

from analyzer.readers.python import record
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.knowledge import INFERENCE_DEPTH
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import Function
from analyzer.readers.python.types import (
    Bound,
    Value,
    one_of,
    options_of,
)

Context = dict[str, Value]

MOST_STEPS = 12  # functions and names that are followed to find out what a context holds
_WRAPPERS = frozenset(["dict", "Context", "RequestContext", "copy", "deepcopy"])


def context_in(frame: Frame, expression: Expression, steps: int = MOST_STEPS) -> Context:
    """What stands by which name in a dictionary; as far as it can be seen, without any effect."""
    if expression is None or steps <= 0:
        return {}
    tag = expression[0]
    if tag == "dict":
        return _of_literal(frame, expression, steps)
    if tag == "name":
        return _of_name(frame, expression[1], steps)
    if tag == "call":
        return _of_call(frame, expression, steps)
    if tag in ("either", "op"):
        inner = expression[1] if tag == "either" else expression[2]
        return merged(context_in(frame, one, steps - 1) for one in inner)
    return {}


def merged(contexts: Iterable[Context]) -> Context:
    """All that any of the contexts holds."""
    found: dict[str, list[Value]] = {}
    for context in contexts:
        for name, value in context.items():
            found.setdefault(name, []).append(value)
    return {name: one_of(values) for name, values in found.items()}


def _of_literal(frame: Frame, expression: Expression, steps: int) -> Context:
    found: list[Context] = []
    for key, value in expression[1]:
        name = record.string_of(key)
        if name is not None:
            found.append({name: frame.silently(value)})
        elif key is None:
            found.append(context_in(frame, value, steps - 1))
    return merged(found)


def _of_name(frame: Frame, name: str, steps: int) -> Context:
    """A local variable, with what the code puts into it."""
    if "." in name:
        return {}
    found: list[Context] = []
    for source in frame.body.sources().get(name, ()):
        if source[0] == "value":
            found.append(context_in(frame, source[1], steps - 1))
    for operation in record.walk_operations(frame.operations):
        if operation[0] == "assign":
            for target in operation[1]:
                found.append(_put(frame, target, name, operation[2]))
    for method in ("update", "setdefault"):
        for call in frame.body.calls(method):
            if record.callee_path(call) == f"{name}.{method}":
                found.append(_added(frame, call, method, steps))
    return merged(found)


def _put(frame: Frame, target: Expression, name: str, value: Expression) -> Context:
    """`context["name"] = value`."""
    if target is None or target[0] != "sub" or target[1] is None or target[1][:2] != ("name", name):
        return {}
    key = record.string_of(target[2])
    return {} if key is None else {key: frame.silently(value)}


def _added(frame: Frame, call: Expression, method: str, steps: int) -> Context:
    """`context.update(…)` and `context.setdefault("name", value)`."""
    if method == "setdefault":
        key, value = record.string_of(record.argument(call, 0)), record.argument(call, 1)
        return {} if key is None or value is None else {key: frame.silently(value)}
    return merged(
        [context_in(frame, record.argument(call, 0), steps - 1), _keywords(frame, call, steps)]
    )


def _keywords(frame: Frame, call: Expression, steps: int) -> Context:
    found: list[Context] = []
    for name, value in call[3]:
        if name is None:
            found.append(context_in(frame, value, steps - 1))
        else:
            found.append({name: frame.silently(value)})
    return merged(found)


def _of_call(frame: Frame, call: Expression, steps: int) -> Context:
    name = record.callee_name(call)
    found = [_keywords(frame, call, steps)]
    if name in _WRAPPERS:
        found += [context_in(frame, one, steps - 1) for one in call[2]]
        return merged(found)
    if name == "locals":
        return {one: frame.silently(("name", one, call[4])) for one in frame.body.sources()}
    for option in options_of(frame.silently(call[1])):
        if isinstance(option, Bound | Function):
            found.append(returned_context(frame, option, steps))
    return merged(found)


def returned_context(frame: Frame, called: Bound | Function, steps: int = MOST_STEPS) -> Context:
    """What stands in the dictionary that a function returns."""
    function = called if isinstance(called, Function) else called.function
    receiver = None if isinstance(called, Function) else called.receiver
    depth = min(frame.depth, INFERENCE_DEPTH - 1)
    known: dict[Any, Context] = frame.knowledge.contexts
    key = (function, receiver, depth)
    if key not in known:
        known[key] = {}  # what a cycle sees
        inner = frame.knowledge.silent(function, receiver, depth)
        known[key] = merged(
            context_in(inner, operation[1], steps - 1)
            for operation in record.walk_operations(inner.operations)
            if operation[0] == "return"
        )
    return known[key]
