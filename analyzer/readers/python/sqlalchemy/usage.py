"""What code asks of something whose class it does not say, and what it compares it to."""

from collections.abc import Sequence

from analyzer.readers.python import record
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.record import Expression, Operation
from analyzer.readers.python.scopes import ClassScope, Function

Used = dict[str, set[str]]  # attributes by the path that they are asked of
_NONE: frozenset[str] = frozenset()


def tested_of(frame: Frame, name: str) -> list[Expression]:
    """The classes that `isinstance` compares a parameter or local variable with, as written."""
    if frame.function is None or not frame.is_local(name):
        return []
    found: list[Expression] = []
    for call in frame.body.calls("isinstance"):
        subject, kind = record.argument(call, 0), record.argument(call, 1)
        if subject is not None and kind is not None and subject[:2] == ("name", name):
            found += kind[1] if kind[0] == "tuple" else (kind,)
    return found


def used_of(frame: Frame, names: Sequence[str]) -> frozenset[str]:
    """Attributes of a local variable in its function, or of `self.x` in all methods."""
    if len(names) == 1 and frame.function is not None and frame.is_local(names[0]):
        return frozenset(_in_function(frame, frame.function).get(names[0], _NONE))
    if len(names) == 2 and names[0] == "self" and frame.owner is not None:
        found: set[str] = set()
        for base in frame.knowledge.project.mro(frame.owner):
            if isinstance(base, ClassScope):
                found |= _in_class(frame, base).get(".".join(names), set())
        return frozenset(found)
    return _NONE


def _in_class(frame: Frame, cls: ClassScope) -> Used:
    known = frame.knowledge.with_arguments
    if ("used", cls) not in known:
        found: Used = {}
        for binding in cls.names.values():
            for method in binding:
                if isinstance(method, Function):
                    _note(found, frame.knowledge.body(method).operations, depth=2)
        known["used", cls] = found
    return known["used", cls]  # type: ignore[no-any-return]


def _in_function(frame: Frame, function: Function) -> Used:
    known = frame.knowledge.with_arguments
    if ("used", function) not in known:
        found: Used = {}
        _note(found, frame.body.operations, depth=1)
        known["used", function] = found
    return known["used", function]  # type: ignore[no-any-return]


def _note(found: Used, operations: tuple[Operation, ...], *, depth: int) -> None:
    for operation in record.walk_operations(operations):
        for expression in record.expressions_of(operation):
            for part in record.walk_expressions(expression):
                if part[0] == "name" and part[1].count(".") >= depth:
                    names = part[1].split(".")
                    found.setdefault(".".join(names[:depth]), set()).add(names[depth])
