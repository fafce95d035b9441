"""Which functions may call which, by the names of what they call."""

from collections.abc import Sequence

from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import Function, ModuleScope

CALLERS_LIMIT = 20  # callers that are looked at to learn what a parameter is


class Callers:
    """Functions of product code that may call a function."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._imported: dict[str, set[str]] = {}

    def of(self, function: Function) -> Sequence[Function]:
        """Functions that may call this one: they call something of its name, and can name it."""
        name = function.name
        if name == "__init__" and function.owner is not None:
            name = function.owner.name
        named = self._project.calling(name)
        if function.owner is not None:
            # The more functions call such a method, the less likely it is this one.
            return named if len(named) <= CALLERS_LIMIT else ()
        module = function.module
        near = [one for one in named if one.module is module or self._imports(one.module, module)]
        return near[:CALLERS_LIMIT]

    def _imports(self, source: ModuleScope, target: ModuleScope) -> bool:
        """Whether a module can name what another defines; re-exports come by a package above."""
        if source.id not in self._imported:
            found: set[str] = set()
            for index, entry in enumerate(source.imports):
                absolute = self._project.absolute(source, index) or ""
                found.update((absolute, f"{absolute}.{entry[1]}"))
            self._imported[source.id] = found
        known = self._imported[source.id]
        name = target.id
        while name:
            if name in known:
                return True
            name = name.rpartition(".")[0]
        return False
