"""The value of an expression where the source alone tells it: strings, numbers, lists, dicts.

Nothing is executed: names are followed to the one assignment that binds them, and a few pure
operations on strings and lists are carried out.
"""

from collections.abc import Mapping
from typing import Any, Final

from analyzer.readers.python import record
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, External, Function, ModuleScope, Variable

Scope = ClassScope | ModuleScope


class Unknown:
    """The value cannot be told."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = Unknown()
DEPTH_LIMIT = 25
LENGTH_LIMIT = 20_000  # of strings and lists that are put together

# Functions that return their first argument, as far as a value is concerned.
TRANSPARENT = frozenset(
    {"_", "gettext", "gettext_lazy", "ugettext", "ugettext_lazy", "pgettext_lazy", "mark_safe"}
    | {"list", "tuple", "set", "frozenset", "sorted", "str", "force_str", "OrderedSet", "lazystr"}
)
# Reads of the environment: what stands in the source is the default.
_ENVIRONMENT = frozenset({"get", "getenv", "env", "str", "config", "bool", "db_url"})
_ENVIRONMENTS = ("os.environ", "environ.", "os.getenv", "getenv", "env", "config", "decouple.")
_LOCALISED = frozenset({"pgettext", "pgettext_lazy"})
_SETTINGS = "django.conf.settings."


class Constants:
    """Evaluates expressions of one project; `settings` answers `settings.NAME`."""

    def __init__(self, project: Project, settings: Mapping[str, object] | None = None) -> None:
        self._project = project
        self._settings = settings or {}
        self.bound: dict[str, Any] = {}  # what loops and comprehensions bind for the moment

    def value(self, scope: Scope, expression: record.Expression, depth: int = 0) -> Any:
        """The value, or UNKNOWN; items of a list or dict may be UNKNOWN alone."""
        if expression is None or depth > DEPTH_LIMIT:
            return UNKNOWN
        method = _EVALUATORS.get(expression[0])
        return UNKNOWN if method is None else getattr(self, method)(scope, expression, depth + 1)

    def text(self, scope: Scope, expression: record.Expression) -> str | None:
        """The value where it is a string, else None."""
        value = self.value(scope, expression)
        return value if isinstance(value, str) else None

    def attribute(self, cls: ClassScope, name: str) -> Any:
        """The value of a class attribute, inherited or not."""
        return self._of_symbol(self._project.class_member(cls, name), 0)

    def setting(self, name: str) -> Any:
        """The value of a Django setting."""
        return self._settings.get(name, UNKNOWN)

    def _of_symbol(self, symbol: object, depth: int) -> Any:
        if isinstance(symbol, Variable):
            return self.value(symbol.owner or symbol.module, symbol.value, depth)
        if isinstance(symbol, External) and symbol.path.startswith(_SETTINGS):
            return self.setting(symbol.path.removeprefix(_SETTINGS))
        return UNKNOWN

    def _name(self, scope: Scope, expression: record.Expression, depth: int) -> Any:
        path = expression[1]
        if path in self.bound:
            return self.bound[path]
        if path in ("__name__", "__package__"):
            module = scope if isinstance(scope, ModuleScope) else scope.module
            return module.id if path == "__name__" else module.package
        if path.endswith((".value", ".name")):
            member = self._project.resolve_in(scope, path.rpartition(".")[0])
            if isinstance(member, Variable) and member.owner is not None:
                return self._of_symbol(member, depth) if path.endswith("e") else member.name
        return self._of_symbol(self._project.resolve_in(scope, path), depth)

    def _literal(self, scope: Scope, expression: record.Expression, depth: int) -> Any:
        return expression[1]

    def _sequence(self, scope: Scope, expression: record.Expression, depth: int) -> Any:
        items: list[Any] = []
        for item in expression[1]:
            if item is not None and item[0] == "star":
                inner = self.value(scope, item[1], depth)
                items.extend(inner if isinstance(inner, tuple) else (UNKNOWN,))
            else:
                items.append(self.value(scope, item, depth))
        return tuple(items[:LENGTH_LIMIT])

    def _dict(self, scope: Scope, expression: record.Expression, depth: int) -> Any:
        found: dict[Any, Any] = {}
        for key, value in expression[1]:
            if key is None:
                inner = self.value(scope, value, depth)
                found.update(inner if isinstance(inner, dict) else {})
                continue
            name = self.value(scope, key, depth)
            if isinstance(name, str | int):
                found[name] = self.value(scope, value, depth)
        return found

    def _fstring(self, scope: Scope, expression: record.Expression, depth: int) -> Any:
        parts = [
            part if isinstance(part, str) else self.value(scope, part, depth)
            for part in expression[1]
        ]
        return _joined(parts) if all(isinstance(part, str | int) for part in parts) else UNKNOWN

    def _operator(self, scope: Scope, expression: record.Expression, depth: int) -> Any:
        operands = [self.value(scope, part, depth) for part in expression[2]]
        if expression[1] == "+":
            return _sum(operands)
        if expression[1] == "%" and len(operands) == 2:
            return _formatted(operands[0], operands[1])
        return UNKNOWN

    def _either(self, scope: Scope, expression: record.Expression, depth: int) -> Any:
        for part in expression[1]:
            value = self.value(scope, part, depth)
            if value is not UNKNOWN and value is not None and value != "":
                return value
        return UNKNOWN

    def _subscript(self, scope: Scope, expression: record.Expression, depth: int) -> Any:
        base = self.value(scope, expression[1], depth)
        index = self.value(scope, expression[2], depth)
        try:
            return base[index]
        except (TypeError, KeyError, IndexError):
            return UNKNOWN

    def _call(self, scope: Scope, expression: record.Expression, depth: int) -> Any:
        name = record.callee_name(expression)
        arguments = expression[2]
        if name in _LOCALISED and len(arguments) > 1:
            return self.value(scope, arguments[1], depth)
        if name in TRANSPARENT and arguments and record.callee_path(expression) != "env.str":
            return self.value(scope, arguments[0], depth)
        if name == "getattr" and len(arguments) >= 2:
            return self._getattr(scope, arguments, depth)
        if name in _ENVIRONMENT and record.callee_path(expression).startswith(_ENVIRONMENTS):
            return self.value(scope, record.argument(expression, 1, "default"), depth)
        if name == "get_model_name" and len(arguments) == 2:
            return self._swappable(scope, arguments, depth)
        if name == "format":
            return self._format(scope, expression, depth)
        return self._returned(scope, expression, depth)

    def _getattr(self, scope: Scope, arguments: tuple[Any, ...], depth: int) -> Any:
        key = self.value(scope, arguments[1], depth)
        base = arguments[0]
        found: Any = UNKNOWN
        if isinstance(key, str) and base is not None and base[0] == "name":
            found = self.value(scope, ("name", f"{base[1]}.{key}", base[2]), depth)
        if found is UNKNOWN and len(arguments) > 2:
            return self.value(scope, arguments[2], depth)
        return found

    def _swappable(self, scope: Scope, arguments: tuple[Any, ...], depth: int) -> Any:
        """`swapper.get_model_name("app", "Model")`: the setting, else the model itself."""
        app, model = (self.value(scope, argument, depth) for argument in arguments)
        if not (isinstance(app, str) and isinstance(model, str)):
            return UNKNOWN
        chosen = self.setting(f"{app.upper()}_{model.upper()}_MODEL")
        return chosen if isinstance(chosen, str) else f"{app}.{model}"

    def _format(self, scope: Scope, call: record.Expression, depth: int) -> Any:
        callee = call[1]
        pattern = self.value(scope, callee[1], depth) if callee[0] == "attr" else UNKNOWN
        if not isinstance(pattern, str) or len(pattern) > 500:
            return UNKNOWN
        positional = [self.value(scope, one, depth) for one in call[2]]
        named = {key: self.value(scope, one, depth) for key, one in call[3] if key}
        return _filled(pattern, positional, named)

    def _returned(self, scope: Scope, call: record.Expression, depth: int) -> Any:
        """What a function of the snapshot returns, where it returns one known value."""
        callee = call[1]
        if callee is None or callee[0] != "name":
            return UNKNOWN
        function = self._project.resolve_in(scope, callee[1])
        if not isinstance(function, Function):
            return UNKNOWN
        values = [
            self.value(function.module, operation[1], depth + 3)
            for operation in record.walk_operations(function.operations)
            if operation[0] == "return"
        ]
        known = [value for value in values if value is not UNKNOWN]
        return known[0] if known else UNKNOWN


# The method that evaluates each kind of expression; by name, so that a subclass can replace one.
_EVALUATORS: dict[str, str] = {
    "const": "_literal",
    "str": "_literal",
    "name": "_name",
    "list": "_sequence",
    "tuple": "_sequence",
    "set": "_sequence",
    "dict": "_dict",
    "fstr": "_fstring",
    "op": "_operator",
    "either": "_either",
    "sub": "_subscript",
    "call": "_call",
}


def _joined(parts: list[Any]) -> Any:
    text = "".join(str(part) for part in parts)
    return text if len(text) <= LENGTH_LIMIT else UNKNOWN


def _sum(operands: list[Any]) -> Any:
    if all(isinstance(one, str) for one in operands):
        return _joined(operands)
    if any(isinstance(one, tuple) for one in operands):
        parts = [one if isinstance(one, tuple) else (UNKNOWN,) for one in operands]
        return tuple(item for part in parts for item in part)[:LENGTH_LIMIT]
    return UNKNOWN


def _formatted(pattern: Any, values: Any) -> Any:
    given = values if isinstance(values, tuple | dict) else (values,)
    inner = given.values() if isinstance(given, dict) else given
    # Widths in a pattern could ask for gigabytes; none that names a table has one.
    if not isinstance(pattern, str) or any(sign in pattern for sign in ("*", "%0", "%1", "%9")):
        return UNKNOWN
    if any(not isinstance(value, str | int) for value in inner):
        return UNKNOWN
    try:
        return _joined([pattern % given])
    except (TypeError, ValueError, KeyError):
        return UNKNOWN


def _filled(pattern: str, positional: list[Any], named: dict[str, Any]) -> Any:
    """`str.format` with plain fields only: no attributes, indices or widths."""
    values = [*positional, *named.values()]
    if any(not isinstance(value, str | int) for value in values):
        return UNKNOWN
    text = pattern
    for index, value in enumerate(positional):
        text = text.replace("{}", str(value), 1).replace(f"{{{index}}}", str(value))
    for name, value in named.items():
        text = text.replace(f"{{{name}}}", str(value))
    return UNKNOWN if "{" in text else _joined([text])
