"""Routes that stand in lists of calls or tuples: Starlette, aiohttp, Tornado, Channels."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from analyzer.facts.entry_points import EntryPoint
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.django.regex import readable_regex
from analyzer.readers.python.origins import origin_of, resolve_inside
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression, Operation
from analyzer.readers.python.routes import VERBS, answers, joined, verbs_of
from analyzer.readers.python.scopes import (
    ClassScope,
    External,
    Function,
    ModuleScope,
    Symbol,
    Variable,
    functions_of,
)

FRAMEWORKS = ("starlette", "aiohttp", "tornado", "channels")
# What an import of a module that only names the handlers may end with.
HANDLERS = ("Handler", "Consumer", "consumers")

How = Literal["verbs", "websocket", "verb", "mount"]
# Calls that make a route: what they make, and the positions of path and of what answers.
ROUTES: dict[str, tuple[How, int, int]] = {
    "starlette.routing.Route": ("verbs", 0, 1),
    "starlette.routing.WebSocketRoute": ("websocket", 0, 1),
    "starlette.routing.Mount": ("mount", 0, 1),
    "aiohttp.web.view": ("verbs", 0, 1),
    "aiohttp.web.route": ("verb", 1, 2),
    **{f"aiohttp.web.{name}": ("verbs", 0, 1) for name in VERBS},
    "tornado.web.url": ("verbs", 0, 1),
    "tornado.web.URLSpec": ("verbs", 0, 1),
    "django.urls.path": ("websocket", 0, 1),
    "django.urls.re_path": ("websocket", 0, 1),
    "django.conf.urls.url": ("websocket", 0, 1),
}
KEYWORDS = {0: "path", 1: "endpoint", 2: "handler"}
# Methods of the router of an aiohttp application.
ROUTER = "router"
ADDERS: dict[str, tuple[How, int, int]] = {
    "add_route": ("verb", 1, 2),
    "add_view": ("verbs", 0, 1),
    **{f"add_{name}": ("verbs", 0, 1) for name in VERBS},
}
SUBAPP = "add_subapp"  # (prefix, application)
NAMES = frozenset(path.rpartition(".")[2] for path in ROUTES) | frozenset(ADDERS)
DJANGO = frozenset(["path", "re_path", "url"])
REGULAR = frozenset(["re_path", "url", "URLSpec"])  # their paths are regular expressions
DESCENDING = 12  # lists inside lists
# Bases of what a tuple or an `as_asgi` may name, by framework.
TORNADO_HANDLER = "tornado."
CONSUMER = "channels."
AS_ASGI = ".as_asgi"


@dataclass(frozen=True, slots=True)
class RouteLists:
    """Gives the routes of lists as HTTP entry points."""

    calls: frozenset[str] = frozenset()

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Every route in modules that use one of the frameworks."""
        modules = [module for module in project.modules.values() if _may_route(module)]
        pieces = [piece for module in modules for piece in _pieces(project, module)]
        mounted = {name for piece in pieces for name in piece.mounted()}
        for piece in pieces:
            yield from piece.routes(mounted)

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """None: what stands around a call matters."""
        return ()


def _may_route(module: ModuleScope) -> bool:
    return module.role == "product" and any(
        entry[0].startswith(FRAMEWORKS) or (entry[1] or entry[0]).endswith(HANDLERS)
        for entry in module.imports
    )


def _pieces(project: Project, module: ModuleScope) -> Iterator["_Piece"]:
    yield _Piece(project, module, module.operations, True)
    for function in functions_of(module):
        yield _Piece(project, module, function.operations, False)


@dataclass(frozen=True, slots=True)
class _Piece:
    """The code of a module or function, in which routes are looked for."""

    project: Project
    module: ModuleScope
    operations: tuple[Operation, ...]
    is_module: bool

    def mounted(self) -> Iterator[Variable]:
        """Lists of modules that are put below a path somewhere."""
        for call in record.calls_in(self.operations):
            if self._is_mount(call):
                for part in record.walk_expressions(call):
                    symbol = self.resolve(part[1]) if part[0] == "name" else None
                    if isinstance(symbol, Variable):
                        yield symbol

    def routes(self, mounted: set[Variable]) -> Iterator[EntryPoint]:
        """The routes that stand here, but for those of lists that are mounted elsewhere."""
        prefixes = self._prefixes()
        for operation in record.walk_operations(self.operations):
            if self.is_module and operation[0] == "assign" and self._defines(operation, mounted):
                continue
            for expression in record.expressions_of(operation):
                yield from self._in(expression, prefixes, "", DESCENDING)

    def resolve(self, path: str) -> Symbol | None:
        """What a dotted name means here."""
        return resolve_inside(self.project, self.module, self.operations, path)

    def _defines(self, operation: Operation, mounted: set[Variable]) -> bool:
        names = [target[1] for target in operation[1] if target and target[0] == "name"]
        return any(self.project.member(self.module, name) in mounted for name in names)

    def _prefixes(self) -> dict[str, str]:
        """Prefixes of the applications that are put below others here, by their names."""
        found = {}
        for call in record.calls_in(self.operations):
            if record.callee_name(call) == SUBAPP:
                app, prefix = record.argument(call, 1), record.argument(call, 0)
                if app is not None and app[0] == "name":
                    found[app[1]] = record.string_of(prefix) or "*"
        return found

    def _in(
        self, expression: Expression, prefixes: dict[str, str], prefix: str, depth: int
    ) -> Iterator[EntryPoint]:
        if expression is None or depth == 0:
            return
        tag = expression[0]
        if tag == "call":
            yield from self._of_call(expression, prefixes, prefix, depth)
        elif tag == "tuple" and (handler := self._tornado(expression)) is not None:
            path = joined(prefix, readable_regex(expression[1][0][1]))
            where = Evidence(self.module.path, expression[1][0][2])
            yield from answers(handler, path, ("GET",), where)
        elif tag in ("list", "tuple", "set"):
            for item in expression[1]:
                yield from self._in(item, prefixes, prefix, depth - 1)
        elif tag == "dict":
            for _, item in expression[1]:
                yield from self._in(item, prefixes, prefix, depth - 1)
        elif tag == "op":
            for item in expression[2]:
                yield from self._in(item, prefixes, prefix, depth - 1)
        elif tag == "star":
            yield from self._in(expression[1], prefixes, prefix, depth - 1)
        elif tag == "name" and prefix:
            yield from self._named(expression[1], prefix, depth)

    def _named(self, path: str, prefix: str, depth: int) -> Iterator[EntryPoint]:
        """A list of another place, below a prefix."""
        symbol = self.resolve(path)
        if isinstance(symbol, Variable) and symbol.value is not None:
            there = _Piece(self.project, symbol.module, symbol.module.operations, True)
            yield from there._in(symbol.value, {}, prefix, depth - 1)

    def _of_call(
        self, call: Expression, prefixes: dict[str, str], prefix: str, depth: int
    ) -> Iterator[EntryPoint]:
        how, place, answering = self._how(call)
        if not how:
            app = record.callee_path(call).partition(".")[0]
            below = joined(prefixes[app], prefix) if app in prefixes else prefix
            for given in (*call[2], *(value for _, value in call[3])):
                yield from self._in(given, prefixes, below, depth - 1)
            return
        given = record.argument(call, place, KEYWORDS[place])
        path = self._path(call, record.string_of(given))
        if how == "mount":
            inner = joined(prefix, path)
            for one in (*call[2][1:], *(value for _, value in call[3])):
                yield from self._in(one, prefixes, inner, depth - 1)
            return
        if record.callee_name(call) in ADDERS:
            app = record.callee_path(call).partition(".")[0]
            prefix = joined(prefixes[app], prefix) if app in prefixes else prefix
        target = record.argument(call, answering, KEYWORDS[answering])
        yield from self._answered(call, how, joined(prefix, path), target)

    def _answered(
        self, call: Expression, how: str, path: str, target: Expression
    ) -> Iterator[EntryPoint]:
        if target is not None and target[0] == "call":  # Consumer.as_asgi()
            target = target[1]
        name = target[1].removesuffix(AS_ASGI) if target is not None and target[0] == "name" else ""
        definition = self.resolve(name) if name else None
        if not isinstance(definition, Function | ClassScope):
            return
        where = Evidence(self.module.path, call[4])
        if how == "websocket":
            yield EntryPoint("http", f"WEBSOCKET {path}", definition.unit, where)
            return
        verbs = verbs_of(record.callee_name(call).removeprefix("add_"), call)
        if how == "verb":
            verbs = ((record.string_of(record.argument(call, 0, "method")) or "*").upper(),)
        yield from answers(definition, path, verbs, where)

    def _path(self, call: Expression, text: str | None) -> str:
        if text is None:
            return "*"
        return readable_regex(text) if record.callee_name(call) in REGULAR else text

    def _is_mount(self, call: Expression) -> bool:
        return self._how(call)[0] == "mount"

    def _how(self, call: Expression) -> tuple[str, int, int]:
        """What a call makes, with the positions of its path and of what answers; "" if nothing."""
        path = record.callee_path(call)
        head, _, last = path.rpartition(".")
        if last not in NAMES:
            return "", 0, 0
        if last in ADDERS and head.endswith(f".{ROUTER}"):
            return ADDERS[last]
        symbol = self.resolve(path)
        found = ROUTES.get(symbol.path, ("", 0, 0)) if isinstance(symbol, External) else ("", 0, 0)
        if found[0] == "websocket" and last in DJANGO:
            return self._of_channels(call, found)
        return found

    def _of_channels(self, call: Expression, found: tuple[str, int, int]) -> tuple[str, int, int]:
        """A route of Django is one of Channels where a consumer answers, or a router of them."""
        target = record.argument(call, 1, "view")
        if target is None:
            return "", 0, 0
        path = record.callee_path(target) if target[0] == "call" else ""
        if path.rpartition(".")[2] == "URLRouter":
            return "mount", 0, 1
        if path.endswith(AS_ASGI):
            return found
        symbol = self.resolve(target[1]) if target[0] == "name" else None
        is_consumer = isinstance(symbol, ClassScope) and self._is_of(symbol, CONSUMER)
        return found if is_consumer else ("", 0, 0)

    def _tornado(self, pair: Expression) -> ClassScope | None:
        """The handler of `(r"/path", Handler)`."""
        items = pair[1]
        if len(items) < 2 or items[0] is None or items[0][0] != "str":
            return None
        if items[1] is None or items[1][0] != "name":
            return None
        symbol = self.resolve(items[1][1])
        is_handler = isinstance(symbol, ClassScope) and self._is_of(symbol, TORNADO_HANDLER)
        return symbol if is_handler else None  # type: ignore[return-value]

    def _is_of(self, cls: ClassScope, package: str) -> bool:
        return origin_of(self.project, cls).startswith(package)
