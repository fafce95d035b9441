"""Views that a decorator puts into a registry, and the function that makes patterns of them.

    @register_view(Order, "history", path="changes")        def order_urls(app, model): paths = []
    class OrderHistory(View): …                              for one in registry[app][model]: …

Both functions use the same variable of a module: that is how they are told to belong together.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, Function, Variable

PATHS = ("path", "url_path", "route", "regex")  # parameters of the decorator that say where
NAMES = ("name", "action", "view_name", "suffix")  # and those that say it in their absence
Place = tuple[str, str]  # a module-level variable: module and name


@dataclass(frozen=True, slots=True)
class Registration:
    """A view, and the call of the decorator that registers it."""

    view: ClassScope | Function
    decorator: Function
    line: int
    given: dict[str, Expression]  # to the decorator, by its parameters
    labels: frozenset[str]  # of the models among that


@dataclass(frozen=True, slots=True)
class Registered:
    """A pattern below the place where the registry's patterns are included."""

    path: str
    view: ClassScope | Function
    line: int


class ViewRegistries:
    """What decorators of the project register, by the variables that they keep it in."""

    def __init__(self, project: Project, catalogue: Catalogue) -> None:
        self._project = project
        self._catalogue = catalogue
        self._places: dict[Function, frozenset[Place]] = {}
        self._sharing: dict[frozenset[Place], tuple[Registration, ...]] = {}

    def patterns(self, function: Function, call: Expression) -> Iterator[Registered]:
        """What a call of the function makes of the views that are registered where it looks."""
        registered = self._sharing_with(function)
        wanted = _arguments(function, call) if registered else {}
        named = _names_in(wanted)
        for one in registered:
            is_of = not one.labels.isdisjoint(named) if one.labels else not named
            if is_of and _agree(one.given, wanted):
                yield Registered(_path(one.given), one.view, one.line)

    def _sharing_with(self, function: Function) -> tuple[Registration, ...]:
        """What is registered where a function looks."""
        places = self.places_of(function)
        if places and places not in self._sharing:
            self._sharing[places] = tuple(
                one
                for one in self._registrations
                if not places.isdisjoint(self.places_of(one.decorator))
            )
        return self._sharing[places] if places else ()

    @cached_property
    def _registrations(self) -> tuple[Registration, ...]:
        views: list[ClassScope | Function] = [*self._project.classes(), *self._project.functions()]
        product = (view for view in views if view.module.role == "product")
        return tuple(one for view in product for one in self._registered_as(view))

    def _registered_as(self, view: ClassScope | Function) -> Iterator[Registration]:
        for decorator in view.decorators:
            if decorator is not None and decorator[0] == "call":
                path = record.callee_path(decorator)
                symbol = self._project.resolve(view.module, path) if path else None
                if isinstance(symbol, Function) and symbol.module.role == "product":
                    given = _arguments(symbol, decorator)
                    labels = {self._label(view, value) for value in given.values()} - {""}
                    yield Registration(view, symbol, decorator[4], given, frozenset(labels))

    def places_of(self, function: Function) -> frozenset[Place]:
        """The variables of modules that a function uses, also in functions inside it."""
        if function not in self._places:
            self._places[function] = frozenset(self._find_places(function))
        return self._places[function]

    def _find_places(self, function: Function) -> Iterator[Place]:
        waiting = [function.operations]
        while waiting:
            for operation in record.walk_operations(waiting.pop()):
                if operation[0] == "def":
                    waiting.append(function.module.body_of(operation[1]).operations)
                    continue
                for expression in record.expressions_of(operation):
                    for part in record.walk_expressions(expression):
                        if part[0] == "name":
                            yield from self._place(function, part[1])

    def _place(self, function: Function, path: str) -> Iterator[Place]:
        root = path.partition(".")[0]
        if root in function.record[record.F_BOUND]:
            return
        symbol = self._project.resolve(function.module, root)
        if isinstance(symbol, Variable) and symbol.owner is None:
            yield symbol.module.id, symbol.name

    def _label(self, view: ClassScope | Function, value: Expression) -> str:
        """The label of the model that an argument of a view's decorator is; else ""."""
        if value is None or value[0] != "name":
            return ""
        symbol = self._project.resolve(view.module, value[1])
        model = self._catalogue.models.get(symbol.id) if isinstance(symbol, ClassScope) else None
        return model.label.lower() if model is not None else ""


def _names_in(wanted: dict[str, Expression]) -> set[str]:
    """Labels of models that texts among arguments may be: one alone, or an app and a model."""
    texts = [record.string_of(value) for value in wanted.values()]
    words = [text.lower() for text in texts if text]
    return {*words, *map(".".join, pairwise(words))}


def _arguments(function: Function, call: Expression) -> dict[str, Expression]:
    """What a call gives for each parameter, by its default where it gives nothing."""
    found: dict[str, Expression] = {}
    for position, (name, _, default) in enumerate(function.record[record.F_PARAMETERS]):
        found[name] = record.argument(call, position, name) or record.keyword(call, name) or default
    return found


def _agree(given: dict[str, Expression], wanted: dict[str, Expression]) -> bool:
    """Whether parameters of the same name that are true or false are the same on both sides."""
    return all(
        value == wanted[name]
        for name, value in given.items()
        if name in wanted and _is_flag(value) and _is_flag(wanted[name])
    )


def _is_flag(value: Expression) -> bool:
    return value is not None and value[0] == "const" and isinstance(value[1], bool)


def _path(given: dict[str, Expression]) -> str:
    for name in (*PATHS, *NAMES):
        text = record.string_of(given.get(name))
        if text is not None:
            return f"{text.strip('^$/')}/" if text.strip("^$/") else ""
    return ""
