"""Puts facts in order: by their fields, numbers as numbers, what is missing first."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any, TypeVar

from analyzer.facts.evidence import Evidence

Fact = TypeVar("Fact")


def in_order(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts, all of one type, sorted and each once."""
    collected = list(facts)
    if not collected:
        return ()
    kind: Any = type(collected[0])
    key = key_of(kind)
    keyed = {key(fact): fact for fact in collected}
    return tuple([keyed[one] for one in sorted(keyed)])


@cache
def key_of(kind: type) -> Callable[[Any], Any]:
    """A function from a fact of this type to a tuple that sorts and tells it from all others."""
    names: list[str] = []
    optional: list[int] = []
    for field in fields(kind):
        if field.type is Evidence:
            names += [f"{field.name}.path", f"{field.name}.line"]
            continue
        if "None" in str(field.type):
            optional.append(len(names))
        names.append(field.name)
    getter = attrgetter(*names)
    return _without_none(getter, tuple(optional)) if optional else getter


def _without_none(
    getter: Callable[[Any], tuple[Any, ...]], optional: tuple[int, ...]
) -> Callable[[Any], tuple[Any, ...]]:
    def key(fact: Any) -> tuple[Any, ...]:
        values = list(getter(fact))
        for index in optional:
            value = values[index]
            values[index] = (0, "") if value is None else (1, value)
        return tuple(values)

    return key
