"""Where a name comes from outside the snapshot, seen through the objects that the snapshot makes.

`app.task` is `celery.Celery.task` where the snapshot says `app = Celery(...)`, also where `app` is
imported from another module or made by a subclass.
"""

from collections.abc import Iterator

from analyzer.readers.python import record
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import (
    ClassScope,
    External,
    Function,
    ModuleScope,
    Symbol,
    Variable,
)

Scope = ClassScope | ModuleScope
DEPTH_LIMIT = 6


def origin(project: Project, scope: Scope, path: str, depth: int = 0) -> str:
    """The dotted name outside the snapshot; "" where the name leads nowhere outside."""
    if depth > DEPTH_LIMIT:  # `name = name.strip()` leads to itself
        return ""
    symbol = project.resolve_in(scope, path)
    if symbol is not None:
        found = origin_of(project, symbol, depth)
        if found or not isinstance(symbol, Variable):
            return found
    head, _, last = path.rpartition(".")
    above = origin(project, scope, head, depth) if head else ""
    return f"{above}.{last}" if above else ""


def origin_of(project: Project, symbol: Symbol | None, depth: int = 0) -> str:
    """The same for a symbol: a class leads to its outside bases, a variable to what made it."""
    if isinstance(symbol, External):
        return symbol.path
    if isinstance(symbol, ClassScope):
        bases = [base.path for base in project.mro(symbol) if isinstance(base, External)]
        return next((base for base in bases if base != "object"), "")
    if isinstance(symbol, Variable) and depth < DEPTH_LIMIT:
        return _made_by(project, symbol.owner or symbol.module, symbol.value, depth)
    return ""


def _made_by(project: Project, scope: Scope, value: Expression, depth: int) -> str:
    if value is None:
        return ""
    tag = value[0]
    if tag == "call" and value[1] is not None and value[1][0] == "name":
        symbol = project.resolve_in(scope, value[1][1])
        if isinstance(symbol, Function):
            return _returned_by(project, symbol, depth)
        found = origin_of(project, symbol, depth + 1)
        return found or origin(project, scope, value[1][1], depth + 1)
    if tag == "name":
        return origin_of(project, project.resolve_in(scope, value[1]), depth + 1)
    if tag == "either":
        makers = (_made_by(project, scope, part, depth + 1) for part in value[1])
        return next((path for path in makers if path), "")
    return ""


def _returned_by(project: Project, function: Function, depth: int) -> str:
    """What a factory makes: `def create_app(): app = Flask(...); ...; return app`."""
    if depth >= DEPTH_LIMIT:
        return ""
    made: dict[str, Expression] = {}
    for operation in record.walk_operations(function.operations):
        if operation[0] == "assign":
            for target in operation[1]:
                if target is not None and target[0] == "name":
                    made.setdefault(target[1], operation[2])
        elif operation[0] == "return" and operation[1] is not None:
            value = operation[1]
            value = made.get(value[1], value) if value[0] == "name" else value
            found = _made_by(project, function.module, value, depth + 1)
            if found:
                return found
    return ""


def resolve_inside(
    project: Project, module: ModuleScope, operations: tuple[record.Operation, ...], path: str
) -> Symbol | None:
    """What a dotted name means in a function with these operations, its own imports included."""
    root, _, rest = path.partition(".")
    for operation in record.walk_operations(operations):
        if operation[0] == "import":
            target, name, alias = module.imports[operation[1]][:3]
            if (alias or name or target.partition(".")[0]) == root:
                symbol = project.import_target(module, operation[1])
                for part in rest.split(".") if rest else ():
                    symbol = None if symbol is None else project.member(symbol, part)
                return symbol
    return project.resolve(module, path)


def decorations(
    project: Project, definition: Function | ClassScope
) -> Iterator[tuple[str, Expression]]:
    """Each decorator: where it comes from (or how it is written), and the whole expression."""
    scope = definition.owner or definition.module
    for decorator in definition.decorators:
        name = decorator
        if name is not None and name[0] == "call":
            name = name[1]
        if name is not None and name[0] == "name":
            yield origin(project, scope, name[1]) or name[1], decorator


def ends_with(path: str, names: frozenset[str]) -> bool:
    """Whether the path or one of its endings is among the dotted names.

    >>> ends_with("celery.Celery.task", frozenset({"Celery.task"}))
    True
    """
    while path:
        if path in names:
            return True
        _, _, path = path.partition(".")
    return False
