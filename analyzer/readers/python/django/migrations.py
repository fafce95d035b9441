"""Migrations replayed as text: the state of every model after the last of them.

A second witness beside the model classes. It knows what a class does not say: fields that come from
libraries, from decorators and metaclasses, and tables of models that are made at run time.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from analyzer.readers.python import record
from analyzer.readers.python.constants import Constants
from analyzer.readers.python.django.apps import Apps
from analyzer.readers.python.django.fields import FieldReader, FieldSpec
from analyzer.readers.python.django.settings import DjangoSettings
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, ModuleScope

COMPREHENSION_LIMIT = 500
_BASES = ("django.db.migrations.Migration", "django.db.migrations.migration.Migration")


@dataclass(eq=False, slots=True)
class MigratedModel:
    """A model as the migrations of its app leave it."""

    app: str
    name: str
    path: str
    line: int
    fields: dict[str, FieldSpec] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    bases: tuple[str, ...] = ()  # labels of concrete models among its bases
    gone: set[str] = field(default_factory=set)  # fields that were removed or renamed

    @property
    def key(self) -> str:
        """The label in lower case."""
        return f"{self.app}.{self.name}".lower()


@dataclass(slots=True)
class MigrationState:
    """All models that the migrations know, and the apps that have migrations."""

    models: dict[str, MigratedModel] = field(default_factory=dict)
    apps: set[str] = field(default_factory=set)
    renamed: dict[str, str] = field(default_factory=dict)  # old key → new key
    uncertain: set[str] = field(default_factory=set)  # apps with operations that are computed
    steps: list["MigrationStep"] = field(default_factory=list)  # in the order carried out


@dataclass(slots=True)
class MigrationStep:
    """One migration, and the models whose tables it creates or alters."""

    unit: str
    path: str
    line: int
    models: list[MigratedModel] = field(default_factory=list)


def replay(
    project: Project,
    settings: DjangoSettings,
    apps: Apps,
    reader: FieldReader,
    constants: Constants,
) -> MigrationState:
    """The state after all migrations of the snapshot."""
    state = MigrationState()
    modules = _modules_by_app(project, settings, apps)
    for app in sorted(modules):
        state.apps.add(app)
        for module, cls in _ordered(modules[app], constants):
            _Replayer(state, app, module, cls, project, reader, constants).run()
    return state


def _modules_by_app(
    project: Project, settings: DjangoSettings, apps: Apps
) -> dict[str, list[tuple[ModuleScope, ClassScope]]]:
    moved = settings.values.get("MIGRATION_MODULES")
    labels = {
        package: label
        for label, package in (moved.items() if isinstance(moved, dict) else ())
        if isinstance(package, str) and isinstance(label, str)
    }
    found: dict[str, list[tuple[ModuleScope, ClassScope]]] = {}
    for module in project.modules.values():
        if module.role not in ("migration", "product") or "Migration" not in module.names:
            continue
        cls = module.names["Migration"][-1]
        if isinstance(cls, ClassScope) and project.is_subclass(cls, _BASES):
            label = labels.get(module.package) or apps.of_module(module.id).label
            found.setdefault(label, []).append((module, cls))
    return found


def _ordered(
    migrations: list[tuple[ModuleScope, ClassScope]], constants: Constants
) -> list[tuple[ModuleScope, ClassScope]]:
    """In the order of dependencies within the app; replaced ones are left out."""
    by_name = {_last(module.id): (module, cls) for module, cls in migrations}
    replaced = {
        name: _last(module.id)
        for module, cls in migrations
        for name in _second_items(constants.attribute(cls, "replaces"))
    }
    ordered: dict[str, None] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        if name in ordered or name not in by_name or name in trail or len(trail) > 900:
            return
        cls = by_name[name][1]
        for other in _second_items(constants.attribute(cls, "dependencies")):
            visit(replaced.get(other, other), (*trail, name))
        for other in _second_items(constants.attribute(cls, "replaces")):
            for before in _before(by_name, other, constants):
                visit(replaced.get(before, before), (*trail, name))
        ordered[name] = None

    for name in sorted(by_name):
        if name not in replaced:
            visit(name, ())
    return [by_name[name] for name in ordered if name not in replaced]


def _before(
    by_name: dict[str, tuple[ModuleScope, ClassScope]], name: str, constants: Constants
) -> Iterator[str]:
    """What a replaced migration depends on comes before the one that replaces it."""
    if name in by_name:
        yield from _second_items(constants.attribute(by_name[name][1], "dependencies"))


def _second_items(value: Any) -> Iterator[str]:
    for item in value if isinstance(value, tuple) else ():
        if isinstance(item, tuple) and len(item) == 2 and isinstance(item[1], str):
            yield item[1]


class _Replayer:
    """Carries out the operations of one migration."""

    def __init__(
        self,
        state: MigrationState,
        app: str,
        module: ModuleScope,
        cls: ClassScope,
        project: Project,
        reader: FieldReader,
        constants: Constants,
    ) -> None:
        self._state, self._app, self._module, self._cls = state, app, module, cls
        self._project, self._reader, self._constants = project, reader, constants
        self._step = MigrationStep(cls.unit, module.path, cls.line)
        state.steps.append(self._step)

    def run(self) -> None:
        """Carry out everything that ends up in `operations`."""
        for operation in record.walk_operations(self._cls.operations):
            tag = operation[0]
            if tag == "assign" and _names_operations(operation[1]):
                self._run_list(operation[2], 0)
            elif tag == "augment" and _names_operations((operation[1],)):
                self._run_list(operation[3], 0)
            elif tag == "expr" and operation[1] is not None and operation[1][0] == "call":
                path = record.callee_path(operation[1])
                if path == "operations.append":
                    self._run_one(record.argument(operation[1], 0), 0)
                elif path == "operations.extend":
                    self._run_list(record.argument(operation[1], 0), 0)

    def _run_list(self, expression: Expression, depth: int) -> None:
        if expression is None or depth > 10:
            self._state.uncertain.add(self._app)
            return
        if expression[0] in ("list", "tuple"):
            for item in expression[1]:
                self._run_one(item, depth + 1)
        elif expression[0] == "op":
            for item in expression[2]:
                self._run_list(item, depth + 1)
        elif expression[0] == "either":
            self._run_list(expression[1][0], depth + 1)
        elif expression[0] == "name":
            symbol = self._project.resolve_in(self._cls, expression[1])
            value = getattr(symbol, "value", None)
            self._run_list(value if value is not expression else None, depth + 1)
        elif expression[0] == "comp":
            self._run_comprehension(expression, expression[3], depth + 1)
        else:
            self._state.uncertain.add(self._app)

    def _run_comprehension(self, comp: Expression, generators: Any, depth: int) -> None:
        """`[RemoveField(model, field) for model in MODELS for field in FIELDS]`."""
        if not generators:
            for element in comp[2]:
                self._run_one(element, depth + 1)
            return
        target, iterable, _ = generators[0]
        values = self._constants.value(self._cls, iterable)
        if not isinstance(values, tuple) or len(values) > COMPREHENSION_LIMIT:
            self._state.uncertain.add(self._app)
            return
        bound = self._constants.bound
        for value in values:
            self._constants.bound = {**bound, **_bindings(target, value)}
            self._run_comprehension(comp, generators[1:], depth + 1)
        self._constants.bound = bound

    def _run_one(self, call: Expression, depth: int) -> None:
        if call is None or depth > 10:
            return
        if call[0] == "star":
            self._run_list(call[1], depth + 1)
        if call[0] != "call":
            return
        carry_out = _OPERATIONS.get(self._operation_name(call))
        if carry_out is not None:
            carry_out(self, call)
        inner = record.keyword(call, "state_operations")
        name = record.callee_name(call)
        if inner is None and name == "SeparateDatabaseAndState":
            inner = record.argument(call, 1)
        if inner is not None:
            self._run_list(inner, depth + 1)

    def _operation_name(self, call: Expression) -> str:
        """The operation's class; one of the snapshot counts as what it is derived from."""
        name = record.callee_name(call)
        if name in _OPERATIONS:
            return name
        symbol = self._project.class_of_expression(self._cls, call[1])
        if isinstance(symbol, ClassScope):
            for base in self._project.mro(symbol):
                if isinstance(base, External) and _last(base.path) in _OPERATIONS:
                    return _last(base.path)
        return name

    # ---- the operations

    def create_model(self, call: Expression) -> None:
        name = self._text(call, 0, "name")
        if not name:
            return
        model = MigratedModel(self._app, name, self._module.path, record.line_of(call))
        for item in self._items(record.argument(call, 1, "fields"), 0):
            if item is not None and item[0] in ("tuple", "list") and len(item[1]) == 2:
                self._put(model, self._field_name(*item[1]), item[1][1])
        options = self._constants.value(self._cls, record.argument(call, 2, "options"))
        model.options = dict(options) if isinstance(options, dict) else {}
        model.bases = tuple(self._bases(record.argument(call, 3, "bases")))
        self._state.models[model.key] = model
        self._step.models.append(model)

    def _items(self, expression: Expression, depth: int) -> tuple[Expression, ...]:
        """The items of a list that is written in place, named, or put together."""
        if expression is None or depth > 5:
            return ()
        if expression[0] in ("list", "tuple"):
            return tuple(expression[1])
        if expression[0] == "op" and expression[1] == "+":
            return tuple(item for part in expression[2] for item in self._items(part, depth + 1))
        if expression[0] == "name":
            symbol = self._project.resolve_in(self._cls, expression[1])
            return self._items(getattr(symbol, "value", None), depth + 1)
        self._state.uncertain.add(self._app)
        return ()

    def _field_name(self, name: Expression, field: Expression) -> str | None:
        """The name of a field; a link to a swappable parent has its name computed."""
        text = self._constants.text(self._cls, name)
        if text or record.keyword(field or ("call", None, (), ()), "parent_link") is None:
            return text
        target = self._constants.text(self._cls, record.argument(field, 0, "to"))
        return f"{_last(target).lower()}_ptr" if target else "user_ptr"

    def delete_model(self, call: Expression) -> None:
        self._state.models.pop(self._key(self._text(call, 0, "name")), None)

    def rename_model(self, call: Expression) -> None:
        old, new = self._text(call, 0, "old_name"), self._text(call, 1, "new_name")
        model = self._state.models.pop(self._key(old), None)
        if model is not None and new:
            model.name = new
            self._state.models[model.key] = model
            self._state.renamed[self._key(old)] = model.key

    def add_field(self, call: Expression) -> None:
        model = self._model(call, "model_name")
        if model is not None:
            self._put(model, self._text(call, 1, "name"), record.argument(call, 2, "field"))

    def alter_field(self, call: Expression) -> None:
        """Of two branches of history, one may alter what the other has renamed by now."""
        model = self._model(call, "model_name")
        if model is not None and self._text(call, 1, "name") not in model.gone:
            self._put(model, self._text(call, 1, "name"), record.argument(call, 2, "field"))

    def remove_field(self, call: Expression) -> None:
        model = self._model(call, "model_name")
        if model is not None:
            name = self._text(call, 1, "name") or ""
            model.fields.pop(name, None)
            model.gone.add(name)

    def rename_field(self, call: Expression) -> None:
        model = self._model(call, "model_name")
        old, new = self._text(call, 1, "old_name"), self._text(call, 2, "new_name")
        if model is None or not old or not new or old not in model.fields:
            return
        spec = model.fields[old]
        model.gone.add(old)
        renamed = FieldSpec(new, spec.known, spec.path, record.line_of(call), spec.options)
        model.fields = {
            (new if name == old else name): (renamed if name == old else one)
            for name, one in model.fields.items()
        }

    def alter_table(self, call: Expression) -> None:
        model = self._model(call, "name")
        if model is not None:
            table = self._constants.value(self._cls, record.argument(call, 1, "table"))
            model.options["db_table"] = table

    def alter_options(self, call: Expression) -> None:
        model = self._state.models.get(self._key(self._text(call, 0, "name")))
        options = self._constants.value(self._cls, record.argument(call, 1, "options"))
        if model is not None and isinstance(options, dict):
            model.options.update({key: one for key, one in options.items() if key == "managed"})

    # ---- arguments

    def _put(self, model: MigratedModel, name: str | None, expression: Expression) -> None:
        if not name or expression is None:
            return
        spec = self._reader.read(self._cls, name, expression, record.line_of(expression))
        if spec is not None:
            model.fields[name] = spec
            model.gone.discard(name)

    def _model(self, call: Expression, argument: str) -> MigratedModel | None:
        model = self._state.models.get(self._key(self._text(call, 0, argument)))
        if model is not None:
            self._step.models.append(model)
        return model

    def _key(self, name: str | None) -> str:
        return f"{self._app}.{name}".lower()

    def _text(self, call: Expression, position: int, name: str) -> str | None:
        return self._constants.text(self._cls, record.argument(call, position, name))

    def _bases(self, expression: Expression) -> Iterator[str]:
        for item in expression[1] if expression is not None and expression[0] == "tuple" else ():
            label = self._constants.text(self._cls, item)
            if label and "." in label:
                yield label.lower()


_OPERATIONS = {
    "CreateModel": _Replayer.create_model,
    "DeleteModel": _Replayer.delete_model,
    "RenameModel": _Replayer.rename_model,
    "AddField": _Replayer.add_field,
    "AlterField": _Replayer.alter_field,
    "RemoveField": _Replayer.remove_field,
    "RenameField": _Replayer.rename_field,
    "AlterModelTable": _Replayer.alter_table,
    "AlterModelOptions": _Replayer.alter_options,
}


def _bindings(target: Expression, value: Any) -> dict[str, Any]:
    if target is None:
        return {}
    if target[0] == "name":
        return {target[1]: value}
    if target[0] in ("tuple", "list") and isinstance(value, tuple):
        pairs = zip(target[1], value, strict=False)
        return {name: one for part, inner in pairs for name, one in _bindings(part, inner).items()}
    return {}


def _names_operations(targets: tuple[Expression, ...]) -> bool:
    return any(target is not None and target[:2] == ("name", "operations") for target in targets)


def _last(name: str) -> str:
    return name.rpartition(".")[2]
