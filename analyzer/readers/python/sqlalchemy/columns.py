"""Expressions → columns, their types and what their foreign keys refer to."""

import re
from collections.abc import Iterator
from typing import Any

from analyzer.readers.python import record
from analyzer.readers.python.constants import Constants, Scope
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import (
    ClassScope,
    External,
    Function,
    ModuleScope,
    Symbol,
    Variable,
)
from analyzer.readers.python.sqlalchemy.known import (
    ANNOTATED_TYPES,
    COLUMN_CALLS,
    RELATIONSHIP_CALLS,
    WRAPPING_CALLS,
)
from analyzer.readers.python.sqlalchemy.schema import Relationship, SaColumn

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")
_NOT_TYPES = frozenset(
    {"ForeignKey", "Sequence", "Identity", "Computed", "CheckConstraint", "FetchedValue"}
    | {"text", "func", "Index", "UniqueConstraint"}
)
_TABLE_PATHS = (".__table__.fullname", ".__table__.name", ".__tablename__")
_OPTIONAL = frozenset({"Optional", "Union"})
_WRAPPING_TYPES = frozenset({"as_mutable", "with_variant", "MutableType", "copy"})


class ColumnReader:
    """Reads columns and relationships wherever they stand: in classes, mixins and `Table(…)`."""

    def __init__(self, project: Project, constants: Constants) -> None:
        self._project = project
        self._constants = constants
        self.mapped: ClassScope | None = None  # what `cls` is in a `declared_attr` of a mixin

    def column(self, scope: Scope, attribute: str, expression: Expression) -> SaColumn | None:
        """The column that an expression makes, or None."""
        call = self._column_call(scope, expression)
        if call is None:
            return None
        arguments = list(call[2])
        name = attribute
        if arguments and (text := record.string_of(arguments[0])) is not None:
            name = text
            arguments.pop(0)
        name = self._constants.text(scope, record.keyword(call, "name")) or name
        column = SaColumn(name, attribute, _module(scope).path, int(call[4]))
        column.primary_key = _is_true(record.keyword(call, "primary_key"))
        column.unique = _is_true(record.keyword(call, "unique"))
        nullable = record.keyword(call, "nullable")
        column.nullable = not column.primary_key if nullable is None else _is_true(nullable)
        for argument in [*arguments, record.keyword(call, "type_")]:
            self._take(column, scope, argument)
        return column

    def annotated(
        self, scope: Scope, attribute: str, annotation: Expression, value: Expression, line: int
    ) -> SaColumn | None:
        """The column of `name: Mapped[type]`, with or without a `mapped_column(…)`."""
        inner = _mapped_type(annotation)
        if inner is None or _is_relationship(value):
            return None
        optional, python_type = _unwrapped(inner)
        given = self._annotation_call(scope, python_type)
        column = self.column(scope, attribute, value)
        told = self.column(scope, attribute, given)
        if column is not None and told is not None:
            column.type = column.type or told.type
            column.primary_key = column.primary_key or told.primary_key
            column.target = column.target or told.target
            column.target_column = column.target_column or told.target_column
        column = column or told
        if column is None:
            if value is not None and value[0] == "call":
                return None
            column = SaColumn(attribute, attribute, _module(scope).path, line)
            column.nullable = optional
        written = value if value is not None else given
        if written is None or record.keyword(written, "nullable") is None:
            column.nullable = optional and not column.primary_key
        if not column.type:
            column.type = self._python_type(scope, python_type)
        return column

    def relationship(
        self, scope: Scope, name: str, expression: Expression, annotation: Expression = None
    ) -> Relationship | None:
        """The relationship that an expression makes, or None."""
        if not _is_relationship(expression):
            return None
        found = Relationship(name, _module(scope).path, int(expression[4]))
        target = record.argument(expression, 0, "argument")
        annotated, found.many = _annotated_target(annotation)
        self._aim(found, scope, annotated if target is None else target)
        backref = record.keyword(expression, "backref")
        if backref is not None and backref[0] == "call" and backref[2]:
            found.back = self._back(scope, backref)
            backref = backref[2][0]
        backref = backref or record.keyword(expression, "back_populates")
        found.backref = self._text(scope, backref) or ""
        found.secondary = self._secondary(scope, record.keyword(expression, "secondary"))
        self._take_loading(found, scope, expression)
        return found

    def _aim(self, found: Relationship, scope: Scope, target: Expression) -> None:
        if target is not None and target[0] == "lambda":
            target = target[2]
        found.target = self._text(scope, target) or ""
        symbol = self._project.class_of_expression(scope, target) if target else None
        if isinstance(symbol, ClassScope):
            found.target_class = symbol
        elif not found.target and target is not None and target[0] == "name":
            found.target = target[1]
            found.target_class = self._named_by_class(target[1])

    def _named_by_class(self, path: str) -> ClassScope | None:
        """`cls.other` in a mixin, where the mapped class says which class that is."""
        root, _, name = path.partition(".")
        if root != "cls" or not name or self.mapped is None:
            return None
        member = self._project.class_member(self.mapped, name)
        if isinstance(member, Variable):
            member = self._project.class_of_expression(member.module, member.value)
        return member if isinstance(member, ClassScope) else None

    def _back(self, scope: Scope, call: Expression) -> Relationship:
        """What `backref("name", …)` says of the other end."""
        found = Relationship("", _module(scope).path, int(call[4]))
        self._take_loading(found, scope, call)
        return found

    def _text(self, scope: Scope, expression: Expression) -> str | None:
        """A string; of `cls.name` in a mixin, what the mapped class says."""
        if expression is not None and expression[0] == "name" and self.mapped is not None:
            head, _, name = expression[1].rpartition(".")
            holder = self.mapped if head == "cls" else self._named_by_class(head)
            if holder is not None:
                value = self._constants.attribute(holder, name)
                return value if isinstance(value, str) else None
        return self._constants.text(scope, expression)

    def _take_loading(self, found: Relationship, scope: Scope, call: Expression) -> None:
        lazy = record.keyword(call, "lazy")
        found.lazy = self._text(scope, lazy) or ""
        if lazy == ("const", False) or record.callee_name(call) == "dynamic_loader":
            found.lazy = "joined" if lazy else "dynamic"
        found.cascade = self._text(scope, record.keyword(call, "cascade")) or ""
        if record.keyword(call, "passive_deletes") is not None:
            found.cascade += " passive"
        found.is_own_key = record.keyword(call, "remote_side") is not None
        keys = record.keyword(call, "foreign_keys") or record.keyword(call, "primaryjoin")
        found.keys = tuple(_names_in(keys))
        found.is_ordered = record.keyword(call, "order_by") is not None
        uselist = record.keyword(call, "uselist")
        if uselist is not None:
            found.many = _is_true(uselist)

    def foreign_key_constraint(self, scope: Scope, call: Expression) -> Iterator[tuple[str, str]]:
        """Pairs of a column and what it refers to, of `ForeignKeyConstraint([…], […])`."""
        columns = self._constants.value(scope, record.argument(call, 0, "columns"))
        targets = self._constants.value(scope, record.argument(call, 1, "refcolumns"))
        if isinstance(columns, tuple) and isinstance(targets, tuple):
            for column, target in zip(columns, targets, strict=False):
                if isinstance(column, str) and isinstance(target, str):
                    yield column, target

    def _column_call(self, scope: Scope, expression: Expression) -> Expression:
        if expression is None or expression[0] != "call":
            return None
        name = record.callee_name(expression)
        if name in COLUMN_CALLS:
            return expression
        if name in WRAPPING_CALLS and expression[2]:
            return self._column_call(scope, expression[2][0])
        return self._made_by(scope, expression)

    def _made_by(self, scope: Scope, call: Expression) -> Expression:
        """A function of the snapshot that returns a column, or a class derived from Column."""
        path = record.callee_path(call)
        symbol = self._project.resolve_in(scope, path) if path else None
        if _renamed(symbol) in COLUMN_CALLS:
            return call
        if isinstance(symbol, ClassScope):
            bases = self._project.mro(symbol)
            if any(isinstance(one, External) and one.path.endswith(".Column") for one in bases):
                return call
        if not isinstance(symbol, Function):
            return None
        for operation in record.walk_operations(symbol.operations):
            if operation[0] == "return" and operation[1] is not None:
                made = operation[1]
                if made[0] == "call" and record.callee_name(made) in COLUMN_CALLS:
                    return made
        return None

    # ---- parts of a column

    def _take(self, column: SaColumn, scope: Scope, argument: Expression) -> None:
        if argument is None:
            return
        name = record.callee_name(argument) if argument[0] == "call" else ""
        if name == "ForeignKey":
            self._refer(column, scope, argument)
        elif not column.type and name not in _NOT_TYPES and argument[0] in ("name", "call", "attr"):
            column.type = self.type_name(scope, argument)

    def _refer(self, column: SaColumn, scope: Scope, call: Expression) -> None:
        target = record.argument(call, 0, "column")
        text = self._constants.text(scope, target)
        if text:
            column.refer(text)
        elif target is not None and target[0] == "name":
            self._refer_to_attribute(column, scope, target[1])
        else:
            self._refer_through_class(column, target)
        deleted = self._constants.text(scope, record.keyword(call, "ondelete"))
        column.on_delete = (deleted or "").lower().replace(" ", "_")

    def _refer_to_attribute(self, column: SaColumn, scope: Scope, path: str) -> None:
        """`Class.attribute`, or `table.c.column`."""
        owner, _, attribute = path.rpartition(".")
        column.target_column = attribute
        symbol = self._project.resolve_in(scope, owner.removesuffix(".c")) if owner else None
        if isinstance(symbol, ClassScope):
            column.target_class = symbol
        elif isinstance(symbol, Variable) and symbol.value is not None:
            column.target = self.table_name(symbol.module, symbol.value) or ""

    def _refer_through_class(self, column: SaColumn, target: Expression) -> None:
        """`cls.other.__table__.fullname + ".id"`, as a sum or in an f-string."""
        if target is None or target[0] not in ("fstr", "op"):
            return
        parts = target[1] if target[0] == "fstr" else target[2]
        ends = [part if isinstance(part, str) else record.string_of(part) for part in parts]
        named = [part[1] for part in parts if not isinstance(part, str) and part[0] == "name"]
        if len(named) != 1 or not ends or not ends[-1]:
            return
        column.target_class = self._class_through(named[0])
        column.target_column = ends[-1].lstrip(".")

    def _class_through(self, path: str) -> ClassScope | None:
        for ending in _TABLE_PATHS:
            if path.endswith(ending) and self.mapped is not None:
                root, _, rest = path.removesuffix(ending).partition(".")
                if root not in ("cls", "self") or "." in rest:
                    return None
                symbol = self._project.class_member(self.mapped, rest) if rest else self.mapped
                if isinstance(symbol, Variable):
                    scope = symbol.owner or symbol.module
                    symbol = self._project.class_of_expression(scope, symbol.value)
                return symbol if isinstance(symbol, ClassScope) else None
        return None

    def type_name(self, scope: Scope, expression: Expression, depth: int = 0) -> str:
        """The class of a column's type, by its last name."""
        if expression is None or depth > 6:
            return ""
        if expression[0] == "call":
            name = record.callee_name(expression)
            if name == "as_mutable" and expression[2]:
                return self.type_name(scope, expression[2][0], depth + 1)
            callee = expression[1]
            if name in _WRAPPING_TYPES and callee is not None:
                base = callee[1] if callee[0] == "attr" else ("name", _before(callee[1]), 0)
                return self.type_name(scope, base, depth + 1)
            return self.type_name(scope, callee, depth + 1)
        if expression[0] != "name":
            return str(expression[2]) if expression[0] == "attr" else ""
        symbol = self._project.resolve_in(scope, expression[1])
        if isinstance(symbol, Variable):
            return self._type_of_variable(symbol, depth) or _last(expression[1])
        if isinstance(symbol, Function):
            return self._type_returned(symbol, depth)
        if isinstance(symbol, External):
            return _last(symbol.path)
        if isinstance(symbol, ClassScope):
            return symbol.name
        last = _last(expression[1])  # a type that is not found; a method says nothing of it
        return last if last[:1].isupper() else ""

    def _type_of_variable(self, variable: Variable, depth: int) -> str:
        """What a name stands for; of `X = X.with_variant(…)`, what it was before."""
        owner = variable.owner or variable.module
        for definition in owner.names.get(variable.name, [variable]):
            if isinstance(definition, Variable) and not _mentions(definition.value, variable.name):
                return self.type_name(owner, definition.value, depth + 1)
        return ""

    def _type_returned(self, function: Function, depth: int) -> str:
        for operation in record.walk_operations(function.operations):
            if operation[0] == "return" and operation[1] is not None:
                return self.type_name(function.module, operation[1], depth + 1)
        return ""

    def _annotation_call(self, scope: Scope, annotation: Expression) -> Expression:
        """The `mapped_column(…)` inside `Annotated[type, mapped_column(…)]`, also by its name."""
        if annotation is not None and annotation[0] == "name":
            symbol = self._project.resolve_in(scope, annotation[1])
            annotation = symbol.value if isinstance(symbol, Variable) else None
        if annotation is None or annotation[0] != "sub" or _name_of(annotation[1]) != "Annotated":
            return None
        items = annotation[2][1] if annotation[2] and annotation[2][0] == "tuple" else ()
        calls = (item for item in items if item is not None and item[0] == "call")
        return next((call for call in calls if record.callee_name(call) in COLUMN_CALLS), None)

    def _python_type(self, scope: Scope, annotation: Expression) -> str:
        if annotation is None:
            return ""
        if annotation[0] == "sub":
            if _name_of(annotation[1]) == "Annotated" and annotation[2][0] == "tuple":
                return self._python_type(scope, annotation[2][1][0])
            return ANNOTATED_TYPES.get(_name_of(annotation[1]).lower(), "")
        if annotation[0] != "name":
            return ""
        symbol = self._project.resolve_in(scope, annotation[1])
        if isinstance(symbol, Variable) and symbol.value is not None:
            return self._python_type(symbol.owner or symbol.module, symbol.value)
        if isinstance(symbol, ClassScope):
            return "Enum"
        return ANNOTATED_TYPES.get(_last(annotation[1]), "")

    def _secondary(self, scope: Scope, expression: Expression) -> str:
        if expression is None:
            return ""
        text = self._constants.text(scope, expression)
        if text:
            return text
        if expression[0] == "name":
            symbol = self._project.resolve_in(scope, expression[1].removesuffix(".__table__"))
            if isinstance(symbol, Variable):
                return self.table_name(symbol.module, symbol.value) or ""
        return ""

    def table_name(self, scope: Scope, call: Expression) -> str | None:
        """The name, with its schema, of `Table("name", metadata, …, schema=…)`."""
        if call is None or call[0] != "call" or not self._is_table(scope, call):
            return None
        name = self._constants.text(scope, record.argument(call, 0, "name"))
        schema = self._constants.text(scope, record.keyword(call, "schema"))
        return f"{schema}.{name}" if name and schema else name

    def _is_table(self, scope: Scope, call: Expression) -> bool:
        path = record.callee_path(call)
        symbol = self._project.resolve_in(scope, path) if path else None
        if isinstance(symbol, External):
            names = symbol.path.split(".")
            return names[-1] == "Table" and any(part.startswith("sqla") for part in names)
        return symbol is None and record.callee_name(call) == "Table"


def _names_in(expression: Expression) -> Iterator[str]:
    """The names in an expression, and in the strings in it: `foreign_keys="[Order.owner_id]"`."""
    for part in record.walk_expressions(expression):
        if part[0] == "name":
            yield part[1]
        elif part[0] == "str":
            yield from _DOTTED.findall(part[1])


def _renamed(symbol: Symbol | None) -> str:
    """What something is called at home: `Column as C`, `C = Column`, `C = partial(Column, …)`."""
    if isinstance(symbol, External):
        return symbol.path.rpartition(".")[2]
    value = symbol.value if isinstance(symbol, Variable) else None
    if value is not None and value[0] == "call" and record.callee_name(value) == "partial":
        value = record.argument(value, 0, "")
    return _name_of(value)


def _mentions(expression: Expression, name: str) -> bool:
    return any(
        part[0] == "name" and part[1].partition(".")[0] == name
        for part in record.walk_expressions(expression)
    )


def _before(path: str) -> str:
    return path.rpartition(".")[0]


def mapped_annotation(annotation: Expression) -> bool:
    """Whether an annotation is `Mapped[…]`, so that the attribute is mapped."""
    return _mapped_type(annotation) is not None


def _mapped_type(annotation: Expression) -> Expression:
    if annotation is None or annotation[0] != "sub":
        return None
    if _name_of(annotation[1]) not in ("Mapped", "MappedColumn"):
        return None
    return annotation[2]


def _unwrapped(annotation: Expression) -> tuple[bool, Expression]:
    """Whether the type may be None, and the type without that."""
    if annotation is not None and annotation[0] == "sub" and _name_of(annotation[1]) in _OPTIONAL:
        inner = annotation[2]
        items = inner[1] if inner is not None and inner[0] == "tuple" else (inner,)
        return True, _first_type(items)
    if annotation is not None and annotation[0] == "op" and annotation[1] == "|":
        parts = annotation[2]
        optional = any(part in (None, ("const", None)) for part in parts)
        return optional, _first_type(parts)
    return False, annotation


def _annotated_target(annotation: Expression) -> tuple[Expression, bool | None]:
    """What `Mapped[list["Order"]]` leads to, and whether to many; (None, None) for no `Mapped`."""
    _, target = _unwrapped(_mapped_type(annotation))
    if target is None:
        return None, None
    if target[0] == "str":
        return _quoted_target(target)
    if target[0] == "sub":
        inner = target[2]
        if inner is not None and inner[0] == "tuple":  # dict[str, "Order"]
            inner = inner[1][-1]
        return inner, True
    return target, False


def _quoted_target(text: Expression) -> tuple[Expression, bool]:
    """The same where the whole annotation is quoted: `Mapped["list[Order]"]`."""
    outer, bracket, inner = text[1].rstrip("]").rpartition("[")
    name = inner.replace('"', "").replace("'", "").partition(" ")[0].rpartition(",")[2]
    return ("str", name.strip(), text[2]), bool(bracket) and not outer.endswith("Optional")


def _first_type(items: Any) -> Expression:
    return next((one for one in items if one not in (None, ("const", None))), None)


def _is_relationship(expression: Expression) -> bool:
    return (
        expression is not None
        and expression[0] == "call"
        and record.callee_name(expression) in RELATIONSHIP_CALLS
    )


def _is_true(expression: Expression) -> bool:
    return expression is not None and expression == ("const", True)


def _module(scope: Scope) -> ModuleScope:
    return scope if isinstance(scope, ModuleScope) else scope.module


def _name_of(expression: Expression) -> str:
    return _last(expression[1]) if expression is not None and expression[0] == "name" else ""


def _last(path: str) -> str:
    return path.rpartition(".")[2]
