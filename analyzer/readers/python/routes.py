"""Routes of frameworks that name them on the function: Flask, FastAPI and their relatives."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from weakref import WeakKeyDictionary

from analyzer.facts.credentials import redacted
from analyzer.facts.entry_points import EntryPoint
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.makers import maker_of
from analyzer.readers.python.origins import origin_of, resolve_inside
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression, Operation
from analyzer.readers.python.scopes import (
    ClassScope,
    External,
    Function,
    ModuleScope,
    Variable,
)

# Objects that routes are registered with: their class, and the keyword of their own prefix.
ROUTERS = {
    "flask.Flask": "",
    "flask.Blueprint": "url_prefix",
    "flask.blueprints.Blueprint": "url_prefix",
    "flask_restx.Namespace": "path",
    "flask_restx.Api": "prefix",
    "flask_restful.Api": "prefix",
    "flask_smorest.Blueprint": "url_prefix",
    "flask_openapi3.OpenAPI": "",
    "flask_openapi3.APIBlueprint": "url_prefix",
    "quart.Quart": "",
    "quart.Blueprint": "url_prefix",
    "sanic.Sanic": "",
    "sanic.Blueprint": "url_prefix",
    "bottle.Bottle": "",
    "fastapi.FastAPI": "",
    "fastapi.APIRouter": "prefix",
    "fastapi.routing.APIRouter": "prefix",
    "starlette.applications.Starlette": "",
    "starlette.routing.Router": "",
    "aiohttp.web.RouteTableDef": "",
    "aiohttp.web.Application": "",
    "ninja.NinjaAPI": "",
    "ninja.Router": "",
    "ninja_extra.NinjaExtraAPI": "",
    "litestar.Router": "path",
    "falcon.App": "",
    "falcon.API": "",
    "falcon.asgi.App": "",
}
# Modules whose own functions are decorators of routes.
ROUTING_MODULES = ("bottle.", "hug.", "litestar.")
# What a parameter is called that an application hands itself over in: `init_app(app)`.
APPLICATIONS = frozenset({"app", "application", "bp", "blueprint"})
# Decorators of such an object.
VIEW_METHODS = ("get", "post", "put", "patch", "delete", "head", "options")
VERBS = {name: name.upper() for name in VIEW_METHODS}
FALCON = "on_"  # what falcon's methods of a resource begin with
ROUTE_DECORATORS = frozenset(
    {"route", "api_route", "add_url_rule", "websocket", "api_operation", "view"}
)
# Flask-AppBuilder and Flask-Admin: a method's decorator, and the attributes of its class that say
# what its path begins with.
EXPOSE = "expose"
EXPOSING = ("flask_appbuilder.", "flask_admin.")
CLASS_PREFIXES = {"route_base": "{}", "resource_name": "/api/v1/{}", "url": "{}"}
# Functions that put one object below another: (position, keyword) of the object and of the prefix.
MOUNTS = {
    "register_blueprint": ((0, "blueprint"), (1, "url_prefix")),
    "blueprint": ((0, "blueprint"), (1, "url_prefix")),
    "include_router": ((0, "router"), (1, "prefix")),
    "mount": ((1, "app"), (0, "path")),
    "add_router": ((1, "router"), (0, "prefix")),
    "add_namespace": ((0, "ns"), (1, "path")),
}
# Calls that name a function or class as the answer to a path: positions of path and view.
ADDERS = {
    "add_url_rule": (0, 2, "view_func"),
    "add_api_route": (0, 1, "endpoint"),
    "add_route": (0, 1, "route"),
    "add_resource": (1, 0, "resource"),
    "add_get": (0, 1, "handler"),
    "add_post": (0, 1, "handler"),
}
DEPTH_LIMIT = 10


class Router(NamedTuple):
    """A router by where it is defined."""

    module: str
    name: str


@dataclass(slots=True)
class RouterTable:
    """Every router of a project, and under what prefixes it is reached."""

    own_prefix: dict[Router, str] = field(default_factory=dict)
    mounted: dict[Router, list[tuple[Router | None, str | None]]] = field(default_factory=dict)

    def prefixes(self, router: Router, depth: int = 0) -> tuple[str, ...]:
        """All paths that the routes of a router may begin with."""
        own = self.own_prefix[router]
        mounts = self.mounted.get(router, [])
        if not mounts or depth > DEPTH_LIMIT:
            return (own,)
        found: list[str] = []
        for outer, given in mounts:
            # Flask's prefix at registration takes the place of the blueprint's own; FastAPI adds.
            inner = own if given is None else given if self.replaces(router) else f"{given}{own}"
            above = self.prefixes(outer, depth + 1) if outer in self.own_prefix else ("",)
            found += [joined(prefix, inner) for prefix in above]
        return tuple(dict.fromkeys(found))

    def replaces(self, router: Router) -> bool:
        """Whether the prefix given where it is mounted takes the place of its own."""
        return router in self._blueprints

    _blueprints: set[Router] = field(default_factory=set)

    def add(self, router: Router, made_by: str, prefix: str) -> None:
        """Remember a router."""
        self.own_prefix[router] = prefix
        if made_by.endswith("Blueprint"):
            self._blueprints.add(router)


_TABLES: "WeakKeyDictionary[Project, RouterTable]" = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class Routes:
    """Gives routes that are registered by decorator or call as HTTP entry points."""

    calls: frozenset[str] = frozenset(ADDERS) | ROUTE_DECORATORS | frozenset(VERBS)

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Every decorated function and class."""
        table = router_table(project)
        for function in project.functions():
            if function.module.role == "product" and function.decorators:
                yield from _decorated(project, table, function)
                yield from _exposed(project, function)
        for cls in project.classes():
            if cls.module.role == "product":
                yield from _decorated(project, table, cls)

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """`app.add_url_rule("/x", view_func=view)` and its like."""
        table = router_table(site.project)
        if site.module.role != "product":
            return
        if site.name not in ADDERS:
            yield from _inside(site)
            return
        head = record.callee_path(site.call).rpartition(".")[0]
        router = _router(site.resolve(head)) if head else None
        known = router is not None and router in table.own_prefix
        prefixes = table.prefixes(router) if router and known else _local_prefixes(site, head)
        if not prefixes:
            return
        place, view, keyword = ADDERS[site.name]
        target = record.argument(site.call, view, keyword)
        verbs = verbs_of(site.name.removeprefix("add_"), site.call)
        given = [record.argument(site.call, place, "rule")]
        if site.name == "add_resource":
            given += site.call[2][place + 1 :]  # a resource may answer at several paths
        for one in given:
            path = site.text_of(one) or "*"
            yield from _added(site, prefixes, path, verbs, target)


def _inside(site: CallSite) -> Iterator[EntryPoint]:
    """A route of a function inside the one that makes the application: `@app.route("/")`."""
    head = record.callee_path(site.call).rpartition(".")[0]
    text = record.string_of(record.argument(site.call, 0, "path"))
    if site.function is None or not head or text is None or not text.startswith("/"):
        return
    for prefix in _local_prefixes(site, head, is_made=site.name in VERBS):
        for verb in verbs_of(site.name, site.call):
            yield EntryPoint("http", f"{verb} {joined(prefix, text)}", site.unit, site.evidence)


def _local_prefixes(site: CallSite, head: str, *, is_made: bool = False) -> tuple[str, ...]:
    """Of a router that a function makes or, unless `is_made`, is handed; () if it is none."""
    if site.function is None or "." in head or not head:
        return ()
    if any(True for _ in site.assigned(head)):
        made = maker_of(site, ("name", head, 0))
        if made.path not in ROUTERS:
            return ()
        given = record.keyword(made.call, ROUTERS[made.path]) if made.call else None
        return (record.string_of(given) or "",)
    if is_made or head not in APPLICATIONS:
        return ()
    names = [name for name, *_ in site.function.record[record.F_PARAMETERS]]
    return ("",) if head in names else ()


def remember(project: Project, table: RouterTable) -> None:
    """Take the table of a project from an earlier run."""
    _TABLES[project] = table


def router_table(project: Project) -> RouterTable:
    """The routers of a project; found once."""
    table = _TABLES.get(project)
    if table is None:
        table = _TABLES[project] = RouterTable()
        for module in project.modules.values():
            if module.role == "product":
                _note_routers(project, table, module)
        if table.own_prefix:
            for module in project.modules.values():
                if module.role == "product":
                    _note_mounts(project, table, module)
    return table


def _note_routers(project: Project, table: RouterTable, module: ModuleScope) -> None:
    for name, binding in module.names.items():
        for variable in binding:
            if not isinstance(variable, Variable) or variable.value is None:
                continue
            if variable.value[0] != "call":
                continue
            made_by = origin_of(project, variable)
            if made_by in ROUTERS:
                keyword = ROUTERS[made_by]
                given = record.keyword(variable.value, keyword) if keyword else None
                router = Router(module.id, name)
                table.add(router, made_by, record.string_of(given) or "")
                below = record.argument(variable.value, 0, "app")
                if made_by.endswith("Api") and below is not None and below[0] == "name":
                    outer = _router(project.resolve(module, below[1]))
                    table.mounted.setdefault(router, []).append((outer, None))


def _note_mounts(project: Project, table: RouterTable, module: ModuleScope) -> None:
    for operations in _bodies_with_mounts(module):
        for call in record.calls_in(operations):
            name = record.callee_name(call)
            if name in MOUNTS:
                _note_mount(project, table, module, call, operations)


def _note_mount(
    project: Project,
    table: RouterTable,
    module: ModuleScope,
    call: Expression,
    operations: tuple[Operation, ...],
) -> None:
    inner, prefix = MOUNTS[record.callee_name(call)]
    given = record.argument(call, *inner)
    if given is None or given[0] != "name":
        return
    router = _router(resolve_inside(project, module, operations, given[1]))
    if router is None or router not in table.own_prefix:
        return
    head = record.callee_path(call).rpartition(".")[0]
    outer = _router(project.resolve(module, head)) if head else None
    expression = record.argument(call, *prefix)
    text = None if expression is None else record.string_of(expression) or "*"
    table.mounted.setdefault(router, []).append((outer, text))


def _bodies_with_mounts(module: ModuleScope) -> Iterator[tuple[Operation, ...]]:
    yield module.operations
    pending = [one for binding in module.names.values() for one in binding]
    while pending:
        found = pending.pop()
        if isinstance(found, ClassScope):
            pending += [one for binding in found.names.values() for one in binding]
        elif isinstance(found, Function) and any(found.holds(one.encode()) for one in MOUNTS):
            yield found.operations


def _router(symbol: object) -> Router | None:
    return Router(symbol.module.id, symbol.name) if isinstance(symbol, Variable) else None


def _decorated(
    project: Project, table: RouterTable, definition: Function | ClassScope
) -> Iterator[EntryPoint]:
    for decorator in definition.decorators:
        if decorator is None or decorator[0] != "call":
            continue
        head, _, name = record.callee_path(decorator).rpartition(".")
        if name not in VERBS and name not in ROUTE_DECORATORS:
            continue
        router = _router(project.resolve(definition.module, head)) if head else None
        if router is None or router not in table.own_prefix:
            symbol = project.resolve(definition.module, record.callee_path(decorator))
            if not (isinstance(symbol, External) and symbol.path.startswith(ROUTING_MODULES)):
                continue
            router = None
        path = record.string_of(record.argument(decorator, 0, "path")) or ""
        verbs = verbs_of(name, decorator)
        where = Evidence(definition.module.path, decorator[4])
        for prefix in table.prefixes(router) if router else ("",):
            yield from answers(definition, joined(prefix, path), verbs, where)


def _exposed(project: Project, function: Function) -> Iterator[EntryPoint]:
    """Methods of view classes that bear their path, below the path of their class."""
    if function.owner is None:
        return
    for decorator in function.decorators:
        if decorator is None or decorator[0] != "call" or record.callee_name(decorator) != EXPOSE:
            continue
        symbol = project.resolve(function.module, record.callee_path(decorator))
        if isinstance(symbol, External) and symbol.path.startswith(EXPOSING):
            path = record.string_of(record.argument(decorator, 0, "url")) or ""
            where = Evidence(function.module.path, decorator[4])
            prefix = _class_prefix(project, function.owner)
            verbs = verbs_of(EXPOSE, decorator)
            yield from answers(function, joined(prefix, path), verbs, where)


def _class_prefix(project: Project, cls: ClassScope) -> str:
    for name, pattern in CLASS_PREFIXES.items():
        symbol = project.class_member(cls, name)
        text = record.string_of(symbol.value) if isinstance(symbol, Variable) else None
        if text:
            return pattern.format(text)
    return f"/{cls.name.lower()}"


def answers(
    definition: Function | ClassScope,
    path: str,
    verbs: tuple[str, ...],
    where: Evidence,
    only: tuple[str, ...] = (),
) -> Iterator[EntryPoint]:
    """One entry point for each verb; of a class, for each that it has a method for.

    `only`: the verbs that get as far as a class, where that is said.
    """
    if isinstance(definition, ClassScope):
        methods = [
            (verb, method)
            for verb in VIEW_METHODS
            for method in (verb, f"{FALCON}{verb}")
            if method in definition.names and (not only or verb.upper() in only)
        ]
        for verb, method in methods:
            yield EntryPoint("http", f"{verb.upper()} {path}", definition.unit, where, method)
        if methods:
            return
    handler = definition.name if isinstance(definition, Function) and definition.owner else ""
    for verb in verbs:
        yield EntryPoint("http", f"{verb} {path}", definition.unit, where, handler)


def _added(
    site: CallSite, prefixes: Iterable[str], path: str, verbs: tuple[str, ...], target: Expression
) -> Iterator[EntryPoint]:
    if target is not None and target[0] == "call":  # View.as_view("name"), Resource()
        made = record.callee_path(target)
        target = ("name", made.removesuffix(".as_view"), target[4])
    if target is None or target[0] != "name" or not target[1]:
        return
    symbol = site.resolve(target[1])
    if isinstance(symbol, Function | ClassScope):
        only = _let_through(site, symbol)
        for prefix in prefixes:
            whole = joined(prefix, path)
            yield from answers(symbol, whole, only or verbs, site.evidence, only)


def _let_through(site: CallSite, view: Function | ClassScope) -> tuple[str, ...]:
    """The verbs that Flask hands on to a class: the rule's `methods`, or else the class's own."""
    if site.name != "add_url_rule" or not isinstance(view, ClassScope):
        return ()
    own = site.project.class_member(view, "methods")
    given = record.keyword(site.call, "methods")
    if given is None and isinstance(own, Variable):
        given = own.value
    return tuple(text.upper() for text, _ in record.strings_of(given))


def verbs_of(name: str, call: Expression) -> tuple[str, ...]:
    """The verbs of a route, by the name of the call that makes it and its `methods`."""
    if name in VERBS:
        return (VERBS[name],)
    if name == "websocket":
        return ("WEBSOCKET",)
    given = record.keyword(call, "methods")
    return tuple(text.upper() for text, _ in record.strings_of(given)) or ("GET",)


def joined(prefix: str, path: str) -> str:
    """One path of two, with one slash between them and one at the start, without credentials."""
    whole = f"{prefix.rstrip('/')}/{path.lstrip('/')}" if path else prefix or "/"
    return redacted(re.sub(r"/{2,}", "/", whole if whole.startswith("/") else f"/{whole}"))
