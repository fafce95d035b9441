"""The mapped classes (models) of a project, as the readers of queries, forms and views need them.

Filled by the readers of the mappers (`django.models.read_catalogue(project)`,
`sqlalchemy.catalogued.with_mapped`, `peewee.catalogued.with_peewee`); values only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from analyzer.readers.python.scopes import ClassScope

RelationKind = Literal[
    "",  # a plain column
    "foreign_key",
    "one_to_one",
    "many_to_many",
    "generic",  # GenericForeignKey: any model
    "generic_relation",  # GenericRelation: many of `target`
    "collection",  # of SQLAlchemy: many of `target`, through a table between or not
]


@dataclass(frozen=True, slots=True)
class ModelField:
    """A field of a model as code sees it, whether its own or inherited."""

    name: str
    column: str  # "" where it has none of its own (many-to-many, generic)
    path: str
    line: int
    kind: RelationKind = ""
    target: str = ""  # id of the related model's class (`Model.id`), or the dotted name outside
    target_table: str = ""
    through: str = ""  # many-to-many: the table between
    accessor: str = ""  # attribute on the target that leads back (`related_name`, `x_set`), if any
    query_name: str = ""  # the same in lookups; "" where there is none
    on_delete: str = ""  # CASCADE, SET_NULL, ...; of SQLAlchemy: the relationship's `cascade`
    owner_table: str = ""  # the table that holds it (a parent's, with multi-table inheritance)
    nullable: bool = False
    loading: str = ""  # of SQLAlchemy: how it is loaded: "joined", "dynamic", "deferred", ...
    reads: tuple[str, ...] = ()  # of SQLAlchemy: tables of the subquery that computes it


@dataclass(frozen=True, slots=True)
class Model:
    """A concrete or proxy model (abstract ones are not in the catalogue)."""

    id: str  # `package.module:Name`, `package.module:Outer.Name`
    table: str
    label: str  # "app.Name" of Django; "" for what another mapper maps
    scope: ClassScope | None  # None for models of libraries outside the snapshot
    fields: Mapping[str, ModelField] = field(default_factory=dict)  # by name; inherited ones too
    parents: tuple[str, ...] = ()  # ids: multi-table parents and, for a proxy, its concrete model
    is_proxy: bool = False
    managers: Mapping[str, str] = field(default_factory=dict)  # name -> class id, or "" if default
    mapper: str = ""  # the mapper's name, where it is neither Django nor SQLAlchemy

    @property
    def is_in_session(self) -> bool:
        """Whether its rows are kept by a session of SQLAlchemy."""
        return not self.label and not self.mapper


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All models by class id and by lower-case "app.name"; `user` is the id of the user model."""

    models: Mapping[str, Model] = field(default_factory=dict)
    by_label: Mapping[str, str] = field(default_factory=dict)
    user: str = ""

    @property
    def has_sessions(self) -> bool:
        """Whether a session of SQLAlchemy keeps the rows of any."""
        return any(model.is_in_session for model in self.models.values())

    def in_session(self, model: str) -> Model | None:
        """The model with this id, if a session of SQLAlchemy keeps its rows."""
        found = self.models.get(model)
        return found if found is not None and found.is_in_session else None

    def has_mapper(self, mapper: str) -> bool:
        """Whether the mapper of this name maps any."""
        return any(model.mapper == mapper for model in self.models.values())

    def mapped_by(self, mapper: str, model: str) -> Model | None:
        """The model with this id, if the mapper of this name maps it."""
        found = self.models.get(model)
        return found if found is not None and found.mapper == mapper else None
