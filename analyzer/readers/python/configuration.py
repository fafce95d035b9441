"""Settings and environment variables: which module defines them, which unit reads them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.facts.configuration import Setting
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.makers import maker_of
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.scopes import (
    ClassScope,
    External,
    ModuleScope,
    Variable,
    classes_of,
    functions_of,
)

SETTINGS_OBJECT = "django.conf.settings"
ENVIRONMENT = "os.environ"
# Functions that read one environment variable, by where they come from.
ENVIRONMENT_READERS = frozenset(
    {"os.getenv", "os.environ.get", "os.environ.pop", "decouple.config", "decouple.AutoConfig"}
    | {"starlette.config.Config", "prettyconf.config", "environs.Env", "environ.Env"}
    | {"environ.FileAwareEnv", "decouple.Config", "envparse.env", "dynaconf.settings.get"}
)
ENVIRONMENT_WRITERS = frozenset({"os.environ.setdefault", "os.putenv"})
# Methods of the readers that are objects: `env.bool("DEBUG")`.
TYPED_METHODS = frozenset(
    {"str", "bool", "int", "float", "json", "list", "tuple", "dict", "url", "db", "db_url"}
    | {"cache", "cache_url", "email", "email_url", "path", "search_url", "decimal", "bytes"}
)
# Bases of classes whose annotated attributes are environment variables.
SETTINGS_CLASSES = frozenset({"BaseSettings"})
CONFIG_OBJECTS = frozenset({"flask.current_app.config", "flask.Flask.config"})


@dataclass(frozen=True, slots=True)
class Configuration:
    """Gives who defines and who reads each setting and environment variable."""

    calls: frozenset[str] = (
        frozenset({"getattr", "hasattr", "getenv", "get", "pop", "setdefault", "putenv"})
        | frozenset({"env", "config"})
        | TYPED_METHODS
    )

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """What settings modules and settings classes define."""
        for name in shared.settings:
            yield from _defined(project.modules[name])
        for cls in project.classes():
            yield from _declared(project, cls)

    def module_facts(self, project: Project, shared: Shared, module: ModuleScope) -> Iterable[Fact]:
        """Every mention of `settings.NAME`."""
        if module.role == "product":
            yield from _mentioned(project, shared, module)
            yield from subscripted_settings(project, module)

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """`getattr(settings, "X")`, `os.getenv("X")`, `env("X")` and their like."""
        if site.module.role != "product" or not site.call[2]:
            return
        if site.name in ("getattr", "hasattr"):
            yield from _by_name(site)
            return
        key = record.string_of(record.argument(site.call, 0))
        if not key or not key.isascii():
            return
        path = _called(site)
        if path in ENVIRONMENT_WRITERS:
            yield Setting(key, site.unit, "define", "environment", site.evidence)
        elif path in ENVIRONMENT_READERS:
            yield Setting(key, site.unit, "read", "environment", site.evidence)
        elif path.rpartition(".")[0] in CONFIG_OBJECTS and key.isupper():
            yield Setting(key, site.unit, "read", "settings", site.evidence)


def _called(site: CallSite) -> str:
    """Where what is called comes from; a typed method counts as its object."""
    callee = site.call[1]
    if callee is None or callee[0] != "name":
        return ""
    symbol = site.resolve(callee[1])
    path = symbol.path if isinstance(symbol, External) else maker_of(site, callee).path
    if path in ENVIRONMENT_READERS or path in ENVIRONMENT_WRITERS:
        return path
    head, _, last = path.rpartition(".")
    return head if last in TYPED_METHODS and head in ENVIRONMENT_READERS else path


def _by_name(site: CallSite) -> Iterator[Setting]:
    target = record.argument(site.call, 0)
    key = record.string_of(record.argument(site.call, 1))
    if not key or target is None or target[0] != "name":
        return
    symbol = site.resolve(target[1])
    is_module = isinstance(symbol, ModuleScope) and symbol.id in site.shared.settings
    if is_module or (isinstance(symbol, External) and symbol.path == SETTINGS_OBJECT):
        yield Setting(key, site.unit, "read", "settings", site.evidence)


def _defined(module: ModuleScope) -> Iterator[Setting]:
    """Upper-case names that a settings module assigns, each where it is assigned first."""
    for name, binding in module.names.items():
        for definition in binding:
            if isinstance(definition, Variable) and name.isupper():
                where = Evidence(module.path, definition.line)
                yield Setting(name, module.id, "define", "settings", where)
                break


def _mentioned(project: Project, shared: Shared, module: ModuleScope) -> Iterator[Setting]:
    objects, keys = _imported_settings(project, shared, module)
    if not (objects or keys):
        return
    for name, _, _, _, _, mentions, _ in module.record[record.UNITS]:
        unit = f"{module.id}:{name}" if name else module.id
        for root, path, line, _ in mentions:
            key = _key_of(module, root, path, objects, keys)
            if key:
                yield Setting(key, unit, "read", "settings", Evidence(module.path, line))


def _key_of(
    module: ModuleScope,
    root: str | int,
    path: str,
    objects: frozenset[str | int],
    keys: frozenset[str | int],
) -> str:
    first, _, rest = path.partition(".")
    if root in objects:
        key = rest.partition(".")[0]
        return key if key.isupper() else ""
    if root not in keys:
        return ""
    if isinstance(root, int):
        return str(module.imports[root][1])
    for entry in module.imports:
        if (entry[2] or entry[1]) == first:
            return str(entry[1])
    return first


def _imported_settings(
    project: Project, shared: Shared, module: ModuleScope
) -> tuple[frozenset[str | int], frozenset[str | int]]:
    """Names (or imports) that stand for the settings object, and those that stand for one key."""
    objects: set[str | int] = set()
    keys: set[str | int] = set()
    for index, entry in enumerate(module.imports):
        target, name, alias, _, _, deferred, _ = entry
        if name is None or name == "*":
            continue
        bound: str | int = index if deferred else alias or name
        if name.isupper() and project.absolute(module, index) in shared.settings:
            keys.add(bound)
        elif name == "settings" or target.endswith("conf"):
            symbol = project.import_target(module, index)
            is_settings = isinstance(symbol, External) and symbol.path == SETTINGS_OBJECT
            if is_settings or (isinstance(symbol, ModuleScope) and symbol.id in shared.settings):
                objects.add(bound)
    return frozenset(objects), frozenset(keys)


def subscripted_settings(project: Project, module: ModuleScope) -> Iterator[Setting]:
    """`os.environ["X"]`, `"X" in os.environ` and `app.config["X"]`, which are no calls."""
    roots = [
        entry
        for entry in module.imports
        if entry[0] in ("os", "flask", "quart") or entry[1] == "environ"
    ]
    if not roots:
        return
    words = (b"environ", b"config", *(name.encode() for name in _aliases(module)))
    yield from _subscripts_in(project, module, module.operations, module.id)
    for cls in classes_of(module):
        yield from _subscripts_in(project, module, cls.operations, cls.unit)
    for function in functions_of(module):
        body = function.record[record.F_BODY]
        if any(word in body for word in words):
            yield from _subscripts_in(project, module, function.operations, function.unit)


def _subscripts_in(
    project: Project, module: ModuleScope, operations: tuple[record.Operation, ...], unit: str
) -> Iterator[Setting]:
    for operation in record.walk_operations(operations):
        targets = operation[1] if operation[0] == "assign" else ()
        for expression in record.expressions_of(operation):
            for part in record.walk_expressions(expression):
                key, container, line = _asked(part)
                source = _container(project, module, container) if key else ""
                if key and source:
                    mode = "define" if part in targets else "read"
                    where = Evidence(module.path, line)
                    yield Setting(key, unit, mode, source, where)  # type: ignore[arg-type]


def _asked(part: record.Expression) -> tuple[str, str, int]:
    """Key, container and line of `container["KEY"]` and of `"KEY" in container`."""
    if part[0] == "sub":
        container, key = part[1], part[2]
    elif part[0] == "group" and len(part[1]) == 2:
        key, container = part[1]
    else:
        return "", "", 0
    if container is None or container[0] != "name" or key is None or key[0] != "str":
        return "", "", 0
    return key[1], container[1], container[2]


def _container(project: Project, module: ModuleScope, path: str) -> str:
    if path.endswith(("environ", *_aliases(module))):
        symbol = project.resolve(module, path)
        is_environment = isinstance(symbol, External) and symbol.path == ENVIRONMENT
        return "environment" if is_environment else ""
    if path.endswith(("app.config", "current_app.config")):
        return "settings"
    return ""


def _aliases(module: ModuleScope) -> tuple[str, ...]:
    """Other names that the environment is imported under: `from os import environ as env`."""
    return tuple(entry[2] for entry in module.imports if entry[1] == "environ" and entry[2])


def _declared(project: Project, cls: ClassScope) -> Iterator[Setting]:
    """Annotated attributes of a pydantic settings class."""
    if cls.module.role != "product" or not any(
        isinstance(base, External) and base.path.rpartition(".")[2] in SETTINGS_CLASSES
        for base in project.mro(cls)
    ):
        return
    for name, binding in cls.names.items():
        for definition in binding:
            if isinstance(definition, Variable) and definition.annotation is not None:
                where = Evidence(cls.module.path, definition.line)
                key = _variable_of(definition) or f"{_prefix_of(project, cls)}{name}".upper()
                yield Setting(key, cls.unit, "read", "environment", where)


def _variable_of(field: Variable) -> str:
    """The environment variable that a field of pydantic names itself."""
    if field.value is None or field.value[0] != "call":
        return ""
    if record.callee_name(field.value) != "Field":
        return ""
    given = (record.keyword(field.value, name) for name in ("env", "validation_alias", "alias"))
    return next((text for one in given if (text := record.string_of(one))), "")


def _prefix_of(project: Project, cls: ClassScope) -> str:
    """`env_prefix` of the class's `Config`, or of its `model_config`."""
    config = project.class_member(cls, "Config")
    if isinstance(config, ClassScope):
        member = project.class_member(config, "env_prefix")
        return (record.string_of(member.value) or "") if isinstance(member, Variable) else ""
    member = project.class_member(cls, "model_config")
    value = member.value if isinstance(member, Variable) else None
    if value is None or value[0] != "call":
        return ""
    return record.string_of(record.keyword(value, "env_prefix")) or ""
