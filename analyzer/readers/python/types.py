"""What an expression can be known to be.

A value is None where nothing is known, a symbol (`scopes.py`) where it is that module, class or
function itself, or one of the values below. Values are compared by what they hold.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from analyzer.readers.python.plain_values import plain_value
from analyzer.readers.python.scopes import ClassScope, External, Function, Symbol

UNION_LIMIT = 6  # alternatives that are followed; beyond, nothing is known


@plain_value
class Instance:
    """An instance of a class that is not a model."""

    cls: ClassScope | External


@plain_value
class ModelClass:
    """A model itself, by its id in the catalogue."""

    model: str


@plain_value
class ModelInstance:
    """A row of a model's table."""

    model: str


@plain_value
class Query:
    """A manager or a query set of a model; `model` is "" inside a manager of unknown models."""

    model: str
    kind: str = "queryset"  # manager | queryset | raw | values | settings | through: of no model
    scopes: tuple[ClassScope, ...] = ()  # custom classes that define its methods
    through: str = ""  # table that a many-to-many manager writes
    ordered: bool = False  # by the query itself, so that the model's own order does not count


@plain_value
class Selection:
    """A statement of SQLAlchemy or peewee, a collection of related rows, or a table.

    `models` is what each row holds, "" for what is no mapped row.
    """

    models: tuple[str, ...]
    tables: tuple[str, ...]  # all that it reads; of a writing statement, the written one first
    writes: str = ""  # insert | update | delete: a statement that writes its first table
    collected: tuple[str, ...] = ()  # of a collection: what adding to it or removing writes
    is_loaded: bool = False  # a collection in memory: going through it reads nothing more
    has_rows: bool = False  # each item is a row, also where it holds one thing only
    mapper: str = ""  # the mapper's name, where it is not SQLAlchemy


@plain_value
class Many:
    """Something that is iterated over and yields this."""

    item: "Value"


@plain_value
class Mapped:
    """A dictionary with these values."""

    item: "Value"


@plain_value
class Bound:
    """A method of the snapshot, on what it is called on."""

    function: Function
    receiver: "Value"


@plain_value
class Method:
    """A method that the snapshot does not define, on what it is called on."""

    receiver: "Value"
    name: str


@plain_value
class Super:
    """`super()` inside a method of a class."""

    cls: ClassScope
    receiver: "Value"


@plain_value
class Row:
    """A tuple of known length."""

    items: tuple[Any, ...]


@plain_value
class Keywords:
    """`**kwargs` of a function: its values are what callers pass by name."""

    function: Function


@plain_value
class Validated:
    """What a form or serializer has validated, by the names of its fields."""

    cls: ClassScope


@plain_value
class Alternatives:
    """One of several values."""

    options: tuple[Any, ...]


Value = (
    Symbol | Instance | ModelClass | ModelInstance | Query | Selection | Many | Mapped | Bound
    | Method | Super | Row | Keywords | Validated | Alternatives | None
)  # fmt: skip


def one_of(values: Iterable[Value]) -> Value:
    """The value that is any of these, as far as they are known."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return known[0] if known else None
    distinct: dict[Any, None] = {}
    for value in known:
        if type(value) is Alternatives:
            distinct.update(dict.fromkeys(value.options))
        else:
            distinct[value] = None
    if len(distinct) == 1:
        return next(iter(distinct))  # type: ignore[no-any-return]
    return Alternatives(tuple(distinct)) if len(distinct) <= UNION_LIMIT else None


def merged(values: Iterable[Value]) -> Value:
    """The same, where statements that select the same are one: it reads what any of them reads."""
    found: dict[Any, Any] = {}
    for value in values:
        for option in options_of(value):
            if type(option) is not Selection:
                found[option] = option
                continue
            key = (option.models, option.writes, option.is_loaded, option.has_rows, option.mapper)
            known = found.get(key)
            tables = option.tables if known is None else (*known.tables, *option.tables)
            found[key] = replace(option, tables=tuple(dict.fromkeys(tables)))
    return one_of(found.values())


def options_of(value: Value) -> tuple[Any, ...]:
    """The values that it can be."""
    if value is None:
        return ()
    return value.options if type(value) is Alternatives else (value,)


def item_of(value: Value) -> Value:
    """What iterating over it yields."""
    found: list[Value] = []
    for option in options_of(value):
        if isinstance(option, Query) and option.kind != "values" and option.model:
            found.append(ModelInstance(option.model))
        elif isinstance(option, ModelClass):
            found.append(ModelInstance(option.model))  # of peewee: the rows of its table
        elif isinstance(option, Many):
            found.append(option.item)
        elif isinstance(option, Row):
            found.append(one_of(option.items))
        elif isinstance(option, Selection):
            found.append(selected(option))
    return one_of(found)


def selected(selection: Selection) -> Value:
    """One item of a selection: a mapped row, or a row of several values."""
    items = tuple(ModelInstance(one) if one else None for one in selection.models)
    if len(items) == 1 and not selection.has_rows:
        return items[0]
    return Row(items) if any(items) else None


def unpacked(value: Value, position: int) -> Value:
    """What unpacking the value puts at a position."""
    found = []
    for option in options_of(value):
        if isinstance(option, Row) and -len(option.items) <= position < len(option.items):
            found.append(option.items[position])
        elif isinstance(option, Many | Query | Selection):
            found.append(item_of(option))
    return one_of(found)
