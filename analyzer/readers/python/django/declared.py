"""Which model a class works on: a view, form, serializer, filter or admin class."""

from collections.abc import Iterator

from analyzer.readers.python import record
from analyzer.readers.python.class_values import QUERY_BASES
from analyzer.readers.python.evaluator import Evaluator
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, Function, Variable
from analyzer.readers.python.types import ModelClass, Query, Value, options_of

# Class attributes that say so, of the class or of its `Meta`.
DECLARING = ("model", "queryset", "serializer_class", "form_class", "form")


def model_of_class(frame: Frame, cls: ClassScope) -> str:
    """The model that a view, form, serializer, filter or admin class works on, or ""."""
    return declared_model(frame, cls)[0]


def declared_model(frame: Frame, cls: ClassScope) -> tuple[str, int]:
    """The same, with the line of the class that says so: its own statement where a base does."""
    known = frame.knowledge.declared
    if cls not in known:
        known[cls] = ("", 0)  # what a cycle sees
        known[cls] = _find_declared(frame, cls)
    return known[cls]


def constant_strings(
    project: Project, variable: Variable, depth: int = 4
) -> Iterator[tuple[str, int]]:
    """(text, line) of the strings that a variable's list holds, those of lists it adds included.

    `fields = Base.Meta.fields + ("total",)`; what another class says stands at line 0.
    """
    value = variable.value
    parts = value[2] if value is not None and value[0] == "op" else (value,)
    for part in parts:
        if part is not None and part[0] in ("list", "tuple", "set"):
            inner = [one[1] for one in part[1] if one is not None and one[0] == "star"]
        else:
            inner = [part]
        yield from record.strings_of(part)
        for one in inner if depth else ():
            if one is not None and one[0] == "name":
                symbol = project.resolve_in(variable.owner or variable.module, one[1])
                symbol = symbol or project.resolve(variable.module, one[1])
                if isinstance(symbol, Variable) and symbol is not variable:
                    for text, _ in constant_strings(project, symbol, depth - 1):
                        yield text, 0


def _find_declared(frame: Frame, cls: ClassScope) -> tuple[str, int]:
    knowledge = frame.knowledge
    for base in knowledge.project.mro(cls):
        if not isinstance(base, ClassScope):
            continue
        meta = [one for one in base.names.get("Meta", ()) if isinstance(one, ClassScope)]
        for scope in (*meta, base):
            for name in DECLARING:
                for definition in scope.names.get(name, ()):
                    if isinstance(definition, Variable):
                        found = _model_in(frame, knowledge.variable(definition))
                        found = found or _model_of_string(frame, definition)
                        if found:
                            return found, definition.line if base is cls else cls.line
    return _registered_model(frame, cls) or _queried_model(frame, cls)


def _model_of_string(frame: Frame, variable: Variable) -> str:
    """`model = "app.Model"`, or the dotted name of its class."""
    text = record.string_of(variable.value) or ""
    if "." not in text:
        return ""
    known = frame.knowledge.catalogue.by_label.get(text.lower())
    if known is not None:
        return known
    symbol = frame.knowledge.project.find(text)
    value = (
        frame.knowledge.classes.value_of_class(symbol) if isinstance(symbol, ClassScope) else None
    )
    return value.model if isinstance(value, ModelClass) else ""


def _registered_model(frame: Frame, cls: ClassScope) -> tuple[str, int] | None:
    """`@admin.register(Model)` on an admin class, `admin.site.register(Model, cls)` beside it."""
    outer = Evaluator(frame.knowledge, cls.module)
    for decorator in cls.decorators:
        if decorator is None or decorator[0] != "call" or not decorator[2]:
            continue
        if record.callee_name(decorator) == "register":
            found = _model_in(frame, outer.value(decorator[2][0]))
            if found:
                return found, int(decorator[4])
    for call in frame.knowledge.body(cls.module).calls("register"):
        registered = record.argument(call, 1) or record.keyword(call, "admin_class")
        if registered is not None and registered[:2] == ("name", cls.name) and call[2]:
            found = _model_in(frame, outer.value(call[2][0]))
            if found:
                return found, cls.line
    return None


def _queried_model(frame: Frame, cls: ClassScope) -> tuple[str, int]:
    """The model of what an overridden `get_queryset` returns."""
    member = frame.knowledge.project.class_member(cls, "get_queryset")
    if isinstance(member, Function) and not frame.knowledge.project.is_subclass(cls, QUERY_BASES):
        value = frame.knowledge.returned(member, None, 2)
        for option in options_of(value):
            if isinstance(option, Query) and option.model:
                return option.model, member.line if member.owner is cls else cls.line
    return "", 0


def _model_in(frame: Frame, value: Value) -> str:
    for option in options_of(value):
        if isinstance(option, ModelClass | Query) and option.model:
            return option.model
        if isinstance(option, ClassScope):
            found = model_of_class(frame, option)
            if found:
                return found
    return ""
