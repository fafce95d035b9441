"""What listeners of the mapper's events are called with: `@listens_for(Order, "after_insert")`."""

from collections.abc import Iterator

from analyzer.readers.python import record
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import Function
from analyzer.readers.python.sqlalchemy.mentions import Mentions
from analyzer.readers.python.sqlalchemy.relations import led_to
from analyzer.readers.python.sqlalchemy.vocabulary import LISTENING
from analyzer.readers.python.types import (
    Method,
    ModelClass,
    ModelInstance,
    Value,
    item_of,
    one_of,
    options_of,
)

# Events by what their listeners are called with.
_OF_ATTRIBUTES = frozenset(
    {"set", "append", "remove", "modified", "append_wo_mutation"}
)  # row, value
_OF_FLUSHES = frozenset(
    f"{when}_{what}" for when in ("before", "after") for what in ("insert", "update", "delete")
)  # mapper, connection, row


def heard(frame: Frame, mentions: Mentions, function: Function, name: str) -> Value:
    """What a parameter of a listener is; None where the function is none."""
    position = _position(function, name)
    if position is None:
        return None
    found: list[Value] = []
    for target, event in _heard_by(frame, function):
        if position == (2 if event in _OF_FLUSHES else 0):
            models = mentions.entities((target,), follow=True)
            found += [ModelInstance(one) for one in models if one]
        elif position == 1 and event in _OF_ATTRIBUTES:
            found.append(_value(frame, target))
    return one_of(found)


def _position(function: Function, name: str) -> int | None:
    names = [one for one, *_ in function.record[record.F_PARAMETERS]]
    if name not in names:
        return None
    is_method = function.owner is not None and names[0] in ("self", "cls")
    return names.index(name) - (1 if is_method else 0)


def _heard_by(frame: Frame, function: Function) -> Iterator[tuple[Expression, str]]:
    """(what it listens to, event) of each decorator and each `event.listen(…)` of the module."""
    for decorator in function.decorators:
        if decorator is None or decorator[0] != "call" or len(decorator[2]) < 2:
            continue
        if record.callee_name(decorator) in LISTENING:
            yield decorator[2][0], record.string_of(decorator[2][1]) or ""
    if function.owner is None:
        for call in frame.knowledge.body(function.module).calls("listen"):
            given = record.argument(call, 2, "fn")
            if given is not None and given[:2] == ("name", function.name) and len(call[2]) >= 2:
                yield call[2][0], record.string_of(call[2][1]) or ""


def _value(frame: Frame, target: Expression) -> Value:
    """What a relationship that is listened to gets: a row of the other class."""
    found: list[Value] = []
    index = frame.knowledge.index
    for option in options_of(frame.silently(target)):
        if isinstance(option, Method) and isinstance(option.receiver, ModelClass):
            fields = index.models[option.receiver.model].fields
            if option.name in fields:
                led = led_to(index, fields[option.name])
                found.append(led if isinstance(led, ModelInstance) else item_of(led))
    return one_of(found)
