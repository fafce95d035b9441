"""Which functions may call which, by the names of what they call."""

from collections.abc import Callable, Iterator, Sequence

from analyzer.readers.python import record
from analyzer.readers.python.bodies import Body
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import Function, ModuleScope

CALLERS_LIMIT = 20  # callers that are looked at to learn what a parameter is
# Expressions that say nothing of what they are, whatever is known.
_MUTE = frozenset(["str", "const", "fstr", "group", "lambda"])

# A call, and what it passes for a parameter of a function and of a method.
Passing = tuple[Expression, tuple[Expression, Expression]]


class Callers:
    """Functions of product code that may call a function."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._imported: dict[str, set[str]] = {}
        self._known: dict[Function, Sequence[Function]] = {}
        self._passing: dict[
            tuple[Function, str], tuple[tuple[Function, Sequence[Passing]], ...]
        ] = {}

    def of(self, function: Function) -> Sequence[Function]:
        """Functions that may call this one: they call something of its name, and can name it."""
        self._project.consulted.add(("called", _called_as(function)))
        known = self._known.get(function)
        if known is None:
            known = self._known[function] = self._find(function)
        return known

    def passing(
        self, function: Function, name: str, body_of: Callable[[Function], Body]
    ) -> tuple[tuple[Function, Sequence[Passing]], ...]:
        """Those of them that pass something for a parameter which may say what it is; and how."""
        callers = self.of(function)
        self._project.consulted.items.update(callers)
        key = (function, name)
        known = self._passing.get(key)
        if known is None:
            found = ((one, list(_passing(body_of(one), function, name))) for one in callers)
            known = self._passing[key] = tuple(one for one in found if one[1])
        return known

    def _find(self, function: Function) -> Sequence[Function]:
        named = self._project.calling(_called_as(function))
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


def _called_as(function: Function) -> str:
    if function.name == "__init__" and function.owner is not None:
        return function.owner.name
    return function.name


def _passing(body: Body, function: Function, name: str) -> Iterator[Passing]:
    position = _position(function, name)
    for call in body.calls(_called_as(function)):
        given = record.keyword(call, name)
        if given is not None:
            passed = (given, given)
        elif position is None:
            continue
        else:
            passed = (record.argument(call, position), record.argument(call, position - 1))
        if any(one is not None and one[0] not in _MUTE for one in passed):
            yield call, passed


def _position(function: Function, name: str) -> int | None:
    """Where a parameter stands, if it can be given by its place."""
    for position, (parameter, _, _) in enumerate(function.record[record.F_PARAMETERS]):
        if parameter[:1] == "*":
            return None
        if parameter == name:
            return position
    return None
