"""What SQLAlchemy maps → facts about tables and foreign keys."""

from collections.abc import Iterable, Iterator

from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import Column, ForeignKey, Table
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.sqlalchemy.models import SaSchema, read_schema
from analyzer.readers.python.sqlalchemy.schema import SaColumn, SaTable


class SqlAlchemyTables:
    """Tables, columns and foreign keys of mapped classes and `Table(…)` objects."""

    calls: frozenset[str] = frozenset()

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Every table that the project maps or refers to."""
        return table_facts(read_schema(project))

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """Nothing: tables are read from classes and assignments."""
        return ()


def table_facts(schema: SaSchema) -> Iterator[Fact]:
    """Tables and foreign keys; tables of libraries where a key refers to them."""
    names = {table.name for table in schema.tables}
    for table in schema.tables:
        if not table.columns and table.scope is None:
            continue
        yield _table(table)
        for column in table.columns.values():
            for target, referred in _targets(column):
                yield _foreign_key(table, column, target, referred)
                if target not in names:
                    yield Table(target, "library", _place(column), role="library")


def _table(table: SaTable) -> Table:
    return Table(
        name=table.name,
        kind=table.kind,
        evidence=Evidence(table.path, table.line),
        defined_by=table.scope.unit if table.scope is not None else None,
        columns=tuple(_column(column) for column in table.columns.values()),
        app=table.name.rpartition(".")[0],
        role=table.role,
    )


def _column(column: SaColumn) -> Column:
    return Column(
        name=column.name,
        type=column.type,
        evidence=_place(column),
        attribute=column.attribute if column.attribute != column.name else "",
        nullable=column.nullable,
        primary_key=column.primary_key,
        unique=column.unique or column.primary_key,
    )


def _targets(column: SaColumn) -> list[tuple[str, str]]:
    return [(column.target, column.target_column), *column.further] if column.target else []


def _foreign_key(table: SaTable, column: SaColumn, target: str, referred: str) -> ForeignKey:
    return ForeignKey(
        source=table.name,
        column=column.name,
        target=target,
        kind="many_to_many" if table.kind == "many_to_many" else "foreign_key",
        evidence=_place(column),
        target_column=referred,
        nullable=column.nullable,
        on_delete=column.on_delete,
    )


def _place(column: SaColumn) -> Evidence:
    return Evidence(column.path, column.line)
