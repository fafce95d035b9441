"""A call in the body of a model class → the field it makes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from analyzer.readers.python import record
from analyzer.readers.python.constants import UNKNOWN, Constants, Scope
from analyzer.readers.python.django.known_fields import KnownField, guessed_field, known_field
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function, ModuleScope, Variable

Option = tuple[Scope, Expression]  # an argument, and where its names are looked up

# What the arguments without a name are, by kind of field.
_POSITIONS: Mapping[str, tuple[str, ...]] = {
    "plain": ("verbose_name", "name", "primary_key", "max_length", "unique", "blank", "null"),
    "foreign_key": ("to", "on_delete", "related_name", "related_query_name"),
    "one_to_one": ("to", "on_delete", "to_field"),
    "many_to_many": ("to", "related_name", "related_query_name"),
    "generic": ("ct_field", "fk_field", "for_concrete_model"),
    "generic_relation": ("to",),
}
_NONE = ("const", None)
_PRIVATE = (("private_only", ("const", True)), ("virtual_only", ("const", True)))
# Classes whose internal type is the name of the class itself, so also that of a subclass.
_SELF_NAMED = frozenset({"Field", "ArrayField", "HStoreField"})
_ROOTS = frozenset({"django.db.models.Field", "django.db.models.fields.Field"})


@dataclass(eq=False, slots=True)
class FieldSpec:
    """A field as it is written; what its arguments mean depends on the model it ends up in."""

    name: str
    known: KnownField
    path: str
    line: int
    options: Mapping[str, Option] = field(default_factory=dict)
    inner: tuple["FieldSpec", ...] = ()  # the fields of a table of translations


class FieldReader:
    """Recognises fields by what their class is, or is derived from."""

    def __init__(self, project: Project, constants: Constants) -> None:
        self._project = project
        self._constants = constants
        self._classes: dict[ClassScope, tuple[KnownField | None, dict[str, Option]]] = {}

    def fields_in(self, cls: ClassScope) -> Iterator[FieldSpec]:
        """The fields in the body of a class, in order; a name bound twice gives both."""
        for operation in record.walk_operations(cls.operations):
            if operation[0] != "assign":
                continue
            for target in operation[1]:
                if target is not None and target[0] == "name" and "." not in target[1]:
                    spec = self.read(cls, target[1], operation[2], operation[3])
                    if spec is not None:
                        yield spec

    def read(self, scope: Scope, name: str, expression: Expression, line: int) -> FieldSpec | None:
        """The field that an expression makes, or None."""
        call = _call_of(expression)
        if call is None:
            return None
        known, defaults = self._known(scope, call)
        if known is None:
            return None
        module = scope if isinstance(scope, ModuleScope) else scope.module
        options = {**defaults, **self._options(scope, call, known)}
        spec = FieldSpec(name, known, module.path, line, options)
        if known.kind == "translations":
            spec.inner = tuple(self._translated(scope, call))
        return spec

    def value(self, spec: FieldSpec, option: str) -> Any:
        """The value of an argument, or UNKNOWN."""
        given = spec.options.get(option)
        return UNKNOWN if given is None else self._constants.value(*given)

    def flag(self, spec: FieldSpec, option: str) -> bool:
        """Whether an argument is given and true."""
        value = self.value(spec, option)
        return value is not UNKNOWN and bool(value)

    def _known(self, scope: Scope, call: Expression) -> tuple[KnownField | None, dict[str, Option]]:
        symbol = self._callee(scope, call)
        if isinstance(symbol, External):
            return known_field(symbol.path) or guessed_field(symbol.path), {}
        if isinstance(symbol, ClassScope):
            return self._known_class(symbol)
        if isinstance(symbol, Function):
            return self._known_function(symbol)
        if symbol is None or isinstance(symbol, Variable):
            return self._known_variable(scope, symbol, call)
        return None, {}

    def _callee(self, scope: Scope, call: Expression) -> object:
        callee = call[1]
        if callee is not None and callee[0] == "name":
            symbol = self._project.resolve_in(scope, callee[1])
            if isinstance(symbol, Variable) and symbol.value is call:
                # `price = price()`: the name still means what it does outside the class.
                return self._project.resolve(symbol.module, callee[1])
            return symbol
        return self._project.class_of_expression(scope, callee) if callee else None

    def _known_variable(
        self, scope: Scope, variable: Variable | None, call: Expression
    ) -> tuple[KnownField | None, dict[str, Option]]:
        """A class under a name that is chosen at run time; its last name decides."""
        if variable is not None and variable.value is not None:
            for expression in _alternatives(variable.value):
                symbol = self._project.class_of_expression(
                    variable.owner or variable.module, expression
                )
                if isinstance(symbol, External):
                    known = known_field(symbol.path) or guessed_field(symbol.path)
                    if known:
                        return known, {}
                if isinstance(symbol, ClassScope):
                    return self._known_class(symbol)
        name = record.callee_name(call)
        path = record.callee_path(call)
        return (guessed_field(path) if name.endswith(("Field", "Key")) else None), {}

    def _known_class(self, cls: ClassScope) -> tuple[KnownField | None, dict[str, Option]]:
        if cls not in self._classes:
            self._classes[cls] = (None, {})  # what a cycle sees
            self._classes[cls] = self._derive(cls)
        return self._classes[cls]

    def _derive(self, cls: ClassScope) -> tuple[KnownField | None, dict[str, Option]]:
        """What a field class of the snapshot is: its base decides, its own methods refine."""
        known = None
        root = False
        for base in self._project.mro(cls)[1:]:
            if isinstance(base, External):
                root = root or base.path in _ROOTS
                known = known or known_field(base.path)
        if known is None and root:
            known = KnownField(type=cls.name)
        if known is None:
            known = self._guess(cls)
        if known is None:
            return None, {}
        if known.kind == "plain":
            known = KnownField("virtual") if self._is_virtual(cls) else self._refined(cls, known)
        return known, self._defaults(cls, _POSITIONS.get(known.kind, ()))

    def _guess(self, cls: ClassScope) -> KnownField | None:
        """By the name of a base that is not known; the class itself must look like a field."""
        for base in self._project.mro(cls)[1:]:
            if isinstance(base, External) and base.path.endswith(("Field", "Key")):
                return guessed_field(base.path)
        return None

    def _is_virtual(self, cls: ClassScope) -> bool:
        """Whether a field class says that it has no column."""
        contribute = self._project.class_member(cls, "contribute_to_class")
        if isinstance(contribute, Function):
            for call in record.calls_in(contribute.operations):
                if any(pair in _PRIVATE for pair in call[3]):
                    return True
        for name in ("db_type", "get_attname_column"):
            method = self._project.class_member(cls, name)
            if isinstance(method, Function) and _returns_none(method):
                return True
        return False

    def _refined(self, cls: ClassScope, known: KnownField) -> KnownField:
        method = self._project.class_member(cls, "get_internal_type")
        returned = self._returned_text(method) if isinstance(method, Function) else None
        if returned:
            return KnownField(type=returned, nullable=known.nullable, extra=known.extra)
        if known.type in _SELF_NAMED:
            return KnownField(type=cls.name, nullable=known.nullable)
        return known

    def _returned_text(self, method: Function) -> str | None:
        for operation in record.walk_operations(method.operations):
            if operation[0] == "return":
                return self._constants.text(method.owner or method.module, operation[1])
        return None

    def _defaults(self, cls: ClassScope, positions: tuple[str, ...]) -> dict[str, Option]:
        """Arguments that the constructors of a field class give by themselves."""
        found: dict[str, Option] = {}
        for base in reversed(self._project.mro(cls)):
            if isinstance(base, ClassScope):
                for definition in base.names.get("__init__", []):
                    if isinstance(definition, Function):
                        found.update(self._given_by(base, definition, positions))
        return found

    def _given_by(
        self, cls: ClassScope, constructor: Function, positions: tuple[str, ...]
    ) -> Iterator[tuple[str, Option]]:
        imported = dict(self._imported_in(constructor))
        for key, option in _given_by(cls, constructor, positions):
            expression = option[1]
            name = expression[1] if expression is not None and expression[0] == "name" else ""
            yield key, imported.get(name, option)

    def _imported_in(self, function: Function) -> Iterator[tuple[str, Option]]:
        """Classes that a function imports inside its body, as options that name them."""
        for operation in record.walk_operations(function.operations):
            if operation[0] == "import":
                _, name, alias = function.module.imports[operation[1]][:3]
                symbol = self._project.import_target(function.module, operation[1])
                if name and isinstance(symbol, ClassScope) and symbol.owner is None:
                    yield alias or name, (symbol.module, ("name", symbol.name, symbol.line))

    def _known_function(self, function: Function) -> tuple[KnownField | None, dict[str, Option]]:
        """A function that makes and returns a field."""
        names = {_bare(parameter[0]) for parameter in function.record[record.F_PARAMETERS]}
        for operation in record.walk_operations(function.operations):
            if operation[0] != "return":
                continue
            call = _call_of(operation[1])
            symbol = self._callee(function.module, call) if call else None
            if call is None or symbol is function or isinstance(symbol, Function):
                continue
            known, defaults = self._known(function.module, call)
            if known is not None and known.kind != "virtual":
                given = self._options(function.module, call, known)
                fixed = {key: one for key, one in given.items() if not _names(one[1], names)}
                return known, {**defaults, **fixed}
        return None, {}

    def _options(self, scope: Scope, call: Expression, known: KnownField) -> dict[str, Option]:
        symbol = self._callee(scope, call)
        positions = _POSITIONS.get(known.kind, ())
        if isinstance(symbol, ClassScope | Function):
            positions = self._positions(symbol) or positions
        found: dict[str, Option] = {}
        for index, argument in enumerate(call[2]):
            if index < len(positions) and (argument is None or argument[0] != "star"):
                found[positions[index]] = (scope, argument)
        for key, value in call[3]:
            if key is None:
                found.update(self._unpacked(scope, value))
            else:
                found[key] = (scope, value)
        return found

    def _unpacked(self, scope: Scope, expression: Expression) -> dict[str, Option]:
        """The items of `**options`, where a literal dict is behind the name."""
        if expression is not None and expression[0] == "name":
            symbol = self._project.resolve_in(scope, expression[1])
            if not isinstance(symbol, Variable):
                return {}
            scope, expression = symbol.owner or symbol.module, symbol.value
        if expression is not None and expression[0] == "call":
            return {key: (scope, value) for key, value in expression[3] if key}
        if expression is None or expression[0] != "dict":
            return {}
        items = ((record.string_of(key), value) for key, value in expression[1])
        return {key: (scope, value) for key, value in items if key}

    def _positions(self, symbol: ClassScope | Function) -> tuple[str, ...]:
        if isinstance(symbol, ClassScope):
            found = self._project.class_member(symbol, "__init__")
            if not isinstance(found, Function):
                return ()
            parameters = found.record[record.F_PARAMETERS][1:]
        else:
            parameters = symbol.record[record.F_PARAMETERS]
        plain = []
        for parameter in parameters:
            if parameter[0].startswith("*"):
                break
            plain.append(parameter[0])
        return tuple(plain)

    def _translated(self, scope: Scope, call: Expression) -> Iterator[FieldSpec]:
        for key, value in call[3]:
            if key and value is not None and key != "meta":
                spec = self.read(scope, key, value, record.line_of(value))
                if spec is not None:
                    yield spec


def _returns_none(method: Function) -> bool:
    """Whether all that it returns is None, or a pair that ends in None."""
    returned = [one[1] for one in record.walk_operations(method.operations) if one[0] == "return"]
    return bool(returned) and all(
        one == _NONE or (one is not None and one[0] == "tuple" and one[1][-1] == _NONE)
        for one in returned
    )


def _call_of(expression: Expression) -> Expression:
    """The call that makes the field; of alternatives, the first."""
    if expression is None:
        return None
    if expression[0] == "call":
        return expression
    if expression[0] == "either":
        return next((one for one in map(_call_of, expression[1]) if one is not None), None)
    if expression[0] == "walrus":
        return _call_of(expression[2])
    return None


def _alternatives(expression: Expression) -> Iterator[Expression]:
    if expression is not None and expression[0] == "either":
        for part in expression[1]:
            yield from _alternatives(part)
    elif expression is not None:
        yield expression


def _given_by(
    cls: ClassScope, constructor: Function, positions: tuple[str, ...]
) -> Iterator[tuple[str, Option]]:
    parameters = constructor.record[record.F_PARAMETERS]
    names = {_bare(name) for name, _, _ in parameters}
    for name, _, default in parameters:
        if default is not None:
            yield name, (cls, default)
    for key, value in _assigned(constructor, positions):
        if not _names(value, names):
            yield key, (cls, value)


def _assigned(
    constructor: Function, positions: tuple[str, ...]
) -> Iterator[tuple[str, Expression]]:
    """`kwargs["x"] = …`, `kwargs.setdefault("x", …)`, `super().__init__(x=…)`, `update(x=…)`."""
    for operation in record.walk_operations(constructor.operations):
        if operation[0] == "assign":
            for target in operation[1]:
                if target is not None and target[0] == "sub":
                    key = record.string_of(target[2])
                    if key:
                        yield key, operation[2]
        for expression in record.expressions_of(operation):
            for part in record.walk_expressions(expression):
                if part[0] == "call":
                    yield from _given_in(part)
                    yield from zip(positions, _given_to_super(part), strict=False)


def _given_to_super(call: Expression) -> tuple[Expression, ...]:
    """The arguments without a name of `super().__init__(…)`."""
    callee = call[1]
    if callee is None or callee[0] != "attr" or callee[2] != "__init__":
        return ()
    is_super = callee[1] is not None and callee[1][0] == "call"
    arguments: tuple[Expression, ...] = call[2] if is_super else ()
    return arguments if all(one and one[0] != "star" for one in arguments) else ()


def _given_in(call: Expression) -> Iterator[tuple[str, Expression]]:
    name = record.callee_name(call)
    if name == "setdefault":
        key = record.string_of(record.argument(call, 0))
        if key:
            yield key, record.argument(call, 1)
    elif name in ("__init__", "update", "dict"):
        for key, value in call[3]:
            if key:
                yield key, value
        for argument in call[2] if name == "update" else ():
            if argument is not None and argument[0] == "dict":
                for key, value in argument[1]:
                    text = record.string_of(key)
                    if text:
                        yield text, value


def _names(expression: Expression, names: set[str]) -> bool:
    """Whether the expression depends on one of the names."""
    return any(
        part[0] == "name" and part[1].partition(".")[0] in names
        for part in record.walk_expressions(expression)
    )


def _bare(parameter: str) -> str:
    return parameter.lstrip("*")
