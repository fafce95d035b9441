"""Commands of programs that are started from a shell: click, typer, Flask and their like."""

from collections.abc import Iterable
from dataclasses import dataclass

from analyzer.facts.entry_points import EntryPoint
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.makers import maker_of, receiver_of
from analyzer.readers.python.origins import decorations
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.routes import APPLICATIONS
from analyzer.readers.python.scopes import Function

# Libraries whose decorators make a command, and those decorators' last names.
LIBRARIES = frozenset(
    {"click", "rich_click", "typer", "flask", "quart", "invoke", "flask_script", "djclick"}
)
DECORATORS = frozenset({"command", "task"})


@dataclass(frozen=True, slots=True)
class Commands:
    """Gives functions that a decorator makes a command as entry points."""

    calls: frozenset[str] = frozenset({"command"})

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Every decorated function of product code."""
        for function in project.functions():
            if function.module.role == "product" and function.decorators:
                yield from _command(project, function)

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """`@app.cli.command()` inside the function that makes the application."""
        if site.function is None or site.module.role != "product" or not _is_group(site):
            return
        name = record.string_of(record.argument(site.call, 0, "name")) or _decorated_name(site)
        if name:
            yield EntryPoint("command", name, site.unit, site.evidence)


def _command(project: Project, function: Function) -> Iterable[Fact]:
    for path, decorator in decorations(project, function):
        if path.rpartition(".")[2] in DECORATORS and _is_library(project, function, path):
            name = function.name.replace("_", "-")
            if decorator[0] == "call":
                name = record.string_of(record.argument(decorator, 0, "name")) or name
            handler = function.name if function.owner else ""
            where = Evidence(function.module.path, function.line)
            yield EntryPoint("command", name, function.unit, where, handler)
            return


def _is_library(project: Project, function: Function, path: str) -> bool:
    """Whether the decorator is a library's, or hangs on a command group of the snapshot."""
    root, _, rest = path.partition(".")
    if root in LIBRARIES:
        return True
    group = project.resolve_in(function.owner or function.module, path.rpartition(".")[0] or path)
    if not rest or not isinstance(group, Function):
        return False
    return any(above.partition(".")[0] in LIBRARIES for above, _ in decorations(project, group))


def _is_group(site: CallSite) -> bool:
    """Whether a library made what the command is added to, or handed in the application."""
    head = receiver_of(site.call)
    if head is None or head[0] != "name":
        return False
    root, _, rest = head[1].partition(".")
    taken = site.function.record[record.F_PARAMETERS] if site.function else ()
    if rest == "cli" and root in APPLICATIONS and any(name == root for name, *_ in taken):
        return True
    return maker_of(site, head).path.partition(".")[0] in LIBRARIES


def _decorated_name(site: CallSite) -> str:
    """The name of the function, inside the one that the call stands in, that it decorates."""
    for operation in record.walk_operations(site.function.operations if site.function else ()):
        if operation[0] == "def" and site.call in operation[1][record.F_DECORATORS]:
            return str(operation[1][record.F_NAME]).replace("_", "-")
    return ""
