"""Names of fields, also across relations, by which lists are filtered, searched and shown.

`FilterSet` of django-filter, `Table` of django-tables2, and the attributes of REST framework's
views that their backends read.
"""

from collections.abc import Iterator
from typing import NamedTuple

from analyzer.readers.python import record
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Variable


class Listed(NamedTuple):
    """A path of names and where it stands."""

    path: str  # joined by "__"
    line: int
    is_whole: bool  # whether the row that a last relation leads to is read too
    operation: str


TABLES = frozenset(["django_tables2.Table", "django_tables2.tables.Table"])
ACCESSORS = frozenset(["A", "Accessor"])
VIEWS = "rest_framework."
# Attributes of such views: whether the rows that they lead to are offered or looked up.
VIEW_LISTS = {
    "filterset_fields": True,
    "filter_fields": True,
    "search_fields": False,
    "ordering_fields": False,
    "ordering": False,
}
SEARCH_SIGNS = "^=@$-"


def listed(project: Project, cls: ClassScope) -> Iterator[Listed]:
    """The paths that a filter set, table or view names; none of any other class."""
    bases = [base.path for base in project.mro(cls) if isinstance(base, External)]
    if any(base.endswith("FilterSet") for base in bases):
        yield from _in_meta(project, cls, "filter")
        yield from _declared(cls, ("field_name", "name"), "Filter", "filter")
    elif not TABLES.isdisjoint(bases):
        yield from _in_meta(project, cls, "table")
        yield from _declared(cls, ("accessor",), "Column", "table")
    elif any(base.startswith(VIEWS) for base in bases):
        for name, is_whole in VIEW_LISTS.items():
            member = project.class_member(cls, name)
            if isinstance(member, Variable):
                line = member.line if member.owner is cls else cls.line
                for path in _strings(member.value):
                    yield Listed(path.lstrip(SEARCH_SIGNS), line, is_whole, "filter")


def _in_meta(project: Project, cls: ClassScope, operation: str) -> Iterator[Listed]:
    """`Meta.fields`: a list, or a dictionary with the lookups of each."""
    meta = project.class_member(cls, "Meta")
    member = project.class_member(meta, "fields") if isinstance(meta, ClassScope) else None
    if isinstance(member, Variable):
        line = member.line if meta.owner is cls else cls.line  # type: ignore[union-attr]
        for path in _strings(member.value):
            yield Listed(path.replace(".", "__"), line, is_whole=True, operation=operation)


def _strings(value: Expression) -> Iterator[str]:
    if value is not None and value[0] == "dict":
        yield from (key[1] for key, _ in value[1] if key is not None and key[0] == "str")
    else:
        yield from (text for text, _ in record.strings_of(value))


def _declared(
    cls: ClassScope, keywords: tuple[str, ...], kind: str, operation: str
) -> Iterator[Listed]:
    """`CharFilter(field_name="address__city")`, `Column(accessor=A("address.city"))`."""
    for name, binding in cls.names.items():
        variable = binding[-1]
        value = variable.value if isinstance(variable, Variable) else None
        if value is None or value[0] != "call" or not record.callee_name(value).endswith(kind):
            continue
        given = next((one for key, one in value[3] if key in keywords), None)
        if given is not None and given[0] == "call" and record.callee_name(given) in ACCESSORS:
            given = record.argument(given, 0)
        path = (record.string_of(given) or name).replace(".", "__")
        yield Listed(path, variable.line, is_whole=True, operation=operation)  # type: ignore[union-attr]
