"""Which module imports which."""

from collections.abc import Iterator

from analyzer.facts.evidence import Evidence
from analyzer.facts.references import Import
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ModuleScope


def imports_of(project: Project, module: ModuleScope) -> Iterator[Import]:
    """Imports of modules of the snapshot; `from a import b` imports `a.b` if that is a module."""
    for index, entry in enumerate(module.imports):
        _, name, _, _, line, deferred, typing_only = entry
        target = _target(project, project.absolute(module, index), name)
        if target is not None and target != module.id:
            yield Import(module.id, target, Evidence(module.path, line), typing_only, deferred)


def _target(project: Project, absolute: str | None, name: str | None) -> str | None:
    if absolute is None:
        return None
    first, _, rest = absolute.partition(".")
    if first in project.aliases:
        absolute = f"{project.aliases[first]}.{rest}".rstrip(".")
    if name is not None and f"{absolute}.{name}" in project.modules:
        return f"{absolute}.{name}"
    while absolute and absolute not in project.modules:
        if name is not None:
            return None
        absolute = absolute.rpartition(".")[0]
    return absolute or None
