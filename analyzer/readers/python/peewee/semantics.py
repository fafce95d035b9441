"""What peewee's models, their rows and queries do, in one frame.

A query reads or writes where it is run. What only builds one is said to touch its tables too: it
decides which they are, and often nobody else can be told of.
"""

from collections.abc import Iterable
from dataclasses import replace

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue, Model
from analyzer.readers.python.django.orm import OrmSemantics
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.makers import receiver_of
from analyzer.readers.python.peewee import vocabulary as words
from analyzer.readers.python.peewee.factories import made_id
from analyzer.readers.python.peewee.known import FULL_TEXT, SIGNALLING, is_database, is_peewee
from analyzer.readers.python.peewee.mentions import RowMentions
from analyzer.readers.python.peewee.relations import between, deleted_with, related, shown_with
from analyzer.readers.python.peewee.views import may_write, registered_with
from analyzer.readers.python.peewee_words import PEEWEE
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function, Variable
from analyzer.readers.python.sqlalchemy.arguments import with_classes
from analyzer.readers.python.sqlalchemy.semantics import SessionSemantics
from analyzer.readers.python.sqlalchemy.semantics import semantics_for as without_peewee
from analyzer.readers.python.types import (
    Bound,
    Instance,
    Many,
    Method,
    ModelClass,
    ModelInstance,
    Row,
    Selection,
    Value,
    item_of,
    one_of,
    options_of,
)

DATABASE = External("peewee.Database")


def semantics_for(catalogue: Catalogue) -> type[OrmSemantics]:
    """What reads a project with these models: nothing of peewee where it maps none."""
    return RowSemantics if catalogue.has_mapper(PEEWEE) else without_peewee(catalogue)


class RowSemantics(SessionSemantics):
    """Implements `semantics.Semantics` for peewee, and for the other mappers beside it."""

    __slots__ = ("rows",)

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.rows = RowMentions(frame)

    def _mapped(self, model: str) -> Model | None:
        """The model, if peewee maps it."""
        return self.index.catalogue.mapped_by(PEEWEE, model)

    # ---- attributes

    def model_attribute(self, value: ModelClass, name: str) -> Value:
        """A class method, a constant, or a field; of a many-to-many field, the model between."""
        model = self._mapped(value.model)
        if model is None:
            return super().model_attribute(value, name)
        field = model.fields.get(name)
        if field is not None or model.scope is None:
            is_many = field is not None and field.kind == "many_to_many"
            through = between(self.index, field) if is_many and field is not None else ""
            return self._through(through) if through else Method(value, name)
        member = self.knowledge.project.class_member(model.scope, name)
        if isinstance(member, Function):
            return Bound(member, value)
        if isinstance(member, ClassScope):
            return self.knowledge.classes.value_of_class(member)
        return (
            self.knowledge.variable(member) if isinstance(member, Variable) else Method(value, name)
        )

    def _through(self, model: str) -> Selection:
        return Selection((model,), (), is_loaded=True, mapper=PEEWEE)

    def instance_attribute(self, value: ModelInstance, name: str, line: int) -> Value:
        """A key's row, which is read, related rows, a method, a property or a column."""
        model = self._mapped(value.model)
        if model is None:
            return super().instance_attribute(value, name, line)
        field = model.fields.get(name)
        if field is not None:
            if field.kind == "foreign_key":
                self._read(field.target, field.target_table, "related", line)
                return ModelInstance(field.target) if field.target in self.index.models else None
            many = field.kind == "many_to_many"
            return related(self.index, field.target, field.through) if many else None
        reverse = self.index.accessor(value.model, name)
        if reverse is not None:
            return related(self.index, reverse.model, reverse.field.through)
        if model.scope is None:
            return Method(value, name)
        return self._member(model.scope, value, name, line)

    def selection_attribute(self, value: Selection, name: str) -> Value:
        """A method of a query; the model between of a many-to-many field."""
        if value.mapper == PEEWEE:
            through = value.models[0] if name == "through_model" and value.is_loaded else ""
            return ModelClass(through) if through else Method(value, name)
        return super().selection_attribute(value, name)

    def outside_attribute(self, value: Value, name: str) -> Value:
        """The database of an object of a library around peewee."""
        is_of_peewee = isinstance(value, Instance) and isinstance(value.cls, External)
        if is_of_peewee and name in words.DATABASES and is_peewee(value.cls.path):  # type: ignore[union-attr]
            return Instance(DATABASE)
        return super().outside_attribute(value, name)

    # ---- calls

    def made(self, target: ModelClass, call: Expression, line: int) -> Value:
        """A row that is in memory only."""
        if self._mapped(target.model) is None:
            return super().made(target, call, line)
        return ModelInstance(target.model)

    def listed(self, model: ModelClass, line: int) -> None:
        """`for row in Model`, `Model[key]`: its table is read."""
        if self._mapped(model.model) is not None:
            self._touch(model.model, "read", "select", line)

    def changed(self, value: Value, name: str, line: int) -> None:
        """Nothing before it is saved, unless a many-to-many field is set."""
        super().changed(value, name, line)
        for option in options_of(value) if self.frame.effects is not None else ():
            model = self._mapped(option.model) if isinstance(option, ModelInstance) else None
            if model is None:
                continue
            field = model.fields.get(name)
            reverse = self.index.accessor(model.id, name) if field is None else None
            field = reverse.field if reverse is not None else field
            if field is not None and field.through:
                self.frame.note_access(field.through, "write", "set", line)

    def method(self, target: Method, call: Expression, values: list[Value], line: int) -> Value:
        """A method of a model, a row, a query or a database."""
        receiver, name = target.receiver, words.plain(target.name)
        if isinstance(receiver, Selection) and receiver.mapper == PEEWEE:
            return self._of_query(receiver, name, call, line)
        if isinstance(receiver, ModelClass | ModelInstance) and self._mapped(receiver.model):
            return self._of_model(receiver.model, name, call, line)
        if isinstance(receiver, Instance) and self._is_of_library(receiver):
            return self._of_library(name, call, values, line)
        return super().method(target, call, values, line)

    def after_bound(self, target: Bound, call: Expression, result: Value, line: int) -> Value:
        """A method of the snapshot, with what it does to the models that are handed to it."""
        for one in options_of(target.receiver):
            if isinstance(one, ModelInstance | ModelClass) and self._mapped(one.model):
                found = with_classes(self.frame, target.function, target.receiver, call)
                self._note(found, line)
                self._overridden(one.model, target.function.name, call, line)
                result = found.returned if result is None else result
                return self._row_of(one.model, target.function.name) if result is None else result
        return super().after_bound(target, call, result, line)

    def after_function(self, target: Function, call: Expression, result: Value, line: int) -> Value:
        """A function that makes models gives the one that it makes of these arguments."""
        found = super().after_function(target, call, result, line)
        if target.unit not in self._making():
            return found
        given = [self.frame.silently(one) for one in call[2]]
        texts = [
            one.model if isinstance(one, ModelClass) else record.string_of(argument) or ""
            for one, argument in zip(given, call[2], strict=True)
        ]
        made = made_id(target, tuple(texts))
        return ModelClass(made) if self._mapped(made) is not None else found

    def _making(self) -> frozenset[str]:
        """The units of functions that make models."""
        known = self.knowledge.with_arguments
        if "making models" not in known:
            ids = (one for one in self.index.models if one.endswith(")"))
            known["making models"] = frozenset(one.partition("(")[0] for one in ids)
        return known["making models"]  # type: ignore[no-any-return]

    def _row_of(self, model: str, name: str) -> Value:
        """What a method gives that overrides one of peewee's, where its body does not say."""
        row = ModelInstance(model)
        if name == "get_or_create":
            return Row((row, None))
        return row if name == "create" or name in words.FETCHING else None

    def _overridden(self, model: str, name: str, call: Expression, line: int) -> None:
        """What a method that hands its arguments on to peewee's own does by those arguments."""
        if name in words.FETCHING:
            self._touch(model, "read", "select", line)
        if name in words.LOOKING_UP:
            for table in self.rows.looked_up((model,), call):
                self.frame.note_access(table, "read", "join", line)
        elif name == "delete_instance" and _is_given(call, 0, "recursive"):
            self._deleted_with(model, call, line)

    def is_plain(self, path: str) -> bool:
        """Whether a call of what has this dotted name matters only for what its arguments do."""
        if path in words.CONSUMING:
            return False
        if path.rpartition(".")[2] in words.FUNCTIONS and is_peewee(path):
            return False
        return super().is_plain(path)

    def external(self, target: External, call: Expression, values: list[Value], line: int) -> Value:
        """A function of peewee's libraries, or anything else outside the snapshot."""
        name = target.path.rpartition(".")[2]
        if target.path in words.CONSUMING:
            self.frame.consume(self.frame.given(call, values, -1), line)
        elif name in words.FUNCTIONS and is_peewee(target.path):
            return self._function(words.plain(name), call, values, line)
        return super().external(target, call, values, line)

    def opens_transaction(self, context: Expression, value: Value) -> bool:
        """Whether it is `db.atomic()` or the like, or a database, which begins one when entered."""
        if super().opens_transaction(context, value):
            return True
        if context is None or context[0] != "call":
            return any(self._is_database(one) for one in options_of(value))
        callee = context[1]
        if callee is None or record.callee_name(context) not in words.TRANSACTIONS:
            return False
        owner = self.frame.silently(receiver_of(context))
        return any(self._is_database(one) for one in options_of(owner))

    # ---- models and rows

    def _of_model(self, model: str, name: str, call: Expression, line: int) -> Value:
        if name in words.SELECTING or name in words.SEARCHING:
            return self._begun(model, name, call, line)
        if name in words.FETCHING:
            self.ran(self._begun(model, name, call, line), line)
            return ModelInstance(model)
        if name in words.STATEMENTS:
            return self._written(model, words.STATEMENTS[name], call, line)
        if name in words.WRITING:
            self._touch(model, "write", words.WRITING[name], line)
            return None
        if name == "alias":
            return ModelClass(model)
        if name in ("save", "create", "get_or_create", "delete_instance"):
            return self._saved(model, name, call, line)
        if name in words.INDEXING and self._extends(model, FULL_TEXT):
            self._touch(model, "write", "index", line)
        return None

    def _begun(self, model: str, name: str, call: Expression, line: int) -> Selection:
        tables = [*self.index.tables(model), *self.rows.tables(call)]
        if name in words.LOOKING_UP:
            tables += self.rows.looked_up((model,), call)
        if name == "raw":
            tables = []  # the text says which
        made = Selection((model,), tuple(dict.fromkeys(tables)), mapper=PEEWEE)
        if name != "noop":
            self.ran(made, line)
        return made

    def _written(self, model: str, operation: str, call: Expression, line: int) -> Selection:
        tables = (*self.index.tables(model), *self.rows.tables(call))
        tables = tuple(dict.fromkeys(tables))
        made = Selection((model,), tables, writes=operation, mapper=PEEWEE)
        self.ran(made, line)
        return made

    def _saved(self, model: str, name: str, call: Expression, line: int) -> Value:
        """A row is written, and what hears of that is run."""
        if name == "delete_instance":
            self._touch(model, "write", "delete", line)
            handed_on = _is_handed_on(call) and model in self._recursively_deleted()
            if handed_on or _is_given(call, 0, "recursive"):
                self._deleted_with(model, call, line)
            self._heard(model, ("pre_delete", "post_delete"), line)
            return None
        if name == "get_or_create":
            self._touch(model, "read", "select", line)
        self._touch(model, "write", "save" if name == "save" else "insert", line)
        if name != "save":
            self._saved_by_own(model, line)
        self._heard(model, ("pre_save", "post_save"), line)
        row = ModelInstance(model)
        return None if name == "save" else Row((row, None)) if name == "get_or_create" else row

    def _deleted_with(self, model: str, call: Expression, line: int) -> None:
        nullable = _is_given(call, 1, "delete_nullable")
        for touch in deleted_with(self.index, model, nullable=nullable):
            self.frame.note_access(*touch, line)

    def _recursively_deleted(self) -> frozenset[str]:
        """The models whose rows some code deletes with all that hangs on them."""
        known = self.knowledge.with_arguments
        key = "recursively deleted"
        if key not in known:
            known[key] = frozenset()  # what a cycle sees
            known[key] = frozenset(
                option.model
                for caller in self.knowledge.project.calling("delete_instance")
                for call in self.knowledge.body(caller).calls("delete_instance")
                if _is_given(call, 0, "recursive")
                for option in options_of(self._receiver_in(caller, call))
                if isinstance(option, ModelInstance)
            )
        return known[key]  # type: ignore[no-any-return]

    def _receiver_in(self, caller: Function, call: Expression) -> Value:
        frame = self.knowledge.silent(caller, None, 2)
        return frame.value(receiver_of(call))  # type: ignore[no-any-return]

    def _saved_by_own(self, model: str, line: int) -> None:
        """`create` runs the `save` that a model, or what it extends, defines."""
        scope = self.index.models[model].scope
        member = self.knowledge.project.class_member(scope, "save") if scope else None
        if isinstance(member, Function):
            self.frame.note_call(member, line, ModelInstance(model))

    # ---- views of libraries

    def declared(self, cls: ClassScope) -> None:
        """The classes of an admin site or an API read and write the models they are given."""
        super().declared(cls)
        for model in registered_with(self.knowledge.project, self.index.catalogue, cls):
            self._touch(model, "read", "admin", cls.line)
            if may_write(self.knowledge.project, cls):
                self._touch(model, "write", "admin", cls.line)

    def framework_attribute(self, value: Instance, name: str) -> Value:
        """The model of a class of an admin site or an API."""
        if name == "model" and isinstance(value.cls, ClassScope):
            project, catalogue = self.knowledge.project, self.index.catalogue
            models = registered_with(project, catalogue, value.cls)
            if models:
                return one_of(ModelClass(one) for one in models)
        return super().framework_attribute(value, name)

    def _heard(self, model: str, signals: tuple[str, ...], line: int) -> None:
        receivers = self.knowledge.receivers
        if self.frame.effects is None or not receivers or not self._extends(model, (SIGNALLING,)):
            return
        scope = self.index.models[model].scope
        bases = self.knowledge.project.mro(scope) if scope is not None else ()
        senders = [base.id for base in bases if isinstance(base, ClassScope)]
        for signal in signals:
            for sender in (*senders, ""):
                for function in receivers.get((signal, sender), ()):
                    self.frame.note_call(function, line)

    def _extends(self, model: str, bases: Iterable[str]) -> bool:
        scope = self.index.models[model].scope
        outside = self.knowledge.project.mro(scope) if scope is not None else ()
        paths = [base.path for base in outside if isinstance(base, External)]
        return any(path.endswith(base) for path in paths for base in bases)

    # ---- queries

    def _of_query(self, value: Selection, name: str, call: Expression, line: int) -> Value:
        if value.collected and name in words.RELATING:
            for table in value.collected:
                self.frame.note_access(table, "write", name, line)
            for table in self.rows.tables(call):
                self.frame.note_access(table, "read", "subquery", line)
            return None
        if name == "get_through_model":
            return ModelClass(value.models[0])
        if value.is_loaded:
            return item_of(value) if name in ("pop", "get") else value
        return self._chained(self._added(value, name, call), name, call, line)

    def _added(self, value: Selection, name: str, call: Expression) -> Selection:
        """The query with the tables that a call adds to it."""
        added = self.rows.tables(call)
        if name in words.LOOKING_UP:
            added += self.rows.looked_up(value.models, call)
        return replace(value, tables=tuple(dict.fromkeys((*value.tables, *added))), collected=())

    def _chained(self, value: Selection, name: str, call: Expression, line: int) -> Value:
        self.ran(value, line)
        if name in words.LOCKING:
            for table in value.tables[:1]:
                self.frame.note_row_lock(table, line)
        if name in words.ONE:
            return item_of(value)
        if name in words.NOTHING:
            return None
        if name in words.PLAIN:
            return replace(value, models=("",))
        if name in words.RUNNING and value.writes:
            return None  # how many rows, or the key of one
        if name in words.RUNNING or name in words.PREFETCHING:
            return replace(value, is_loaded=True)
        return value

    # ---- the libraries' objects and functions

    def _is_of_library(self, value: Instance) -> bool:
        cls = value.cls
        bases = self.knowledge.project.mro(cls) if isinstance(cls, ClassScope) else (cls,)
        return any(isinstance(base, External) and is_peewee(base.path) for base in bases)

    def _is_database(self, value: Value) -> bool:
        cls = value.cls if isinstance(value, Instance) else None
        bases = self.knowledge.project.mro(cls) if isinstance(cls, ClassScope) else (cls,)
        return any(isinstance(base, External) and is_database(base.path) for base in bases)

    def _of_library(self, name: str, call: Expression, values: list[Value], line: int) -> Value:
        """A method of a database or a manager, which is handed what it works on."""
        if name == words.AFTER_COMMIT:
            self._on_commit(call, values, line)
            return None
        return one_of(
            [
                self._handed_over(one, name, call, values, line)
                for one in options_of(self.frame.given(call, values, 0))
            ]
        )

    def _handed_over(
        self, value: Value, name: str, call: Expression, values: list[Value], line: int
    ) -> Value:
        if isinstance(value, Selection) and value.mapper == PEEWEE:
            self.ran(value, line)
            if name in words.ONE:
                return item_of(value)
            is_none = name in words.NOTHING or value.writes
            return None if is_none else replace(value, is_loaded=True)
        if isinstance(value, ModelClass) and self._mapped(value.model):
            return self._of_model(value.model, name, call, line)
        if isinstance(value, ModelInstance) and self._mapped(value.model):
            own = {"update": "save", "delete": "delete_instance"}.get(name, "")
            return self._of_model(value.model, own, call, line) if own else None
        if isinstance(value, Method) and name == "run":
            return self.method(value, call, values, line)
        return None

    def _function(self, name: str, call: Expression, values: list[Value], line: int) -> Value:
        if name == "connect":
            return Instance(DATABASE)
        first = self.frame.given(call, values, 0)
        if name == "prefetch":
            for position in range(len(values)):
                self._run_all(self.frame.given(call, values, position), line)
            return _loaded(first)
        if name == "object_list":
            first = self.frame.given(call, values, 1)
        if name == "model_to_dict":
            self._shown(first, call, line)
        elif name == "get_object_or_404":
            return one_of([self._found(one, call, line) for one in options_of(first)])
        elif name == "dict_to_model":
            return self.knowledge.classes.instance_of(first)
        elif name == "chunked":
            item = item_of(first)
            return None if item is None else Many(Many(item))
        self._run_all(first, line)
        return first if name == "update_model_from_dict" else None

    def _run_all(self, value: Value, line: int) -> None:
        for table in self.rows.of_value(value):
            self.frame.note_access(table, "read", "select", line)

    def _found(self, value: Value, call: Expression, line: int) -> Value:
        model = value.model if isinstance(value, ModelClass) else ""
        if model and self._mapped(model):
            return self._of_model(model, "get", call, line)
        if isinstance(value, Selection) and value.mapper == PEEWEE:
            return self._of_query(value, "get", call, line)
        return None

    def _shown(self, value: Value, call: Expression, line: int) -> None:
        recurse = record.argument(call, 1, "recurse") != ("const", False)
        for option in options_of(value):
            if isinstance(option, ModelInstance) and self._mapped(option.model):
                for table in shown_with(
                    self.index,
                    option.model,
                    recurse=recurse,
                    backrefs=_is_given(call, 2, "backrefs"),
                    many=_is_given(call, -1, "manytomany"),
                ):
                    self.frame.note_access(table, "read", "related", line)


def _is_handed_on(call: Expression) -> bool:
    """Whether a call hands on whatever its function was given: `super().save(*args, **kwargs)`."""
    return any(name is None for name, _ in call[3]) or any(
        one is not None and one[0] == "star" for one in call[2]
    )


def _is_given(call: Expression, position: int, name: str) -> bool:
    """Whether a flag is given, and not as False."""
    return record.argument(call, position, name) not in (None, ("const", False))


def _loaded(value: Value) -> Value:
    found: list[Value] = []
    for option in options_of(value):
        if isinstance(option, Selection):
            found.append(replace(option, is_loaded=True))
        elif isinstance(option, ModelClass):
            found.append(Many(ModelInstance(option.model)))
    return one_of(found)
