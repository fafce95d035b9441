"""What one SQL statement says: the tables it touches, locks and defines."""

from dataclasses import dataclass
from typing import Literal

StatementKind = Literal[
    "select",
    "insert",
    "update",
    "delete",
    "merge",
    "truncate",
    "create_table",
    "create_view",
    "create_index",
    "alter_table",
    "drop_table",
    "rename_table",
    "lock",
    "routine",  # function, procedure, trigger or anonymous block
    "transaction",
    "other",
]
Understanding = Literal["parsed", "scanned"]


@dataclass(frozen=True, slots=True, order=True)
class TableUse:
    """A statement reads or writes a table; `line` counts from 0 within the text that was given."""

    table: str
    mode: Literal["read", "write"]
    operation: str  # select, insert, update, delete, truncate, create, alter, drop
    line: int


@dataclass(frozen=True, slots=True, order=True)
class LockUse:
    """A statement takes a lock; the target is a table, or the key of an advisory lock."""

    kind: Literal["row", "table", "advisory"]
    target: str  # `*` where it is computed
    line: int


@dataclass(frozen=True, slots=True, order=True)
class ColumnDefinition:
    """A column in CREATE TABLE or ALTER TABLE … ADD."""

    name: str
    type: str
    line: int
    nullable: bool = True
    primary_key: bool = False
    unique: bool = False


@dataclass(frozen=True, slots=True, order=True)
class ForeignKeyDefinition:
    """A REFERENCES clause, of a column or of the table."""

    columns: tuple[str, ...]
    target: str
    target_columns: tuple[str, ...]
    line: int
    on_delete: str = ""


@dataclass(frozen=True, slots=True, order=True)
class TableDefinition:
    """What CREATE TABLE or ALTER TABLE says about one table."""

    table: str
    line: int
    columns: tuple[ColumnDefinition, ...] = ()
    foreign_keys: tuple[ForeignKeyDefinition, ...] = ()
    dropped_columns: tuple[str, ...] = ()
    renamed_columns: tuple[tuple[str, str], ...] = ()
    renamed_to: str = ""
    primary_key: tuple[str, ...] = ()  # given apart from the columns
    like: str = ""  # the table or the base whose columns it takes over
    temporary: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, as far as it was understood.

    `open_table` tells that a table's name is computed, so that the uses are not all of them.
    """

    kind: StatementKind
    line: int
    uses: tuple[TableUse, ...] = ()
    locks: tuple[LockUse, ...] = ()
    definition: TableDefinition | None = None
    open_table: bool = False
    understanding: Understanding = "parsed"
    problem: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        """Tables it reads, sorted."""
        return tuple(sorted({use.table for use in self.uses if use.mode == "read"}))

    @property
    def writes(self) -> tuple[str, ...]:
        """Tables it writes, sorted."""
        return tuple(sorted({use.table for use in self.uses if use.mode == "write"}))

    @property
    def tables(self) -> tuple[str, ...]:
        """Tables it touches in any way, sorted."""
        return tuple(sorted({use.table for use in self.uses}))
