"""The tables of the models and queries that the arguments of a call mention."""

from collections.abc import Iterable

from analyzer.readers.python import record
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.peewee_words import PEEWEE, ROW_METHODS
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, ModuleScope
from analyzer.readers.python.types import ModelClass, Selection, Value, options_of


class RowMentions:
    """What the expressions of one frame mention."""

    __slots__ = ("_frame", "_index")

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._index = frame.knowledge.index

    def tables(self, call: Expression) -> tuple[str, ...]:
        """Tables of the models, their fields and the queries in the arguments of a call."""
        found: dict[str, None] = {}
        for value in (*call[2], *(value for _, value in call[3])):
            for part in record.walk_expressions(value):
                if part[0] == "name":
                    found.update(dict.fromkeys(self._of_path(part[1], part[2])))
                elif part[0] == "call" and record.callee_name(part) in ROW_METHODS:
                    found.update(dict.fromkeys(self.of_value(self._frame.silently(part))))
        return tuple(found)

    def looked_up(self, models: Iterable[str], call: Expression) -> tuple[str, ...]:
        """Tables that lookups by keyword join: `filter(user__name=…)`, `DQ(user__name=…)`."""
        found: dict[str, None] = {}
        given = [key for key, _ in call[3]]
        for argument in call[2]:
            for part in record.walk_expressions(argument):
                if part[0] == "call" and record.callee_name(part) == "DQ":
                    given += [key for key, _ in part[3]]
        for model in models:
            for key in given:
                found.update(dict.fromkeys(self._index.related(model, key) if key else ()))
        return tuple(found)

    def of_value(self, value: Value) -> tuple[str, ...]:
        """Tables of a model, or of a query that is not yet run."""
        found: dict[str, None] = {}
        options = options_of(value)
        is_told = sum(isinstance(option, ModelClass) for option in options) == 1
        for option in options:
            if isinstance(option, ModelClass):
                # Of several it is the one whose query is built: `model.update().where(model.id)`.
                if is_told and self._index.catalogue.mapped_by(PEEWEE, option.model) is not None:
                    found.update(dict.fromkeys(self._index.tables(option.model)))
            elif isinstance(option, Selection) and option.mapper == PEEWEE:
                found.update(dict.fromkeys(() if option.is_loaded else option.tables))
        return tuple(found)

    def _of_path(self, path: str, line: int) -> tuple[str, ...]:
        """`Model`, `Model.field`, `Model.key.field`, `module.Model.field`, a query's name."""
        head, *names = path.split(".")
        if names and self._frame.is_parameter(head):
            return ()
        value: Value = self._frame.root(head)
        while names and isinstance(value, ClassScope | External | ModuleScope):
            value = self._frame.attribute(value, names.pop(0), line)
        if head in ("self", "cls") and len(names) == 1 and not isinstance(value, ModelClass):
            value = self._frame.silently(("name", path, line))
            names = []
        found = self.of_value(value)
        if isinstance(value, ModelClass) and found and len(names) > 1:
            found += self._of_key(value.model, names)
        return found

    def _of_key(self, model: str, names: list[str]) -> tuple[str, ...]:
        """`Tweet.user.name` is a column of the table that the key leads to."""
        field = self._index.models[model].fields.get(names[0])
        if field is None or field.kind != "foreign_key" or field.target not in self._index.models:
            return ()
        is_column = names[1] in self._index.models[field.target].fields
        return self._index.tables(field.target) if is_column else ()
