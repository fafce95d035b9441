"""Fields whose values no two rows of a model share: forms and `full_clean` look for such a row."""

from analyzer.readers.python import record
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, Variable

TOGETHER = ("unique_together", "constraints")  # of a model's `Meta`


def unique_fields(project: Project, model: ClassScope) -> frozenset[str]:
    """Names of the fields that are unique, alone or together with others."""
    found: set[str] = set()
    for base in project.mro(model):
        if isinstance(base, ClassScope):
            for name, binding in base.names.items():
                variable = binding[-1]
                if isinstance(variable, Variable) and _is_unique(variable.value):
                    found.add(name)
    meta = project.class_member(model, "Meta")
    for attribute in TOGETHER if isinstance(meta, ClassScope) else ():
        declared = project.class_member(meta, attribute)  # type: ignore[arg-type]
        if isinstance(declared, Variable):
            found.update(_together(declared.value))
    return frozenset(found)


def _is_unique(value: Expression) -> bool:
    if value is None or value[0] != "call":
        return False
    is_unique = record.keyword(value, "unique") == ("const", True)
    return is_unique or record.callee_name(value) == "OneToOneField"


def _together(value: Expression) -> set[str]:
    """Strings of `unique_together`, and of the `fields` of each `UniqueConstraint`."""
    calls = [part for part in record.walk_expressions(value) if part[0] == "call"]
    if not calls:
        return {part[1] for part in record.walk_expressions(value) if part[0] == "str"}
    return {
        name
        for call in calls
        if record.callee_name(call) == "UniqueConstraint"
        for name, _ in record.strings_of(record.keyword(call, "fields"))
    }
