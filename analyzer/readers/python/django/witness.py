"""Model classes and migrations brought together: each completes what the other leaves open.

A class is believed for what it writes itself. Migrations are believed for what comes from outside
the class: fields of library bases (which differ between a library's versions), fields and models
that decorators, metaclasses and factories add at run time, and whether a class is only a proxy.
"""

from analyzer.readers.python.constants import UNKNOWN
from analyzer.readers.python.django.assembly import Meta, ModelAssembly
from analyzer.readers.python.django.migrations import MigratedModel, MigrationState
from analyzer.readers.python.django.schema import Model


def reconcile(assembly: ModelAssembly, state: MigrationState) -> list[Model]:
    """Complete the models of the assembly; the models that only migrations know are returned."""
    made = []
    for key in sorted(state.models):
        migrated = state.models[key]
        if key not in assembly.registered and not migrated.options.get("proxy"):
            made.append(_model_of(assembly, migrated))
    for key in sorted(state.models):
        cls = assembly.registered.get(key)
        model = assembly.model_of(cls) if cls is not None else None
        if model is not None:
            _complete(assembly, model, state.models[key])
    return made


def _model_of(assembly: ModelAssembly, migrated: MigratedModel) -> Model:
    table = migrated.options.get("db_table")
    model = Model(
        id=f"{migrated.app}.{migrated.name}",
        app=migrated.app,
        name=migrated.name,
        path=migrated.path,
        line=migrated.line,
        managed=migrated.options.get("managed") is not False,
        table=table if isinstance(table, str) else "",
    )
    setting = migrated.options.get("swappable")
    chosen = assembly.constants.setting(setting) if isinstance(setting, str) else UNKNOWN
    model.swapped = isinstance(chosen, str) and chosen.lower() != model.key
    assembly.specs[model] = dict(migrated.fields)
    assembly.witnessed[model.key] = model
    return model


def _complete(assembly: ModelAssembly, model: Model, migrated: MigratedModel) -> None:
    if migrated.options.get("proxy"):
        _make_proxy(assembly, model)
        return
    if model.proxy:
        return
    table = migrated.options.get("db_table")
    written = model.scope is not None and Meta(assembly, model.scope).text("db_table")
    if isinstance(table, str) and not written:
        model.table = table
    if migrated.options.get("managed") is False:
        model.managed = False
    specs = assembly.specs[model]
    for name in [name for name, spec in specs.items() if not spec.path]:
        if name not in migrated.fields:
            del specs[name]  # a field that the library had or will have in another version
    for name, spec in migrated.fields.items():
        known = name in specs
        if (known and not specs[name].path) or (not known and _may_add(assembly, model, name)):
            specs[name] = spec
    model.whole = True


def _may_add(assembly: ModelAssembly, model: Model, name: str) -> bool:
    """Where operations are computed, a class that is fully understood is believed alone."""
    return name == "id" or not model.whole or model.app not in assembly.state.uncertain


def _make_proxy(assembly: ModelAssembly, model: Model) -> None:
    """A class that its metaclass turned into a proxy."""
    if model.proxy or not model.parents:
        return
    model.proxy = True
    model.table = ""
    specs = assembly.specs[model]
    for name in [one for one, spec in specs.items() if assembly.reader.flag(spec, "parent_link")]:
        del specs[name]
