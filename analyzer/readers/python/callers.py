"""Functions that only pass on what names a resource: what their callers name there.

`def redis_lock(name): redis.set("lock:%s" % name, …)` says little; `redis_lock("checkout:1")` says
which lock its caller takes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from analyzer.facts.credentials import redacted, untold
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.origins import resolve_inside
from analyzer.readers.python.patterns import text_with
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite
from analyzer.readers.python.record import Expression, Operation
from analyzer.readers.python.scopes import External, Function, Symbol

MOST_CALLERS = 300
SETTINGS = "django.conf.settings."


@dataclass(frozen=True, slots=True)
class Named:
    """A name as one caller gives it."""

    name: str
    unit: str
    evidence: Evidence


def names_from_callers(site: CallSite, expression: Expression) -> Iterator[Named]:
    """The name that each caller of the function gives, where it depends on a parameter."""
    function = site.function
    expression = _expanded(site, expression)
    if function is None or expression is None:
        return
    positions = _parameters(function)
    used = sorted(_names_in(expression) & positions.keys())
    if not used:
        return
    for caller, call in calls_of(site.project, function):
        given = {name: record.argument(call, positions[name], name) for name in used}
        if any(value is not None for value in given.values()):
            text = text_with(expression, _texts(site.project, caller, given))
            if text and text.strip("*/:"):
                where = Evidence(caller.module.path, call[4])
                yield Named(redacted(text), caller.unit, where)


def _expanded(site: CallSite, expression: Expression) -> Expression:
    """A local variable's value in place of its name."""
    if expression is not None and expression[0] == "name" and "." not in expression[1]:
        for value in site.assigned(expression[1]):
            return value
    return expression


def _parameters(function: Function) -> dict[str, int]:
    """Position of each parameter as a caller counts them."""
    names = [name for name, *_ in function.record[record.F_PARAMETERS] if not name.startswith("*")]
    if function.owner is not None:
        names = names[1:]
    return {name: position for position, name in enumerate(names)}


def _names_in(expression: Expression) -> set[str]:
    parts = record.walk_expressions(expression)
    return {part[1] for part in parts if part[0] == "name" and "." not in part[1]}


def calls_of(project: Project, function: Function) -> Iterator[tuple[Function, Expression]]:
    """The calls of a function that can be told by name, with the functions that they stand in."""
    found = 0
    for caller in project.calling(function.name):
        for call in record.calls_in(caller.operations):
            if record.callee_name(call) != function.name or caller is function:
                continue
            if _called(project, caller, record.callee_path(call)) is function:
                found += 1
                if found > MOST_CALLERS:
                    return
                yield caller, call


def _called(project: Project, caller: Function, path: str) -> object:
    if not path:
        return None
    if caller.owner is not None and path.startswith(("self.", "cls.")):
        return project.class_member(caller.owner, path.partition(".")[2])
    return resolve_in_function(project, caller, path)


def resolve_in_function(project: Project, function: Function, path: str) -> Symbol | None:
    """What a dotted name means inside a function, its own imports included."""
    function.module.consulted.add(function)
    if path.partition(".")[0] not in function.record[record.F_BOUND]:
        return project.resolve(function.module, path)
    return resolve_inside(project, function.module, function.operations, path)


def _texts(
    project: Project, caller: Function, given: dict[str, Expression]
) -> Callable[[str], str | None]:
    """Texts of the parameters as this caller gives them; settings by their name in braces."""

    def outer(name: str) -> str | None:
        value = _assigned(caller.operations, name)
        if value is None:
            return None
        text = text_with(value, settings_named(project, caller))
        return None if text is None else untold(name, text)

    def text(name: str) -> str | None:
        if name not in given:
            return settings_named(project, caller)(name)
        value = given[name]
        return text_with(
            value, lambda inner: outer(inner) or settings_named(project, caller)(inner)
        )

    return text


def settings_named(project: Project, function: Function) -> Callable[[str], str | None]:
    """`settings.NAME` as `{NAME}`: where its value is not known, its name still says which."""

    def text(path: str) -> str | None:
        if "." not in path:
            return None
        symbol = resolve_in_function(project, function, path)
        if isinstance(symbol, External) and symbol.path.startswith(SETTINGS):
            return f"{{{symbol.path.removeprefix(SETTINGS)}}}"
        return None

    return text


def _assigned(operations: tuple[Operation, ...], name: str) -> Expression:
    for operation in record.walk_operations(operations):
        if operation[0] == "assign":
            for target in operation[1]:
                if target is not None and target[0] == "name" and target[1] == name:
                    return operation[2]
    return None
