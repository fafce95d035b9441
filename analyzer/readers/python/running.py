"""Runs the operations of a frame's code, for what they do."""

from collections.abc import Callable
from typing import Any

from analyzer.readers.python import record
from analyzer.readers.python.branches import joined, leaves, may_ask, otherwise
from analyzer.readers.python.evaluation import do
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.guards import tested
from analyzer.readers.python.record import Expression, Operation


def run(frame: Frame, operations: tuple[Operation, ...]) -> None:
    """Evaluate everything in the operations, noting the effects."""
    outer = frame.conditions
    for operation in operations:
        _RUN[operation[0]](frame, operation)
        if operation[0] == "if" and leaves(operation[1][0][1]):
            _go_on(frame, operation)
    frame.conditions = outer


def _go_on(frame: Frame, operation: Operation) -> None:
    """After `if not asked: return`, the code runs only where it was asked."""
    for test, body in operation[1]:
        if not may_ask(test) or not leaves(body):
            return
        left = otherwise(frame.asked(test), test)
        frame.conditions = joined(frame.conditions, left)


def _expression(frame: Frame, operation: Operation) -> None:
    do(frame, operation[1])


def _assign(frame: Frame, operation: Operation) -> None:
    value = operation[2]
    if value is not None:
        frame.memo[id(value)] = frame.value(value)
    for target in operation[1]:
        _target(frame, target)


def _target(frame: Frame, target: Expression) -> None:
    if target is None:
        return
    if target[0] == "name":
        head, _, last = target[1].rpartition(".")
        if head and frame.framework.keeps_changes:
            value = frame.path(head, target[2])
            if value is None:
                value = frame.knowledge.suggestions.suggested(head.rpartition(".")[2], last)
                value = value or frame.framework.guessed(head.split("."))
            frame.framework.changed(value, last, target[2])
        elif head and "." in head:
            frame.path(head, target[2])
    elif target[0] == "tuple":
        for item in target[1]:
            _target(frame, item)
    elif target[0] == "attr" and frame.framework.keeps_changes:
        frame.framework.changed(frame.value(target[1]), target[2], target[3])
    elif target[0] in ("attr", "sub", "star"):
        do(frame, target[1])
    else:  # of a damaged file: no target at all
        do(frame, target)


def _augment(frame: Frame, operation: Operation) -> None:
    do(frame, operation[3])
    if frame.framework.keeps_changes:
        _target(frame, operation[1])


def _for(frame: Frame, operation: Operation) -> None:
    value = frame.memo[id(operation[2])] = frame.value(operation[2])
    frame.consume(value, operation[3])


def _if(frame: Frame, operation: Operation) -> None:
    outer = frame.conditions
    for test, body in operation[1]:
        do(frame, test)
        conditions = frame.asked(test) if may_ask(test) else ()
        if not conditions:
            _branch(frame, test, body)
            continue
        around = frame.conditions
        frame.conditions = joined(around, conditions)
        _branch(frame, test, body)
        frame.conditions = joined(around, otherwise(conditions, test))
    frame.conditions = outer


def _branch(frame: Frame, test: Expression, body: tuple[Operation, ...]) -> None:
    guard = tested(test, body)
    if guard is None:
        run(frame, body)
    else:
        with frame.guarded(*guard):
            run(frame, body)


def _try(frame: Frame, operation: Operation) -> None:
    run(frame, operation[1])
    for _, _, body in operation[2]:
        run(frame, body)
    run(frame, operation[3])
    run(frame, operation[4])


def _with(frame: Frame, operation: Operation) -> None:
    outer = frame.scope
    for context, _ in operation[1]:
        value = frame.memo[id(context)] = frame.value(context)
        if frame.effects is not None and frame.framework.opens_transaction(context, value):
            frame.open("block", record.line_of(context) or operation[3], operation[4])
    run(frame, operation[2])
    frame.scope = outer


def _delete(frame: Frame, operation: Operation) -> None:
    for target in operation[1]:
        do(frame, target)


def _def(frame: Frame, operation: Operation) -> None:
    definition = operation[1]
    for decorator in definition[record.F_DECORATORS]:
        do(frame, decorator)
    if frame.function is None:
        return  # methods and functions outside functions have frames of their own
    inner = frame.nested(definition)
    inner.deferring = frame.deferring or _is_deferred(frame, definition)
    run(inner, inner.operations)


def _is_deferred(frame: Frame, definition: tuple[Any, ...]) -> bool:
    """Whether a function is only there to run once the transaction is committed."""
    name, decorators = definition[record.F_NAME], definition[record.F_DECORATORS]
    if any(_is_named(one, "on_commit") for one in decorators):
        return True
    given = (argument for call in frame.body.calls("on_commit") for argument in call[2])
    return any(one is not None and one[:2] == ("name", name) for one in given)


def _is_named(expression: Expression, name: str) -> bool:
    if expression is None or expression[0] != "name":
        return False
    return bool(expression[1].rpartition(".")[2] == name)


def _class(frame: Frame, operation: Operation) -> None:
    for decorator in operation[1][record.C_DECORATORS]:
        do(frame, decorator)


def _nothing(frame: Frame, operation: Operation) -> None:
    pass


_RUN: dict[str, Callable[[Frame, Operation], None]] = {
    "expr": _expression,
    "return": _expression,
    "raise": _expression,
    "assign": _assign,
    "augment": _augment,
    "for": _for,
    "if": _if,
    "try": _try,
    "with": _with,
    "delete": _delete,
    "def": _def,
    "class": _class,
    "import": _nothing,
}
