"""Models that functions make: `StarredTrack = make_starred(Track)`, one for each call."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from analyzer.readers.python import record
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, Function, ModuleScope, Variable

FIELDS = b"Field"  # what the body of such a function holds


@dataclass(frozen=True, slots=True)
class Made:
    """A model that a function makes, as a variable at the top of a module holds it."""

    id: str
    cls: ClassScope  # as it stands in the function: one for all calls
    function: Function
    variable: Variable
    handed: Mapping[str, ClassScope | str]  # classes and texts, by the parameter that takes them


def made_id(function: Function, arguments: tuple[str, ...]) -> str:
    """The id of a model that a function makes of models (by their ids) and texts."""
    return f"{function.unit}({', '.join(arguments)})"


def made_by_functions(project: Project, derives: Callable[[ClassScope], bool]) -> Iterator[Made]:
    """All of product code, in the order of modules and lines."""
    for module in project.modules.values():
        if module.role != "product":
            continue
        for binding in module.names.values():
            for one in binding:
                if isinstance(one, Variable) and one.value is not None and one.value[0] == "call":
                    yield from _made(project, derives, module, one)


def _made(
    project: Project,
    derives: Callable[[ClassScope], bool],
    module: ModuleScope,
    variable: Variable,
) -> Iterator[Made]:
    call = variable.value
    path = record.callee_path(call)
    function = project.resolve(module, path) if path else None
    if not isinstance(function, Function) or not function.holds(FIELDS):
        return
    cls = project.class_of_expression(module, call)
    if not isinstance(cls, ClassScope) or cls.unit != function.unit or not derives(cls):
        return
    parameters = [one[0] for one in function.record[record.F_PARAMETERS]]
    given = [_given(project, module, one) for one in call[2]]
    handed = {name: one for name, one in zip(parameters, given, strict=False) if one}
    identity = made_id(function, tuple(_named(one) for one in given))
    yield Made(identity, cls, function, variable, handed)


def _given(project: Project, module: ModuleScope, argument: Expression) -> ClassScope | str:
    if argument is not None and argument[0] == "name":
        symbol = project.resolve(module, argument[1])
        return symbol if isinstance(symbol, ClassScope) else ""
    return record.string_of(argument) or ""


def _named(given: ClassScope | str) -> str:
    return given.id if isinstance(given, ClassScope) else given
