"""What attributes of values are; reading a relation of a model reads its table."""

from analyzer.readers.python import record
from analyzer.readers.python.frame import REQUEST, Frame
from analyzer.readers.python.scopes import ClassScope, External, Function, ModuleScope, Variable
from analyzer.readers.python.types import (
    Alternatives,
    Bound,
    Instance,
    Keywords,
    Many,
    Mapped,
    Method,
    ModelClass,
    ModelInstance,
    Query,
    Selection,
    Super,
    Validated,
    Value,
    one_of,
    options_of,
)

PROPERTY_DECORATORS = frozenset(
    ["property", "cached_property", "functools.cached_property", "classproperty", "hybrid_property"]
)


def is_property(function: Function) -> bool:
    """Whether reading the attribute runs the function."""
    for item in function.record[record.F_DECORATORS]:
        if item is not None and item[0] == "name" and item[1] in PROPERTY_DECORATORS:
            return True
    return False


def attribute(frame: Frame, value: Value, name: str, line: int) -> Value:
    """What an attribute of a value is; reading a relation of a model reads its table."""
    kind = type(value)
    if name == "__class__":
        return class_of(frame, value)
    if kind is ModelInstance:
        return frame.framework.instance_attribute(value, name, line)  # type: ignore[arg-type]
    if kind is Instance:
        return _instance_attribute(frame, value, name, line)  # type: ignore[arg-type]
    if kind is Query:
        return frame.framework.query_attribute(value, name, line)  # type: ignore[arg-type]
    if kind is ModelClass:
        return frame.framework.model_attribute(value, name)  # type: ignore[arg-type]
    if kind is External:
        return frame.knowledge.classes.of_outside(value, name)  # type: ignore[arg-type]
    if kind is ClassScope or kind is ModuleScope:
        symbol = frame.knowledge.project.member(value, name)  # type: ignore[arg-type]
        if symbol is None:
            return Method(value, name) if kind is ClassScope else None
        return frame.of_symbol(symbol)
    if kind is Super:
        return _super_attribute(frame, value, name)  # type: ignore[arg-type]
    if kind is Alternatives:
        return one_of([frame.attribute(item, name, line) for item in value.options])  # type: ignore[union-attr]
    if kind is Selection:
        return frame.framework.selection_attribute(value, name)  # type: ignore[arg-type]
    if kind in (Function, Mapped, Many, Keywords, Validated):
        return Method(value, name)  # task.delay, function.cache_clear
    return None


def class_of(frame: Frame, value: Value) -> Value:
    """What `type(value)` is."""
    found: list[Value] = []
    for option in options_of(value):
        if isinstance(option, ModelInstance):
            found.append(ModelClass(option.model))
        elif isinstance(option, Instance):
            found.append(option.cls)
    return one_of(found)


def _instance_attribute(frame: Frame, value: Instance, name: str, line: int) -> Value:
    cls = value.cls
    if isinstance(cls, External):
        return _external_attribute(frame, cls, name, value)
    found = class_attribute(frame, cls, name, value, line)
    if found is not None:
        return found
    found = assigned_attribute(frame, cls, name)
    if found is not None:
        return found
    if name == "request":
        return Instance(REQUEST)
    return frame.framework.framework_attribute(value, name)


def class_attribute(frame: Frame, cls: ClassScope, name: str, receiver: Value, line: int) -> Value:
    """What a class's attribute is, read through an instance."""
    member = frame.knowledge.project.class_member(cls, name)
    if isinstance(member, Function):
        if is_property(member):
            frame.note_call(member, line, receiver)
            return frame.knowledge.returned(member, receiver, frame.depth)
        return Bound(member, receiver)
    if isinstance(member, Variable):
        return frame.knowledge.variable(member)
    return None if member is None else frame.of_symbol(member)


def assigned_attribute(frame: Frame, cls: ClassScope, name: str) -> Value:
    """What methods of the class assign to the attribute of `frame`."""
    return frame.knowledge.assigned(cls, name, frame.depth)


def _external_attribute(frame: Frame, cls: External, name: str, receiver: Value) -> Value:
    if cls.path == REQUEST.path:
        if name == "user" and frame.knowledge.catalogue.user:
            return ModelInstance(frame.knowledge.catalogue.user)
        found = frame.knowledge.request_attribute(name)
        return Method(receiver, name) if found is None else found
    return frame.framework.outside_attribute(receiver, name)


def _super_attribute(frame: Frame, value: Super, name: str) -> Value:
    mro = frame.knowledge.project.mro(value.cls)
    for base in mro[1:]:
        if isinstance(base, ClassScope) and name in base.names:
            definition = base.names[name][-1]
            if isinstance(definition, Function):
                receivers = options_of(value.receiver) or (value.receiver,)
                return one_of([Bound(definition, one) for one in receivers])
    return Method(value, name)
