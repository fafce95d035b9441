"""The models of a project → facts about tables and foreign keys."""

from collections.abc import Iterable, Iterator

from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import Column, ForeignKey, ForeignKeyKind, SchemaChange, Table
from analyzer.readers.python.django.models import read_schema
from analyzer.readers.python.django.schema import Field, Model, Schema
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared

_KINDS: dict[str, ForeignKeyKind] = {
    "foreign_key": "foreign_key",
    "one_to_one": "one_to_one",
    "parent_link": "parent_link",
    "generic": "generic",
}


class DjangoTables:
    """Tables, columns and foreign keys of Django's models."""

    calls: frozenset[str] = frozenset()

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Every table that the models of the project map or refer to."""
        return table_facts(read_schema(project))

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """Nothing: models are read from classes."""
        return ()


def table_facts(schema: Schema) -> Iterator[Fact]:
    """Tables, foreign keys, and what of them could not be understood."""
    places = _first_uses(schema)
    for model in _mapping(schema, places):
        evidence = Evidence(model.path, model.line) if model.path else places[model]
        yield _table(model, evidence)
        yield from _foreign_keys(model, evidence)
        if not model.whole and model.role != "library":
            yield _unknown_base(model)
    yield from _schema_changes(schema)


def _schema_changes(schema: Schema) -> Iterator[SchemaChange]:
    """What each migration creates or alters; proxies have no table of their own to alter."""
    for unit, evidence, models in schema.steps:
        tables = {m.table for m in models if m.table and not (m.abstract or m.proxy or m.swapped)}
        if tables:
            yield SchemaChange(unit, tuple(sorted(tables)), evidence)


def _mapping(schema: Schema, places: dict[Model, Evidence]) -> list[Model]:
    """One model for each table: product code before tests, the managing one before mirrors."""
    chosen: dict[str, Model] = {}
    for model in schema.models:
        if model.abstract or model.proxy or model.swapped:
            continue
        if not model.path and model not in places:
            continue  # a library's table that nothing here refers to
        known = chosen.get(model.table)
        if known is None or _rank(model) < _rank(known):
            chosen[model.table] = model
    return list(chosen.values())


def _rank(model: Model) -> tuple[int, bool]:
    return ("product", "test", "library").index(model.role), not model.managed


def _first_uses(schema: Schema) -> dict[Model, Evidence]:
    """For tables of libraries: the first line that refers to them, directly or through another."""
    places: dict[Model, Evidence] = {}
    for model in schema.models:
        if not model.path or model.abstract:
            continue
        for field in model.fields.values():
            for target in (field.target, field.through):
                if target is not None and not target.path:
                    place = Evidence(field.path, field.line)
                    places[target.concrete] = min(places.get(target.concrete, place), place)
    return places


def _table(model: Model, evidence: Evidence) -> Table:
    unit = model.scope.unit if model.scope else None
    return Table(
        name=model.table,
        kind=model.kind,
        evidence=evidence,
        defined_by=unit,
        columns=tuple(_columns(model, evidence)),
        managed=model.managed,
        app=model.app,
        role=model.role,
    )


def _columns(model: Model, evidence: Evidence) -> Iterator[Column]:
    for field in model.fields.values():
        if not field.column:
            continue
        place = Evidence(field.path, field.line) if field.path else evidence
        yield Column(
            name=field.column,
            type=field.type,
            evidence=place,
            attribute=field.name if field.name != field.column else "",
            nullable=field.nullable,
            primary_key=field.primary_key,
            unique=field.unique,
        )
        for name, type in field.extra:
            yield Column(name=name, type=type, evidence=place, nullable=field.nullable)


def _foreign_keys(model: Model, evidence: Evidence) -> Iterator[ForeignKey]:
    for field in model.fields.values():
        kind = _KINDS.get(field.role)
        if kind is None or (field.target is None and kind != "generic"):
            continue
        yield ForeignKey(
            source=model.table,
            column=field.column or field.fk_field,
            target=_target_table(field),
            kind="many_to_many" if model.kind == "many_to_many" else kind,
            evidence=Evidence(field.path, field.line) if field.path else evidence,
            target_column=field.target_column,
            nullable=field.nullable,
            on_delete=field.on_delete,
        )


def _target_table(field: Field) -> str:
    return field.target.concrete.table if field.target is not None else ""


def _unknown_base(model: Model) -> Diagnostic:
    return Diagnostic(
        path=model.path,
        line=model.line,
        severity="warning",
        code="unknown-model-base",
        message=f"A base of {model.name} is outside the source and not known, "
        "so its table may have more columns.",
    )
