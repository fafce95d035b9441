"""Inherited methods that do something else in a class, because it overrides what they use."""

from collections.abc import Iterator
from itertools import islice

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, Definition, Function, Variable
from analyzer.readers.python.session_words import SESSION_CALLS

SPECIALISED_LIMIT = 40  # inherited methods that are followed once more for a class
KEPT_LIMIT = 120  # the same for a mapped class of SQLAlchemy, which is often made of many mixins


class Specialised:
    """The inherited methods of each class that are followed once more for it."""

    def __init__(self, project: Project, catalogue: Catalogue) -> None:
        self._project = project
        self._catalogue = catalogue
        self._known: dict[ClassScope, tuple[Function, ...]] = {}

    def of(self, cls: ClassScope) -> tuple[Function, ...]:
        """Inherited methods that do something else in this class, as they use what it overrides."""
        self._project.consulted.add(("own", cls))
        known = self._known.get(cls)
        if known is None:
            is_kept = self._catalogue.in_session(cls.id) is not None
            limit = KEPT_LIMIT if is_kept else SPECIALISED_LIMIT
            known = tuple(islice(self._find_specialised(cls, is_kept=is_kept), limit))
            self._known[cls] = known
        return known

    def _find_specialised(self, cls: ClassScope, *, is_kept: bool) -> Iterator[Function]:
        if cls.module.role != "product":
            return
        nearer = {"__class__"}  # overridden with something that matters
        hidden: set[str] = set()
        for base in self._project.mro(cls):
            if not isinstance(base, ClassScope):
                continue
            if base is not cls:
                for name, binding in base.names.items():
                    method = binding[-1]
                    if name in hidden or not isinstance(method, Function):
                        continue
                    uses = not nearer.isdisjoint(method.record[record.F_OWN])
                    if uses or (is_kept and self._changes(base, method)):
                        yield method
            nearer.update(name for name, one in base.names.items() if _tells_apart(name, one[-1]))
            hidden.update(base.names)

    def _changes(self, base: ClassScope, method: Function) -> bool:
        """Whether a method of a base without a table reads or writes that of the class it is in."""
        if base.id in self._catalogue.models:
            return False
        self._project.consulted.add(method)
        if "query" in method.record[record.F_OWN]:
            return True
        if not SESSION_CALLS.isdisjoint(method.record[record.F_CALLED]):
            return True
        return any(entry[3] == method.name for entry in base.assigned)


def _tells_apart(name: str, definition: Definition) -> bool:
    """Whether overriding an attribute with this changes what inherited methods do to tables."""
    if not isinstance(definition, Variable):
        return not name.startswith("__")
    value = definition.value
    if value is None or value[0] not in ("name", "call", "attr", "str"):
        return False
    return value[0] != "str" or name == "model"
