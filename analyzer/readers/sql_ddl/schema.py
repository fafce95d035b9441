"""The state of a schema while its scripts are carried out, one statement after the other."""

from dataclasses import dataclass, field, replace

from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import Column, ForeignKey, Table
from analyzer.sql.statement import (
    ColumnDefinition,
    ForeignKeyDefinition,
    Statement,
    TableDefinition,
)


@dataclass(slots=True)
class _Table:
    name: str
    evidence: Evidence
    is_test: bool
    columns: dict[str, Column] = field(default_factory=dict)  # by name in lower case
    keys: list[tuple[ForeignKeyDefinition, Evidence]] = field(default_factory=list)


class SchemaScript:
    """Tables by name, whatever their case."""

    def __init__(self) -> None:
        self._tables: dict[str, _Table] = {}

    def carry_out(self, statement: Statement, *, path: str, is_test: bool) -> None:
        """Change the schema as the statement says."""
        if statement.kind == "drop_table":
            for name in statement.writes:
                self._tables.pop(name.lower(), None)
        elif statement.definition is not None and not statement.definition.temporary:
            self._define(statement, statement.definition, path, is_test)
        elif statement.kind == "create_table":
            for use in statement.uses:
                if use.operation == "create":
                    self._table(use.table, Evidence(path, use.line + 1), is_test)

    def tables(self) -> tuple[Table, ...]:
        """Every table that is left at the end."""
        found = [
            Table(
                name=one.name,
                kind="sql",
                evidence=one.evidence,
                columns=tuple(one.columns.values()),
                app=one.name.rpartition(".")[0],
                role="test" if one.is_test else "product",
            )
            for one in self._tables.values()
            if one.columns or one.keys
        ]
        return tuple(sorted(found, key=lambda table: table.name))

    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """Every foreign key that is left at the end, a column each."""
        found = {
            self._foreign_key(one, key, evidence, index)
            for one in self._tables.values()
            for key, evidence in one.keys
            for index in range(len(key.columns))
        }
        return tuple(sorted(found))

    def _foreign_key(
        self, table: _Table, key: ForeignKeyDefinition, evidence: Evidence, index: int
    ) -> ForeignKey:
        target = self._tables.get(key.target.lower())
        column = table.columns.get(key.columns[index].lower())
        referred = key.target_columns[index] if index < len(key.target_columns) else ""
        return ForeignKey(
            source=table.name,
            column=key.columns[index],
            target=target.name if target else key.target,
            kind="foreign_key",
            evidence=evidence,
            target_column=referred,
            nullable=column.nullable if column else False,
            on_delete=key.on_delete,
        )

    def _table(self, name: str, evidence: Evidence, is_test: bool) -> _Table:
        return self._tables.setdefault(name.lower(), _Table(name, evidence, is_test))

    def _define(
        self, statement: Statement, definition: TableDefinition, path: str, is_test: bool
    ) -> None:
        table = self._table(definition.table, Evidence(path, definition.line + 1), is_test)
        base = self._tables.get(definition.like.lower()) if definition.like else None
        if base is not None:
            table.columns = {**base.columns, **table.columns}
        for old, new in definition.renamed_columns:
            if (known := table.columns.pop(old.lower(), None)) is not None:
                table.columns[new.lower()] = replace(known, name=new)
        for name in definition.dropped_columns:
            table.columns.pop(name.lower(), None)
            table.keys = [key for key in table.keys if name not in key[0].columns]
        keys = {name.lower() for name in definition.primary_key}
        for column in definition.columns:
            table.columns[column.name.lower()] = _column(column, path, keys)
        table.keys += [(key, Evidence(path, key.line + 1)) for key in definition.foreign_keys]
        if definition.renamed_to:
            self._rename(table, definition.renamed_to)

    def _rename(self, table: _Table, name: str) -> None:
        self._tables.pop(table.name.lower(), None)
        table.name = name
        self._tables[name.lower()] = table


def _column(column: ColumnDefinition, path: str, keys: set[str]) -> Column:
    primary = column.primary_key or column.name.lower() in keys
    return Column(
        name=column.name,
        type=column.type,
        evidence=Evidence(path, column.line + 1),
        nullable=column.nullable and not primary,
        primary_key=primary,
        unique=column.unique or primary,
    )
