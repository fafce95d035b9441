"""Routes that a router of Django REST framework makes from the view sets registered with it."""

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.readers.python import record
from analyzer.readers.python.django.regex import readable_regex
from analyzer.readers.python.django.views import (
    DETAIL_ACTIONS,
    LIST_ACTIONS,
    VERBS,
    Answer,
    Views,
)
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function, ModuleScope, Variable

ROUTER_SUFFIX = "Router"
# Classes of drf-nested-routers: their first two arguments are the parent router and its prefix.
NESTED_ROUTERS = frozenset({"NestedSimpleRouter", "NestedDefaultRouter", "NestedRouter"})
ACTION_DECORATORS = frozenset({"action", "detail_route", "list_route"})
DEFAULT_LOOKUP = "pk"


@dataclass(frozen=True, slots=True)
class Route:
    """A route below the place where the router is included."""

    path: str
    answer: Answer
    module: ModuleScope
    line: int


@dataclass(frozen=True, slots=True)
class Routers:
    """Knows which variables are routers and what is registered with them."""

    project: Project
    views: Views

    def is_router(self, variable: Variable) -> bool:
        """Whether the variable holds a router, as the class that it is made by tells."""
        value = variable.value
        if value is None or value[0] != "call" or value[1] is None or value[1][0] != "name":
            return False
        symbol = self.project.resolve_in(variable.owner or variable.module, value[1][1])
        if isinstance(symbol, ClassScope):
            return any(_is_router_class(base) for base in self.project.mro(symbol))
        return _is_router_class(symbol)

    def routes(self, router: Variable, prefix: str = "") -> Iterator[Route]:
        """All routes of a router, in the order of registration."""
        prefix = self._parent_prefix(router) + prefix
        for module in self._users(router):
            for operation in record.walk_operations(module.operations):
                if operation[0] == "expr" and operation[1][0] == "call":
                    yield from self._registered(module, router, operation[1], prefix)

    def _users(self, router: Variable) -> list[ModuleScope]:
        """The module that makes the router first, then those that import it."""
        others = [
            module
            for module in self.project.modules.values()
            if module is not router.module
            and router.name in module.names
            and any(entry[1] == router.name for entry in module.imports)
            and self.project.resolve(module, router.name) is router
        ]
        return [router.module, *others]

    def _registered(
        self, module: ModuleScope, router: Variable, call: Expression, prefix: str
    ) -> Iterator[Route]:
        target, _, method = record.callee_path(call).rpartition(".")
        if method == "extend" and target.endswith(".registry"):
            yield from self._extended(module, router, call, target, prefix)
            return
        if method != "register" or self.project.resolve(module, target) is not router:
            return
        given = record.string_of(record.argument(call, 0, "prefix"))
        cls = self._view_set(module, record.argument(call, 1, "viewset"))
        if cls is not None:
            place = "*" if given is None else readable_regex(given.strip("^$/"))
            path = f"{prefix}{place}/" if place else prefix
            yield from self.view_set_routes(cls, path, module, call[4])

    def _extended(
        self, module: ModuleScope, router: Variable, call: Expression, target: str, prefix: str
    ) -> Iterator[Route]:
        """`router.registry.extend(other.registry)`."""
        if self.project.resolve(module, target.removesuffix(".registry")) is not router:
            return
        given = record.argument(call, 0)
        if given is None or given[0] != "name":
            return
        other = self.project.resolve(module, given[1].removesuffix(".registry"))
        if isinstance(other, Variable) and other is not router:
            yield from self.routes(other, prefix)

    def _view_set(self, module: ModuleScope, expression: Expression) -> ClassScope | None:
        if expression is None or expression[0] != "name":
            return None
        symbol = self.project.resolve(module, expression[1])
        return symbol if isinstance(symbol, ClassScope) else None

    def _parent_prefix(self, router: Variable) -> str:
        value = router.value
        if record.callee_name(value) not in NESTED_ROUTERS:
            return ""
        parent = record.string_of(record.argument(value, 1, "parent_prefix")) or "*"
        lookup = record.string_of(record.keyword(value, "lookup")) or "parent"
        outer = record.argument(value, 0, "parent_router")
        above = ""
        if outer is not None and outer[0] == "name":
            symbol = self.project.resolve(router.module, outer[1])
            if isinstance(symbol, Variable) and symbol is not router:
                above = self._parent_prefix(symbol)
        return f"{above}{readable_regex(parent.strip('^$/'))}/<{lookup}_pk>/"

    def view_set_routes(
        self, cls: ClassScope, path: str, module: ModuleScope, line: int
    ) -> Iterator[Route]:
        """The routes of a view set below the path that it is registered under."""
        lookup = self._lookup(cls)
        actions = self.views.actions_of(cls)
        for table, place in ((LIST_ACTIONS, path), (DETAIL_ACTIONS, f"{path}<{lookup}>/")):
            for action, verb in table.items():
                if action in actions and self.views.allows(cls, verb):
                    yield Route(place, Answer(verb, cls.unit, action), module, line)
        for function in self._extra_actions(cls):
            yield from self._extra_routes(cls, function, path, f"{path}<{lookup}>/")

    def _lookup(self, cls: ClassScope) -> str:
        for attribute in ("lookup_url_kwarg", "lookup_field"):
            symbol = self.project.class_member(cls, attribute)
            if isinstance(symbol, Variable) and (text := record.string_of(symbol.value)):
                return text
        return DEFAULT_LOOKUP

    def _extra_actions(self, cls: ClassScope) -> Iterator[Function]:
        seen: set[str] = set()
        for base in self.project.mro(cls):
            if isinstance(base, ClassScope):
                for name, binding in base.names.items():
                    function = binding[-1]
                    if isinstance(function, Function) and name not in seen and _action(function):
                        seen.add(name)
                        yield function

    def _extra_routes(
        self, cls: ClassScope, function: Function, list_path: str, detail_path: str
    ) -> Iterator[Route]:
        decorator = _action(function)
        name = record.callee_name(decorator)
        detail = record.keyword(decorator, "detail") == ("const", True) or name == "detail_route"
        place = record.string_of(record.keyword(decorator, "url_path")) or function.name
        path = f"{detail_path if detail else list_path}{readable_regex(place.strip('/'))}/"
        given = record.argument(decorator, 0, "methods")
        verbs = [text.upper() for text, _ in record.strings_of(given)] or ["GET"]
        mapped = _mapped_verbs(cls, function.name)
        for verb in verbs:
            answer = Answer(verb, cls.unit, function.name)
            yield Route(path, answer, function.module, function.line)
        for other, verb in mapped:
            yield Route(path, Answer(verb, cls.unit, other.name), other.module, other.line)


def _action(function: Function) -> Expression:
    for decorator in function.decorators:
        is_call = decorator is not None and decorator[0] == "call"
        if is_call and record.callee_name(decorator) in ACTION_DECORATORS:
            return decorator
    return None


def _mapped_verbs(cls: ClassScope, action: str) -> Iterator[tuple[Function, str]]:
    """Methods decorated with `@action_name.mapping.delete`."""
    for binding in cls.names.values():
        for function in binding:
            if not isinstance(function, Function):
                continue
            for decorator in function.decorators:
                if decorator is not None and decorator[0] == "name":
                    head, _, verb = decorator[1].rpartition(".")
                    if head == f"{action}.mapping" and verb in VERBS:
                        yield function, verb.upper()


def _is_router_class(symbol: object) -> bool:
    return isinstance(symbol, External | ClassScope) and _last_name(symbol).endswith(ROUTER_SUFFIX)


def _last_name(symbol: External | ClassScope) -> str:
    return symbol.path.rpartition(".")[2] if isinstance(symbol, External) else symbol.name
