"""Predicates of the library `rules`: what they are asked about is what their permissions are of.

A model names them in `Meta.rules_permissions`; `rules.add_perm("app.view_order", predicate)` says
it by the permission's name.
"""

from collections.abc import Iterator, Mapping
from weakref import WeakKeyDictionary

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function, ModuleScope, Variable

PREDICATE = "predicate"
LIBRARY = "rules"
PERMISSIONS = "rules_permissions"
ADDING = ("add_perm", "add_rule", "set_perm")
DEPTH = 6  # predicates that are put together of others

Asked = Mapping[Function, tuple[str, ...]]
_KNOWN: WeakKeyDictionary[Project, Asked] = WeakKeyDictionary()


def asked_about(project: Project, catalogue: Catalogue, function: Function) -> tuple[str, ...]:
    """The models whose rows a predicate is asked about; empty for any other function."""
    if not any(_is_predicate(project, function, one) for one in function.decorators):
        return ()
    if project not in _KNOWN:
        _KNOWN[project] = _all(project, catalogue)
    return _KNOWN[project].get(function, ())


def _is_predicate(project: Project, function: Function, decorator: Expression) -> bool:
    callee = decorator[1] if decorator and decorator[0] == "call" else decorator
    if callee is None or callee[0] != "name" or not callee[1].endswith(PREDICATE):
        return False
    symbol = project.resolve(function.module, callee[1])
    return isinstance(symbol, External) and symbol.path.partition(".")[0] == LIBRARY


def _all(project: Project, catalogue: Catalogue) -> Asked:
    found: dict[Function, dict[str, None]] = {}
    for identity, model in catalogue.models.items():
        meta = project.class_member(model.scope, "Meta") if model.scope is not None else None
        if isinstance(meta, ClassScope):
            member = project.class_member(meta, PERMISSIONS)
            if isinstance(member, Variable):
                for one in _predicates(project, member.module, member.value, DEPTH):
                    found.setdefault(one, {})[identity] = None
    for one, identity in _added(project, catalogue):
        found.setdefault(one, {})[identity] = None
    return {one: tuple(models) for one, models in found.items()}


def _added(project: Project, catalogue: Catalogue) -> Iterator[tuple[Function, str]]:
    for module in project.modules.values():
        if not any(one[0].partition(".")[0] == LIBRARY for one in module.imports):
            continue
        for call in record.calls_in(module.operations):
            name = record.string_of(record.argument(call, 0)) or ""
            app, _, permission = name.partition(".")
            label = f"{app}.{permission.partition('_')[2]}".lower()
            identity = catalogue.by_label.get(label)
            if identity and record.callee_name(call) in ADDING:
                for one in _predicates(project, module, record.argument(call, 1), DEPTH):
                    yield one, identity


def _predicates(
    project: Project, module: ModuleScope, expression: Expression, depth: int
) -> Iterator[Function]:
    """The functions that an expression of predicates is made of: `is_owner | (is_staff & ~new)`."""
    for part in record.walk_expressions(expression) if depth else ():
        if part[0] != "name":
            continue
        symbol = project.resolve(module, part[1])
        if isinstance(symbol, Function):
            yield symbol
        elif isinstance(symbol, Variable) and symbol.owner is None:
            yield from _predicates(project, symbol.module, symbol.value, depth - 1)
