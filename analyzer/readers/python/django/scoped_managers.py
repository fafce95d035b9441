"""Managers of django-scopes: every query is narrowed by lookups that the manager is made with."""

from analyzer.readers.python import record
from analyzer.readers.python.managers import NARROWED
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, External, Variable

LIBRARY = "django_scopes"
MANAGER = "objects"


def scopes_of(project: Project, cls: ClassScope) -> tuple[str, ...]:
    """The lookups that the queries of a model are narrowed by: `submission__event`."""
    member = project.class_member(cls, MANAGER)
    call = member.value if isinstance(member, Variable) else None
    if call is None or call[0] != "call" or not call[3]:
        return ()
    path = record.callee_path(call)
    scope = member.owner or member.module  # type: ignore[union-attr]
    symbol = project.resolve_in(scope, path) if path else None
    if not isinstance(symbol, External) or symbol.path.partition(".")[0] != LIBRARY:
        return ()
    given = (record.string_of(value) for name, value in call[3] if name != NARROWED)
    return tuple(text for text in given if text)
