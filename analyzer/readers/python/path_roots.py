"""Folders inside packages that a project also puts on the import path.

`from organizations.models import Organization` may mean `suite.organizations.models`, where the
project inserts `suite/` into `sys.path`. The imports themselves tell.
"""

import sys
from collections.abc import Mapping

from analyzer.readers.python import record
from analyzer.readers.python.scopes import ModuleScope

Sought = tuple[str, str, str | None]

NEEDED_SHARE = 0.8  # of the imports of a name that must lead somewhere in the folder
NEEDED_NAMES = 2  # of one folder; a single one is more likely a library of the same name


def aliases_of(modules: Mapping[str, ModuleScope]) -> dict[str, str]:
    """First parts of absolute imports that stand for a module deeper in the tree."""
    known = _own_names(modules)
    by_parent: dict[str, dict[str, int]] = {}
    imported = _imported_from_outside(modules, {name.partition(".")[0] for name in known})
    for name in sorted(known):
        parent, _, last = name.rpartition(".")
        if parent and last in imported:
            by_parent.setdefault(parent, {})[last] = len(imported[last])
    aliases: dict[str, str] = {}
    for parent, names in sorted(by_parent.items(), key=lambda one: (-sum(one[1].values()), one[0])):
        found = [name for name in names if _leads_into(parent, imported[name], known, modules)]
        if len(found) >= NEEDED_NAMES:
            for name in found:
                aliases.setdefault(name, f"{parent}.{name}")
    return aliases


def _own_names(modules: Mapping[str, ModuleScope]) -> set[str]:
    """Modules and packages that are not copies: what is vendored stands for itself."""
    found: set[str] = set()
    for module in modules.values():
        name = module.id if module.role != "vendored" else ""
        while name and name not in found:
            found.add(name)
            name = name.rpartition(".")[0]
    return found


def _imported_from_outside(
    modules: Mapping[str, ModuleScope], tops: set[str]
) -> dict[str, list[Sought]]:
    """(importer, module, name) of absolute imports by their first part, if no module has it."""
    found: dict[str, list[Sought]] = {}
    for module in modules.values():
        if module.role == "vendored":
            continue
        for target, name, _, level, *_ in module.record[record.IMPORTS]:
            first = target.partition(".")[0]
            if not level and first not in tops and first not in sys.stdlib_module_names:
                found.setdefault(first, []).append((module.id, target, name))
    return found


def _leads_into(
    parent: str,
    imports: list[Sought],
    known: set[str],
    modules: Mapping[str, ModuleScope],
) -> bool:
    leading, telling = 0, 0
    for importer, target, name in imports:
        path = f"{parent}.{target}"
        if path == importer or (name is None and "." not in target):
            continue  # `import markdown` fits any module of that name
        telling += 1
        module = modules.get(path)
        is_bound = name is None or name == "*" or f"{path}.{name}" in known
        if path in known and (is_bound or (module is not None and _binds(module, name))):
            leading += 1
    return telling > 0 and leading >= NEEDED_SHARE * telling


def _binds(module: ModuleScope, name: str | None) -> bool:
    return name in module.names or bool(module.stars)
