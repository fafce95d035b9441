"""Evaluates the expressions of a frame, as far as their types are known."""

from collections.abc import Callable, Iterable
from itertools import chain

from analyzer.readers.python import record
from analyzer.readers.python.calling import Passing
from analyzer.readers.python.class_values import QUERY_BASES
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.given import given_by
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function
from analyzer.readers.python.tasks import DIRECTLY, RUN_AT_ONCE, is_queued_by_call
from analyzer.readers.python.types import (
    Alternatives,
    Bound,
    Instance,
    Keywords,
    Many,
    Mapped,
    Method,
    ModelClass,
    Query,
    Row,
    Selection,
    Validated,
    Value,
    item_of,
    one_of,
    options_of,
    unpacked,
)

# Functions that load classes by their names.
LOADERS = frozenset(
    ("get_model", "get_registered_model", "get_class", "get_classes", "get_user_model")
)
SENDING = frozenset(["send", "send_robust", "asend", "asend_robust"])
ON_COMMIT = frozenset(("django.db.transaction.on_commit",))


_SEQUENCES = (Query, Many, Selection)


def value_of(frame: Frame, expression: Expression) -> Value:
    """What an expression is; while effects are noted, also what evaluating it does."""
    if expression is None:
        return None
    tag = expression[0]
    if tag == "name":
        return frame.path(expression[1], expression[2])
    return EVALUATE[tag](frame, expression)


def do(frame: Frame, expression: Expression) -> None:
    """Note what evaluating an expression does; nobody wants to know what it is."""
    if expression is None or frame.effects is None:
        return
    tag = expression[0]
    if tag == "name":
        if "." in expression[1]:
            frame.path(expression[1], expression[2])
    elif tag == "call":
        value_of_call(frame, expression, is_wanted=False)
    elif tag in _PARTS:
        for part in _PARTS[tag](expression):
            do(frame, part)
    elif tag != "str" and tag != "const":
        EVALUATE[tag](frame, expression)


# What is evaluated of an expression, where doing so is all that it does itself.
_PARTS: dict[str, Callable[[Expression], Iterable[Expression]]] = {
    "fstr": lambda one: [part for part in one[1] if type(part) is tuple],
    "list": lambda one: one[1],
    "tuple": lambda one: one[1],
    "set": lambda one: one[1],
    "dict": lambda one: chain.from_iterable(one[1]),
    "either": lambda one: (one[2], *one[1]),
    "op": lambda one: one[2],
    "group": lambda one: one[1],
    "lambda": lambda one: (one[2],),
    "star": lambda one: (one[1],),
    "yield": lambda one: (one[1],),
}


def _attr(frame: Frame, expression: Expression) -> Value:
    base = frame.value(expression[1])
    return None if base is None else frame.attribute(base, expression[2], expression[3])


def _sub(frame: Frame, expression: Expression) -> Value:
    base = frame.value(expression[1])
    do(frame, expression[2])
    frame.consume(base, expression[3])
    index = expression[2]
    found: list[Value] = []
    for option in options_of(base):
        if index is not None and index[0] == "group" and isinstance(option, _SEQUENCES):
            found.append(option)
        elif isinstance(option, Row) and index is not None and index[0] == "const":
            found.append(unpacked(option, index[1] if isinstance(index[1], int) else 0))
        elif isinstance(option, _SEQUENCES) or type(option) is ModelClass:
            found.append(item_of(option))
        elif isinstance(option, Mapped):
            found.append(option.item)
        elif isinstance(option, Keywords):
            found.append(frame.keyword(option, index))
        elif isinstance(option, Validated):
            get = ("call", None, (index,), (), expression[3])
            found.append(frame.framework.method(Method(option, "get"), get, [], expression[3]))
        elif isinstance(option, Instance) and frame.framework.keeps_changes:
            get = ("call", None, (index,), (), expression[3])  # of `metadata.tables`
            found.append(frame.framework.method(Method(option, "get"), get, [], expression[3]))
    return one_of(found)


def _items(frame: Frame, expression: Expression) -> Value:
    values = [frame.value(item) for item in expression[1]]
    if expression[0] == "tuple":
        return Row(tuple(values)) if any(value is not None for value in values) else None
    item = one_of(values)
    return Many(item) if item is not None else None


def _dict(frame: Frame, expression: Expression) -> Value:
    values = []
    for key, value in expression[1]:
        do(frame, key)
        values.append(frame.value(value))
    item = one_of(values)
    return None if item is None else Mapped(item)


def _comp(frame: Frame, expression: Expression) -> Value:
    saved: dict[str, tuple[bool, Value]] = {}
    for target, iterable, _ in expression[3]:
        rows = frame.value(iterable)
        frame.consume(rows, record.line_of(iterable) or expression[4])
        item = item_of(rows)
        _bind_for_now(frame, target, item, saved)
    frame.temporary += 1
    for _, _, conditions in expression[3]:
        for condition in conditions:
            do(frame, condition)
    values = [frame.value(element) for element in expression[2]]
    frame.temporary -= 1
    for name, (was_known, value) in saved.items():
        if was_known:
            frame.types[name] = value
        else:
            frame.types.pop(name, None)
    if values[-1] is None:
        return None
    return Mapped(values[-1]) if expression[1] == "dict" else Many(values[-1])


def _bind_for_now(
    frame: Frame, target: Expression, item: Value, saved: dict[str, tuple[bool, Value]]
) -> None:
    if target is None:
        return
    if target[0] == "name" and "." not in target[1]:
        name = target[1]
        saved.setdefault(name, (name in frame.types, frame.types.get(name)))
        frame.types[name] = item
    elif target[0] == "tuple":
        for position, part in enumerate(target[1]):
            _bind_for_now(frame, part, unpacked(item, position), saved)


def _either(frame: Frame, expression: Expression) -> Value:
    do(frame, expression[2])
    return one_of([frame.value(item) for item in expression[1]])


def _op(frame: Frame, expression: Expression) -> Value:
    if expression[1] in ("|", "&", "+"):
        values = [frame.value(item) for item in expression[2]]
        return one_of([value for value in values if isinstance(value, _SEQUENCES)])
    return _only_done(frame, expression)


def _only_done(frame: Frame, expression: Expression) -> Value:
    do(frame, expression)
    return None


def _walrus(frame: Frame, expression: Expression) -> Value:
    value = frame.value(expression[2])
    frame.types[expression[1]] = one_of([frame.types.get(expression[1]), value])
    return value


def _inner(frame: Frame, expression: Expression) -> Value:
    return frame.value(expression[1])


def _nothing(frame: Frame, expression: Expression) -> Value:
    return None


def value_of_call(frame: Frame, expression: Expression, *, is_wanted: bool = True) -> Value:
    """What a call gives; while effects are noted, also what it does."""
    _, callee, arguments, keywords, line = expression
    framework = frame.framework
    if frame.effects is not None:
        name = record.callee_name(expression)
        if frame.watch is not None and name in frame.watched:
            frame.watch(frame, name, expression)
        if name in SENDING and callee[0] == "name":
            framework.sends(callee[1].rpartition(".")[0], line)
    target = callee_value(frame, callee, line)
    if target is None:
        name = record.callee_name(expression)
        named = name in framework.by_name
        values = _arguments(frame, arguments, keywords, is_wanted=named)
        return framework.named(name, expression, values, line) if named else None
    outer = frame.deferring
    if type(target) is External:
        if framework.is_plain(target.path):
            _arguments(frame, arguments, keywords, is_wanted=False)
            return frame.knowledge.classes.made_outside(target)
        frame.deferring = outer or target.path in ON_COMMIT
    values = _arguments(frame, arguments, keywords, is_wanted=True)
    frame.deferring = outer
    if type(target) is not Alternatives:
        return _called(frame, target, expression, values, line, is_wanted)
    return one_of(
        [_called(frame, one, expression, values, line, is_wanted) for one in target.options]
    )


def _arguments(
    frame: Frame,
    arguments: tuple[Expression, ...],
    keywords: tuple[tuple[str | None, Expression], ...],
    *,
    is_wanted: bool,
) -> list[Value]:
    """Values of the positional arguments, as far as they can be had by doing what they do.

    The others are evaluated when somebody wants them: `Frame.given`.
    """
    values: list[Value] = [None] * len(arguments)
    if frame.effects is None:
        return values
    for index, argument in enumerate(arguments):
        if argument is None or argument[0] in _QUIET or _is_plain_name(argument):
            continue
        if is_wanted:
            values[index] = frame.value(argument)
        else:
            do(frame, argument)
    for _, value in keywords:
        if value is not None and value[0] not in _QUIET:
            do(frame, value)
    return values


_QUIET = frozenset(("str", "const"))


def callee_value(frame: Frame, callee: Expression, line: int) -> Value:
    if callee is None:
        return None
    if callee[0] == "name":
        return frame.path(callee[1], line)
    if callee[0] == "attr":
        base = frame.framework.receiver(callee)
        return None if base is None else frame.attribute(base, callee[2], callee[3])
    return frame.value(callee)


def _called(
    frame: Frame, target: Value, call: Expression, values: list[Value], line: int, is_wanted: bool
) -> Value:
    kind = type(target)
    if kind is Method:
        if target.name in RUN_AT_ONCE and type(target.receiver) is Function:  # type: ignore[union-attr]
            return _run_at_once(frame, target.receiver, call, values, line)  # type: ignore[union-attr]
        return frame.framework.method(target, call, values, line)  # type: ignore[arg-type]
    if kind is Bound:
        _hand_on(frame, call, values, line)
        given = given_by(frame, target.function, target.receiver, call, values)  # type: ignore[union-attr]
        frame.note_call(target.function, line, target.receiver, given)  # type: ignore[union-attr]
        if not is_wanted and type(target.receiver) is Instance:  # type: ignore[union-attr]
            return frame.framework.after_bound(target, call, None, line)  # type: ignore[arg-type]
        result = frame.knowledge.returned(target.function, target.receiver, frame.depth)  # type: ignore[union-attr]
        return frame.framework.after_bound(target, call, result, line)  # type: ignore[arg-type]
    if kind is Function:
        _hand_on(frame, call, values, line)
        if is_queued_by_call(frame.knowledge.project, target):  # type: ignore[arg-type]
            if frame.watch is not None and DIRECTLY in frame.watched:
                frame.watch(frame, DIRECTLY, call)
            return None
        frame.note_call(target, line, None, given_by(frame, target, None, call, values))  # type: ignore[arg-type]
        if target.name in LOADERS:  # type: ignore[union-attr]
            return frame.framework.loader(target.name, call)  # type: ignore[union-attr]
        if not (is_wanted or frame.framework.keeps_changes or hands_class(call)):
            return None
        result = frame.knowledge.returned(target, None, frame.depth)  # type: ignore[arg-type]
        return frame.framework.after_function(target, call, result, line)  # type: ignore[arg-type]
    if kind is ModelClass:
        _note_init(frame, frame.knowledge.class_of_model(target.model), line)  # type: ignore[union-attr]
        return frame.framework.made(target, call, line)  # type: ignore[arg-type]
    if kind is ClassScope:
        return _made(frame, target, call, values, line)  # type: ignore[arg-type]
    if kind is Instance:
        return _called(frame, _run(frame, target), call, values, line, is_wanted)  # type: ignore[arg-type]
    if kind is Query:
        return target  # `order.lines(manager="all_objects")`
    if kind is External:
        return frame.framework.external(target, call, values, line)  # type: ignore[arg-type]
    return None


def _run_at_once(
    frame: Frame, function: Function, call: Expression, values: list[Value], line: int
) -> Value:
    """`task.call_local(x)`: the call that `task(x)` looks like."""
    if not is_queued_by_call(frame.knowledge.project, function):
        return None
    _hand_on(frame, call, values, line)
    frame.note_call(function, line, None, given_by(frame, function, None, call, values))
    return frame.knowledge.returned(function, None, frame.depth)


def _run(frame: Frame, value: Instance) -> Bound | None:
    """What calling an object runs."""
    if not isinstance(value.cls, ClassScope):
        return None
    member = frame.knowledge.project.class_member(value.cls, "__call__")
    return Bound(member, value) if isinstance(member, Function) else None


def hands_class(call: Expression) -> bool:
    """Whether an argument has the name of a class."""
    for one in call[2]:
        if one is not None and one[0] == "name" and _is_named_like_class(one[1]):
            return True
    for _, one in call[3]:
        if one is not None and one[0] == "name" and _is_named_like_class(one[1]):
            return True
    return False


def _is_named_like_class(path: str) -> bool:
    start = path.rfind(".") + 1
    return path[start : start + 1].isupper()


def _hand_on(frame: Frame, call: Expression, values: list[Value], line: int) -> None:
    """Rows that are handed to code of the snapshot are read on behalf of who hands them on."""
    if frame.effects is None or not values:
        return
    for argument, value in zip(call[2], values, strict=True):
        if value is None and argument is not None and argument[0] == "name":
            value = frame.types.get(argument[1])
        if type(value) is Query:
            frame.consume(value, line)


def _made(frame: Frame, cls: ClassScope, call: Expression, values: list[Value], line: int) -> Value:
    _note_init(frame, cls, line)
    if frame.knowledge.project.is_subclass(cls, QUERY_BASES):
        return frame.framework.query_made(cls, values, call)
    return Instance(cls)


def _note_init(frame: Frame, cls: ClassScope | None, line: int) -> None:
    if cls is None or frame.effects is None:
        return
    member = frame.knowledge.project.class_member(cls, "__init__")
    if isinstance(member, Function):
        frame.note_call(member, line)


def passed(frame: Frame, function: Function, calls: Iterable[Passing]) -> Value:
    """What the code here passes to a function for one of its parameters, by these calls."""
    found = []
    for call, arguments in calls:
        shift = _shift(frame, call, function)
        if shift is not None:
            found.append(frame.value(arguments[shift]))
    return one_of(found)


def _shift(frame: Frame, call: Expression, function: Function) -> int | None:
    """How many parameters come before the first argument; None where another is called."""
    callee = call[1]
    for option in options_of(callee_value(frame, callee, call[4])):
        if isinstance(option, Bound) and _may_run(frame, option.function, function):
            return 1
        if option is function:
            return 0
        made = option.model if isinstance(option, ModelClass) else getattr(option, "id", None)
        if function.owner is not None and made == function.owner.id:
            return 1
    return None


def _may_run(frame: Frame, called: Function, function: Function) -> bool:
    """Whether calling a method may run another: itself, or an override of it."""
    if called is function:
        return True
    if called.name != function.name or called.owner is None or function.owner is None:
        return False
    return called.owner in frame.knowledge.project.mro(function.owner)


def _is_plain_name(expression: Expression) -> bool:
    """Whether evaluating it does nothing, so that it can wait until somebody wants the value."""
    return expression[0] == "name" and "." not in expression[1]


EVALUATE: dict[str, Callable[[Frame, Expression], Value]] = {
    "attr": _attr,
    "call": value_of_call,
    "sub": _sub,
    "const": _nothing,
    "str": _nothing,
    "fstr": _only_done,
    "list": _items,
    "tuple": _items,
    "set": _items,
    "dict": _dict,
    "comp": _comp,
    "either": _either,
    "op": _op,
    "group": _only_done,
    "lambda": _only_done,
    "walrus": _walrus,
    "star": _inner,
    "yield": _inner,
}
