"""What relationships of mapped classes lead to, read and write; asked of the catalogue alone."""

from collections.abc import Iterator

from analyzer.readers.python.catalogue import ModelField
from analyzer.readers.python.model_index import ModelIndex
from analyzer.readers.python.sqlalchemy.vocabulary import EAGER
from analyzer.readers.python.types import ModelInstance, Selection, Value

EAGER_DEPTH = 4  # relationships that are loaded along with each other
Touch = tuple[str, str, str]  # table, mode, operation


def led_to(index: ModelIndex, field: ModelField) -> Value:
    """What an attribute that follows a relationship is: a row, or related rows."""
    if field.target not in index.models:
        return None
    if field.kind == "foreign_key":
        return ModelInstance(field.target)
    return Selection(
        (field.target,),
        read_by(index, field),
        collected=(field.through,) if field.through else index.tables(field.target)[:1],
        is_loaded=field.loading not in ("dynamic", "write_only"),
    )


def joined_by(index: ModelIndex, field: ModelField) -> tuple[str, ...]:
    """Tables that a query along a relationship joins."""
    between = (field.through,) if field.through else ()
    return tuple(dict.fromkeys((*index.tables(field.target), *between)))


def read_by(index: ModelIndex, field: ModelField) -> tuple[str, ...]:
    """Tables that following a relationship reads: what is loaded along with its rows, too."""
    along = loaded_with(index, field.target)
    return tuple(dict.fromkeys((*joined_by(index, field), *along)))


def written_by(index: ModelIndex, field: ModelField) -> str:
    """The table that assigning to an attribute of a row writes."""
    if field.kind == "collection":
        return field.through or next(iter(index.tables(field.target)), "")
    return field.owner_table


def loaded_with(index: ModelIndex, model: str) -> tuple[str, ...]:
    """Tables of the relationships that are loaded whenever a row of the model is."""
    found: dict[str, None] = {}
    level, seen = [model], {model}
    for _ in range(EAGER_DEPTH):
        following: list[str] = []
        for one in level:
            fields = index.models[one].fields.values() if one in index.models else ()
            for field in fields:
                if field.reads and field.loading != "deferred":
                    found.update(dict.fromkeys(field.reads))
                if field.loading in EAGER and field.target in index.models:
                    found.update(dict.fromkeys(index.tables(field.target)))
                    found.update({field.through: None} if field.through else {})
                    if field.target not in seen:
                        seen.add(field.target)
                        following.append(field.target)
        level = following
    return tuple(found)


def deleted_with(index: ModelIndex, model: str) -> tuple[Touch, ...]:
    """What a session reads and writes besides when it deletes a row of the model."""
    found: dict[Touch, None] = {}
    pending, seen = [model], {model}
    while pending:
        current = pending.pop(0)
        fields = index.models[current].fields.values() if current in index.models else ()
        for field in fields:
            found.update(dict.fromkeys(_left_behind(index, field)))
            if _deletes(field) and field.target not in seen:
                seen.add(field.target)
                pending.append(field.target)
    return tuple(found)


def _left_behind(index: ModelIndex, field: ModelField) -> Iterator[Touch]:
    if field.through:
        yield field.through, "write", "cascade"
        yield field.through, "read", "cascade"
    if field.kind != "collection" and not _deletes(field):
        return
    is_passive = field.on_delete.endswith("passive") or field.loading == "noload"
    if _deletes(field) or not is_passive:
        for table in loaded_with(index, field.target):
            yield table, "read", "cascade"
    for table in index.tables(field.target):
        if _deletes(field):
            yield table, "write", "cascade"
        elif not field.through and not is_passive:
            yield table, "write", "set_null"
        if _deletes(field) or not is_passive:
            yield table, "read", "cascade"


def left_by(index: ModelIndex, field: ModelField) -> tuple[Touch, ...]:
    """What taking rows out of a collection reads and writes besides, when they go with it."""
    return deleted_with(index, field.target) if "delete-orphan" in field.on_delete else ()


def _deletes(field: ModelField) -> bool:
    """Whether rows that a relationship leads to are deleted along with the row it starts from."""
    words = field.on_delete.replace(",", " ").split()
    return "all" in words or "delete" in words
