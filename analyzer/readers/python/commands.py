"""Commands of programs that are started from a shell: click, typer, Flask and their like."""

from collections.abc import Iterable
from dataclasses import dataclass

from analyzer.facts.entry_points import EntryPoint
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.origins import decorations
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.scopes import Function

# Libraries whose decorators make a command, and those decorators' last names.
LIBRARIES = frozenset(
    {"click", "rich_click", "typer", "flask", "quart", "invoke", "flask_script", "djclick"}
)
DECORATORS = frozenset({"command", "task"})


@dataclass(frozen=True, slots=True)
class Commands:
    """Gives functions that a decorator makes a command as entry points."""

    calls: frozenset[str] = frozenset()

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Every decorated function of product code."""
        for function in project.functions():
            if function.module.role == "product" and function.decorators:
                yield from _command(project, function)

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """Nothing."""
        return ()


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
