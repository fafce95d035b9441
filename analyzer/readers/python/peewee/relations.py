"""What the keys between peewee's models lead to, asked of the catalogue alone."""

from collections.abc import Iterator

from analyzer.readers.python.catalogue import Model, ModelField
from analyzer.readers.python.model_index import ModelIndex
from analyzer.readers.python.peewee_words import PEEWEE
from analyzer.readers.python.types import Selection

Touch = tuple[str, str, str]  # table, mode, operation
DEEPEST = 6  # keys that are followed one after the other to turn a row into a dictionary


def related(index: ModelIndex, model: str, through: str) -> Selection:
    """The rows that a back-reference or a many-to-many field leads to: a query, not yet run."""
    own = index.tables(model)
    tables = (*own, through) if through else own
    return Selection((model,), tables, collected=(through,) if through else (), mapper=PEEWEE)


def between(index: ModelIndex, field: ModelField) -> str:
    """The id of the model that maps the table of a many-to-many field."""
    for identity, model in index.models.items():
        if model.table == field.through and model.mapper == PEEWEE:
            return identity
    return ""


def deleted_with(index: ModelIndex, model: str, *, nullable: bool) -> tuple[Touch, ...]:
    """What `delete_instance(recursive=True)` reads, deletes and changes besides the row.

    With `nullable`, rows go also where their key could have been set to NULL.
    """
    found: dict[Touch, None] = {}
    pending, seen = [model], {model}
    while pending:
        current = pending.pop(0)
        for reverse in index.incoming.get(current, ()):
            if reverse.field.kind != "foreign_key":
                continue
            is_kept = reverse.field.nullable and not nullable
            operation = "set_null" if is_kept else "cascade"
            for table in index.tables(reverse.model):
                found[table, "write", operation] = None
            if current != model:
                for table in index.tables(current):
                    found[table, "read", "cascade"] = None  # its rows are asked for by subquery
            if not is_kept and reverse.model not in seen:
                seen.add(reverse.model)
                pending.append(reverse.model)
    return tuple(found)


def shown_with(
    index: ModelIndex, model: str, *, recurse: bool, backrefs: bool, many: bool
) -> tuple[str, ...]:
    """Tables that are read to turn a row and what hangs on it into a dictionary."""
    found: dict[str, None] = {}
    level, seen = [model], {model}
    for _ in range(DEEPEST):
        reached = [
            one
            for current in level
            for one in _beside(index, current, recurse=recurse, backrefs=backrefs, many=many)
        ]
        found.update((table, None) for _, tables in reached for table in tables)
        level = [one for one in dict.fromkeys(one for one, _ in reached) if one not in seen]
        seen.update(level)
    return tuple(found)


def _beside(
    index: ModelIndex, model: str, *, recurse: bool, backrefs: bool, many: bool
) -> Iterator[tuple[str, tuple[str, ...]]]:
    known: Model | None = index.models.get(model)
    for field in known.fields.values() if known is not None else ():
        if field.kind == "foreign_key" and recurse:
            yield field.target, index.tables(field.target)
        elif field.kind == "many_to_many" and many:
            yield field.target, (*index.tables(field.target), field.through)
    if backrefs:
        for reverse in index.incoming.get(model, ()):
            if reverse.field.kind == "foreign_key":
                yield reverse.model, index.tables(reverse.model)
