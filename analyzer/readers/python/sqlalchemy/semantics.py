"""What mapped classes, their rows, statements and sessions of SQLAlchemy do, in one frame.

A session writes at its next flush what was made, changed or taken out of a collection before. The
access is said of the code that makes or changes the row, wherever the flush happens.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from analyzer.readers.python import record
from analyzer.readers.python.attributes import assigned_attribute
from analyzer.readers.python.catalogue import Catalogue, Model, ModelField
from analyzer.readers.python.django.orm import OrmSemantics
from analyzer.readers.python.evaluation import LOADERS
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.handed import Outcome
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function, Variable
from analyzer.readers.python.sqlalchemy import vocabulary as words
from analyzer.readers.python.sqlalchemy.arguments import with_classes
from analyzer.readers.python.sqlalchemy.hybrids import is_computed, is_setter
from analyzer.readers.python.sqlalchemy.known import EXTENSIONS
from analyzer.readers.python.sqlalchemy.listeners import heard
from analyzer.readers.python.sqlalchemy.mentions import Mentions
from analyzer.readers.python.sqlalchemy.relations import (
    deleted_with,
    led_to,
    left_by,
    loaded_with,
    read_by,
    written_by,
)
from analyzer.readers.python.sqlalchemy.rendered import render_called, renders
from analyzer.readers.python.sqlalchemy.schemas import schema_parameter, show_declared
from analyzer.readers.python.sqlalchemy.sent import sent_to
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


def semantics_for(catalogue: Catalogue) -> type[OrmSemantics]:
    """What reads a project with these models: nothing of sessions where there are none."""
    return SessionSemantics if catalogue.has_sessions else OrmSemantics


class SessionSemantics(OrmSemantics):
    """Implements `semantics.Semantics` for SQLAlchemy, and for Django beside it."""

    __slots__ = ("mentions",)
    by_name = LOADERS | words.SESSION_METHODS | words.ADDING_TO
    keeps_changes = True

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.mentions = Mentions(frame)

    def _kept(self, model: str) -> Model | None:
        """The model, if a session keeps its rows."""
        return self.index.catalogue.in_session(model)

    # ---- attributes

    def model_attribute(self, value: ModelClass, name: str) -> Value:
        """`Model.query`, a class method, a constant; what is mapped is a method of the class."""
        model = self._kept(value.model)
        if model is None or model.scope is None:
            return super().model_attribute(value, name)
        if name == "query":
            return Selection((value.model,), self._loaded(value.model))
        if name == "__table__":
            return Selection(("",), (model.table,))
        member = self.knowledge.project.class_member(model.scope, name)
        if isinstance(member, Function):
            return Method(value, name) if is_computed(member) else Bound(member, value)
        if isinstance(member, ClassScope):
            return self.knowledge.classes.value_of_class(member)
        if isinstance(member, Variable) and name not in model.fields:
            return self.knowledge.variable(member)
        return Method(value, name)

    def instance_attribute(self, value: ModelInstance, name: str, line: int) -> Value:
        """A relationship, a method, a property or a column of a row."""
        model = self._kept(value.model)
        if model is None:
            return super().instance_attribute(value, name, line)
        field = model.fields.get(name)
        if field is not None:
            if field.loading == "deferred":
                for table in field.reads:
                    self.frame.note_access(table, "read", "related", line)
            return self._followed(field, line) if field.kind else None
        if model.scope is None:
            return Method(value, name)
        if name in ("query", "__table__"):
            return self.model_attribute(ModelClass(value.model), name)
        return self._member(model.scope, value, name, line)

    def _member(self, scope: ClassScope, value: ModelInstance, name: str, line: int) -> Value:
        for member in self._definitions(scope, name):
            if isinstance(member, Function):
                if not is_computed(member):
                    return Bound(member, value)
                self.frame.note_call(member, line, value)
                return self.knowledge.returned(member, value, self.frame.depth)
            if isinstance(member, Variable):
                through = proxied(member)
                if through is not None:
                    return self._proxied(value, *through, line)
                return self.knowledge.variable(member)
            if isinstance(member, ClassScope):
                return self.knowledge.classes.value_of_class(member)
        assigned = assigned_attribute(self.frame, scope, name)
        return Method(value, name) if assigned is None else assigned

    def _definitions(self, scope: ClassScope, name: str) -> Iterable[object]:
        """What the nearest class binds the name to; of a property, what is read comes first."""
        for base in self.knowledge.project.mro(scope):
            if isinstance(base, ClassScope) and name in base.names:
                return sorted(base.names[name], key=is_setter)
        return ()

    def _proxied(self, value: Value, relation: str, name: str, line: int) -> Value:
        """What an association proxy stands for: an attribute of the rows between."""
        rows = self.frame.attribute(value, relation, line)
        if isinstance(rows, Selection):
            item = self.frame.attribute(item_of(rows), name, line)
            models = (item.model,) if isinstance(item, ModelInstance) else ("",)
            return replace(rows, models=models)
        return None if rows is None else self.frame.attribute(rows, name, line)

    def _followed(self, field: ModelField, line: int) -> Value:
        found = led_to(self.index, field)
        if not isinstance(found, Selection) or found.is_loaded:
            for table in read_by(self.index, field):
                self.frame.note_access(table, "read", "related", line)
        return found

    def selection_attribute(self, value: Selection, name: str) -> Value:
        """A method of a statement or collection; the items of a page."""
        return value if name == "items" and value.is_loaded else Method(value, name)

    def outside_attribute(self, value: Value, name: str) -> Value:
        """The session of Flask-SQLAlchemy's object; the tables of the metadata."""
        if isinstance(value, Instance) and name in words.STANDING:
            return Instance(words.STANDING[name])
        return Method(value, name)

    def framework_attribute(self, value: Instance, name: str) -> Value:
        """The session of an object that extends Flask-SQLAlchemy's, and its metadata."""
        if name in words.STANDING:
            return Instance(words.STANDING[name])
        return super().framework_attribute(value, name)

    # ---- what is done to rows

    def made(self, target: ModelClass, call: Expression, line: int) -> Value:
        """A new row; it is inserted with whatever it hangs on, or when it is added."""
        model = self._kept(target.model)
        if model is None:
            return super().made(target, call, line)
        self._touch(target.model, "write", "insert", line)
        for name, _ in call[3]:
            field = model.fields.get(name or "")
            if field is not None and field.through:
                self.frame.note_access(field.through, "write", "insert", line)
            elif field is None and name and model.scope is not None:
                self._set(model, model.scope, name, line)
        return ModelInstance(target.model)

    def changed(self, value: Value, name: str, line: int) -> None:
        """An attribute of a row is assigned to: the session writes it at the next flush."""
        if self.frame.effects is None:
            return
        for option in options_of(value):
            model = self._kept(option.model) if isinstance(option, ModelInstance) else None
            if model is None or self._is_making(model):
                continue
            field = model.fields.get(name)
            if field is not None:
                self._assigned_to(field, line)
            elif model.scope is not None:
                self._set(model, model.scope, name, line)

    def _assigned_to(self, field: ModelField, line: int) -> None:
        self.frame.note_access(written_by(self.index, field), "write", "update", line)
        if field.kind == "collection":  # what is in it is taken out
            for table in read_by(self.index, field):
                self.frame.note_access(table, "read", "related", line)
            for table, mode, operation in left_by(self.index, field):
                self.frame.note_access(table, mode, operation, line)

    def _is_making(self, model: Model) -> bool:
        """Whether the code here is the constructor of such rows: who calls it writes."""
        function = self.frame.function
        if function is None or function.name != "__init__":
            return False
        return function.owner is model.scope

    def _set(self, model: Model, scope: ClassScope, name: str, line: int) -> None:
        for member in self._definitions(scope, name):
            through = proxied(member) if isinstance(member, Variable) else None
            if through is not None and through[0] in model.fields:
                table = written_by(self.index, model.fields[through[0]])
                self.frame.note_access(table, "write", "update", line)
            elif isinstance(member, Function) and is_setter(member):
                self.frame.note_call(member, line, ModelInstance(model.id))

    def _deleted(self, model: str, line: int) -> None:
        self._touch(model, "write", "delete", line)
        for table, mode, operation in deleted_with(self.index, model):
            self.frame.note_access(table, mode, operation, line)

    def _loaded(self, model: str) -> tuple[str, ...]:
        """Tables that loading a row of the model reads."""
        own = self.index.tables(model)
        return tuple(dict.fromkeys((*own, *loaded_with(self.index, model))))

    # ---- calls

    def receiver(self, callee: Expression) -> Value:
        """The value before the last method of a chain; deleting or updating need not read first."""
        effects = self.frame.effects
        if effects is None or callee[2] not in words.UNREADING:
            return super().receiver(callee)
        before = len(effects.accesses)
        value = self.frame.value(callee[1])
        own = {one.tables[:1] for one in options_of(value) if isinstance(one, Selection)}
        for key in list(effects.accesses)[before:]:
            if (key[0],) in own and key[2] == "select":
                del effects.accesses[key]
        return value

    def method(self, target: Method, call: Expression, values: list[Value], line: int) -> Value:
        """A method of a statement, of related rows, of a session or of Flask-SQLAlchemy."""
        receiver = target.receiver
        if renders(target.name):
            render_called(self.frame, call, line)
        if target.name in words.SAME:
            return receiver
        if isinstance(receiver, Selection):
            return self._selected(receiver, target.name, call, values, line)
        if isinstance(receiver, ModelInstance | ModelClass) and self._kept(receiver.model):
            return self._in_session(target.name, call, values, line)
        if receiver == Instance(words.STANDING["tables"]):
            name = record.string_of(record.argument(call, 0))
            return Selection(("",), (name,)) if name else None
        if isinstance(receiver, Instance) and self._is_extension(receiver):
            if target.name in words.FUNCTIONS:
                return self._function(target.name, call, values, line)
            return self._in_session(target.name, call, values, line)
        # Something unknown that rows are added to may be a collection, or a session.
        if isinstance(receiver, Many) and target.name in words.SESSION_METHODS - {"add"}:
            return self._in_session(target.name, call, values, line)
        is_outside = isinstance(receiver, Instance) and isinstance(receiver.cls, External)
        if is_outside and target.name in words.SESSION_METHODS:
            return self._in_session(target.name, call, values, line)
        return super().method(target, call, values, line)

    def _is_extension(self, value: Instance) -> bool:
        """Whether it is Flask-SQLAlchemy's object, or one that extends it."""
        cls = value.cls
        bases = self.knowledge.project.mro(cls) if isinstance(cls, ClassScope) else (cls,)
        return any(
            isinstance(base, External) and base.path.rpartition(".")[2] in EXTENSIONS
            for base in bases
        )

    def after_bound(self, target: Bound, call: Expression, result: Value, line: int) -> Value:
        """A method of the snapshot, with what it does to the classes that are handed to it."""
        if renders(target.function.name):
            render_called(self.frame, call, line)
        found = with_classes(self.frame, target.function, target.receiver, call)
        self._note(found, line)
        result = found.returned if result is None else result
        for one in options_of(target.receiver):
            if isinstance(one, ModelInstance | ModelClass) and self._kept(one.model):
                return result
        return super().after_bound(target, call, result, line)

    def after_function(self, target: Function, call: Expression, result: Value, line: int) -> Value:
        """A function of the snapshot, with what it does to the classes that are handed to it."""
        if renders(target.name):
            render_called(self.frame, call, line)
        found = with_classes(self.frame, target, None, call)
        self._note(found, line)
        return found.returned if result is None else result

    def _note(self, outcome: Outcome, line: int) -> None:
        for table, mode, operation in outcome.touches:
            self.frame.note_access(table, mode, operation, line)

    def opens_transaction(self, context: Expression, value: Value) -> bool:
        """Whether it is `session.begin()`, whatever the session is called, or anything like it."""
        path = record.callee_path(context) if context is not None and context[0] == "call" else ""
        if "." in path and path.rpartition(".")[2] in words.BEGINNING:
            return True
        return super().opens_transaction(context, value)

    def guessed(self, names: Sequence[str]) -> Value:
        """The one mapped class that has all the attributes that are asked of something unknown."""
        return self.mentions.guessed(names)

    def named(self, name: str, call: Expression, values: list[Value], line: int) -> Value:
        """A method that a session has, called on something unknown."""
        if name in LOADERS:
            return self.loader(name, call)
        if name in words.ADDING_TO:
            return self._added_to(name, call, line)
        return self._in_session(name, call, values, line)

    def _added_to(self, name: str, call: Expression, line: int) -> Value:
        """A query that somebody else began: `query.filter(Order.total > 3)`."""
        if record.callee_path(call) == name:
            return None  # the function of this name
        added = self.mentions.tables(call)
        if name == "options":
            added += self.mentions.loaded((), call)
        if not added:
            return None
        selection = Selection(("",), tuple(dict.fromkeys(added)))
        self.ran(selection, line)
        return selection

    def is_plain(self, path: str) -> bool:
        """Whether a call of what has this dotted name matters only for what its arguments do."""
        last = path.rpartition(".")[2]
        if path == "setattr" or renders(last):
            return False
        if last in words.FUNCTIONS and _is_of_mapper(path):
            return False
        return super().is_plain(path)

    def external(self, target: External, call: Expression, values: list[Value], line: int) -> Value:
        """A function of SQLAlchemy, or anything else outside the snapshot."""
        name = target.path.rpartition(".")[2]
        if name in words.FUNCTIONS and _is_of_mapper(target.path):
            return self._function(name, call, values, line)
        if target.path == "setattr":
            self._set_attribute(call, values, line)
            return None
        if renders(name):
            render_called(self.frame, call, line)
        if target.path == "itertools.groupby":
            rows = item_of(self.frame.given(call, values, 0))
            return None if rows is None else Many(Row((None, Many(rows))))
        return super().external(target, call, values, line)

    def _set_attribute(self, call: Expression, values: list[Value], line: int) -> None:
        """`setattr(row, name, value)`: some column of the row, where the name is not known."""
        name = record.string_of(record.argument(call, 1))
        for option in options_of(self.frame.given(call, values, 0)):
            if name:
                self.changed(option, name, line)
                continue
            model = self._kept(option.model) if isinstance(option, ModelInstance) else None
            if model is not None and not self._is_making(model):
                self.frame.note_access(model.table, "write", "update", line)

    def _function(self, name: str, call: Expression, values: list[Value], line: int) -> Value:
        """`select(…)`, `update(…)`, `aliased(…)`, `Table(…)`."""
        if name == "Table":
            return self.mentions.table(call)
        first = self.frame.given(call, values, 0)
        if name in ("aliased", "with_polymorphic", "alias"):
            return first
        if name in words.STATEMENTS:
            return self._writing(words.STATEMENTS[name], first, line)
        return self._started(call, line)

    def _started(self, call: Expression, line: int) -> Value:
        """A statement that reads, with what each of its rows holds."""
        models = self.mentions.entities(call[2])
        loaded = [table for one in models if one for table in self._loaded(one)]
        tables = tuple(dict.fromkeys((*loaded, *self.mentions.tables(call))))
        selection = Selection(models or ("",), tables)
        self.ran(selection, line)
        return selection

    def _writing(self, operation: str, target: Value, line: int) -> Value:
        for option in options_of(target):
            tables: tuple[str, ...] = ()
            if isinstance(option, ModelClass) and self._kept(option.model):
                tables = self.index.tables(option.model)[:1]
            elif isinstance(option, Selection):
                tables = option.tables[:1]
            if tables:
                made = Selection(("",), tables, writes=operation)
                self.ran(made, line)
                return made
        return None

    def ran(self, selection: Selection, line: int) -> None:
        """The statement is run here, or begun."""
        if selection.is_loaded or self.frame.effects is None:
            return
        tables = selection.tables
        if selection.writes and tables:
            self.frame.note_access(tables[0], "write", selection.writes, line)
            tables = tables[1:]
        for table in tables:
            self.frame.note_access(table, "read", "select", line)
        self.frame.note_join(selection.tables, "query", line)

    # ---- statements and collections

    def _selected(
        self, value: Selection, name: str, call: Expression, values: list[Value], line: int
    ) -> Value:
        if value.collected and name in words.COLLECTING:
            for table in value.collected:
                self.frame.note_access(table, "write", name, line)
            return item_of(value) if name in words.TAKING else None
        if value.is_loaded:
            return _of_loaded(value, name)
        if name in words.STATEMENTS:
            written = replace(value, models=("",), writes=words.STATEMENTS[name], collected=())
            self.ran(replace(written, tables=written.tables[:1]), line)
            return written
        return self._chained(self._extended(value, name, call), name, call, line)

    def _extended(self, value: Selection, name: str, call: Expression) -> Selection:
        """The statement with the tables that a call adds to it."""
        added = self.mentions.tables(call)
        if name in words.JOINS:
            added += self.mentions.by_string(value.models, call)
        elif name == "options":
            added += self.mentions.loaded(value.models, call)
        tables = tuple(dict.fromkeys((*value.tables, *added)))
        return value if tables == value.tables else replace(value, tables=tables, collected=())

    def _chained(self, value: Selection, name: str, call: Expression, line: int) -> Value:
        if name not in words.QUIET:
            self.ran(value, line)
        if name in words.LOCKING:
            for table in value.tables[:1]:
                self.frame.note_row_lock(table, line)
        if name in words.REPLACING:
            return replace(value, models=self.mentions.entities(call[2]), has_rows=True)
        if name in words.EXTENDING:
            return replace(value, models=(*value.models, *self.mentions.entities(call[2])))
        if name in words.SCALARS:
            return replace(value, models=value.models[:1], has_rows=False, is_loaded=True)
        if name in words.ONE:
            return item_of(value)
        if name in ("all", "paginate", "fetchall"):
            return replace(value, is_loaded=True)
        return None if name == "count" else value

    # ---- sessions

    def _in_session(self, name: str, call: Expression, values: list[Value], line: int) -> Value:
        """A method of a session, as far as what it is given says that it is one."""
        if name in words.STARTING:
            return self._started(call, line)
        given = self.frame.given(call, values, 0)
        if given is None:
            given = self._suggested(name, call)
        if given is None:
            return None
        if record.keyword(call, "with_for_update") is not None:
            self._locked(given, line)
        if name in words.RUNNING:
            return one_of([self._ran(one, name, line) for one in options_of(given)])
        if name in words.GETTING:
            along = record.keyword(call, "options")
            if along is not None and isinstance(given, ModelClass):
                more = self.mentions.loaded((given.model,), ("call", None, (along,), (), line))
                self.ran(Selection(("",), more), line)
            return one_of([self._got(one, line) for one in options_of(given)])
        for option in options_of(given):
            for row in _rows(option):
                self._handed(name, row, line)
        return given if name == "merge" else None

    def _locked(self, given: Value, line: int) -> None:
        """`session.get(Order, 1, with_for_update=True)`, and `refresh` with it."""
        for option in options_of(given):
            if isinstance(option, ModelClass | ModelInstance) and self._kept(option.model):
                for table in self.index.tables(option.model)[:1]:
                    self.frame.note_row_lock(table, line)

    def _suggested(self, name: str, call: Expression) -> Value:
        """The row that an argument's name suggests, where a session is called a session."""
        argument, path = record.argument(call, 0), record.callee_path(call)
        if argument is None or argument[0] != "name" or name not in words.TAKING_ROWS:
            return None
        if "session" not in path.rpartition(".")[0].rpartition(".")[2].lower():
            return None
        last = argument[1].rpartition(".")[2]
        model = (self.knowledge.model_by_name or {}).get(last)
        return ModelInstance(model) if model is not None and self._kept(model) else None

    def _ran(self, value: Value, name: str, line: int) -> Value:
        if not isinstance(value, Selection):
            return None
        self.ran(value, line)
        if name == "scalar":
            return item_of(replace(value, models=value.models[:1]))
        return replace(value, has_rows=name in ("execute", "stream"), is_loaded=True, writes="")

    def _got(self, value: Value, line: int) -> Value:
        if isinstance(value, Selection):
            self.ran(value, line)
            return item_of(replace(value, models=value.models[:1], has_rows=False))
        if not isinstance(value, ModelClass) or not self._kept(value.model):
            return None
        self.ran(Selection((value.model,), self._loaded(value.model)), line)
        return ModelInstance(value.model)

    def _handed(self, name: str, value: Value, line: int) -> None:
        """A row, or a class for the methods that write many, is handed to the session."""
        if not isinstance(value, ModelInstance | ModelClass) or not self._kept(value.model):
            return
        if name in words.BULK:
            self._touch(value.model, "write", words.BULK[name], line)
        elif isinstance(value, ModelClass):
            return
        elif name in words.DELETING:
            self._deleted(value.model, line)
        elif name in words.RELOADING:
            self._touch(value.model, "read", "select", line)
        elif name in words.ADDING:
            self._touch(value.model, "write", "update" if name == "merge" else "insert", line)
            if name == "merge":
                self._touch(value.model, "read", "select", line)

    # ---- what libraries do with rows

    def declared(self, cls: ClassScope) -> None:
        """A schema or an admin view shows rows; what Django's classes do is known as well."""
        super().declared(cls)
        show_declared(self.frame, cls)

    # ---- what the mapper calls

    def parameter(self, function: Function, name: str) -> Value:
        """The row, or the new value, that a listener of the mapper's events is called with."""
        found = heard(self.frame, self.mentions, function, name)
        if found is None and function.decorators:
            found = sent_to(self.frame, function, name)
        if found is None and function.owner is not None:
            found = schema_parameter(self.frame, function, name)
        return super().parameter(function, name) if found is None else found


def proxied(variable: Variable) -> tuple[str, str] | None:
    """The relationship and the attribute behind an association proxy."""
    value = variable.value
    if value is None or value[0] != "call" or record.callee_name(value) != "association_proxy":
        return None
    relation = record.string_of(record.argument(value, 0, "target_collection"))
    name = record.string_of(record.argument(value, 1, "attr"))
    return (relation, name) if relation and name else None


def _is_of_mapper(path: str) -> bool:
    root = path.partition(".")[0]
    return root.startswith(("sqlalchemy", "sqlmodel", "flask_sqlalchemy")) or path == "Table"


def _rows(value: Value) -> Iterable[Value]:
    """A row that is handed over, or those in a list of them."""
    if isinstance(value, Many | Row | Selection):
        items = value.items if isinstance(value, Row) else (item_of(value),)
        return [row for item in items for row in options_of(item)]
    return (value,)


def _of_loaded(value: Selection, name: str) -> Value:
    """What a method of rows in memory gives."""
    if name.startswith("scalar") and name not in words.SCALARS:
        return item_of(replace(value, models=value.models[:1], has_rows=False))
    if name in words.ONE or name in words.TAKING:
        return item_of(value)
    if name in words.SCALARS:
        return replace(value, models=value.models[:1], has_rows=False)
    if name == "values":
        return Many(item_of(value))
    if name == "items":
        return Many(Row((None, item_of(value))))
    return value if name in ("all", "unique", "copy", "fetchall", "yield_per", "mappings") else None
