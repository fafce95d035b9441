"""The models of a project: assembled, resolved, and handed on as schema and catalogue."""

from collections.abc import Iterator
from weakref import WeakKeyDictionary

from analyzer.facts.evidence import Evidence
from analyzer.readers.python.catalogue import Catalogue, ModelField, RelationKind
from analyzer.readers.python.catalogue import Model as CatalogueModel
from analyzer.readers.python.django.assembly import ModelAssembly
from analyzer.readers.python.django.relations import Resolution, tables_between
from analyzer.readers.python.django.schema import Field, Model, Schema
from analyzer.readers.python.django.settings import DjangoSettings, read_settings
from analyzer.readers.python.django.witness import reconcile
from analyzer.readers.python.project import Project

_RELATIONS: dict[str, RelationKind] = {
    "foreign_key": "foreign_key",
    "one_to_one": "one_to_one",
    "parent_link": "one_to_one",
    "many_to_many": "many_to_many",
    "generic": "generic",
    "generic_relation": "generic_relation",
}


# Asked for by the catalogue and by the facts of one project; the answer is the same.
_SCHEMAS: WeakKeyDictionary[Project, Schema] = WeakKeyDictionary()


def read_schema(project: Project, settings: DjangoSettings | None = None) -> Schema:
    """All models of the project, with the tables that Django makes for them."""
    if project not in _SCHEMAS:
        _SCHEMAS[project] = _read_schema(project, settings)
    return _SCHEMAS[project]


def _read_schema(project: Project, settings: DjangoSettings | None) -> Schema:
    assembly = ModelAssembly(project, settings or read_settings(project))
    own = [model for cls in project.classes() if (model := assembly.model_of(cls)) is not None]
    own += reconcile(assembly, assembly.state)
    resolution = Resolution(assembly)
    resolved: set[Model] = set()
    models = _resolve_all(assembly, resolution, own, resolved)
    models = [one for one in models if one not in resolution.replaced]
    models += resolution.extra_models
    for model in models:
        resolution.link(model)
    between = list(tables_between(models))
    for model in between:
        resolution.link(model)
    return _schema(assembly, [*models, *between])


def _resolve_all(
    assembly: ModelAssembly, resolution: Resolution, own: list[Model], resolved: set[Model]
) -> list[Model]:
    """Resolve the models of the snapshot, and those of libraries that they lead to."""
    for model in own:
        resolution.resolve(model)
        resolved.add(model)
    models = list(own)
    while pending := [one for one in assembly.by_path.values() if one not in resolved]:
        for model in dict.fromkeys(pending):
            resolution.resolve(model)
            resolved.add(model)
            models.append(model)
    return models


def _schema(assembly: ModelAssembly, models: list[Model]) -> Schema:
    by_key: dict[str, Model] = {}
    for model in models:
        if not model.abstract:
            by_key.setdefault(model.key, model)
    return Schema(
        models=tuple(models),
        by_key=by_key,
        by_scope={cls: model for cls, model in assembly.by_scope.items() if model is not None},
        by_path=dict(assembly.by_path),
        user=by_key.get(assembly.user_label.lower()),
        steps=tuple(_steps(assembly, by_key)),
    )


def _steps(
    assembly: ModelAssembly, by_key: dict[str, Model]
) -> Iterator[tuple[str, Evidence, tuple[Model, ...]]]:
    """Each migration with the models that it creates or alters, of those that there are now."""
    for step in assembly.state.steps:
        now = [by_key.get(model.key) for model in step.models]
        found = tuple(dict.fromkeys(model for model in now if model is not None))
        if found:
            yield step.unit, Evidence(step.path, step.line), found


def read_catalogue(project: Project) -> Catalogue:
    """The models as the readers of queries, forms and views need them."""
    return catalogue_of(read_schema(project))


def catalogue_of(schema: Schema) -> Catalogue:
    """Concrete and proxy models with inherited fields; the user model's id."""
    models = [one for one in schema.models if not one.abstract and not one.swapped]
    catalogued = {model.id: _catalogued(model) for model in models if model.kind != "many_to_many"}
    for path, model in schema.by_path.items():
        if not model.abstract:
            catalogued.setdefault(path, catalogued[model.id])
    return Catalogue(
        models=catalogued,
        by_label={model.key: model.id for model in reversed(models)},
        user=schema.user.id if schema.user is not None else "",
    )


def _catalogued(model: Model) -> CatalogueModel:
    return CatalogueModel(
        id=model.id,
        table=model.concrete.table,
        label=model.label,
        scope=model.scope,
        fields={name: _field(one, owner) for name, (one, owner) in model.all_fields().items()},
        parents=tuple(parent.id for parent in model.parents),
        is_proxy=model.proxy,
        managers={},
    )


def _field(field: Field, owner: Model) -> ModelField:
    accessor, query_name = _reverse_names(field, owner)
    return ModelField(
        name=field.name,
        column=field.column,
        path=field.path,
        line=field.line,
        kind=_RELATIONS.get(field.role, ""),
        target=field.target.id if field.target is not None else "",
        target_table=field.target.concrete.table if field.target is not None else "",
        through=field.through.concrete.table if field.through else field.m2m_table,
        accessor=accessor,
        query_name=query_name,
        on_delete=field.on_delete,
        owner_table=owner.concrete.table,
        nullable=field.nullable,
    )


def _reverse_names(field: Field, owner: Model) -> tuple[str, str]:
    """The attribute on the target, and the name in lookups, that lead back to the field's model."""
    if field.role not in _RELATIONS or field.role == "generic":
        return "", ""
    if field.role == "generic_relation" or field.related_name.endswith("+"):
        return "", field.related_query_name
    name = owner.name.lower()
    single = field.role in ("one_to_one", "parent_link")
    accessor = field.related_name or (name if single else f"{name}_set")
    return accessor, field.related_query_name or field.related_name or name
