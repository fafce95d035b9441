"""Database tables, how they refer to each other, and who reads and writes them."""

from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence

TableKind = Literal[
    "model",  # mapped by a class of the snapshot
    "many_to_many",  # created by the mapper for a many-to-many relation
    "history",  # shadow table of a history or audit library
    "sql",  # known only from SQL text
    "library",  # mapped by a class of a library that is not in the snapshot
]
ForeignKeyKind = Literal["foreign_key", "one_to_one", "many_to_many", "parent_link", "generic"]
AccessMode = Literal["read", "write"]


@dataclass(frozen=True, slots=True, order=True)
class Column:
    """A column of a table; `type` is the mapper's field class or the SQL type, as written."""

    name: str
    type: str
    evidence: Evidence
    attribute: str = ""  # the name in code, where it differs from the column's
    nullable: bool = False
    primary_key: bool = False
    unique: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Table:
    """A database table, under its name in the database."""

    name: str
    kind: TableKind
    evidence: Evidence
    defined_by: str | None = None  # the unit that maps it; proxies and SQL may map it too
    columns: tuple[Column, ...] = ()
    managed: bool = True
    app: str = ""  # the framework's own grouping (Django app label, metadata schema), if any
    role: Literal["product", "test", "library"] = "product"


@dataclass(frozen=True, slots=True, order=True)
class ForeignKey:
    """A column of `source` refers to `target`; both are table names.

    A generic foreign key has the target "" and no constraint in the database. A many-to-many
    relation is given as the two foreign keys of its own table, never as one.
    """

    source: str
    column: str
    target: str
    kind: ForeignKeyKind
    evidence: Evidence
    target_column: str = ""
    nullable: bool = False
    on_delete: str = ""


@dataclass(frozen=True, slots=True, order=True)
class SchemaChange:
    """A migration creates or alters these tables in one step, under the names that they have now.

    What it does to tables that are gone, and to the rows in tables, is not part of it.
    """

    unit: str  # the migration
    tables: tuple[str, ...]  # sorted, one or more
    evidence: Evidence


@dataclass(frozen=True, slots=True, order=True)
class TableAccess:
    """A unit reads or writes a table.

    `via` is empty where the statement stands in the unit itself. Otherwise it is the chain of units
    that are called on the way, from the first callee to the one whose line is the evidence.
    """

    unit: str
    table: str
    mode: AccessMode
    evidence: Evidence
    via: tuple[str, ...] = ()
    operation: str = ""  # select, insert, update, delete, bulk_insert, join, cascade, prefetch, ...


@dataclass(frozen=True, slots=True, order=True)
class Join:
    """One query of a unit touches several tables at once."""

    unit: str
    tables: tuple[str, ...]  # sorted, two or more
    evidence: Evidence
    how: str = ""  # lookup, select_related, subquery, sql, annotate, ...
