"""What classes show of the rows that they are declared for: marshmallow's schemas, admin views."""

from collections.abc import Iterator

from analyzer.readers.python import record
from analyzer.readers.python.django.declared import constant_strings, declared_model
from analyzer.readers.python.evaluation import do
from analyzer.readers.python.evaluator import Evaluator
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, Function, Variable
from analyzer.readers.python.types import (
    Bound,
    ModelClass,
    ModelInstance,
    Value,
    item_of,
    one_of,
    options_of,
)

_NAMING = "Schema"  # how the bases of schemas end
_COMPUTING = "Function"  # a field that calls a function with the row
_CALLING = "Method"  # a field that calls a method of the schema with the row
# Of admin views: the attribute that holds the interface to a mapped class, and lists of what they
# show of its rows.
_INTERFACE = "datamodel"
_SHOWN = (
    "list_columns", "show_columns", "list_select_columns", "show_select_columns", "edit_columns",
    "add_columns", "search_columns", "column_list", "column_details_list", "form_columns",
)  # fmt: skip


def is_schema(project: Project, cls: ClassScope) -> bool:
    """Whether a class turns rows into documents."""
    return any(
        base is not None and base[0] == "name" and base[1].endswith(_NAMING)
        for one in project.mro(cls)
        if isinstance(one, ClassScope)
        for base in one.bases
    )


def show_declared(frame: Frame, cls: ClassScope) -> None:
    """Note what a schema or an admin view reads of its rows."""
    project = frame.knowledge.project
    if is_schema(project, cls):
        model = declared_model(frame, cls)[0]
        if frame.knowledge.catalogue.in_session(model) is not None:
            _show_schema(frame, cls, ModelInstance(model))
    interface = project.class_member(cls, _INTERFACE)
    if isinstance(interface, Variable) and interface.value and interface.value[0] == "call":
        first = record.argument(interface.value, 0)
        for option in options_of(frame.silently(first)):
            if isinstance(option, ModelClass):
                _show_view(frame, cls, option.model)


def schema_parameter(frame: Frame, function: Function, name: str) -> Value:
    """The row, as a parameter of a method that a field of its schema calls."""
    cls = function.owner
    parameters = [one for one, *_ in function.record[record.F_PARAMETERS]]
    if cls is None or parameters[1:2] != [name] or not is_schema(frame.knowledge.project, cls):
        return None
    called = {
        record.string_of(record.argument(field.value, 0, "serialize"))
        for _, field in _fields(frame.knowledge.project, cls)
        if record.callee_name(field.value) == _CALLING
    }
    model = declared_model(frame, cls)[0] if function.name in called else ""
    is_kept = frame.knowledge.catalogue.in_session(model) is not None
    return ModelInstance(model) if is_kept else None


def _fields(project: Project, cls: ClassScope) -> Iterator[tuple[str, Variable]]:
    seen: set[str] = set()
    for base in project.mro(cls):
        if not isinstance(base, ClassScope):
            continue
        for name, binding in base.names.items():
            last = binding[-1]
            is_field = isinstance(last, Variable) and last.value and last.value[0] == "call"
            if name not in seen and is_field:
                yield name, last  # type: ignore[misc] # a Variable
            seen.add(name)


def _show_schema(frame: Frame, cls: ClassScope, row: ModelInstance) -> None:
    project = frame.knowledge.project
    meta = project.class_member(cls, "Meta")
    listed = project.class_member(meta, "fields") if isinstance(meta, ClassScope) else None
    names = constant_strings(project, listed) if isinstance(listed, Variable) else ()
    shown = dict(names)
    fields = dict(_fields(project, cls))
    for name, line in shown.items():
        if name not in fields:
            _show(frame, row, name, line or cls.line)
    for name, field in fields.items():
        if not shown or name in shown:
            _show_field(frame, row, name, field, field.line if field.owner is cls else cls.line)


def _show_field(frame: Frame, row: ModelInstance, name: str, field: Variable, line: int) -> None:
    kind = record.callee_name(field.value)
    if kind == _COMPUTING:
        _compute(frame, row, record.argument(field.value, 0, "serialize"))
        return
    is_taken_only = record.keyword(field.value, "load_only") == ("const", True)
    if kind != _CALLING and kind[:1].isupper() and not is_taken_only:
        path = record.string_of(record.keyword(field.value, "attribute"))
        _show(frame, row, path or name, line)


def _compute(frame: Frame, row: ModelInstance, function: Expression) -> None:
    """`fields.Function(lambda row: row.author.name)`."""
    if function is None or function[0] != "lambda" or not function[1]:
        return
    inner = Evaluator(frame.knowledge, frame.module, owner=frame.owner, effects=frame.effects)
    inner.types[function[1][0]] = row
    do(inner, function[2])


def _show(frame: Frame, row: ModelInstance, path: str, line: int) -> None:
    value: Value = row
    for name in path.split("."):
        found = [_step(frame, option, name, line) for option in options_of(value)]
        value = one_of(found)
    frame.consume(value, line)


def _step(frame: Frame, value: Value, name: str, line: int) -> Value:
    if not isinstance(value, ModelInstance):
        value = item_of(value)
    found = frame.attribute(value, name, line) if isinstance(value, ModelInstance) else None
    if isinstance(found, Bound):  # a method that is shown is called
        frame.note_call(found.function, line, found.receiver)
        return frame.knowledge.returned(found.function, found.receiver, frame.depth)
    return found


def _show_view(frame: Frame, cls: ClassScope, model: str) -> None:
    catalogue = frame.knowledge.catalogue
    if catalogue.in_session(model) is None:
        return
    for table in frame.knowledge.index.tables(model):
        frame.note_access(table, "read", "admin", cls.line)
    for name in _SHOWN:
        listed = frame.knowledge.project.class_member(cls, name)
        if isinstance(listed, Variable):
            for path, line in constant_strings(frame.knowledge.project, listed):
                _show(frame, ModelInstance(model), path, line or cls.line)
