"""The classes that SQLAlchemy maps, as entries of the catalogue of models."""

from collections.abc import Iterator
from dataclasses import replace

from analyzer.readers.python.catalogue import Catalogue, Model, ModelField
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, External
from analyzer.readers.python.sqlalchemy.known import USER_BASES
from analyzer.readers.python.sqlalchemy.models import SaSchema, read_schema
from analyzer.readers.python.sqlalchemy.schema import Computed, MappedClass, Relationship, SaColumn


def with_mapped(catalogue: Catalogue, project: Project) -> Catalogue:
    """The catalogue with the classes that SQLAlchemy maps; the same one where there are none."""
    schema = read_schema(project)
    if not schema.mapped:
        return catalogue
    models = {**catalogue.models, **_Catalogued(schema).models()}
    return replace(catalogue, models=models, user=catalogue.user or _user(schema, project))


def _user(schema: SaSchema, project: Project) -> str:
    """The one mapped class whose rows log in; "" where that is not clear."""
    found = [
        one.scope.id
        for one in schema.mapped
        if any(isinstance(base, External) and base.path.endswith(USER_BASES)
               for base in project.mro(one.scope))
    ]  # fmt: skip
    return found[0] if len(found) == 1 else ""


class _Catalogued:
    def __init__(self, schema: SaSchema) -> None:
        self._mapped = {one.scope: one for one in schema.mapped}
        self._by_name: dict[str, MappedClass] = {}
        self._fields: dict[ClassScope, dict[str, ModelField]] = {}
        self._heirs: dict[ClassScope, list[MappedClass]] = {}
        for one in schema.mapped:
            self._by_name.setdefault(one.scope.name, one)
            parent = one.parent
            while parent is not None:
                self._heirs.setdefault(parent.scope, []).append(one)
                parent = parent.parent

    def models(self) -> dict[str, Model]:
        """Every mapped class by its id."""
        for one in self._mapped.values():
            self._fields[one.scope] = {
                name: _column(name, column, one) for name, column in one.attributes.items()
            }
            for name, computed in one.computed.items():
                known = self._fields[one.scope].get(name)
                self._fields[one.scope][name] = _computed(name, computed, known)
        for one in self._mapped.values():
            for relationship in one.relationships.values():
                self._relate(one, relationship)
        return {one.scope.id: self._model(one) for one in self._mapped.values()}

    def _model(self, mapped: MappedClass) -> Model:
        return Model(
            id=mapped.scope.id,
            table=mapped.table.name,
            label="",
            scope=mapped.scope,
            fields=self._fields[mapped.scope],
            parents=(mapped.parent.scope.id,) if mapped.parent is not None else (),
        )

    def _relate(self, mapped: MappedClass, relationship: Relationship) -> None:
        """Note a relationship on its class, and what its `backref` makes on the other."""
        target = self._target(relationship)
        if target is None:
            return
        many = self._leads_to_many(mapped, target, relationship)
        there = _field(relationship.name, relationship, target, many=many)
        self._fields[mapped.scope][relationship.name] = replace(
            there, accessor=relationship.backref, owner_table=mapped.table.name
        )
        if relationship.backref:
            self._relate_back(mapped, relationship, target, many=many)

    def _relate_back(
        self, mapped: MappedClass, relationship: Relationship, target: MappedClass, *, many: bool
    ) -> None:
        said = relationship.back or Relationship("", relationship.path, relationship.line)
        said.secondary = relationship.secondary
        back_to_many = bool(relationship.secondary) or not many
        if said.many is not None:
            back_to_many = said.many
        back = _field(relationship.backref, said, mapped, many=back_to_many)
        back = replace(back, accessor=relationship.name, owner_table=target.table.name)
        for one in (target, *self._heirs.get(target.scope, ())):
            known = self._fields[one.scope].get(relationship.backref)
            if known is None or not known.kind:
                self._fields[one.scope][relationship.backref] = back

    def _target(self, relationship: Relationship) -> MappedClass | None:
        if relationship.target_class is not None:
            return self._mapped.get(relationship.target_class)
        return self._by_name.get(relationship.target.rpartition(".")[2])

    def _leads_to_many(
        self, mapped: MappedClass, target: MappedClass, relationship: Relationship
    ) -> bool:
        """Whether it is a list of rows: the key that it follows stands in the other table."""
        if relationship.many is not None:
            return relationship.many
        if relationship.secondary:
            return True
        own = any(_refers(one, target) for one in _lineage(mapped))
        other = any(_refers(one, mapped) for one in _lineage(target))
        if own and other:
            return _follows_other(mapped, target, relationship)
        return not own


def _lineage(mapped: MappedClass | None) -> Iterator[MappedClass]:
    while mapped is not None:
        yield mapped
        mapped = mapped.parent


def _refers(mapped: MappedClass, target: MappedClass) -> bool:
    """Whether a key of the class's table leads to a table of the other class."""
    wanted = {one.table.name for one in _lineage(target)}
    for column in mapped.table.columns.values():
        targets = {column.target, *(table for table, _ in column.further)}
        if not wanted.isdisjoint(targets):
            return True
    return False


def _follows_other(mapped: MappedClass, target: MappedClass, relationship: Relationship) -> bool:
    """Of classes that refer to each other: whether the key stands in the other class's table."""
    if target is mapped:
        return not relationship.is_own_key
    for path in relationship.keys:
        head, _, name = path.rpartition(".")
        is_own = head in ("", "cls", mapped.scope.name)
        side = mapped if is_own else target
        column = side.attributes.get(name)
        if column is not None and column.target and (is_own or head == target.scope.name):
            return not is_own
    return relationship.is_ordered or "delete" in relationship.cascade


def _column(name: str, column: SaColumn, mapped: MappedClass) -> ModelField:
    owner = mapped
    while owner.parent is not None and column.name not in owner.table.columns:
        owner = owner.parent
    return ModelField(
        name=name,
        column=column.name,
        path=column.path,
        line=column.line,
        owner_table=owner.table.name,
        nullable=column.nullable,
    )


def _computed(name: str, said: Computed, known: ModelField | None) -> ModelField:
    column = known or ModelField(name, "", said.path, said.line)
    return replace(column, loading="deferred" if said.is_deferred else "", reads=said.tables)


def _field(name: str, said: Relationship, target: MappedClass, *, many: bool) -> ModelField:
    return ModelField(
        name=name,
        column="",
        path=said.path,
        line=said.line,
        kind="collection" if many else "foreign_key",
        target=target.scope.id,
        target_table=target.table.name,
        through=said.secondary,
        on_delete=said.cascade,
        loading=said.lazy,
    )
