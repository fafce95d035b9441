"""The tables and mapped classes that expressions mention, inside conditions and options too."""

from collections.abc import Iterator, Sequence

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Model, ModelField
from analyzer.readers.python.class_values import MOST_HEIRS
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function, ModuleScope
from analyzer.readers.python.sqlalchemy.hybrids import expression_of
from analyzer.readers.python.sqlalchemy.options import options_in
from analyzer.readers.python.sqlalchemy.relations import joined_by, read_by
from analyzer.readers.python.sqlalchemy.usage import tested_of, used_of
from analyzer.readers.python.types import (
    Method,
    ModelClass,
    ModelInstance,
    Selection,
    Value,
    one_of,
    options_of,
)

LEAST_USED = 2  # attributes that tell a class


class Mentions:
    """What the expressions of one frame mention."""

    __slots__ = ("_frame", "_index")

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._index = frame.knowledge.index

    def tables(self, call: Expression) -> tuple[str, ...]:
        """Tables of the classes, relationships and tables in the arguments of a call."""
        found: dict[str, None] = {}
        for value in (*call[2], *(value for _, value in call[3])):
            compared: set[int] = set()
            for part in record.walk_expressions(value):
                if part[0] == "group":
                    compared.update(map(id, part[1]))
                elif part[0] == "name":
                    is_compared = id(part) in compared
                    tables = self._of_path(part[1], part[2], is_compared=is_compared)
                    found.update(dict.fromkeys(tables))
        return tuple(found)

    def by_string(self, models: tuple[str, ...], call: Expression) -> tuple[str, ...]:
        """Tables of the relationships that a join names in strings: `join("posts")`."""
        found: dict[str, None] = {}
        for argument in call[2]:
            for name in (record.string_of(argument) or "").split("."):
                for model in models:
                    found.update(dict.fromkeys(self._of_relation(model, name)))
        return tuple(found)

    def loaded(self, models: tuple[str, ...], call: Expression) -> tuple[str, ...]:
        """Tables that options have loaded along: `options(joinedload("posts").joinedload(…))`.

        Options are followed through local variables, lists, constants and functions. A string
        names a relationship of what is queried, or of what another option leads to.
        """
        found: dict[str, None] = {}
        loading = list(dict.fromkeys(self._loading(call)))
        names = [name for model, name in loading if not model]
        reached = [model for model in models if model]
        for model, name in loading:
            self._load(model, name, found, reached)
        for model in reached:  # grows
            for name in names:
                self._load(model, name, found, reached)
        return tuple(found)

    def _load(self, model: str, name: str, found: dict[str, None], reached: list[str]) -> None:
        """Note what loading an attribute reads, and the class whose rows it loads."""
        field = self._field(model, name)
        if field is not None:
            found.update(dict.fromkeys((*field.reads, *self._read_by(field))))
            if field.target in self._index.models and field.target not in reached:
                reached.append(field.target)

    def _loading(self, call: Expression) -> Iterator[tuple[str, str]]:
        """The attributes that options name: (class, name), or ("", name) for a string."""
        for part in options_in(self._frame, call):
            for argument in part[2]:
                text = record.string_of(argument)
                if text is not None:
                    yield from (("", name) for name in text.split("."))
                elif argument is not None and argument[0] == "name":
                    value = self._frame.silently(argument)
                    if isinstance(value, Method) and isinstance(value.receiver, ModelClass):
                        yield value.receiver.model, value.name

    def _read_by(self, field: ModelField) -> tuple[str, ...]:
        return read_by(self._index, field) if field.kind else ()

    def _field(self, model: str, name: str) -> ModelField | None:
        found = self._index.models.get(model)
        return None if found is None else found.fields.get(name)

    def entities(
        self, arguments: tuple[Expression, ...], *, follow: bool = False
    ) -> tuple[str, ...]:
        """The mapped class that each argument selects; "" for a column or an expression.

        With `follow`, a column or relationship stands for its class.
        """
        found: list[str] = []
        for argument in arguments:
            if argument is not None and argument[0] in ("list", "tuple"):
                found += self.entities(argument[1], follow=follow)
                continue
            value = self._frame.silently(argument)
            if follow and isinstance(value, Method):
                value = value.receiver
            is_kept = isinstance(value, ModelClass) and self._is_kept(value.model)
            found.append(value.model if is_kept else "")  # type: ignore[union-attr]
        return tuple(found)

    def table(self, call: Expression) -> Value:
        """The table that `Table("name", metadata, …)` is."""
        name = record.string_of(record.argument(call, 0, "name"))
        schema = record.string_of(record.keyword(call, "schema"))
        full = f"{schema}.{name}" if schema else name
        return Selection(("",), (full,)) if full else None

    def _of_path(self, path: str, line: int, *, is_compared: bool) -> tuple[str, ...]:
        """`Class`, `Class.attribute`, `module.Class.relation`, `table.c.column`, a subquery.

        A relationship that is compared with a row stands for its key: nothing else is read.
        """
        head, *names = path.split(".")
        value: Value = None
        if not names or not self._frame.is_parameter(head):
            value = self._frame.root(head)
        for position, name in enumerate(names, 1):
            if isinstance(value, ModelClass | Selection):
                is_key = is_compared and position == len(names)
                return self._of_value(value) if is_key else self._of_attribute(value, name, line)
            if not isinstance(value, ClassScope | External | ModuleScope):
                return ()
            value = self._frame.attribute(value, name, line)
        return self._of_value(value)

    def _of_value(self, value: Value) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for option in options_of(value):
            if isinstance(option, ModelClass) and self._is_kept(option.model):
                found.update(dict.fromkeys(self._index.tables(option.model)))
            elif isinstance(option, Selection) and not option.is_loaded:
                found.update(dict.fromkeys(option.tables))
        return tuple(found)

    def _of_attribute(self, value: Value, name: str, line: int) -> tuple[str, ...]:
        own = self._of_value(value)
        if not isinstance(value, ModelClass) or not own:
            return own
        field = self._field(value.model, name)
        if field is not None:
            own = (field.owner_table, *own) if not field.kind and field.owner_table else own
            own = (*own, *field.reads)
        elif (scope := self._index.models[value.model].scope) is not None:
            member = expression_of(self._frame.knowledge.project, scope, name)
            if member is not None:
                self._frame.note_call(member, line)  # a hybrid: an expression of its own
                own = (*own, *self._returned_by(member, value))
        return tuple(dict.fromkeys((*own, *self._of_relation(value.model, name))))

    def _returned_by(self, function: Function, value: ModelClass) -> tuple[str, ...]:
        """The tables that a condition mentions, where a method of the class makes it."""
        known = self._frame.knowledge.with_arguments
        key = ("mentioned", function, value)
        if key not in known:
            known[key] = ()  # what recursion sees
            if self._frame.depth > 0:
                inner = self._frame.knowledge.silent(function, value, self._frame.depth - 1)
                known[key] = Mentions(inner).returned()
        return known[key]  # type: ignore[no-any-return]

    def returned(self) -> tuple[str, ...]:
        """The tables in what the code returns."""
        found: dict[str, None] = {}
        for operation in record.walk_operations(self._frame.operations):
            if operation[0] == "return" and operation[1] is not None:
                value = self._frame.silently(operation[1])
                found.update(dict.fromkeys(self._of_value(value)))
                found.update(dict.fromkeys(self.tables(("call", None, (operation[1],), (), 0))))
        return tuple(found)

    def _of_relation(self, model: str, name: str) -> tuple[str, ...]:
        field = self._field(model, name)
        return joined_by(self._index, field) if field is not None and field.kind else ()

    def _is_kept(self, model: str) -> bool:
        return self._index.catalogue.in_session(model) is not None

    def guessed(self, names: Sequence[str]) -> Value:
        """The one mapped class whose rows have all that is asked of a parameter or of `self.x`."""
        if len(names) == 1:
            tested = [self._frame.silently(one) for one in tested_of(self._frame, names[0])]
            rows = [ModelInstance(one.model) for one in tested if isinstance(one, ModelClass)]
            if rows:
                return one_of(row for row in rows if self._is_kept(row.model))
        used = used_of(self._frame, names)
        if not used:
            return None
        known = self._frame.knowledge.with_arguments
        key = ("guessed", frozenset(used))
        if key not in known:
            known[key] = self._having(used)
        return known[key]  # type: ignore[no-any-return]

    def _having(self, used: frozenset[str]) -> Value:
        is_telling = not used.isdisjoint(self._telling())
        if len(used) < LEAST_USED and not is_telling:
            return None
        most = MOST_HEIRS if is_telling else 1
        found: list[str] = []
        for identity, model in self._index.models.items():
            if model.is_in_session and not used.isdisjoint(model.fields):
                others = used - model.fields.keys()
                if all(self._has(model, name) for name in others):
                    found.append(identity)
        return one_of(map(ModelInstance, found if len(found) <= most else ()))

    def _telling(self) -> frozenset[str]:
        """Relationships of long names that no other class of the snapshot has as attributes."""
        known = self._frame.knowledge.with_arguments
        if "telling" not in known:
            names = {
                name
                for model in self._index.models.values()
                if model.is_in_session
                for name, field in model.fields.items()
                if field.kind and "_" in name.strip("_")
            }
            for cls in self._frame.knowledge.project.classes():
                if not names.isdisjoint(cls.names) and not self._is_of_rows(cls):
                    names.difference_update(cls.names)
            known["telling"] = frozenset(names)
        return known["telling"]  # type: ignore[no-any-return]

    def _is_of_rows(self, cls: ClassScope) -> bool:
        """Whether it is a mapped class, or a mixin of such."""
        return cls.id in self._index.models or cls.id in self._frame.knowledge.classes.concrete

    def _has(self, model: Model, name: str) -> bool:
        project = self._frame.knowledge.project
        return model.scope is not None and project.class_member(model.scope, name) is not None
