"""The name that peewee gives to a model's table, by the options in its `Meta`."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from analyzer.readers.python import record
from analyzer.readers.python.constants import UNKNOWN, Constants, Scope
from analyzer.readers.python.makers import receiver_of
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, Function, Variable

_NO_WORD = re.compile(r"[^\w]+")
_WORD = re.compile(r"(.)_*([A-Z][a-z]+)")
LONGEST = 200  # letters of what a name is put together from
_CAPITAL = re.compile(r"([a-z0-9])_*([A-Z])")


def snake_case(name: str) -> str:
    """The name of a class as peewee writes it where legacy names are off.

    >>> snake_case("UserProfile")
    'user_profile'
    """
    return _CAPITAL.sub(r"\1_\2", _WORD.sub(r"\1_\2", name)).lower()


class TableNames:
    """Names of tables of one project."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._constants = Constants(project)
        self._calls = _Called(project)

    @contextmanager
    def given(self, texts: dict[str, str]) -> Iterator[None]:
        """While a class is named that a function makes of these texts."""
        self._constants.bound = texts
        try:
            yield
        finally:
            self._constants.bound = {}

    def table(self, cls: ClassScope) -> str:
        """The table's name, with its schema where it has one."""
        schema = self._text(cls, "schema")
        name = self._own_name(cls) or self._by_function(cls) or self._by_class(cls)
        return f"{schema}.{name}" if schema else name

    def option(self, cls: ClassScope, name: str) -> Variable | Function | None:
        """An option of the class's `Meta`, or of that of the nearest base."""
        for base in self._project.mro(cls):
            found = self._own(base, name) if isinstance(base, ClassScope) else None
            if found is not None:
                return found
        return None

    def _own(self, cls: ClassScope, name: str) -> Variable | Function | None:
        for meta in reversed(cls.names.get("Meta", [])):
            binding = meta.names.get(name) if isinstance(meta, ClassScope) else None
            if binding and isinstance(binding[-1], Variable | Function):
                return binding[-1]
        return None

    def _own_name(self, cls: ClassScope) -> str:
        for option in ("table_name", "db_table"):
            found = self._own(cls, option)
            if isinstance(found, Variable):
                name = self._constants.text(found.owner or found.module, found.value)
                if name:
                    return name
        return ""

    def _text(self, cls: ClassScope, option: str) -> str:
        found = self.option(cls, option)
        if not isinstance(found, Variable):
            return ""
        return self._constants.text(found.owner or found.module, found.value) or ""

    def _by_class(self, cls: ClassScope) -> str:
        legacy = self.option(cls, "legacy_table_names")
        if isinstance(legacy, Variable) and legacy.value == ("const", False):
            return snake_case(cls.name)
        return _NO_WORD.sub("_", cls.name.lower())

    def _by_function(self, cls: ClassScope) -> str:
        """What `table_function` returns for the class, as far as the source alone tells."""
        found = self.option(cls, "table_function")
        if isinstance(found, Variable) and found.value is not None:
            if found.value[0] == "lambda":
                return self._calls.of_lambda(found.owner or found.module, found.value, cls)
            if found.value[0] == "name":
                named = self._project.resolve_in(found.owner or found.module, found.value[1])
                return self._calls.of(named, cls) if isinstance(named, Function) else ""
        return self._calls.of(found, cls) if isinstance(found, Function) else ""


class _Called(Constants):
    """A function of a class that makes the name of a table, evaluated without being run."""

    def of(self, function: Function, cls: ClassScope) -> str:
        """What the function returns for the class."""
        parameters = [one[0] for one in function.record[record.F_PARAMETERS]]
        if not parameters:
            return ""
        self._bind(parameters[0], cls)
        for name, value in _assigned(function):
            self.bound[name] = self.value(function.module, value)
        for operation in record.walk_operations(function.operations):
            if operation[0] == "return":
                return self.text(function.module, operation[1]) or ""
        return ""

    def of_lambda(self, scope: Scope, expression: Expression, cls: ClassScope) -> str:
        """What a lambda returns for the class."""
        if not expression[1]:
            return ""
        self._bind(expression[1][0], cls)
        return self.text(scope, expression[2]) or ""

    def _bind(self, parameter: str, cls: ClassScope) -> None:
        self.bound = {
            f"{parameter}.__name__": cls.name,
            f"{parameter}._meta.name": cls.name.lower(),
        }

    def _call(self, scope: Scope, expression: Expression, depth: int) -> object:
        name = record.callee_name(expression)
        if name == "make_snake_case" and expression[2]:
            text = self.value(scope, expression[2][0], depth)
            return snake_case(text) if isinstance(text, str) else UNKNOWN
        if name in ("lower", "upper", "replace"):
            text = self.value(scope, receiver_of(expression), depth)
            given = [self.value(scope, one, depth) for one in expression[2]]
            return _changed(text, name, given)
        return super()._call(scope, expression, depth)


def _changed(text: object, method: str, given: list[object]) -> object:
    """What a method of a short string gives."""
    parts = [one for one in (text, *given) if isinstance(one, str) and len(one) < LONGEST]
    if len(parts) != len(given) + 1:
        return UNKNOWN
    if method == "replace":
        return parts[0].replace(parts[1], parts[2]) if len(parts) == 3 and parts[1] else UNKNOWN
    return parts[0].lower() if method == "lower" else parts[0].upper()


def _assigned(function: Function) -> Iterator[tuple[str, Expression]]:
    for operation in record.walk_operations(function.operations):
        if operation[0] == "assign":
            for target in operation[1]:
                if target is not None and target[0] == "name" and "." not in target[1]:
                    yield target[1], operation[2]
