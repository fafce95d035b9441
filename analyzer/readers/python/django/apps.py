"""Which Django app a module belongs to, and that app's label and settings."""

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.readers.python.constants import Constants
from analyzer.readers.python.django.settings import DjangoSettings
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, External

_BASES = frozenset({"django.apps.AppConfig", "django.apps.config.AppConfig"})


@dataclass(frozen=True, slots=True)
class App:
    """A Django app of the snapshot."""

    name: str  # its package
    label: str
    default_auto_field: str = ""
    configured: bool = False  # it has an AppConfig, or is among INSTALLED_APPS


@dataclass(frozen=True, slots=True)
class Apps:
    """All apps, found by the modules inside them."""

    by_name: dict[str, App]

    def of_module(self, module: str) -> App:
        """The app that a module belongs to; one is made up where none is configured."""
        guess = None
        for name in _prefixes(module):
            app = self.by_name.get(name)
            if app is not None and app.configured:
                return app
            guess = guess or app
        return guess or _made_up(module)


def read_apps(project: Project, settings: DjangoSettings, constants: Constants) -> Apps:
    """The apps that AppConfig classes, INSTALLED_APPS and the layout of packages tell of."""
    found = {name: App(name, _last(name)) for name in _likely(project)}
    configs = _configs(project, constants)
    installed = set(settings.installed_apps)
    for name in sorted(installed):
        if name in project.packages or name in project.modules:
            found[name] = App(name, _last(name), configured=True)
    for path, app in sorted(configs, key=lambda pair: (pair[0] in installed, pair[0])):
        known = found.get(app.name)
        if known is None or not known.configured or path in installed or app.name in installed:
            found[app.name] = app
    return Apps(found)


def _likely(project: Project) -> Iterator[str]:
    """Packages that hold models or migrations."""
    for name, module in project.modules.items():
        package, _, last = name.rpartition(".")
        if last in ("models", "migrations") and package and "migrations" not in package:
            if last == "migrations" and not module.is_package:
                continue
            yield package


def _configs(project: Project, constants: Constants) -> list[tuple[str, App]]:
    found = []
    for cls in project.classes():
        if _is_config(project, cls):
            app = _configured(cls, constants)
            if app is not None:
                found.append((f"{cls.module.id}.{cls.name}", app))
    return found


def _is_config(project: Project, cls: ClassScope) -> bool:
    for base in project.mro(cls):
        if isinstance(base, External):
            last = _last(base.path)
            if base.path in _BASES or (last.endswith("AppConfig") and last != "AppConfig()"):
                return True
    return False


def _configured(cls: ClassScope, constants: Constants) -> App | None:
    name = constants.attribute(cls, "name")
    if not isinstance(name, str) or not name:
        if "name" not in cls.names and "label" not in cls.names:
            return None
        name = cls.module.package
    label = constants.attribute(cls, "label")
    auto = constants.attribute(cls, "default_auto_field")
    return App(
        name=name,
        label=label if isinstance(label, str) else _last(name),
        default_auto_field=_last(auto) if isinstance(auto, str) else "",
        configured=True,
    )


def _prefixes(module: str) -> Iterator[str]:
    while module:
        yield module
        module = module.rpartition(".")[0]


def _made_up(module: str) -> App:
    parts = module.split(".")
    for marker in ("models", "abstract_models"):
        if marker in parts[1:]:
            return App(".".join(parts[: parts.index(marker)]), parts[parts.index(marker) - 1])
    package = ".".join(parts[:-1]) or module
    return App(package, _last(package))


def _last(name: str) -> str:
    return name.rpartition(".")[2]
