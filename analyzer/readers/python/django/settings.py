"""Django's settings, read from the settings modules of the snapshot without running them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from analyzer.readers.python import record
from analyzer.readers.python.constants import UNKNOWN, Constants
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Operation
from analyzer.readers.python.scopes import Function, ModuleScope

# Modules in which a project says which settings it runs with.
_STARTERS = frozenset({"manage", "wsgi", "asgi", "celery", "__main__", "cli", "main", "runner"})
_VARIABLE = "DJANGO_SETTINGS_MODULE"
DEPTH_LIMIT = 8  # dictionaries inside each other
_LIST_METHODS = frozenset({"append", "extend", "insert", "remove"})


@dataclass(frozen=True, slots=True)
class DjangoSettings:
    """What the settings modules define; the module that the project starts with comes first."""

    modules: tuple[str, ...] = ()
    values: Mapping[str, object] = field(default_factory=dict)
    installed_apps: tuple[str, ...] = ()  # of all settings modules together

    def text(self, name: str) -> str | None:
        """A setting that is a string, or None."""
        value = self.values.get(name)
        return value if isinstance(value, str) else None

    @property
    def engine(self) -> str | None:
        """The default database's engine, where the source tells it."""
        databases = self.values.get("DATABASES")
        default = databases.get("default") if isinstance(databases, dict) else None
        engine = default.get("ENGINE") if isinstance(default, dict) else None
        return engine if isinstance(engine, str) else None


def has_atomic_requests(settings: DjangoSettings) -> bool:
    """Whether each request runs in a transaction."""
    databases = settings.values.get("DATABASES")
    default = databases.get("default") if isinstance(databases, dict) else None
    return isinstance(default, dict) and default.get("ATOMIC_REQUESTS") is True


def read_settings(project: Project) -> DjangoSettings:
    """The settings of the whole snapshot."""
    names = _settings_modules(project)
    reader = _SettingsReader(project)
    values: dict[str, object] = {}
    apps: dict[str, None] = {}
    for name in names:
        found = reader.values_of(project.modules[name])
        for key, value in found.items():
            values.setdefault(key, value)
        installed = found.get("INSTALLED_APPS")
        for item in installed if isinstance(installed, tuple) else ():
            if isinstance(item, str):
                apps[item] = None
    return DjangoSettings(modules=names, values=values, installed_apps=tuple(apps))


def _settings_modules(project: Project) -> tuple[str, ...]:
    named = [name for name in _named_modules(project) if name in project.modules]
    defining = [
        module.id
        for module in project.modules.values()
        if module.role == "product" and _defines_settings(module)
    ]
    last = [name for name in defining if name.rpartition(".")[2].startswith(("test", "dev"))]
    first = [name for name in defining if name not in last]
    return tuple(dict.fromkeys([*named, *first, *last]))


def _defines_settings(module: ModuleScope) -> bool:
    return "INSTALLED_APPS" in module.names or "AUTH_USER_MODEL" in module.names


def _named_modules(project: Project) -> Iterator[str]:
    """Modules given as DJANGO_SETTINGS_MODULE by the scripts that start the project."""
    for module in project.modules.values():
        if module.id.rpartition(".")[2] not in _STARTERS or module.role == "test":
            continue
        for operations in _all_bodies(module):
            for call in record.calls_in(operations):
                key = record.string_of(record.argument(call, 0))
                name = record.string_of(record.argument(call, 1))
                if key == _VARIABLE and name:
                    yield name


def _all_bodies(module: ModuleScope) -> Iterator[tuple[Operation, ...]]:
    yield module.operations
    for binding in module.names.values():
        yield from (one.operations for one in binding if isinstance(one, Function))


class _SettingsReader:
    """Carries out the assignments of settings modules, one after the other."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[str, dict[str, Any]] = {}

    def values_of(self, module: ModuleScope) -> dict[str, Any]:
        """The upper-case names of a module after it ran, as far as they are known."""
        if module.id not in self._known:
            self._known[module.id] = {}  # what a cycle of star imports sees
            values: dict[str, Any] = {}
            for operation in record.walk_operations(module.operations):
                self._apply(module, operation, values)
            self._known[module.id] = values
        return self._known[module.id]

    def _apply(self, module: ModuleScope, operation: Operation, values: dict[str, Any]) -> None:
        tag = operation[0]
        if tag == "assign":
            for target in operation[1]:
                if target is None:
                    continue
                if target[0] == "name" and target[1].isupper():
                    self._assign(module, target[1], operation[2], values)
                elif target[0] == "sub":
                    self._put(module, target, operation[2], values)
        elif tag == "augment" and operation[1] is not None and operation[1][0] == "name":
            added = self._value(module, operation[3], values)
            _extend(values, operation[1][1], added)
        elif tag == "expr":
            self._call(module, operation[1], values)
        elif tag == "import":
            self._import(module, operation[1], values)

    def _put(
        self,
        module: ModuleScope,
        target: record.Expression,
        expression: record.Expression,
        values: dict[str, Any],
    ) -> None:
        """`DATABASES["default"]["NAME"] = …`."""
        keys: list[str] = []
        while target is not None and target[0] == "sub" and len(keys) < DEPTH_LIMIT:
            keys.insert(0, record.string_of(target[2]) or "")
            target = target[1]
        if target is None or target[0] != "name" or not all(keys):
            return
        known = values.get(target[1])
        if isinstance(known, dict):
            values[target[1]] = _with(known, keys, self._value(module, expression, values))

    def _assign(
        self, module: ModuleScope, name: str, expression: record.Expression, values: dict[str, Any]
    ) -> None:
        value = self._value(module, expression, values)
        known = values.get(name)
        if isinstance(known, tuple) and isinstance(value, tuple):
            # Both arms of an `if` may assign; what either installs may exist.
            value = (*value, *(one for one in known if one not in value))
        if value is not UNKNOWN or name not in values:
            values[name] = value

    def _value(
        self, module: ModuleScope, expression: record.Expression, values: dict[str, Any]
    ) -> Any:
        return _LocalConstants(self._project, values).value(module, expression)

    def _call(
        self, module: ModuleScope, expression: record.Expression, values: dict[str, Any]
    ) -> None:
        if expression is None or expression[0] != "call":
            return
        target, _, method = record.callee_path(expression).rpartition(".")
        if method not in _LIST_METHODS or target not in values:
            return
        item = self._value(module, record.argument(expression, -1 + len(expression[2])), values)
        if method in ("append", "insert"):
            _extend(values, target, (item,))
        elif method == "extend":
            _extend(values, target, item)

    def _import(self, module: ModuleScope, index: int, values: dict[str, Any]) -> None:
        name = module.imports[index][1]
        absolute = self._project.absolute(module, index)
        source = self._project.modules.get(absolute or "")
        if source is None or source is module:
            return
        inherited = self.values_of(source)
        if name == "*":
            values.update(inherited)
        elif name in inherited:
            values[module.imports[index][2] or name] = inherited[name]


class _LocalConstants(Constants):
    """Looks a name up in what the module has assigned so far, before anything else."""

    def __init__(self, project: Project, values: Mapping[str, Any]) -> None:
        super().__init__(project, values)
        self._values = values

    def _name(self, scope: Any, expression: record.Expression, depth: int) -> Any:
        found = self._values.get(expression[1], UNKNOWN)
        return found if found is not UNKNOWN else super()._name(scope, expression, depth)


def _with(known: dict[Any, Any], keys: list[str], value: Any) -> dict[Any, Any]:
    """A dictionary with one value more, as deep as there are keys."""
    first, *rest = keys
    if rest:
        inner = known.get(first)
        value = _with(inner if isinstance(inner, dict) else {}, rest, value)
    return {**known, first: value}


def _extend(values: dict[str, Any], name: str, added: Any) -> None:
    known = values.get(name)
    if isinstance(known, tuple) and isinstance(added, tuple):
        values[name] = (*known, *added)
    elif isinstance(known, str) and isinstance(added, str):
        values[name] = f"{known}{added}"
