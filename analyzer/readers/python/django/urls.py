"""Django's URL patterns, followed from the root through every include, to the views they name."""

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain

from analyzer.facts.credentials import redacted
from analyzer.facts.entry_points import EntryPoint
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.django.admin_routes import admin_pages, is_admin_site
from analyzer.readers.python.django.app_urls import included_by_apps
from analyzer.readers.python.django.pattern_factories import patterns_made_by
from analyzer.readers.python.django.regex import readable_regex
from analyzer.readers.python.django.rest_routers import Route, Routers
from analyzer.readers.python.django.view_registries import ViewRegistries
from analyzer.readers.python.django.views import Answer, Views
from analyzer.readers.python.patterns import HOLE, text_with
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import (
    ClassScope,
    External,
    Function,
    ModuleScope,
    Variable,
)

# Functions that make one pattern, and whether what they take is a regular expression.
PATTERN_FUNCTIONS = {
    "django.urls.path": False,
    "django.urls.re_path": True,
    "django.urls.conf.path": False,
    "django.urls.conf.re_path": True,
    "django.conf.urls.url": True,
    "django.conf.urls.defaults.url": True,
}
PATTERN_NAMES = frozenset({"path", "re_path", "url"})
# Calls around patterns that only change how they are looked up.
TRANSPARENT = frozenset(
    {"i18n_patterns", "format_suffix_patterns", "list", "tuple", "required"}
    | {"decorator_include", "staff_required_patterns"}
)
PREFIXED = "patterns"  # before Django 1.10: a prefix of views given by name, then patterns
INCLUDES = frozenset({"include", "decorator_include"})
PATTERNS = "urlpatterns"
LIST_ENDINGS = ("patterns", "urls")  # of names of other lists of patterns
ROOT_SETTING = "ROOT_URLCONF"
INCLUDE_DEPTH = 25


@dataclass(frozen=True, slots=True)
class DjangoUrls:
    """Gives the HTTP entry points of Django projects."""

    calls: frozenset[str] = PATTERN_NAMES

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Every pattern that the root URL modules lead to; then those that nothing includes."""
        answered: set[str] = set()
        for entry in self._routed(project, shared):
            answered.add(entry.unit)
            yield entry
        yield from _unrouted(project, answered)

    def _routed(self, project: Project, shared: Shared) -> Iterator[EntryPoint]:
        covered: set[str] = set()
        roots = [(project.modules[name], "/") for name in _roots(project)]
        started = ((module, f"/{prefix}") for module, prefix in included_by_apps(project))
        others = ((project.modules[name], "/") for name in _uncovered(project, covered))
        for module, prefix in chain(roots, started, others):
            if module.id not in covered:
                walk = _Walk(project, Views(project), shared.catalogue)
                yield from walk.module(module, prefix)
                covered |= walk.reached
        walk = _Walk(project, Views(project), shared.catalogue)
        for module, name in _loose_lists(project, covered):
            yield from walk.variable(module, name, "/")

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """Patterns that a method makes, where nobody can tell what they are included under."""
        if site.function is None or site.module.role != "product":
            return
        callee = site.callee()
        if not isinstance(callee, External) or callee.path not in PATTERN_FUNCTIONS:
            return
        walk = _Walk(site.project, Views(site.project), site.shared.catalogue)
        for entry in walk.pattern(site.module, site.call, "/", site.owner):
            if entry.unit != site.module.id:  # the module itself says that nobody is known
                yield entry


@dataclass(slots=True)
class _Walk:
    """One walk over the patterns of a project."""

    project: Project
    views: Views
    catalogue: Catalogue
    reached: set[str] = field(default_factory=set)
    registries: ViewRegistries = field(init=False)
    _routes: dict[int, tuple[Route, ...]] = field(default_factory=dict)
    _stack: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.registries = ViewRegistries(self.project, self.catalogue)

    def module(self, module: ModuleScope, prefix: str) -> Iterator[EntryPoint]:
        """The entry points of a URL module that is included under this prefix."""
        if module.id in self._stack or len(self._stack) > INCLUDE_DEPTH:
            return
        self.reached.add(module.id)
        self._stack.append(module.id)
        yield from self.variable(module, PATTERNS, prefix)
        self._stack.pop()

    def variable(self, module: ModuleScope, name: str, prefix: str) -> Iterator[EntryPoint]:
        """All that a module puts in a list of patterns: by assignment, `+=`, `append`, `extend`."""
        for operation in record.walk_operations(module.operations):
            tag = operation[0]
            if tag == "assign" and any(_names(target, name) for target in operation[1]):
                yield from self._patterns(module, operation[2], prefix)
            elif tag == "augment" and _names(operation[1], name):
                yield from self._patterns(module, operation[3], prefix)
            elif tag == "expr" and operation[1][0] == "call":
                target, _, method = record.callee_path(operation[1]).rpartition(".")
                if target == name and method in ("append", "extend", "insert"):
                    for argument in operation[1][2]:
                        yield from self._patterns(module, argument, prefix)

    def _patterns(
        self, module: ModuleScope, expression: Expression, prefix: str
    ) -> Iterator[EntryPoint]:
        if expression is None:
            return
        tag = expression[0]
        if tag in ("list", "tuple", "either"):
            for item in expression[1]:
                yield from self._patterns(module, item, prefix)
        elif tag == "op":
            for item in expression[2]:
                yield from self._patterns(module, item, prefix)
        elif tag == "star":
            yield from self._patterns(module, expression[1], prefix)
        elif tag == "comp":
            for item in expression[2]:
                yield from self._patterns(module, item, prefix)
        elif tag == "name":
            yield from self._named(module, expression[1], prefix)
        elif tag == "call":
            if record.callee_name(expression) == PREFIXED:
                yield from self._prefixed(module, expression, prefix)
            elif record.callee_name(expression) in TRANSPARENT:
                for item in expression[2]:
                    yield from self._patterns(module, item, prefix)
            elif not (yield from self._made(module, expression, prefix)):
                yield from self.pattern(module, expression, prefix)

    def _prefixed(self, module: ModuleScope, call: Expression, prefix: str) -> Iterator[EntryPoint]:
        """`patterns("shop.views", (r"^cart/$", "show"), url(r"^pay/$", "pay"))`."""
        under = record.string_of(record.argument(call, 0)) or ""
        for item in call[2]:
            parts: tuple[Expression, ...] = ()
            if item is not None and item[0] == "tuple":
                parts = item[1]
            if len(parts) > 1 and record.string_of(parts[0]) is not None:
                yield from self._place(
                    module, parts[0], _below(under, parts[1]), prefix, line=item[2]
                )
            elif item is not None and item[0] == "call" and len(item[2]) > 1:
                given = (item[2][0], _below(under, item[2][1]), *item[2][2:])
                yield from self._patterns(module, (*item[:2], given, *item[3:]), prefix)
            else:
                yield from self._patterns(module, item, prefix)

    def _made(
        self, module: ModuleScope, call: Expression, prefix: str
    ) -> Generator[EntryPoint, None, bool]:
        """Patterns that a function makes: of what is registered, or of what it is given."""
        path = record.callee_path(call)
        symbol = self.project.resolve(module, path) if path else None
        if not isinstance(symbol, Function):
            return False
        for one in self.registries.patterns(symbol, call):
            for answer in self.views.answers_of(one.view):
                place = Evidence(one.view.module.path, one.line)
                yield _entry(_joined(prefix, one.path), answer, place)
        if symbol.module is not module:
            return False
        for pattern in patterns_made_by(symbol, call):
            yield from self.pattern(module, pattern, prefix)
        return True

    def _named(self, module: ModuleScope, path: str, prefix: str) -> Iterator[EntryPoint]:
        """A list of patterns or a router's `urls`, by name."""
        head, _, last = path.rpartition(".")
        if last == "urls" and head:
            owner = self.project.resolve(module, head)
            if is_admin_site(self.project, owner):
                yield from admin_pages(self.project, self.catalogue, prefix)
                return
            routers = Routers(self.project, self.views)
            if isinstance(owner, Variable) and routers.is_router(owner):
                if id(owner) not in self._routes:
                    self._routes[id(owner)] = tuple(routers.routes(owner))
                for route in self._routes[id(owner)]:
                    where = Evidence(route.module.path, route.line)
                    yield _entry(f"{prefix}{route.path}", route.answer, where)
                return
        symbol = self.project.resolve(module, path)
        if isinstance(symbol, ModuleScope):
            yield from self.module(symbol, prefix)
        elif isinstance(symbol, Variable) and symbol.owner is None:
            key = f"{symbol.module.id}:{symbol.name}"
            if key not in self._stack:
                self.reached.add(key)
                self._stack.append(key)
                yield from self.variable(symbol.module, symbol.name, prefix)
                self._stack.pop()

    def pattern(
        self, module: ModuleScope, call: Expression, prefix: str, owner: ClassScope | None = None
    ) -> Iterator[EntryPoint]:
        """The entry points of one `path(...)`."""
        symbol = self.project.class_of_expression(module, call[1])
        if not isinstance(symbol, External) or symbol.path not in PATTERN_FUNCTIONS:
            return
        given = record.argument(call, 0, "route") or record.keyword(call, "regex")
        view = record.argument(call, 1, "view")
        is_regex = PATTERN_FUNCTIONS[symbol.path]
        yield from self._place(
            module, given, view, prefix, line=call[4], is_regex=is_regex, owner=owner
        )

    def _place(
        self,
        module: ModuleScope,
        route: Expression,
        view: Expression,
        prefix: str,
        *,
        line: int,
        is_regex: bool = True,
        owner: ClassScope | None = None,
    ) -> Iterator[EntryPoint]:
        """The entry points of what answers at a route."""
        place = _joined(prefix, self._route(module, route, is_regex=is_regex))
        if view is not None and view[0] == "call" and record.callee_name(view) in INCLUDES:
            yield from self._included(module, view, place)
        elif view is not None and view[0] in ("list", "tuple"):
            yield from self._patterns(module, view[1][0] if view[1] else None, place)
        elif view is not None and view[0] == "name" and view[1].endswith(".urls"):
            yield from self._named(module, view[1], place)
        else:
            for answer in self.views.answers(module, view, owner):
                yield _entry(place, answer, Evidence(module.path, line))

    def _route(self, module: ModuleScope, expression: Expression, *, is_regex: bool) -> str:
        is_call = expression is not None and expression[0] == "call" and bool(expression[2])
        if is_call and record.callee_name(expression) != "format":
            expression = expression[2][0]  # a translated route
        text = text_with(expression, lambda name: self._constant(module, name))
        if text is None:
            return HOLE
        return readable_regex(text) if is_regex else text

    def _constant(self, module: ModuleScope, name: str) -> str | None:
        symbol = self.project.resolve(module, name)
        return record.string_of(symbol.value) if isinstance(symbol, Variable) else None

    def _included(self, module: ModuleScope, call: Expression, prefix: str) -> Iterator[EntryPoint]:
        for target in call[2]:
            if target is not None and target[0] == "tuple" and target[1]:
                target = target[1][0]  # (patterns, app name)
            text = record.string_of(target)
            if text is not None:
                symbol = self.project.find(text)
                if isinstance(symbol, ModuleScope):
                    yield from self.module(symbol, prefix)
            else:
                yield from self._patterns(module, target, prefix)


def _unrouted(project: Project, answered: set[str]) -> Iterator[EntryPoint]:
    """View sets that only run time routes (in a loop, by a plugin): ways in, wherever they are."""
    routers = Routers(project, Views(project))
    extended = {
        base
        for cls in project.classes()
        if cls.module.role == "product"
        for base in project.mro(cls)[1:]
        if isinstance(base, ClassScope)
    }
    for cls in project.classes():
        is_free = cls.module.role == "product" and cls.unit not in answered and cls not in extended
        if is_free and _is_view_set(project, cls):
            for route in routers.view_set_routes(cls, f"/{HOLE}/", cls.module, cls.line):
                where = Evidence(route.module.path, route.line)
                yield _entry(route.path, route.answer, where)


def _is_view_set(project: Project, cls: ClassScope) -> bool:
    return any(
        isinstance(base, External)
        and base.path.startswith("rest_framework.")
        and base.path.endswith("ViewSet")
        for base in project.mro(cls)
    )


def _below(prefix: str, view: Expression) -> Expression:
    """A view that is given by its name, under the prefix that names are given under."""
    if prefix and view is not None and view[0] == "str":
        return ("str", f"{prefix}.{view[1]}", view[2])
    return view


def _joined(prefix: str, route: str) -> str:
    route = route.removeprefix("^")
    return f"{prefix}{route.removeprefix('/')}" if prefix.endswith("/") else f"{prefix}{route}"


def _entry(path: str, answer: Answer, evidence: Evidence) -> EntryPoint:
    name = f"{answer.verb} {redacted(path)}"
    return EntryPoint("http", name, answer.unit, evidence, answer.handler)


def _names(target: Expression, name: str) -> bool:
    return target is not None and target[0] == "name" and target[1] == name


def _uncovered(project: Project, covered: set[str]) -> Iterator[str]:
    """URL modules that no root leads to: first those that nothing includes, then cycles."""
    names = [
        module.id
        for module in project.modules.values()
        if PATTERNS in module.names and module.role == "product"
    ]
    included = {target for name in names for target in _included_modules(project, name)}
    yield from (name for name in names if name not in included)
    yield from names


def _included_modules(project: Project, name: str) -> Iterator[str]:
    """Modules whose patterns a URL module takes in: by their name, or as an import."""
    module = project.modules[name]
    for call in record.calls_in(module.operations):
        if record.callee_name(call) in INCLUDES:
            for part in record.walk_expressions(call):
                symbol = None
                if part[0] == "str":
                    symbol = project.find(part[1])
                elif part[0] == "name":
                    symbol = project.resolve(module, part[1])
                    if isinstance(symbol, Variable):
                        symbol = symbol.module
                if isinstance(symbol, ModuleScope) and symbol.id != name:
                    yield symbol.id


def _loose_lists(project: Project, covered: set[str]) -> Iterator[tuple[ModuleScope, str]]:
    """Lists of patterns that no other pattern mentions: a plugin's, taken in while running."""
    for module in project.modules.values():
        if module.role == "product" and module.id.endswith("urls"):
            for name in module.names:
                is_list = name.endswith(LIST_ENDINGS) and name != PATTERNS
                if is_list and f"{module.id}:{name}" not in covered:
                    yield module, name


def _roots(project: Project) -> list[str]:
    """Modules that settings name as the root of all URLs."""
    found: dict[str, None] = {}
    for module in project.modules.values():
        for definition in module.names.get(ROOT_SETTING, ()):
            if isinstance(definition, Variable) and module.role == "product":
                name = record.string_of(definition.value)
                if name in project.modules:
                    found[name] = None
    return list(found)
