"""What Django's registry says against what the analyzer says, fact by fact."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from analyzer.facts.tables import ForeignKey, Table

Fact = tuple[str, ...]
KINDS = ("tables", "columns", "column types", "foreign keys", "many-to-many tables")


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of one kind of fact: those on both sides, and those on one only."""

    both: tuple[Fact, ...] = ()
    missed: tuple[Fact, ...] = ()  # the registry has it, the analyzer does not
    invented: tuple[Fact, ...] = ()  # the other way round

    @property
    def precision(self) -> float:
        """Share of the analyzer's facts that the registry confirms."""
        said = len(self.both) + len(self.invented)
        return len(self.both) / said if said else 1.0

    @property
    def recall(self) -> float:
        """Share of the registry's facts that the analyzer found."""
        true = len(self.both) + len(self.missed)
        return len(self.both) / true if true else 1.0


@dataclass(slots=True)
class Facts:
    """Facts of each kind, and the names of all tables."""

    by_kind: dict[str, set[Fact]] = field(default_factory=lambda: {kind: set() for kind in KINDS})
    tables: set[str] = field(default_factory=set)


def registry_facts(document: dict[str, object], *, not_own: Iterable[str] = ()) -> Facts:
    """The dump of `dump.py` as facts; apps below the folders `not_own` are left out."""
    facts = Facts()
    skipped = tuple(f"/{part}/" for part in not_own)
    for model in document["models"]:  # type: ignore[attr-defined]
        if any(part in model["app"] for part in skipped):
            continue
        table = unquoted(model["table"])
        facts.tables.add(table)
        facts.by_kind["tables"].add((table,))
        if model["auto_created"]:
            facts.by_kind["many-to-many tables"].add((table,))
        for column in model["columns"]:
            facts.by_kind["columns"].add((table, column["column"]))
            facts.by_kind["column types"].add((table, column["column"], column["type"]))
            if column["target"]:
                target = unquoted(column["target"])
                facts.by_kind["foreign keys"].add((table, column["column"], target))
    return facts


def analyzer_facts(
    tables: Iterable[Table], keys: Iterable[ForeignKey], apps: Iterable[str]
) -> Facts:
    """The analyzer's facts on product tables of the apps that the registry has installed."""
    installed = set(apps)
    facts = Facts()
    for table in tables:
        if table.role != "product" or table.kind in ("library", "sql"):
            continue
        if table.app not in installed:
            continue
        facts.tables.add(table.name)
        facts.by_kind["tables"].add((table.name,))
        if table.kind == "many_to_many":
            facts.by_kind["many-to-many tables"].add((table.name,))
        for column in table.columns:
            facts.by_kind["columns"].add((table.name, column.name))
            facts.by_kind["column types"].add((table.name, column.name, column.type))
    for key in keys:
        if key.source in facts.tables and key.kind != "generic":
            facts.by_kind["foreign keys"].add((key.source, key.column, key.target))
    return facts


def compare(registry: Facts, analyzer: Facts) -> dict[str, Agreement]:
    """Agreement for each kind of fact."""
    return {
        kind: Agreement(
            both=tuple(sorted(registry.by_kind[kind] & analyzer.by_kind[kind])),
            missed=tuple(sorted(registry.by_kind[kind] - analyzer.by_kind[kind])),
            invented=tuple(sorted(analyzer.by_kind[kind] - registry.by_kind[kind])),
        )
        for kind in KINDS
    }


def unquoted(name: str) -> str:
    """A table's name without the quotes that smuggle a schema in."""
    return name.replace('"', "")
