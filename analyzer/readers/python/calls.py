"""Which unit refers to which, by the names that it mentions."""

from collections.abc import Iterator

from analyzer.readers.python import record
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, Function, ModuleScope, Symbol, Variable

Located = tuple[str, str, bool]  # (unit, member, whether the name is a class)


def references_of(
    project: Project, module: ModuleScope
) -> Iterator[tuple[str, str, str, str, int]]:
    """(source, target, kind, member, line) for each reference from a unit to another."""
    located: dict[tuple[str | int, str], Located | None] = {}
    for name, _, _, _, _, mentions, _ in module.record[record.UNITS]:
        source = f"{module.id}:{name}" if name else module.id
        for root, path, line, role in mentions:
            key = (root if type(root) is int else "", path)
            if key not in located:
                located[key] = _locate(project, module, root, path)
            target = located[key]
            if target is None or target[0] == source:
                continue
            yield source, target[0], _kind(role, target), target[1], line


def _kind(role: str, target: Located) -> str:
    if role == "call" and target[2] and not target[1]:
        return "instantiation"
    return role


def _locate(project: Project, module: ModuleScope, root: str | int, path: str) -> Located | None:
    first, _, rest = path.partition(".")
    if isinstance(root, int):
        symbol = project.import_target(module, root)
    else:
        symbol = project.resolve(module, first)
    parts = rest.split(".") if rest else []
    while parts and isinstance(symbol, ModuleScope):
        inner = project.member(symbol, parts[0])
        if inner is None:
            break
        symbol = inner
        parts.pop(0)
    return unit_of(symbol, parts)


def unit_of(symbol: Symbol | None, parts: list[str]) -> Located | None:
    """The unit that a symbol belongs to, and which member of it the rest of a path names."""
    if isinstance(symbol, ClassScope):
        inner = symbol.qualname.split(".")[1:] + parts
        return (symbol.unit, inner[0] if inner else "", not inner)
    if isinstance(symbol, Function):
        return (symbol.unit, symbol.name if symbol.owner else (parts[0] if parts else ""), False)
    if isinstance(symbol, Variable):
        unit = symbol.owner.unit if symbol.owner else symbol.module.id
        return (unit, symbol.name, False)
    if isinstance(symbol, ModuleScope):
        return (symbol.id, parts[0] if parts else "", False)
    return None
