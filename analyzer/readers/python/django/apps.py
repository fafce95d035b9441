"""Which Django app a module belongs to, and that app's label and settings."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

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
    migrated: bool = False  # it has migrations


@dataclass(frozen=True, slots=True)
class Apps:
    """All apps, found by the modules inside them."""

    by_name: dict[str, App]

    def of_module(self, module: str) -> App:
        """The app that a module belongs to; one is made up where none is configured."""
        guess = None
        for name in _prefixes(module):
            app = self.by_name.get(name)
            if app is not None and (app.configured or app.migrated):
                return app
            guess = guess or app
        return guess or _made_up(module)


def read_apps(project: Project, settings: DjangoSettings, constants: Constants) -> Apps:
    """The apps that AppConfig classes, INSTALLED_APPS and the layout of packages tell of."""
    found = {
        name: App(name, _last(name), migrated=f"{name}.migrations" in project.packages)
        for name in _likely(project)
    }
    configs = _configs(project, constants)
    installed = set(settings.installed_apps)
    packages = _Packages(project)
    for name in sorted(installed):
        package = packages.named(name)
        if package is not None:
            found[package] = App(package, _last(name), configured=True)
    for path, app in sorted(configs, key=lambda pair: (pair[0] in installed, pair[0])):
        package = packages.named(app.name) or app.name
        known = found.get(package)
        if known is None or not known.configured or path in installed or app.name in installed:
            found[package] = replace(app, name=package)
    return Apps(found)


class _Packages:
    """Finds packages by the name they are installed under.

    That name can be shorter than the module's own, where a folder inside a package is on the path.
    """

    def __init__(self, project: Project) -> None:
        self._names = set(project.modules) | project.packages
        self._by_last: dict[str, list[str]] = {}
        for name in sorted(self._names):
            self._by_last.setdefault(_last(name), []).append(name)

    def named(self, name: str) -> str | None:
        if name in self._names:
            return name
        inside = [one for one in self._by_last.get(_last(name), ()) if one.endswith(f".{name}")]
        shortest = sorted(inside, key=lambda one: (one.count("."), one))[:2]
        if len(shortest) == 2 and shortest[0].count(".") == shortest[1].count("."):
            return None
        return shortest[0] if shortest else None


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
