"""The reference: the project's own apps, for its units and its tables.

An app is a package that holds `models` (module or package) or `apps.py`, or in which the tables of
an app label are defined. Nested apps own what is theirs; a unit belongs to the innermost app around
its module. Units outside of every app (project settings, root URLs) have no reference and are not
scored. Module bodies are not scored either: what a module's own body does is mostly imports.
"""

from collections import Counter
from dataclasses import dataclass

from analyzer.facts.codebase_facts import CodebaseFacts


@dataclass(frozen=True, slots=True)
class Reference:
    """Expert labels by node id, units and tables apart."""

    units: dict[str, str]
    tables: dict[str, str]

    @property
    def apps(self) -> frozenset[str]:
        """All apps that have a unit or a table."""
        return frozenset(self.units.values()) | frozenset(self.tables.values())

    def owning(self, fewest: int) -> "Reference":
        """Only the apps that own at least so many tables."""
        count = Counter(self.tables.values())
        kept = {app for app, tables in count.items() if tables >= fewest}
        return Reference(
            units={unit: app for unit, app in self.units.items() if app in kept},
            tables={table: app for table, app in self.tables.items() if app in kept},
        )


def reference_of(facts: CodebaseFacts) -> Reference:
    """The project's own apps."""
    paths = {module.id: module.path for module in facts.modules if module.role == "product"}
    units = {u.id: u for u in facts.units if u.module in paths}
    roots = _app_roots(facts, paths, {unit: u.module for unit, u in units.items()})
    tables: dict[str, str] = {}
    for table in facts.tables:
        if table.role != "product":
            continue
        node = f"table:{table.name}" if table.name in units else table.name
        owner = units.get(table.defined_by or "")
        app = _innermost(owner.module, roots) if owner else None
        if app is not None:
            tables[node] = app
    labelled = {
        unit: app
        for unit, u in units.items()
        if u.kind != "module" and (app := _innermost(u.module, roots)) is not None
    }
    return Reference(units=labelled, tables=tables)


def _app_roots(
    facts: CodebaseFacts, paths: dict[str, str], module_of: dict[str, str]
) -> frozenset[str]:
    roots = {root for module, path in paths.items() if (root := _marked(module, path))}
    defining: set[str] = set()
    for table in facts.tables:
        module = module_of.get(table.defined_by or "")
        if table.role == "product" and module and _innermost(module, frozenset(roots)) is None:
            defining.add(module.rpartition(".")[0])
    return frozenset(roots | defining - {""})


def _marked(module: str, path: str) -> str:
    """The package that a module marks as an app; nothing where it marks none."""
    package, _, last = module.rpartition(".")
    within = package.endswith(".models")  # also `app.models.models`
    if not within and (last == "models" or (last == "apps" and path.endswith("apps.py"))):
        return package
    return package.rpartition(".")[0] if package.endswith(".models") else ""


def _innermost(module: str, roots: frozenset[str]) -> str | None:
    place = module
    while place:
        if place in roots:
            return place
        place = place.rpartition(".")[0]
    return None
