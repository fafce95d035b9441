"""Modules and members that are imported by a name in a string."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from analyzer.facts.evidence import Evidence
from analyzer.facts.references import Reference
from analyzer.readers.python import record
from analyzer.readers.python.calls import unit_of
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.scopes import ModuleScope

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")
# Functions that import what their first argument names, of the standard library and frameworks.
IMPORTERS = frozenset(
    {"import_module", "__import__", "import_string", "locate", "resolve_name", "import_object"}
)


@dataclass(frozen=True, slots=True)
class NamedImports:
    """Gives a reference for each string that has something of the snapshot imported by its name.

    Those are the arguments of calls that import, and settings: `MIDDLEWARE`, `LOGGING`, backends.
    """

    calls: frozenset[str] = IMPORTERS

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Nothing: these imports are found where they are made."""
        return ()

    def module_facts(self, project: Project, shared: Shared, module: ModuleScope) -> Iterable[Fact]:
        """Members of modules that the settings of a module name."""
        if module.id not in shared.settings:
            return
        for operation in record.walk_operations(module.operations):
            for expression in record.expressions_of(operation):
                for part in record.walk_expressions(expression):
                    if part[0] == "str" and _DOTTED.fullmatch(part[1]):
                        found = unit_of(project.find(part[1]), [])
                        if found is not None and ":" in found[0] and found[0] != module.id:
                            place = Evidence(module.path, part[2])
                            yield Reference(module.id, found[0], "name", place, found[1])

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """What the first argument names, where it is constant and means something here."""
        text = site.text_of(record.argument(site.call, 0, "name"))
        if not text or "*" in text:
            return
        path = absolute_name(text.replace(":", "."), site.module)
        symbol = site.project.find(path) if "." in path or path in site.project.modules else None
        found = unit_of(symbol, [])
        if found is not None and found[0] != site.unit:
            yield Reference(site.unit, found[0], "name", site.evidence, found[1])


def absolute_name(path: str, module: ModuleScope) -> str:
    """The dotted name with the package that leading dots stand for, as `import_module` has it."""
    level = len(path) - len(path.lstrip("."))
    if not level:
        return path
    parts = _package(module).split(".")
    return ".".join([*parts[: len(parts) - level + 1], path[level:]])


def _package(module: ModuleScope) -> str:
    return module.id if module.is_package else module.id.rpartition(".")[0]
