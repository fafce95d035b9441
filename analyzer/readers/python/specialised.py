"""Inherited methods that do something else in a class, because it overrides what they use."""

from collections.abc import Iterator
from itertools import islice

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.peewee_words import PEEWEE, ROW_CALLS
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, Definition, Function, Variable
from analyzer.readers.python.session_words import SESSION_CALLS

SPECIALISED_LIMIT = 40  # inherited methods that are followed once more for a class
SAVING = frozenset(["save", "delete", "asave", "adelete"])  # of Django: on `self`, most likely
KEPT_LIMIT = 120  # of what other mappers than Django map, which is often made of many mixins


class Specialised:
    """The inherited methods of each class that are followed once more for it."""

    def __init__(self, project: Project, catalogue: Catalogue) -> None:
        self._project = project
        self._catalogue = catalogue
        self._known: dict[ClassScope, tuple[Function, ...]] = {}
        self._among: dict[ClassScope, frozenset[Function]] = {}

    def of(self, cls: ClassScope) -> tuple[Function, ...]:
        """Inherited methods that do something else in this class, as they use what it overrides."""
        self._project.consulted.add(("own", cls))
        known = self._known.get(cls)
        if known is None:
            telling = self._telling(cls.id)
            limit = KEPT_LIMIT if telling - SAVING else SPECIALISED_LIMIT
            known = tuple(islice(self._find_specialised(cls, telling), limit))
            self._known[cls] = known
        return known

    def has(self, cls: ClassScope, method: Function) -> bool:
        """Whether a method is one of them."""
        self._project.consulted.add(("own", cls))
        among = self._among.get(cls)
        if among is None:
            among = self._among[cls] = frozenset(self.of(cls))
        return method in among

    def _telling(self, model: str) -> frozenset[str]:
        """Calls that tell that an inherited method touches the table of a mapped class."""
        if self._catalogue.in_session(model) is not None:
            return SESSION_CALLS
        if self._catalogue.mapped_by(PEEWEE, model) is not None:
            return ROW_CALLS
        return SAVING if model in self._catalogue.models else frozenset()

    def _find_specialised(self, cls: ClassScope, telling: frozenset[str]) -> Iterator[Function]:
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
                    if uses or (telling and self._changes(base, method, telling)):
                        yield method
            nearer.update(name for name, one in base.names.items() if _tells_apart(name, one[-1]))
            hidden.update(base.names)

    def _changes(self, base: ClassScope, method: Function, telling: frozenset[str]) -> bool:
        """Whether a method of a base without a table reads or writes that of the class it is in."""
        if base.id in self._catalogue.models:
            return False
        self._project.consulted.add(method)
        if not telling.isdisjoint(method.record[record.F_CALLED]):
            return True
        if telling is SAVING:
            return False
        return "query" in method.record[record.F_OWN] or any(
            entry[3] == method.name for entry in base.assigned
        )


def _tells_apart(name: str, definition: Definition) -> bool:
    """Whether overriding an attribute with this changes what inherited methods do to tables."""
    if not isinstance(definition, Variable):
        return not name.startswith("__")
    value = definition.value
    if value is None or value[0] not in ("name", "call", "attr", "str"):
        return False
    return value[0] != "str" or name == "model"
