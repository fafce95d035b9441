"""Which classes of the snapshot define the methods of a model's manager."""

from analyzer.readers.python import record
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, ModuleScope, Variable

NARROWED = "_manager_class"  # the keyword that names the manager that another one narrows


def manager_scopes(project: Project, cls: ClassScope, name: str) -> tuple[ClassScope, ...]:
    """Classes of the snapshot whose methods the manager called `name` of a class has."""
    variable = project.class_member(cls, name)
    if not isinstance(variable, Variable):
        return ()
    scope = variable.owner or variable.module
    return tuple(dict.fromkeys(_classes_of_manager(project, scope, variable.value, 0)))


def _classes_of_manager(
    project: Project, scope: ClassScope | ModuleScope, value: Expression, depth: int
) -> list[ClassScope]:
    if value is None or depth > 4:
        return []
    if value[0] == "name":
        head, _, last = value[1].rpartition(".")
        if last == "as_manager":
            value = ("name", head, 0)
        symbol = project.resolve_in(scope, value[1])
        if isinstance(symbol, ClassScope):
            made = [symbol]
            for base in symbol.bases:
                if base is not None and base[0] == "call":
                    made += _classes_of_manager(project, symbol.module, base, depth + 1)
            return made
        if isinstance(symbol, Variable):
            return _classes_of_manager(project, symbol.module, symbol.value, depth + 1)
        return []
    if value[0] == "call":
        callee = value[1]
        name = record.callee_name(value)
        found: list[ClassScope] = []
        if name == "from_queryset" and value[2]:
            found += _classes_of_manager(project, scope, value[2][0], depth + 1)
            if callee[0] == "name":
                head = ("name", callee[1].rpartition(".")[0], 0)
                found += _classes_of_manager(project, scope, head, depth + 1)
            return found
        narrowed = record.keyword(value, NARROWED)
        if narrowed is not None:
            found += _classes_of_manager(project, scope, narrowed, depth + 1)
        return found + _classes_of_manager(project, scope, callee, depth + 1)
    return []
