"""The facts about product code, indexed the way factors are built from them."""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable
from dataclasses import dataclass, field, replace

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.evidence import Evidence
from analyzer.facts.modules import Unit
from analyzer.facts.references import Reference
from analyzer.facts.tables import Table

# What a page shows binds nothing: it can be asked of whoever owns it, and layouts show it all.
SHOWING = "template"


@dataclass(frozen=True, slots=True)
class Product:
    """Units and tables that get a service, and how often each is used by others."""

    facts: CodebaseFacts
    units: dict[str, Unit]
    tables: dict[str, Table]
    nodes: dict[str, str]  # table name → node id
    paths: dict[str, str]  # module → path
    fan_in: Counter[str] = field(default_factory=Counter)  # unit → units that refer to it
    users: Counter[str] = field(default_factory=Counter)  # table name → units that access it
    referrers: Counter[str] = field(default_factory=Counter)  # table name → tables with a key to it
    mappers: dict[str, str] = field(default_factory=dict)  # unit that maps a table → table name
    inside: dict[str, set[str]] = field(default_factory=dict)  # module → its units

    def telling_reference(self, unit: str) -> float:
        """How telling a reference to a unit is, 0 to 1: its share of all that refer to it."""
        return 1 / max(1, self.fan_in[unit])

    def telling_key(self, table: str) -> float:
        """How telling a foreign key to a table is: its share of the tables that refer to it."""
        return 1 / max(1, self.referrers[table])

    def telling_access(self, table: str) -> float:
        """How telling an access to a table is; between its share of all accesses and its root."""
        return float(max(1, self.users[table]) ** -0.75)

    def place_of(self, unit: str) -> Evidence:
        """Where a unit begins."""
        found = self.units[unit]
        return Evidence(path=self.paths[found.module], line=found.line)


def product_of(facts: CodebaseFacts, *, without: frozenset[str] = frozenset()) -> Product:
    """Index the product code of a codebase; units in `without` are set aside."""
    paths = {module.id: module.path for module in facts.modules if module.role == "product"}
    units = {
        unit.id: unit for unit in facts.units if unit.module in paths and unit.id not in without
    }
    past = tables_of_the_past(facts)
    tables = {
        table.name: table
        for table in facts.tables
        if table.role == "product" and table.name not in past
    }
    nodes = {name: f"table:{name}" if name in units else name for name in tables}
    facts = replace(
        facts,
        accesses=tuple(a for a in facts.accesses if a.operation != SHOWING),
        references=tuple(one for one in facts.references if not _wires(one)),
    )
    return Product(
        facts=facts,
        units=units,
        tables=tables,
        nodes=nodes,
        paths=paths,
        fan_in=Counter(
            target
            for _, target in _distinct((r.source, r.target) for r in facts.references)
            if target in units
        ),
        users=Counter(table for _, table in _distinct((a.unit, a.table) for a in facts.accesses)),
        referrers=Counter(
            target for _, target in _distinct((k.source, k.target) for k in facts.foreign_keys)
        ),
        mappers={t.defined_by: t.name for t in tables.values() if t.defined_by in units},
        inside=_inside(units),
    )


def _wires(reference: Reference) -> bool:
    """Whether a module's body names something in a string: settings wire up whatever there is."""
    return reference.kind == "name" and ":" not in reference.source


def tables_of_the_past(facts: CodebaseFacts) -> frozenset[str]:
    """Tables and sequences that SQL in migrations renames or alters and that nothing else names.

    What a migration creates and no migration drops is still there.
    """
    product = {module.id for module in facts.modules if module.role != "migration"}
    modules = {unit.id: unit.module for unit in facts.units}
    past = {table.name for table in facts.tables if table.kind == "sql"}
    past -= {a.table for a in facts.accesses if modules.get(a.unit) in product}
    past -= {name for key in facts.foreign_keys for name in (key.source, key.target)}
    made = {a.table for a in facts.accesses if a.operation == "create"}
    dropped = {a.table for a in facts.accesses if a.operation == "drop"}
    touched = {a.table for a in facts.accesses}
    return frozenset(past & touched - (made - dropped))


def uses_and_users(
    facts: CodebaseFacts, among: Container[str]
) -> tuple[defaultdict[str, set[str]], defaultdict[str, set[str]]]:
    """What each of some units uses of the others, and which of the others use it."""
    uses: defaultdict[str, set[str]] = defaultdict(set)
    users: defaultdict[str, set[str]] = defaultdict(set)
    for reference in facts.references:
        source, target = reference.source, reference.target
        if source in among and target in among and source != target:
            uses[source].add(target)
            users[target].add(source)
    return uses, users


def _inside(units: dict[str, Unit]) -> dict[str, set[str]]:
    inside: dict[str, set[str]] = {}
    for unit in units.values():
        inside.setdefault(unit.module, set()).add(unit.id)
    return inside


def _distinct(pairs: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    return {(source, target) for source, target in pairs if source != target}
