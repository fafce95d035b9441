"""Tables that SQLAlchemy maps, while they are put together."""

from dataclasses import dataclass, field
from typing import Literal

from analyzer.readers.python.scopes import ClassScope


@dataclass(eq=False, slots=True)
class SaColumn:
    """A column, with what it refers to as far as it is known."""

    name: str
    attribute: str
    path: str
    line: int
    type: str = ""
    nullable: bool = True
    primary_key: bool = False
    unique: bool = False
    target: str = ""  # table that a foreign key refers to
    target_column: str = ""
    on_delete: str = ""
    target_class: ClassScope | None = None  # where the key names a class; settled at the end
    further: list[tuple[str, str]] = field(default_factory=list)  # of keys over several columns

    def refer(self, target: str) -> None:
        """Let it refer to `table.column`, also beside what it refers to already."""
        table, _, column = target.rpartition(".")
        if not self.target:
            self.target, self.target_column = table, column
        elif (table, column) != (self.target, self.target_column):
            self.further.append((table, column))


@dataclass(eq=False, slots=True)
class Relationship:
    """An attribute that leads to another mapped class."""

    name: str
    path: str
    line: int
    target: str = ""  # name of the class, or
    target_class: ClassScope | None = None
    secondary: str = ""  # the table between
    backref: str = ""
    many: bool | None = None  # whether it is a list; None where the keys decide
    lazy: str = ""  # how it is loaded: "" when it is asked for, else as `lazy=` says
    cascade: str = ""  # as `cascade=` says; with " passive" where the database deletes
    is_own_key: bool = False  # `remote_side=` says that the key stands in the class's own table
    keys: tuple[str, ...] = ()  # the keys that it says it follows: "Class.name", "cls.name", "name"
    is_ordered: bool = False  # `order_by=` says that there may be several rows
    back: "Relationship | None" = None  # what `backref=` makes of it on the other class


@dataclass(eq=False, slots=True)
class SaTable:
    """A table, whether it stands as `Table(…)` or as a class."""

    name: str  # with its schema
    path: str
    line: int
    kind: Literal["model", "many_to_many"] = "model"
    columns: dict[str, SaColumn] = field(default_factory=dict)  # by name
    scope: ClassScope | None = None
    role: Literal["product", "test", "library"] = "product"

    def add(self, column: SaColumn) -> None:
        """Add a column; one that is there already stays."""
        self.columns.setdefault(column.name, column)


@dataclass(frozen=True, slots=True)
class Computed:
    """An attribute that a subquery computes."""

    tables: tuple[str, ...]
    path: str
    line: int
    is_deferred: bool  # it is loaded when it is asked for, not along with the row


@dataclass(eq=False, slots=True)
class MappedClass:
    """A mapped class and the table it uses; subclasses can share one."""

    scope: ClassScope
    table: SaTable
    parent: "MappedClass | None" = None
    attributes: dict[str, SaColumn] = field(default_factory=dict)
    relationships: dict[str, Relationship] = field(default_factory=dict)
    computed: dict[str, Computed] = field(default_factory=dict)
