"""Management commands of Django projects, and the code that calls them by name."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.facts.entry_points import EntryPoint
from analyzer.facts.evidence import Evidence
from analyzer.facts.references import Reference
from analyzer.readers.python import record
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.scopes import ClassScope

_PATH = re.compile(r"(?:^|/)management/commands/([^_/][^/]*)\.py$")
COMMAND_CLASS = "Command"
HANDLERS = ("handle", "handle_noargs", "handle_label", "handle_app_config")
CALLS = frozenset({"call_command"})


@dataclass(frozen=True, slots=True)
class DjangoCommands:
    """Gives management commands as entry points."""

    calls: frozenset[str] = CALLS

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Every `Command` class that stands where Django looks for one."""
        for name, cls in _commands(project):
            handlers = [one for one in HANDLERS if one in cls.names]
            where = Evidence(cls.module.path, cls.line)
            yield EntryPoint("command", name, cls.unit, where, handlers[0] if handlers else "")

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """`call_command("name")` refers to that command."""
        name = record.string_of(record.argument(site.call, 0))
        for known, cls in _commands(site.project):
            if known == name and cls.unit != site.unit:
                yield Reference(site.unit, cls.unit, "name", site.evidence, "handle")


def _commands(project: Project) -> Iterator[tuple[str, ClassScope]]:
    for module in project.modules.values():
        found = _PATH.search(module.path)
        if not found or module.role != "product":
            continue
        for definition in module.names.get(COMMAND_CLASS, ()):
            if isinstance(definition, ClassScope):
                yield found[1], definition
                break
