"""Properties and methods of mapped classes that also stand in queries."""

from collections.abc import Iterable

from analyzer.readers.python import record
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ACCESSORS, ClassScope, Function

_EXPRESSIONS = ("expression", "update_expression", "comparator")


def expression_of(project: Project, cls: ClassScope, name: str) -> Function | None:
    """What makes the condition that `Class.name` is in a query: its own function, or the row's."""
    for base in project.mro(cls):
        if isinstance(base, ClassScope) and name in base.names:
            functions = [one for one in base.names[name] if isinstance(one, Function)]
            told = (one for one in functions if _is_expression(one.decorators))
            plain = (one for one in functions if not _is_accessor(one.decorators))
            return next(told, None) or next(plain, None)
    return None


def _is_expression(decorators: Iterable[Expression]) -> bool:
    return any(decorator_name(one) in _EXPRESSIONS for one in decorators)


def _is_accessor(decorators: Iterable[Expression]) -> bool:
    return any(decorator_name(one) in ACCESSORS for one in decorators)


def is_computed(function: Function) -> bool:
    """Whether reading the attribute runs the function: a property of any kind."""
    return any(decorator_name(one).endswith(("property", "hybrid")) for one in function.decorators)


def is_setter(definition: object) -> bool:
    """Whether a definition of a property is run when it is assigned to, or in a query."""
    return isinstance(definition, Function) and any(
        decorator_name(one) in ACCESSORS for one in definition.decorators
    )


def decorator_name(expression: Expression) -> str:
    """The last name of a decorator, called or not."""
    if expression is None:
        return ""
    if expression[0] == "call":
        return record.callee_name(expression)
    return str(expression[1]).rpartition(".")[2] if expression[0] == "name" else ""
