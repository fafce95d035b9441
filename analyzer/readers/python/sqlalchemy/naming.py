"""The table of a mapped class: its name, its schema, and whether it has one at all."""

import re
from typing import Any

from analyzer.readers.python import record
from analyzer.readers.python.constants import Constants
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, Function, Variable
from analyzer.readers.python.sqlalchemy.conditions import DeclaredAttributes

_CAMEL = re.compile(r"((?<=[a-z0-9])[A-Z]|(?!^)[A-Z](?=[a-z]))")
_SNAKE_FUNCTIONS = ("snake", "underscore", "decamel", "tableize", "camel_to")


def snake_case(name: str) -> str:
    """`CamelCase` → `camel_case`, the way Flask-SQLAlchemy names tables."""
    return _CAMEL.sub(r"_\1", name).lower()


class TableNames:
    """Finds `__tablename__` and the schema in `__table_args__`, declared or computed."""

    def __init__(
        self, project: Project, constants: Constants, declared: DeclaredAttributes
    ) -> None:
        self._project = project
        self._constants = constants
        self._declared = declared

    def name_from(self, holder: ClassScope, cls: ClassScope) -> str | None:
        """The `__tablename__` that the body of `holder` gives to `cls`."""
        for definition in reversed(holder.names.get("__tablename__", [])):
            if isinstance(definition, Variable):
                return self._constants.text(holder, definition.value)
            if isinstance(definition, Function):
                return self._computed(self._declared.returned(definition, cls), cls)
        return None

    def schema(self, cls: ClassScope, holders: list[ClassScope]) -> str | None:
        """The schema that the first of the classes with `__table_args__` gives."""
        for holder in holders:
            for name in sorted(holder.names):
                if not name.rstrip("_").endswith("table_args"):
                    continue  # `__table_args__`, or an attribute that it is put together from
                for definition in reversed(holder.names[name]):
                    found = self._schema_of(definition, holder, cls)
                    if found:
                        return found
        return None

    def _schema_of(self, definition: Any, holder: ClassScope, cls: ClassScope) -> str | None:
        if isinstance(definition, Variable):
            return self._schema_in(definition.value, holder)
        if isinstance(definition, Function):
            for operation in record.walk_operations(definition.operations):
                if operation[0] == "return":
                    found = self._schema_in(operation[1], holder)
                    if found:
                        return found
        return None

    def _schema_in(self, expression: Expression, holder: ClassScope) -> str | None:
        for part in record.walk_expressions(expression):
            if part[0] == "dict":
                for key, value in part[1]:
                    if record.string_of(key) == "schema":
                        return self._constants.text(holder, value)
            if part[0] == "call":
                found = record.keyword(part, "schema")
                if found is not None:
                    return self._constants.text(holder, found)
        return None

    def _computed(self, expression: Expression, cls: ClassScope) -> str | None:
        """A name that is computed from the name of the class."""
        if expression is None:
            return None
        tag = expression[0]
        if tag == "name" and expression[1].endswith("__name__"):
            return cls.name
        if tag == "fstr":
            parts = [
                part if isinstance(part, str) else self._computed(part, cls)
                for part in expression[1]
            ]
            return "".join(part for part in parts if part) if None not in parts else None
        if tag == "op" and expression[1] == "+":
            parts = [self._computed(part, cls) for part in expression[2]]
            return "".join(part for part in parts if part) if None not in parts else None
        if tag == "call":
            return self._computed_by_call(expression, cls)
        return self._constants.text(cls, expression)

    def _computed_by_call(self, call: Expression, cls: ClassScope) -> str | None:
        name = record.callee_name(call)
        callee = call[1]
        if name in ("lower", "upper", "title"):
            base = callee[1] if callee[0] == "attr" else ("name", callee[1].rpartition(".")[0], 0)
            text = self._computed(base, cls)
            return getattr(text, name)() if text is not None else None
        if any(part in name.lower() for part in _SNAKE_FUNCTIONS) and call[2]:
            text = self._computed(call[2][0], cls)
            return snake_case(text) if text is not None else None
        if name == "sub" and len(call[2]) >= 2:  # re.sub(pattern, r"_\1", cls.__name__), or
            text = self._computed(call[2][-1], cls)  # pattern.sub("_", cls.__name__)
            return snake_case(text) if text is not None else None
        return self._constants.text(cls, call)
