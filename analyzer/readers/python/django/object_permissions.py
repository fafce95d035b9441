"""Permissions on single rows, as django-guardian keeps them: who asks, gives and takes."""

from collections.abc import Iterator
from typing import NamedTuple

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import External
from analyzer.readers.python.types import (
    ModelClass,
    ModelInstance,
    Query,
    Value,
    item_of,
    one_of,
    options_of,
)


class Shortcut(NamedTuple):
    """What a function of `guardian.shortcuts` does to the tables of permissions."""

    mode: str
    about: int  # position of the row, model or query set that it is about
    keyword: str
    returns: str = ""  # "rows" of what it is about, or "users"


SHORTCUTS = {
    "assign_perm": Shortcut("write", 2, "obj"),
    "assign": Shortcut("write", 2, "obj"),
    "remove_perm": Shortcut("write", 2, "obj"),
    "bulk_remove_perm": Shortcut("write", 2, "queryset"),
    "get_perms": Shortcut("read", 1, "obj"),
    "get_user_perms": Shortcut("read", 1, "obj"),
    "get_group_perms": Shortcut("read", 1, "obj"),
    "get_objects_for_user": Shortcut("read", 2, "klass", "rows"),
    "get_objects_for_group": Shortcut("read", 2, "klass", "rows"),
    "get_users_with_perms": Shortcut("read", 0, "obj", "users"),
    "get_groups_with_perms": Shortcut("read", 0, "obj"),
}
GUARDIAN = frozenset(f"guardian.shortcuts.{name}" for name in SHORTCUTS)
# Models that hold permissions on rows of all models, and the bases of those on rows of one.
GENERIC = ("guardian.userobjectpermission", "guardian.groupobjectpermission")
DIRECT = ("UserObjectPermissionBase", "GroupObjectPermissionBase")
CONTENT = "content_object"
PERMISSION = "auth.permission"


def permitted(frame: Frame, name: str, call: Expression, line: int) -> Value:
    """Note what a shortcut does; what it returns."""
    shortcut = SHORTCUTS[name]
    known = frame.knowledge.catalogue
    about = _about(frame, shortcut, call)
    for table in _tables(frame, about):
        frame.note_access(table, shortcut.mode, "permission", line)
    if PERMISSION in known.by_label:
        table = known.models[known.by_label[PERMISSION]].table
        frame.note_access(table, "read", "permission", line)
    if shortcut.returns == "users":
        return _read(frame, known.user, line)
    if shortcut.returns:
        return one_of(_read(frame, one.model, line) for one in about)
    return None


def _about(frame: Frame, shortcut: Shortcut, call: Expression) -> list[ModelClass]:
    """The models that a call is about: of its argument, or by the name of the permission."""
    found: dict[ModelClass, None] = {}
    for option in options_of(
        frame.silently(record.argument(call, shortcut.about, shortcut.keyword))
    ):
        option = item_of(option) if isinstance(option, Query) else option
        if isinstance(option, ModelInstance | ModelClass):
            found[ModelClass(option.model)] = None
    if not found and shortcut.returns == "rows":
        given = record.argument(call, 1, "perms")
        for text, _ in record.strings_of(given):
            label = _label_of(frame.knowledge.catalogue, text)
            if label:
                found[ModelClass(label)] = None
    return list(found)


def _label_of(known: Catalogue, permission: str) -> str:
    """The model of `app.view_order`; permissions of other names say nothing."""
    app, _, codename = permission.partition(".")
    return known.by_label.get(f"{app}.{codename.rpartition('_')[2]}".lower(), "")


def _tables(frame: Frame, about: list[ModelClass]) -> Iterator[str]:
    """The tables that hold permissions on rows of these models."""
    known = frame.knowledge.catalogue
    direct = [table for one in about for table in _direct(frame, one.model)]
    if direct:
        yield from direct
        return
    for label in GENERIC:  # that the snapshot need not mention
        identity = known.by_label.get(label)
        yield known.models[identity].table if identity else label.replace(".", "_")


def _direct(frame: Frame, model: str) -> Iterator[str]:
    """Tables of models that hold permissions on rows of this model alone."""
    index = frame.knowledge.index
    for reverse in index.incoming.get(index.concrete(model), ()):
        scope = index.models[reverse.model].scope
        if reverse.field.name != CONTENT or scope is None:
            continue
        bases = frame.knowledge.project.mro(scope)
        if any(isinstance(base, External) and base.path.endswith(DIRECT) for base in bases):
            yield index.models[reverse.model].table


def _read(frame: Frame, model: str, line: int) -> Value:
    if model not in frame.knowledge.index.models:
        return None
    for table in frame.knowledge.index.tables(model):
        frame.note_access(table, "read", "select", line)
    return Query(model, "queryset", frame.knowledge.classes.managers_of(model, "objects"))
