"""What SQLAlchemy's metadata says against what the analyzer says."""

from collections.abc import Iterable

from analyzer.facts.tables import ForeignKey, Table
from benchmarks.oracle_django.compare import Facts


def metadata_facts(document: dict[str, object], *, not_own: tuple[str, ...] = ()) -> Facts:
    """The dump of `dump.py` as facts; tables whose names begin so are left out."""
    facts = Facts()
    for table in document["tables"]:  # type: ignore[attr-defined]
        name = table["table"]
        if name.startswith(not_own):
            continue
        facts.tables.add(name)
        facts.by_kind["tables"].add((name,))
        for column in table["columns"]:
            facts.by_kind["columns"].add((name, column["column"]))
            facts.by_kind["column types"].add((name, column["column"], column["type"]))
            for target in column["targets"]:
                key = (name, column["column"], target.rpartition(".")[0])
                facts.by_kind["foreign keys"].add(key)
    return facts


def analyzer_facts(tables: Iterable[Table], keys: Iterable[ForeignKey]) -> Facts:
    """The analyzer's facts on product tables that a mapper knows."""
    facts = Facts()
    for table in tables:
        if table.role != "product" or table.kind in ("library", "sql"):
            continue
        facts.tables.add(table.name)
        facts.by_kind["tables"].add((table.name,))
        for column in table.columns:
            facts.by_kind["columns"].add((table.name, column.name))
            facts.by_kind["column types"].add((table.name, column.name, column.type))
    for key in keys:
        if key.source in facts.tables and key.target:
            facts.by_kind["foreign keys"].add((key.source, key.column, key.target))
    return facts
