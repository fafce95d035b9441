"""Facts about tables as lines of text, so that a test compares all of them at once."""

from collections.abc import Iterable

from analyzer.facts.tables import ForeignKey, Join, Table, TableAccess
from analyzer.readers.python.providers import Fact


def lines_of(facts: Iterable[Fact], *, columns: bool = True) -> list[str]:
    """Tables with their columns, then foreign keys; library tables are left out."""
    known = list(facts)
    tables = [fact for fact in known if isinstance(fact, Table) and fact.kind != "library"]
    names = {table.name for table in tables}
    keys = [fact for fact in known if isinstance(fact, ForeignKey) and fact.source in names]
    return [
        *sorted(_table(table, columns=columns) for table in tables),
        *sorted(_key(key) for key in keys),
    ]


def access_lines(facts: Iterable[Fact]) -> list[str]:
    """Accesses and joins, sorted."""
    found = set()
    for fact in facts:
        if isinstance(fact, TableAccess):
            found.add(f"{fact.unit} {fact.mode}s {fact.table} ({fact.operation}) @{fact.evidence}")
        elif isinstance(fact, Join):
            found.add(f"{fact.unit} joins {' '.join(fact.tables)} @{fact.evidence}")
    return sorted(found)


def _table(table: Table, *, columns: bool) -> str:
    named = " ".join(
        f"{column.name}:{column.type}{'?' * column.nullable}{'!' * column.primary_key}"
        for column in table.columns
    )
    kind = "" if table.kind == "model" else f" {table.kind}"
    role = "" if table.role == "product" else f" {table.role}"
    return f"{table.name}{kind}{role}" + (f" ({named})" if columns else "")


def _key(key: ForeignKey) -> str:
    kind = "" if key.kind == "foreign_key" else f" {key.kind}"
    return f"{key.source}.{key.column} -> {key.target}.{key.target_column}{kind}"
