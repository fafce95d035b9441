"""Which fields of its model a form shows: a model form, an admin page, a view that makes one."""

from collections.abc import Iterator, Mapping

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import ModelField
from analyzer.readers.python.django.declared import constant_strings
from analyzer.readers.python.django.queries import WITHOUT_CHOICES
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, Variable

ALL = "__all__"
NAMING = ("fields", "fieldsets")  # attributes that name what is shown, and nothing else is
ADDING = ("filter_horizontal", "filter_vertical")
ADMIN = frozenset(
    f"django.contrib.{module}.{name}"
    for module, name in (
        ("admin", "ModelAdmin"),
        ("admin", "TabularInline"),
        ("admin", "StackedInline"),
        ("admin.options", "ModelAdmin"),
        ("admin.options", "TabularInline"),
        ("admin.options", "StackedInline"),
        ("contenttypes.admin", "GenericTabularInline"),
        ("contenttypes.admin", "GenericStackedInline"),
    )
)
FORM = "form"  # of an admin class; it says what is shown


def form_fields(
    project: Project, cls: ClassScope, fields: Mapping[str, ModelField], line: int
) -> Iterator[tuple[str, int]]:
    """(name, line) of the fields that a form, view or admin class shows; `fields` are its model's.

    Names stand at their own line; what a base says, or `__all__`, at `line`.
    """
    meta = project.class_member(cls, "Meta")
    scopes = (cls, meta) if isinstance(meta, ClassScope) else (cls,)
    left_out = set(_named(project, scopes, WITHOUT_CHOICES, {}))
    lines: dict[str, int] = {}
    named = list(_named(project, scopes, (*NAMING, *ADDING), lines))
    if ALL in named or (not named and _shows_all(project, cls, scopes)):
        named = [name for name in fields if name not in lines] + named
    for name in dict.fromkeys(named):
        if name not in left_out:
            yield name, lines.get(name, line)


def _named(
    project: Project,
    scopes: tuple[ClassScope, ...],
    attributes: tuple[str, ...],
    lines: dict[str, int],
) -> Iterator[str]:
    """Strings in attributes of a class or its `Meta`; `lines` gets where they stand if its own."""
    for scope in scopes:
        for attribute in attributes:
            variable = project.class_member(scope, attribute)
            if not isinstance(variable, Variable):
                continue
            own = variable.owner in scopes
            for part in record.walk_expressions(variable.value):
                if part[0] == "str":
                    if own:
                        lines.setdefault(part[1], part[2])
                    yield part[1]
            yield from (text for text, line in constant_strings(project, variable) if not line)


def _shows_all(project: Project, cls: ClassScope, scopes: tuple[ClassScope, ...]) -> bool:
    """Whether a class that names no fields shows them all: it excludes some, or is an admin's."""
    if project.class_member(scopes[-1], "exclude") is not None:
        return True
    is_admin = project.is_subclass(cls, ADMIN)
    return is_admin and project.class_member(cls, FORM) is None
