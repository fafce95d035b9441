"""Artefacts to bytes and back, by the types of their fields; nothing in the bytes can run."""

import json
import zlib
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

Artefact = TypeVar("Artefact")

_LEVEL = 1  # the cheapest compression already takes nine tenths away


def encode(artefact: object) -> bytes:
    """A dataclass of tuples, texts, numbers and such dataclasses, as compressed JSON."""
    lists = _writer(cast(Any, type(artefact)))(artefact)
    return zlib.compress(json.dumps(lists, separators=(",", ":")).encode(), _LEVEL)


def decode(kind: type[Artefact], content: bytes) -> Artefact:
    """The artefact that `encode` was given. Raises `ValueError` if the bytes are damaged."""
    try:
        return cast(Artefact, _reader(cast(Any, kind))(json.loads(zlib.decompress(content))))
    except (zlib.error, TypeError, KeyError, RecursionError) as error:
        raise ValueError(f"a stored {kind.__name__} is damaged: {error!r}") from error


@cache
def _writer(hint: Any) -> Callable[[Any], Any]:
    arm = _without_none(hint)
    if is_dataclass(arm):
        return _field_writer(cast(type, arm), optional=arm is not hint)
    if get_origin(arm) is tuple:
        return _tuple_writer(get_args(arm))
    return lambda content: content


def _field_writer(kind: type, *, optional: bool) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    each = [(attrgetter(f.name), _writer(hints[f.name])) for f in fields(cast(Any, kind))]

    def write(content: Any) -> Any:
        if optional and content is None:
            return None
        return [writer(get(content)) for get, writer in each]

    return write


def _tuple_writer(arms: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(arms) == 2 and arms[1] is Ellipsis:
        one = _writer(arms[0])
        return lambda content: [one(item) for item in content]
    each = [_writer(arm) for arm in arms]
    return lambda content: [write(item) for write, item in zip(each, content, strict=True)]


@cache
def _reader(hint: Any) -> Callable[[Any], Any]:
    arm = _without_none(hint)
    if arm is not hint:
        inner = _reader(arm)
        return lambda content: None if content is None else inner(content)
    if is_dataclass(hint):
        return _field_reader(cast(type, hint))
    if get_origin(hint) is tuple:
        return _tuple_reader(get_args(hint))
    if hint is float:
        return float
    if get_origin(hint) is Literal or hint in (str, int, bool):
        return lambda content: content
    raise TypeError(f"artefacts cannot hold {hint}")


def _field_reader(kind: type) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    readers = [_reader(hints[field.name]) for field in fields(cast(Any, kind))]
    return lambda content: kind(*[read(v) for read, v in zip(readers, content, strict=True)])


def _tuple_reader(arms: tuple[Any, ...]) -> Callable[[Any], Any]:
    if len(arms) == 2 and arms[1] is Ellipsis:
        one = _reader(arms[0])
        return lambda content: tuple([one(item) for item in content])
    each = [_reader(arm) for arm in arms]
    return lambda content: tuple(read(v) for read, v in zip(each, content, strict=True))


def _without_none(hint: Any) -> Any:
    if get_origin(hint) in (Union, UnionType):
        return next(arm for arm in get_args(hint) if arm is not NoneType)
    return hint
