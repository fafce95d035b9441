"""Models of peewee → tables and foreign keys."""

from collections.abc import Iterable, Iterator

from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import Column, ForeignKey, Table
from analyzer.readers.python.peewee.models import PwField, PwModel, read_models
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared


class PeeweeTables:
    """Tables that peewee's models map."""

    calls: frozenset[str] = frozenset()

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Every model with its columns and keys, and the tables between."""
        for model in read_models(project):
            yield _table(model)
            yield from _keys(model)

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """Nothing: models are read from classes."""
        return ()


def _table(model: PwModel) -> Table:
    return Table(
        name=model.table,
        kind="many_to_many" if model.is_between else "model",
        evidence=Evidence(model.path, model.line),
        defined_by=model.unit or None,
        columns=tuple(_column(one) for one in model.fields.values()),
        role=model.role,
    )


def _column(field: PwField) -> Column:
    return Column(
        name=field.column,
        type=field.type,
        evidence=Evidence(field.path, field.line),
        attribute=field.name if field.name != field.column else "",
        nullable=field.nullable,
        primary_key=field.primary_key,
        unique=field.unique,
    )


def _keys(model: PwModel) -> Iterator[ForeignKey]:
    for one in model.fields.values():
        if one.target is not None:
            yield ForeignKey(
                source=model.table,
                column=one.column,
                target=one.target.table,
                kind="many_to_many" if model.is_between else "foreign_key",
                evidence=Evidence(one.path, one.line),
                nullable=one.nullable,
                on_delete=one.on_delete,
            )
