"""What names alone suggest, where nothing else is known of a value."""

import re
from collections.abc import Mapping

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.model_index import ModelIndex
from analyzer.readers.python.project import Project, classes_in
from analyzer.readers.python.scopes import ModuleScope
from analyzer.readers.python.types import ModelInstance, Value

_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OWN_METHODS = frozenset(("save", "delete", "refresh_from_db", "full_clean", "delete_instance"))
# With those of trees and users, which lead to tables; the names suggest no model.
_LEADING = _OWN_METHODS | {
    "add_child", "add_sibling", "move", "get_children", "get_descendants", "get_ancestors",
    "get_siblings", "get_parent", "get_root", "cleaned_data", "validated_data", "has_perm",
    "has_perms",
}  # fmt: skip


# Methods of dictionaries: what they are called on is as likely one as a row with such a method.
_OF_DICTIONARIES = frozenset(
    ("get", "items", "keys", "values", "pop", "update", "setdefault", "copy", "append", "add")
)


class Suggestions:
    """Models by the names that variables of them usually have."""

    def __init__(
        self,
        project: Project,
        catalogue: Catalogue,
        index: ModelIndex,
        model_by_name: Mapping[str, str],
    ) -> None:
        self._project = project
        self._catalogue = catalogue
        self._index = index
        self._model_by_name = model_by_name
        self._known: dict[tuple[str, str], Value] = {}

    def suggested(self, name: str, member: str) -> Value:
        """The model that a variable's name suggests, where it has a member of this name."""
        key = (name, member)
        if key not in self._known:
            self._known[key] = self._find(name, member)
        return self._known[key]

    def _find(self, name: str, member: str) -> Value:
        identity = self._model_by_name.get(name)
        if identity is not None:
            return ModelInstance(identity) if self._has(identity, member) else None
        for word in range(name.count("_")):  # other_thread, new_parent_category
            identity = self._model_by_name.get(name.split("_", word + 1)[-1])
            if identity is not None:
                # Only what the model alone has: many an `uploaded_file` has a method `save`.
                related = self._relates(identity, member)
                return ModelInstance(identity) if related else None
        return None

    def _has(self, identity: str, member: str) -> bool:
        model = self._catalogue.models[identity]
        if member in model.fields or self._relates(identity, member):
            return True
        if model.scope is None or member in _OF_DICTIONARIES:
            return False
        return member in _OWN_METHODS or self._project.class_member(model.scope, member) is not None

    def _relates(self, identity: str, member: str) -> bool:
        field = self._catalogue.models[identity].fields.get(member)
        by_field = field is not None and bool(field.kind)
        return by_field or self._index.accessor(identity, member) is not None


def models_by_name(catalogue: Catalogue) -> dict[str, str]:
    """Models by the variable name that their class name suggests, where that is unique."""
    found: dict[str, list[str]] = {}
    for identity, model in sorted(catalogue.models.items()):
        if model.scope is not None and model.scope.module.role == "product":
            name = _SNAKE.sub("_", model.scope.name).lower()
            found.setdefault(name, []).append(identity)
    return {name: models[0] for name, models in found.items() if len(models) == 1}


def telling_of_models(catalogue: Catalogue, index: ModelIndex) -> set[str]:
    """Attributes of models that can lead to tables; plain columns cannot."""
    found: set[str] = set(_LEADING)
    for model in catalogue.models.values():
        found.update(name for name, field in model.fields.items() if field.kind or field.reads)
    for accessors in index.accessors.values():
        found.update(accessors)
    return found


def telling_of_module(module: ModuleScope, catalogue: Catalogue) -> frozenset[str]:
    """Attributes of the module's classes that can lead to code."""
    found: set[str] = set()
    for cls in classes_in(module):
        plain = catalogue.models[cls.id].fields if cls.id in catalogue.models else ()
        found.update(name for name in cls.names if name not in plain)
        found.update(entry[0] for entry in cls.record[record.C_SELF])
    return frozenset(found)
