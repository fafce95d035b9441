"""What forms and serializers have validated: rows, by the name of the field that chose them."""

from analyzer.readers.python import record
from analyzer.readers.python.django.declared import model_of_class
from analyzer.readers.python.django.serializers import is_serializer
from analyzer.readers.python.evaluator import Evaluator
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Variable
from analyzer.readers.python.types import (
    Many,
    ModelClass,
    ModelInstance,
    Query,
    Validated,
    Value,
    one_of,
    options_of,
)

VALIDATED = frozenset(["cleaned_data", "validated_data"])  # attributes that hold it
HANDED = frozenset(["validated_data", "attrs"])  # parameters of serializers that hold it
ITEM = frozenset(["get", "pop", "setdefault"])
# Endings of the classes of fields that choose rows.
CHOOSING = ("ModelChoiceField", "ModelMultipleChoiceField", "TreeNodeChoiceField", "RelatedField")
SEVERAL = "MultipleChoiceField"


def validated(frame: Frame, cls: ClassScope, name: str) -> Value:
    """What a field of a form or serializer holds once it is validated."""
    member = frame.knowledge.project.class_member(cls, name)
    value = member.value if isinstance(member, Variable) else None
    if value is not None and value[0] == "call" and isinstance(member, Variable):
        found = _declared(frame, cls, member, value)
        if found is not None:
            return found
        name = record.string_of(record.keyword(value, "source")) or name
    model = frame.knowledge.index.models.get(model_of_class(frame, cls))
    field = model.fields.get(name) if model is not None else None
    if field is None or field.target not in frame.knowledge.index.models:
        return None
    if field.kind in ("foreign_key", "one_to_one"):
        return ModelInstance(field.target)
    return _several(frame, cls, field.target) if field.kind == "many_to_many" else None


def _declared(frame: Frame, cls: ClassScope, field: Variable, call: Expression) -> Value:
    """`ModelChoiceField(Tag.objects)`, `PrimaryKeyRelatedField(queryset=…)`, a serializer."""
    inside = Evaluator(frame.knowledge, field.module, owner=field.owner)
    kind = inside.value(call[1])
    is_many = record.keyword(call, "many") == ("const", True)
    if isinstance(kind, ClassScope) and is_serializer(frame.knowledge.project, kind):
        return Many(Validated(kind)) if is_many else Validated(kind)
    names = _names(frame, kind)
    if not any(name.endswith(CHOOSING) for name in names):
        return None
    is_many = is_many or any(name.endswith(SEVERAL) for name in names)
    found: list[Value] = []
    for option in options_of(inside.value(record.argument(call, 0, "queryset"))):
        if isinstance(option, Query | ModelClass) and option.model:
            one = ModelInstance(option.model)
            found.append(_several(frame, cls, option.model) if is_many else one)
    return one_of(found)


def _names(frame: Frame, kind: Value) -> list[str]:
    classes = frame.knowledge.project.mro(kind) if isinstance(kind, ClassScope) else (kind,)
    return [one.path for one in classes if isinstance(one, External)]


def _several(frame: Frame, cls: ClassScope, model: str) -> Value:
    """A form holds a query set, a serializer a list."""
    if is_serializer(frame.knowledge.project, cls):
        return Many(ModelInstance(model))
    return Query(model, "queryset", frame.knowledge.classes.managers_of(model, "objects"))
