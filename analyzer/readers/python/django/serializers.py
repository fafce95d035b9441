"""What serializers show of the tables around their model."""

from collections.abc import Iterator, Mapping

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import ModelField
from analyzer.readers.python.django import queries
from analyzer.readers.python.django.declared import constant_strings, model_of_class
from analyzer.readers.python.evaluator import Evaluator
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, External, Function, Variable
from analyzer.readers.python.types import ModelInstance

NESTED_SERIALIZERS = 3  # serializers inside serializers that are followed


def is_serializer(project: Project, cls: ClassScope) -> bool:
    """Whether a class turns rows into documents and back."""
    return any(
        isinstance(base, External) and base.path.endswith("Serializer") for base in project.mro(cls)
    )


def serialized_tables(
    frame: Frame, cls: ClassScope, *, writes: bool, depth: int = 0
) -> Iterator[tuple[str, str, int]]:
    """(table, mode, line) for the relations that a serializer names, nested ones included.

    A foreign key is shown as the key alone: its table is read where input is validated, or where
    `depth` or a nested serializer shows the row. Nested serializers do not write.
    """
    model = model_of_class(frame, cls)
    index = frame.knowledge.index
    fields = index.models[model].fields if model in index.models else {}
    shows_rows = writes or _has_depth(frame, cls)
    for name, line in _serialized_names(frame, cls, fields):
        field = fields.get(name)
        if field is not None and field.through:
            yield field.through, "read", line
            yield field.target_table, "read", line
            if writes:
                yield field.through, "write", line
        elif field is not None and field.kind in queries.CHOSEN:
            if shows_rows:
                yield field.target_table, "read", line
        elif model and (reverse := index.accessor(model, name)) is not None:
            yield index.models[reverse.model].table, "read", line
            if reverse.field.through:
                yield reverse.field.through, "read", line
        elif model in index.models:
            _run_shown(frame, model, name, line)
    for source, line in _sources(cls):
        for table in index.related(model, source.replace(".", "__")):
            yield table, "read", line
    if depth < NESTED_SERIALIZERS:
        for inner, line in _nested_serializers(frame, cls):
            nested = model_of_class(frame, inner)
            if nested in index.models:
                yield index.models[nested].table, "read", line
            for table, mode, _ in serialized_tables(frame, inner, writes=False, depth=depth + 1):
                yield table, mode, line


def _run_shown(frame: Frame, model: str, name: str, line: int) -> None:
    """A property or method of the model that the serializer shows is run by it."""
    scope = frame.knowledge.index.models[model].scope
    member = frame.knowledge.project.class_member(scope, name) if scope is not None else None
    if isinstance(member, Function):
        frame.note_call(member, line, ModelInstance(model))
        shown = frame.knowledge.returned(member, ModelInstance(model), frame.depth)
        frame.consume(shown, line)


def _has_depth(frame: Frame, cls: ClassScope) -> bool:
    meta = frame.knowledge.project.class_member(cls, "Meta")
    return isinstance(meta, ClassScope) and "depth" in meta.names


def _sources(cls: ClassScope) -> Iterator[tuple[str, int]]:
    """Paths across relations that fields are shown from: `source="order.customer"`."""
    for name in sorted(cls.names):
        variable = cls.names[name][-1]
        if isinstance(variable, Variable) and variable.value and variable.value[0] == "call":
            path = record.string_of(record.keyword(variable.value, "source"))
            if path and path != "*":
                yield path, variable.line


def _serialized_names(
    frame: Frame, cls: ClassScope, fields: Mapping[str, ModelField]
) -> Iterator[tuple[str, int]]:
    project = frame.knowledge.project
    meta = project.class_member(cls, "Meta")
    declared = project.class_member(meta, "fields") if isinstance(meta, ClassScope) else None
    excluded = project.class_member(meta, "exclude") if isinstance(meta, ClassScope) else None
    if isinstance(declared, Variable):
        line = declared.line if meta.owner is cls else cls.line  # type: ignore[union-attr]
        names = tuple(constant_strings(project, declared))
        if any(name == "__all__" for name, _ in names):
            yield from ((name, line) for name in fields)
        else:
            yield from ((name, line) for name, _ in names)
    elif isinstance(excluded, Variable):
        left_out = {name for name, _ in record.strings_of(excluded.value)}
        yield from ((name, excluded.line) for name in fields if name not in left_out)


def _nested_serializers(frame: Frame, cls: ClassScope) -> Iterator[tuple[ClassScope, int]]:
    for name in sorted(cls.names):
        variable = cls.names[name][-1]
        if not isinstance(variable, Variable) or variable.value is None:
            continue
        if variable.value[0] == "call" and variable.value[1] is not None:
            callee = Evaluator(frame.knowledge, cls.module, owner=cls).value(variable.value[1])
            if isinstance(callee, ClassScope) and is_serializer(frame.knowledge.project, callee):
                yield callee, variable.line
