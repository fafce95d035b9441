"""The mapped classes and tables that a call hands to a function of the snapshot."""

from analyzer.readers.python.frame import Frame
from analyzer.readers.python.handed import Outcome
from analyzer.readers.python.handed import with_classes as followed_with
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import Function
from analyzer.readers.python.sqlalchemy.relations import deleted_with, loaded_with
from analyzer.readers.python.types import ModelClass, Selection, Value

_PARAMETER_KINDS = (ModelClass, Selection)


def with_classes(frame: Frame, function: Function, receiver: Value, call: Expression) -> Outcome:
    """What a call does by the mapped classes and tables among its arguments."""
    return followed_with(frame, function, receiver, call, kinds=_PARAMETER_KINDS, tables_of=_tables)


def _tables(frame: Frame, value: Value) -> tuple[str, ...]:
    if isinstance(value, Selection):
        return value.tables
    if not isinstance(value, ModelClass):
        return ()
    index = frame.knowledge.index
    deleted = (table for table, *_ in deleted_with(index, value.model))
    return (*index.tables(value.model), *loaded_with(index, value.model), *deleted)
