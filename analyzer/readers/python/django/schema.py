"""The models of a project with everything that Django derives from them."""

from dataclasses import dataclass, field
from hashlib import md5
from typing import Literal

from analyzer.facts.evidence import Evidence
from analyzer.readers.python.scopes import ClassScope

FieldRole = Literal[
    "plain",
    "foreign_key",
    "one_to_one",
    "parent_link",
    "many_to_many",
    "generic",
    "generic_relation",
]


@dataclass(eq=False, slots=True)
class Field:
    """A field of one model, with its column."""

    name: str
    role: FieldRole
    path: str
    line: int
    column: str = ""  # "" where it has none
    type: str = ""
    target: "Model | None" = None
    target_label: str = ""  # as far as it is known, also where the model is not
    target_column: str = ""
    through: "Model | None" = None
    m2m_table: str = ""
    related_name: str = ""
    related_query_name: str = ""
    on_delete: str = ""
    nullable: bool = False
    primary_key: bool = False
    unique: bool = False
    fk_field: str = ""  # of a generic foreign key
    extra: tuple[tuple[str, str], ...] = ()  # further columns: (name, type)


@dataclass(eq=False, slots=True)
class Model:
    """A model class; one outside the snapshot has no `scope`."""

    id: str
    app: str
    name: str
    path: str
    line: int
    scope: ClassScope | None = None
    abstract: bool = False
    proxy: bool = False
    swapped: bool = False
    managed: bool = True
    table: str = ""
    fields: dict[str, Field] = field(default_factory=dict)  # its own: in its own table
    parents: "dict[Model, Field | None]" = field(default_factory=dict)  # concrete; the link
    role: Literal["product", "test", "library"] = "product"
    kind: Literal["model", "history", "many_to_many", "library", "sql"] = "model"
    whole: bool = True  # whether all of its bases are understood
    auto_field: str = "AutoField"  # type of the primary key that Django adds

    @property
    def label(self) -> str:
        """`app.Model`."""
        return f"{self.app}.{self.name}"

    @property
    def key(self) -> str:
        """The label in lower case, as Django compares it."""
        return self.label.lower()

    @property
    def concrete(self) -> "Model":
        """The model whose table it uses: itself, or what a proxy stands for."""
        model = self
        for _ in range(20):
            if not model.proxy or not model.parents:
                break
            model = next(iter(model.parents))
        return model

    def primary_key(self) -> Field | None:
        """The field that is the primary key."""
        return next((one for one in self.concrete.fields.values() if one.primary_key), None)

    def all_fields(self) -> "dict[str, tuple[Field, Model]]":
        """Its own fields and those of its parents' tables, with the model that holds each."""
        found: dict[str, tuple[Field, Model]] = {}
        for parent in self.parents:
            found.update(parent.all_fields())
        found.update({name: (one, self) for name, one in self.fields.items()})
        return found


@dataclass(frozen=True, slots=True)
class Schema:
    """All models: those with a table, and the abstract ones."""

    models: tuple[Model, ...]
    by_key: dict[str, Model]
    by_scope: dict[ClassScope, Model]
    by_path: dict[str, Model]  # those outside the snapshot, by dotted name
    user: Model | None = None  # AUTH_USER_MODEL
    steps: tuple[tuple[str, Evidence, tuple[Model, ...]], ...] = ()  # what each migration alters


# PostgreSQL keeps 63 bytes of a name, MySQL 64; SQLite has no limit.
NAME_LIMITS = {"postgres": 63, "mysql": 64, "oracle": 30}


def truncated(name: str, limit: int | None) -> str:
    """A name as Django shortens it to what the database allows.

    Schema and quotes stay; a name that is too long ends in four digits of its MD5.
    """
    if limit is None or len(name) <= limit or name.startswith('"'):
        return name
    digest = md5(name.encode(), usedforsecurity=False).hexdigest()[:4]
    return f"{name[: limit - 4]}{digest}"


def unquoted(name: str) -> str:
    """`"schema"."table"` → `schema.table`; the quotes are only a trick to name a schema."""
    return name.replace('"', "").replace("`", "") if '"' in name or "`" in name else name
