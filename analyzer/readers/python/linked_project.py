"""A project as it was linked: all that a later run needs so as to link only what has changed."""

import marshal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, cast

from analyzer.facts.rows import Row, Rows

Place = tuple[str, int]  # a function: (module, number in it)
ModulePlace = tuple[str, str, bool, str]  # (id, path, is package, role)


@dataclass(slots=True)
class Said:
    """What one module, or one provider of the whole project, says."""

    rows: Rows = field(default_factory=dict)
    nodes: list[Row] = field(default_factory=list)  # for following calls, see `linking.Node`
    consulted: tuple[str, ...] = ()  # see `consulted.keys_of`
    elsewhere: tuple[str, ...] = ()  # paths of other modules that it speaks of


@dataclass(slots=True)
class Foundation:
    """What is found out about the whole project before its modules are linked; all plain."""

    modules: tuple[ModulePlace, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    models: tuple[tuple[str, Row], ...] = ()  # of the catalogue, see `restoring`
    by_label: Mapping[str, str] = field(default_factory=dict)
    user: str = ""
    receivers: tuple[tuple[str, str, tuple[Place, ...]], ...] = ()
    settings: tuple[str, ...] = ()
    is_atomic: bool = False
    thread_locks: Mapping[tuple[str, str], str] = field(default_factory=dict)
    by_manager: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    concrete: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    model_by_name: Mapping[str, str] = field(default_factory=dict)
    telling: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    requested: Mapping[str, Sequence[str]] = field(default_factory=dict)
    calling: Mapping[str, Sequence[Place]] = field(default_factory=dict)
    tables: Mapping[str, Any] = field(default_factory=dict)  # of providers, see `restoring`
    consulted: tuple[str, ...] = ()
    words: tuple[str, ...] = ()  # that bodies were searched for, by anything
    rows: Rows = field(default_factory=dict)  # diagnostics of finding it out
    apart: tuple[str, ...] = ()  # views that no transaction of the request is opened around


@dataclass(slots=True)
class Followed:
    """What follows from calls, as rows."""

    accesses: list[Row] = field(default_factory=list)
    transactions: list[Row] = field(default_factory=list)
    locks: list[Row] = field(default_factory=list)


@dataclass(slots=True)
class LinkedProject:
    """All modules of a project, linked."""

    files: Mapping[str, str]  # digest of each Python file, by path
    surroundings: str  # digest of all other files
    foundation: Foundation
    said: dict[str, Said]  # by module
    packs: tuple[bytes, ...]  # the same, some modules in each, as it is stored
    provided: tuple[Said, ...]  # by provider
    followed: Followed | None = None
    earlier: "LinkedProject | None" = None  # what it goes on from, with what followed then


def encoded(part: Foundation | Followed) -> bytes:
    """A part as bytes."""
    return marshal.dumps(_values(part))


def encoded_many(said: Sequence[Said]) -> bytes:
    """Several parts as bytes; what they have in common is written once."""
    return marshal.dumps([_values(one) for one in said])


def foundation_in(content: bytes) -> Foundation:
    """The foundation that was encoded. Raises `ValueError` if the bytes are damaged."""
    return Foundation(*_loaded(content))


def followed_in(content: bytes) -> Followed:
    """What follows that was encoded. Raises `ValueError` if the bytes are damaged."""
    return Followed(*_loaded(content))


def said_in(content: bytes) -> list[Said]:
    """What was encoded together. Raises `ValueError` if the bytes are damaged."""
    return [Said(*values) for values in _loaded(content)]


def _values(part: Foundation | Followed | Said) -> tuple[Any, ...]:
    return tuple(getattr(part, one.name) for one in fields(part))


def _loaded(content: bytes) -> list[Any]:
    try:
        return cast(list[Any], marshal.loads(content))  # noqa: S302 - our own bytes
    except (EOFError, TypeError, ValueError) as error:
        raise ValueError(f"stored links are damaged: {error!r}") from error
