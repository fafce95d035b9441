"""Frozen values to rows of plain JSON and back, by the types of their fields."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from analyzer.facts.evidence import Evidence

Value = TypeVar("Value")
Row = dict[str, Any]


def row_of(value: object, *, without: frozenset[str] = frozenset()) -> Row:
    """A dataclass as a mapping; a field `evidence` becomes the keys `path` and `line`."""
    row: Row = {}
    for name in _names(cast(Any, type(value))):
        if name in without:
            continue
        content = getattr(value, name)
        if name == "evidence" and isinstance(content, Evidence):
            row["path"], row["line"] = content.path, content.line
        else:
            row[name] = plain(content)
    return row


def plain(content: object) -> Any:
    """Any value that artefacts hold, as JSON knows it."""
    if content is None or isinstance(content, str | int):
        return content
    if isinstance(content, float):
        return rounded(content)
    if isinstance(content, tuple | list):
        return [plain(item) for item in content]
    return row_of(content)


def rounded(number: float) -> float:
    """The precision that numbers have in a report: six decimals."""
    return round(number, 6)


def value_of(kind: type[Value], row: Mapping[str, Any], **known: object) -> Value:
    """The value that `row_of` made the row from; `known` fills in fields that the row leaves out.

    Raises `KeyError` or `TypeError` if the row is not of this kind.
    """
    found: dict[str, object] = dict(known)
    for field, decode in _decoders(cast(Any, kind)):
        if field.name in found:
            continue
        if field.type in (Evidence, "Evidence") and field.name == "evidence":
            found[field.name] = Evidence(path=row["path"], line=row["line"])
        elif field.name in row:
            found[field.name] = decode(row[field.name])
        elif field.default is MISSING:
            raise KeyError(field.name)
    return kind(**found)


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


@cache
def _decoders(kind: Any) -> tuple[tuple[Field[Any], Callable[[Any], object]], ...]:
    hints = get_type_hints(kind)
    return tuple((field, _decoder(hints[field.name])) for field in fields(kind))


def _decoder(hint: Any) -> Callable[[Any], object]:
    origin = get_origin(hint)
    if origin is tuple:
        return _tuple_decoder(get_args(hint))
    if origin in (Union, UnionType):
        inner = _decoder(next(arm for arm in get_args(hint) if arm is not NoneType))
        return lambda content: None if content is None else inner(content)
    if origin is Literal or hint in (str, int, bool):
        return lambda content: content
    if hint is float:
        return float
    if is_dataclass(hint):
        return lambda content: value_of(cast(type[object], hint), content)
    raise TypeError(f"rows cannot hold {hint}")


def _tuple_decoder(arms: tuple[Any, ...]) -> Callable[[Any], object]:
    if len(arms) == 2 and arms[1] is Ellipsis:
        one = _decoder(arms[0])
        return lambda content: tuple(one(item) for item in content)
    each = [_decoder(arm) for arm in arms]
    return lambda content: tuple(decode(item) for decode, item in zip(each, content, strict=True))
