"""What a call hands to a function of the snapshot, as far as it decides what runs there."""

from itertools import takewhile

from analyzer.readers.python import record
from analyzer.readers.python.branches import STARRED, Family, Given, What, mark
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import Function
from analyzer.readers.python.types import (
    Alternatives,
    ModelClass,
    ModelInstance,
    Value,
    options_of,
)

_CONSTANTS = ("const", "str")
# Decorators under which a function is called with the arguments that the call has.
_PLAIN = frozenset(
    ["staticmethod", "classmethod", "property", "atomic", "abstractmethod", "contextmanager"]
)


def given_by(
    frame: Frame, function: Function, receiver: Value, call: Expression, values: list[Value]
) -> Given | None:
    """What a call hands over; None where a decorator may change it."""
    if frame.effects is None:
        return None
    names = _taking(frame, function, receiver)
    if names is None:
        return None
    first, positional = names
    found: list[tuple[str, What]] = [(first, _receiver(frame, receiver))] if first else []
    for position, expression in enumerate(call[2]):
        if expression is not None and expression[0] == "star":
            found.append((STARRED, None))
        elif position < len(positional):
            found.append((positional[position], _what(frame, expression, values[position])))
    for name, expression in call[3]:
        found.append((name, _what(frame, expression, None)) if name else (STARRED, None))
    return tuple(found)


def _taking(
    frame: Frame, function: Function, receiver: Value
) -> tuple[str, tuple[str, ...]] | None:
    """The parameter for the receiver, and those for positional arguments, as a call fills them."""
    known = frame.knowledge.taking
    key = (function, "" if receiver is None else type(receiver).__name__)
    if key not in known:
        known[key] = _parameters(function, receiver)
    return known[key]


def _parameters(function: Function, receiver: Value) -> tuple[str, tuple[str, ...]] | None:
    decorators = {_last(one) for one in function.record[record.F_DECORATORS]}
    if not decorators <= _PLAIN:
        return None
    names = [name for name, *_ in function.record[record.F_PARAMETERS]]
    names = list(takewhile(lambda name: name[0] != "*", names))
    if function.owner is None or "staticmethod" in decorators or not names:
        return "", tuple(names)
    if "classmethod" in decorators:
        return "" if receiver is None else names[0], tuple(names[1:])
    if receiver is None or type(receiver) is ModelClass:  # `Order.save(order)`
        return "", tuple(names)
    return names[0], tuple(names[1:])


def _last(decorator: Expression) -> str:
    if decorator is not None and decorator[0] == "call":
        return record.callee_name(decorator)
    if decorator is None or decorator[0] != "name":
        return ""
    return str(decorator[1].rpartition(".")[2])


def _receiver(frame: Frame, receiver: Value) -> What:
    """What `self` is there; the caller's own, where it is one of what that can be."""
    own = frame.receiver
    is_own = type(own) is Alternatives and (receiver == own or receiver in own.options)
    if is_own and frame.function is not None and frame.parent is None:
        return ("name", frame.function.record[record.F_PARAMETERS][0][0])
    return _of(frame, receiver)


def _what(frame: Frame, expression: Expression, value: Value) -> What:
    if expression is None:
        return None
    if expression[0] in _CONSTANTS:
        return ("const", mark(expression[1]))
    if expression[0] == "name" and "." not in expression[1]:
        return _named(frame, expression[1])
    return _of(frame, value)


def _named(frame: Frame, name: str) -> What:
    if frame.is_handed(name):
        value = frame.types.get(name)
        return ("name", name) if type(value) is Alternatives or value is None else _of(frame, value)
    return _of(frame, frame.root(name)) if frame.is_local(name) else None


def _of(frame: Frame, value: Value) -> What:
    """The models whose rows it can be, or that it is."""
    options = options_of(value)
    models = tuple(model_of(one) for one in options)
    return ("of", *with_ancestors(frame, models)) if models and all(models) else None


def with_ancestors(frame: Frame, models: tuple[str, ...]) -> Family:
    """Some models, and with them all that they extend."""
    lineage = (above for model in models for above in frame.knowledge.index.lineage(model))
    return models, tuple(dict.fromkeys((*models, *lineage)))


def model_of(value: Value) -> str:
    """The model that a value is, or is a row of; "" for anything else."""
    return value.model if isinstance(value, ModelInstance | ModelClass) else ""
