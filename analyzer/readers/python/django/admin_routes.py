"""Pages that Django's admin makes for the classes registered with it."""

from collections.abc import Iterator

from analyzer.facts.entry_points import EntryPoint
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, ModuleScope, Variable

ADMIN = ("django.contrib.admin.", "django.contrib.gis.admin.")
ADMIN_SITE = "AdminSite"
PAGES = ("GET", "POST")


def is_admin_site(project: Project, symbol: object) -> bool:
    """Whether a symbol is the admin's site, or one of the project's own."""
    if isinstance(symbol, External):
        return symbol.path.startswith(ADMIN) and symbol.path.endswith("site")
    if not isinstance(symbol, Variable) or symbol.value is None or symbol.value[0] != "call":
        return False
    made = project.class_of_expression(symbol.module, symbol.value[1])
    if isinstance(made, ClassScope):
        return any(getattr(base, "path", "").endswith(ADMIN_SITE) for base in project.mro(made))
    return isinstance(made, External) and made.path.endswith(ADMIN_SITE)


def admin_pages(project: Project, catalogue: Catalogue, prefix: str) -> Iterator[EntryPoint]:
    """The list and change pages of every registered class, below the admin's own path."""
    for model, admin, evidence in _registered(project):
        label = catalogue.models[model.id].label if model.id in catalogue.models else model.name
        path = f"{prefix}{label.lower().replace('.', '/')}/"
        for verb in PAGES:
            yield EntryPoint("http", f"{verb} {path}", admin.unit, evidence)


def _registered(project: Project) -> Iterator[tuple[ClassScope, ClassScope, Evidence]]:
    """(model, admin class, place) of each registration, by decorator or call."""
    for module in project.modules.values():
        if module.role != "product" or not any("admin" in str(e[:3]) for e in module.imports):
            continue
        for binding in module.names.values():
            for cls in binding:
                if isinstance(cls, ClassScope):
                    yield from _decorated(project, module, cls)
        for call in record.calls_in(module.operations):
            if record.callee_name(call) == "register" and len(call[2]) > 1:
                yield from _called(project, module, call)


def _decorated(
    project: Project, module: ModuleScope, cls: ClassScope
) -> Iterator[tuple[ClassScope, ClassScope, Evidence]]:
    for decorator in cls.decorators:
        if decorator is None or decorator[0] != "call":
            continue
        symbol = project.class_of_expression(module, decorator[1])
        if isinstance(symbol, External) and symbol.path.startswith(ADMIN):
            for model in _models(project, module, ("tuple", decorator[2], 0)):
                yield model, cls, Evidence(module.path, cls.line)


def _called(
    project: Project, module: ModuleScope, call: Expression
) -> Iterator[tuple[ClassScope, ClassScope, Evidence]]:
    head = record.callee_path(call).rpartition(".")[0]
    if not head or not is_admin_site(project, project.resolve(module, head)):
        return
    admin = project.class_of_expression(module, call[2][1])
    if isinstance(admin, ClassScope):
        for model in _models(project, module, call[2][0]):
            yield model, admin, Evidence(module.path, call[4])


def _models(project: Project, module: ModuleScope, expression: Expression) -> Iterator[ClassScope]:
    if expression is None:
        return
    items = expression[1] if expression[0] in ("list", "tuple") else (expression,)
    for item in items:
        symbol = project.class_of_expression(module, item)
        if isinstance(symbol, ClassScope):
            yield symbol
