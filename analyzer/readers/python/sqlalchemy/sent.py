"""What receivers of blinker's signals are called with: what the code that sends them hands over."""

from collections.abc import Iterator

from analyzer.readers.python import record
from analyzer.readers.python.class_values import MOST_HEIRS
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import Function
from analyzer.readers.python.types import Value, one_of, options_of

_CONNECTING = (".connect", ".connect_via")
_MOST_SENDERS = 8  # functions that send one signal


def sent_to(frame: Frame, function: Function, name: str) -> Value:
    """What a parameter of a receiver is; None where it is none, or is called with too much."""
    signals = list(_connected(function))
    if not signals:
        return None
    parameters = [one for one, *_ in function.record[record.F_PARAMETERS]]
    position = parameters.index(name) if name in parameters else None
    found = one_of(
        inner.value(given)
        for signal in signals
        for inner, call in _sent(frame, signal)
        if (given := _given(call, name, position)) is not None
    )
    return found if len(options_of(found)) <= MOST_HEIRS else None


def _connected(function: Function) -> Iterator[str]:
    """`@signals.user.registered.connect`, called or not: the name of the signal."""
    for decorator in function.decorators:
        if decorator is None:
            continue
        path = record.callee_path(decorator) if decorator[0] == "call" else decorator[1]
        for ending in _CONNECTING:
            if type(path) is str and path.endswith(ending):
                yield path.removesuffix(ending)


def _sent(frame: Frame, signal: str) -> Iterator[tuple[Frame, Expression]]:
    """The calls that send a signal, told by the last two parts of its name."""
    wanted = signal.split(".")[-2:]
    senders = 0
    for sender in frame.knowledge.project.calling("send"):
        inner = frame.knowledge.silent(sender, None, max(frame.depth - 1, 0))
        calls = [one for one in inner.body.calls("send") if _path(one)[-len(wanted) :] == wanted]
        senders += bool(calls)
        if senders > _MOST_SENDERS:
            return
        for call in calls:
            yield inner, call


def _path(call: Expression) -> list[str]:
    return record.callee_path(call).split(".")[:-1]


def _given(call: Expression, name: str, position: int | None) -> Expression:
    given = record.keyword(call, name)
    return record.argument(call, 0) if given is None and position == 0 else given
