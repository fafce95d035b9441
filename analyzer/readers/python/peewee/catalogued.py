"""The models of peewee, as entries of the catalogue of models."""

from collections.abc import Iterator
from dataclasses import replace

from analyzer.readers.python.catalogue import Catalogue, Model, ModelField
from analyzer.readers.python.peewee.models import PwField, PwMany, PwModel, read_models
from analyzer.readers.python.peewee_words import PEEWEE
from analyzer.readers.python.project import Project


def with_peewee(catalogue: Catalogue, project: Project) -> Catalogue:
    """The catalogue with peewee's models; the same one where there are none."""
    found = {one.id: _model(one) for one in read_models(project)}
    return replace(catalogue, models={**catalogue.models, **found}) if found else catalogue


def _model(model: PwModel) -> Model:
    fields = [found for one in model.fields.values() for found in _fields(model, one)]
    fields += [_many(one) for one in model.many.values()]
    return Model(
        id=model.id,
        table=model.table,
        label="",
        scope=model.scope,
        fields={one.name: one for one in fields},
        mapper=PEEWEE,
    )


def _fields(model: PwModel, field: PwField) -> Iterator[ModelField]:
    """The field, and of a key also the attribute that holds its value."""
    plain = ModelField(
        name=field.id_name or field.name,
        column=field.column,
        path=field.path,
        line=field.line,
        owner_table=model.table,
        nullable=field.nullable,
    )
    yield plain
    if field.target is not None:
        accessor = field.accessor if field.accessor not in ("+", "!") else ""
        yield replace(
            plain,
            name=field.name,
            kind="foreign_key",
            target=field.target.id,
            target_table=field.target.table,
            accessor=accessor,
            query_name=accessor,
            on_delete=field.on_delete,
        )


def _many(many: PwMany) -> ModelField:
    accessor = many.accessor if many.accessor not in ("+", "!") else ""
    return ModelField(
        name=many.name,
        column="",
        path=many.path,
        line=many.line,
        kind="many_to_many",
        target=many.target.id,
        target_table=many.target.table,
        through=many.through.table,
        accessor=accessor,
        query_name=accessor,
    )
