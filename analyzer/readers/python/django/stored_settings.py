"""Settings that django-hierarkey keeps in tables: `event.settings.name` reads them.

hierarkey = Hierarkey(attribute_name="settings")
@hierarkey.add(parent_field="organiser")        @hierarkey.set_global()
class Event(models.Model): …                    class GlobalSettings(GlobalSettingsBase): …
"""

from weakref import WeakKeyDictionary

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.origins import origin_of
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, Variable

LIBRARY = "hierarkey"
STORE = "_SettingsStore"  # what the tables' models are called after the class
ATTRIBUTE = "settings"  # the library's own default

_KNOWN: WeakKeyDictionary[Project, dict[str, tuple[str, str]]] = WeakKeyDictionary()


def stored_settings(project: Project, catalogue: Catalogue, cls: ClassScope) -> tuple[str, str]:
    """The attribute that a class's settings are read through, and the model that keeps them."""
    known = _KNOWN.setdefault(project, {})
    if cls.id not in known:
        known[cls.id] = _find(project, catalogue, cls)
    return known[cls.id]


def _find(project: Project, catalogue: Catalogue, cls: ClassScope) -> tuple[str, str]:
    for decorator in cls.decorators:
        if decorator is None or decorator[0] != "call":
            continue
        head, _, method = record.callee_path(decorator).rpartition(".")
        if not head or method not in ("add", "set_global"):
            continue
        owner = project.resolve(cls.module, head)
        if isinstance(owner, Variable) and origin_of(project, owner).startswith(LIBRARY):
            name = record.string_of(record.keyword(owner.value, "attribute_name")) or ATTRIBUTE
            for identity, model in catalogue.models.items():
                if model.scope is None and model.label.endswith(f".{cls.name}{STORE}"):
                    return name, identity
    return "", ""
