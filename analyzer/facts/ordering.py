"""Puts facts in order: by their fields, numbers as numbers, what is missing first."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields
from functools import cache
from itertools import chain, compress, islice
from operator import attrgetter, ne
from typing import Any, TypeVar

from analyzer.facts.evidence import Evidence

Fact = TypeVar("Fact")


def in_order(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """The facts, all of one type, sorted and each once."""
    collected = list(facts)
    if not collected:
        return ()
    kind: Any = type(collected[0])
    keys = list(map(key_of(kind), collected))
    places = sorted(range(len(keys)), key=keys.__getitem__)
    last = last_of_equals([keys[place] for place in places])
    return tuple(compress([collected[place] for place in places], last))


def last_of_equals(ordered: Sequence[Any]) -> Iterator[bool]:
    """For each of some things in order, whether no equal one follows."""
    return chain(map(ne, ordered, islice(ordered, 1, None)), (True,))


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
