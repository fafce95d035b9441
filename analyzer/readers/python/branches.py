"""Which branches of a function run only for some of its arguments, and what a call hands to them.

`def ship(order, notify=False): if notify: Message.objects.create(…)` writes messages for a caller
that asks for it, not for one that leaves `notify` out. A condition is (parameter, asked, wanted):

    ("notify", "true", None)    it is true         ("notify", "false", None)    it is not
    ("mode", "is", mark)        it is a constant   ("mode", "is not", mark)     it is another
    ("row", "of", family)       it is a row of one of these models, or such a model itself

What a call hands over is ((parameter, what), …) of all parameters that it gives something, where
what is ("const", mark), ("of", *family), ("name", parameter of the caller), or None where it
cannot be told. The parameter "*" stands for arguments in a list or dictionary. Of constants there
are marks alone, as an argument may be a secret. A family is (models, these with all they extend).
"""

from collections.abc import Iterable
from typing import Any
from zlib import crc32

from analyzer.readers.python import record
from analyzer.readers.python.record import Expression, Operation

Condition = tuple[str, str, Any]
Conditions = tuple[Condition, ...]
Family = tuple[tuple[str, ...], tuple[str, ...]]
What = tuple[Any, ...] | None
Given = tuple[tuple[str, What], ...]

MOST_CONDITIONS = 3  # that are kept of one access; leaving one out claims more
STARRED = "*"
_NEGATED = {"true": "false", "false": "true", "is": "is not", "is not": "is"}
_ASKING = {"group": 3, "either": 4}  # parts that an expression has where it says what it asks
_LEAVING = frozenset(["return", "raise"])


def may_ask(test: Expression) -> bool:
    """Whether a test may ask something of plain names."""
    return test is not None and (test[0] == "name" or len(test) == _ASKING.get(test[0]))


def asked(test: Expression) -> Conditions:
    """What a test asks of plain names: all of it holds inside the branch."""
    if test is None:
        return ()
    if test[0] == "name":
        return ((test[1], "true", None),)
    if test[0] == "group" and len(test) == 3 and test[1][0][0] == "name":
        name = test[1][0][1]
        kind = test[2][0]
        return ((name, "false", None),) if kind == "not" else ((name, kind, mark(test[2][1])),)
    if test[0] == "either" and len(test) == 4:
        return tuple(one for part in test[1] for one in asked(part))
    return ()


def mark(constant: Any) -> Any:
    """What tells a constant from most others, and whether it is true, but not what it is."""
    if constant is None or not constant or constant is True:
        return constant
    return f"~{crc32(repr(constant).encode()) % 65536:04x}"


def otherwise(conditions: Conditions, test: Expression) -> Conditions:
    """What holds where the test failed: nothing that is known, if it asked for several things."""
    if len(conditions) != 1 or (test is not None and test[0] == "either"):
        return ()
    name, kind, wanted = conditions[0]
    return ((name, _NEGATED[kind], wanted),)


def leaves(body: tuple[Operation, ...]) -> bool:
    """Whether what stands after a branch is not reached through it."""
    return bool(body) and body[-1][0] in _LEAVING


def joined(outer: Conditions, inner: Iterable[Condition]) -> Conditions:
    """Both, without repetition."""
    return tuple(dict.fromkeys((*outer, *inner)))[:MOST_CONDITIONS]


def after_call(
    conditions: Conditions, given: Given | None, defaults: Iterable[tuple[str, Any]]
) -> Conditions | None:
    """The conditions in the words of a caller; None where what it hands over rules them out."""
    if given is None:
        return ()
    handed = dict(given)
    left_out = {} if STARRED in handed else dict(defaults)
    kept: list[Condition] = []
    for name, kind, wanted in conditions:
        what = handed.get(name)
        if name not in handed and name in left_out:
            what = ("const", left_out[name])
        if what is None:
            continue
        if what[0] == "name":
            kept.append((what[1], kind, wanted))
        elif not _may_hold(what, kind, wanted):
            return None
    return tuple(kept)


def _may_hold(what: tuple[Any, ...], kind: str, wanted: Any) -> bool:
    if what[0] == "of":
        return kind != "of" or _related(what[1:], wanted)
    value = what[1]
    if kind == "true":
        return bool(value)
    if kind == "false":
        return not value
    if kind == "of":
        return value is not None
    is_same = type(value) is type(wanted) and value == wanted
    return is_same if kind == "is" else not is_same


def _related(given: Any, wanted: Family) -> bool:
    """Whether a row may be of both families: one extends the other, or is the same."""
    return not (set(given[0]).isdisjoint(wanted[1]) and set(given[1]).isdisjoint(wanted[0]))


def defaults_of(function: tuple[Any, ...]) -> tuple[tuple[str, Any], ...]:
    """The constants that parameters have where a call leaves them out."""
    return tuple(
        (name, mark(default[1]))
        for name, _, default in function[record.F_PARAMETERS]
        if default is not None and default[0] in ("const", "str")
    )
