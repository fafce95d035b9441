"""Mapped classes and `Table(…)` objects of a project, put together by SQLAlchemy's rules."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from weakref import WeakKeyDictionary

from analyzer.readers.python import record
from analyzer.readers.python.constants import Constants
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function, ModuleScope, Variable
from analyzer.readers.python.sqlalchemy.columns import ColumnReader, mapped_annotation
from analyzer.readers.python.sqlalchemy.computed import ComputedAttributes
from analyzer.readers.python.sqlalchemy.conditions import DeclaredAttributes
from analyzer.readers.python.sqlalchemy.known import (
    DECLARATIVE_BASES,
    DECLARED,
    DECORATORS,
    EXTENSIONS,
    MIXINS,
    NAMING_EXTENSIONS,
)
from analyzer.readers.python.sqlalchemy.naming import TableNames, snake_case
from analyzer.readers.python.sqlalchemy.schema import MappedClass, SaColumn, SaTable

# Packages of bases that never map anything.
_NO_BASES = frozenset({"object", "abc", "typing", "typing_extensions", "enum", "builtins"})
_ROLES: dict[str, Literal["product", "test", "library"]] = {"test": "test", "vendored": "library"}


@dataclass(frozen=True, slots=True)
class SaSchema:
    """Everything that SQLAlchemy maps in a project."""

    tables: tuple[SaTable, ...]
    mapped: tuple[MappedClass, ...]


# Asked for by the facts and by every file's accesses; the answer is the same.
_SCHEMAS: WeakKeyDictionary[Project, SaSchema] = WeakKeyDictionary()


def read_schema(project: Project) -> SaSchema:
    """All tables, by name, and the classes that use them."""
    if project not in _SCHEMAS:
        _SCHEMAS[project] = _read_schema(project)
    return _SCHEMAS[project]


def _read_schema(project: Project) -> SaSchema:
    assembly = _Assembly(project)
    for module in project.modules.values():
        if module.role != "migration":
            assembly.read_tables(module)
    for cls in project.classes():
        if cls.module.role != "migration":  # those describe tables as they once were
            assembly.mapped_class(cls)
    assembly.read_mappers()
    assembly.settle()
    ComputedAttributes(project, assembly.mapped).read()
    mapped = [one for one in assembly.mapped.values() if one is not None]
    return SaSchema(tables=tuple(assembly.tables.values()), mapped=tuple(mapped))


class _Assembly:
    def __init__(self, project: Project) -> None:
        self._project = project
        self._constants = Constants(project)
        self._columns = ColumnReader(project, self._constants)
        self._declared = DeclaredAttributes(project, self._constants)
        self._names = TableNames(project, self._constants, self._declared)
        self.tables: dict[str, SaTable] = {}
        self.mapped: dict[ClassScope, MappedClass | None] = {}
        self._bases: dict[ClassScope, str | None] = {}

    # ---- Table(…)

    def read_tables(self, module: ModuleScope) -> None:
        """Every `Table(…)` at the top of a module, whether it is assigned or not."""
        for operation in record.walk_operations(module.operations):
            if operation[0] == "assign":
                self._read_table(module, operation[2], operation[3])
            elif operation[0] == "expr":
                self._read_table(module, operation[1], operation[2])

    def _read_table(self, scope: ModuleScope, call: Expression, line: int) -> SaTable | None:
        if call is None or call[0] != "call" or len(call[2]) < 2:
            return None
        name = self._columns.table_name(scope, call)
        if name is None:
            return None
        table = SaTable(name, scope.path, line, role=_ROLES.get(scope.role, "product"))
        constraints = []
        for argument in call[2][1:]:  # the metadata may be left out
            if argument is not None and argument[0] == "star":
                continue
            column = self._columns.column(scope, "", argument)
            if column is not None and column.name:
                table.add(column)
            elif argument is not None and argument[0] == "call":
                constraints.append(argument)
        for constraint in constraints:
            self._constrain(table, scope, constraint)
        return self.tables.setdefault(name, table)

    def _constrain(
        self, table: SaTable, scope: ModuleScope | ClassScope, constraint: Expression
    ) -> None:
        name = record.callee_name(constraint)
        if name == "ForeignKeyConstraint":
            for column, target in self._columns.foreign_key_constraint(scope, constraint):
                found = table.columns.get(column)
                if found is not None:
                    found.refer(target)
        elif name == "PrimaryKeyConstraint":
            for argument in constraint[2]:
                found = table.columns.get(record.string_of(argument) or "")
                if found is not None:
                    found.primary_key, found.nullable = True, False

    # ---- classes

    def mapped_class(self, cls: ClassScope) -> MappedClass | None:
        """The class as SQLAlchemy maps it; None for abstract ones and mixins."""
        if cls not in self.mapped:
            self.mapped[cls] = None  # what a cycle of inheritance sees
            if self._base_of(cls) is not None and not self._is_abstract(cls):
                self.mapped[cls] = self._map(cls)
        return self.mapped[cls]

    def _base_of(self, cls: ClassScope) -> str | None:
        """How the class comes to be declarative: the name of the base or extension, or None."""
        if cls not in self._bases:
            self._bases[cls] = None
            self._bases[cls] = self._find_base(cls)
        return self._bases[cls]

    def _find_base(self, cls: ClassScope) -> str | None:
        for one in self._project.mro(cls):
            if isinstance(one, External):
                ending = next((end for end in DECLARATIVE_BASES if one.path.endswith(end)), None)
                if ending:
                    return ending
                continue
            if one is cls and self._names_table_outside(one):
                return "unknown"
            if any(record_name(decorator) in DECORATORS for decorator in one.decorators):
                return "decorated"
            for expression in one.bases:
                extension = self._extension_of(one, expression)
                if extension:
                    return extension
        return None

    def _names_table_outside(self, cls: ClassScope) -> bool:
        """Whether the class gives a table's name, columns, and a base that is not known."""
        outside = any(
            isinstance(base, External) and base.path.partition(".")[0] not in _NO_BASES
            for base in self._project.mro(cls)
        )
        if not outside or not self._names.name_from(cls, cls):
            return False
        scopes = [one for one in self._project.mro(cls) if isinstance(one, ClassScope)]
        return any(column.primary_key for column in self._columns_in(scopes, cls))

    def _extension_of(self, cls: ClassScope, base: Expression) -> str | None:
        """The extension behind `db.Model`."""
        if base is None or base[0] != "name" or not base[1].endswith(".Model"):
            return None
        symbol = self._project.resolve_in(cls.owner or cls.module, base[1].removesuffix(".Model"))
        if isinstance(symbol, External):
            return "SQLAlchemy" if symbol.path.endswith(".db") else None
        value = symbol.value if isinstance(symbol, Variable) else None
        if value is None or value[0] != "call":
            return None
        name = self._extension_name(symbol.module, value)  # type: ignore[union-attr]
        named_by_hand = record.keyword(value, "model_class") is not None
        return "unnamed" if name and named_by_hand else name

    def _extension_name(self, module: ModuleScope, call: Expression) -> str | None:
        name = record.callee_name(call)
        made = self._project.resolve(module, record.callee_path(call))
        if isinstance(made, ClassScope):
            for base in self._project.mro(made):
                last = base.path.rpartition(".")[2] if isinstance(base, External) else base.name
                if last in EXTENSIONS:
                    return last
        return name if name in EXTENSIONS else None

    def _is_abstract(self, cls: ClassScope) -> bool:
        for definition in cls.names.get("__abstract__", []):
            if isinstance(definition, Variable) and definition.value == ("const", True):
                return True
        direct = self._project.bases(cls)
        declares = any(
            isinstance(base, External) and base.path.endswith("sqlalchemy.orm.DeclarativeBase")
            for base in direct
        )
        own = cls.names.get("__tablename__", ())
        return declares and not any(isinstance(one, Variable) for one in own)

    def _map(self, cls: ClassScope) -> MappedClass | None:
        parent = self._mapped_parent(cls)
        holders = self._unmapped_holders(cls, parent)
        imperative = self._imperative_table(cls)
        table = imperative or self._own_table(cls, parent, holders)
        if table is None:
            return None
        mapped = MappedClass(cls, table, parent)
        if parent is not None:
            mapped.attributes.update(parent.attributes)
            mapped.relationships.update(parent.relationships)
        if imperative is None:
            self._fill(mapped, holders)
        else:
            mapped.attributes.update({one.name: one for one in imperative.columns.values()})
            self._relate(mapped, cls)
        if table.scope is None:
            table.scope = cls
        return mapped

    def _mapped_parent(self, cls: ClassScope) -> MappedClass | None:
        for base in self._project.mro(cls)[1:]:
            if isinstance(base, ClassScope) and (found := self.mapped_class(base)) is not None:
                return found
        return None

    def _unmapped_holders(
        self, cls: ClassScope, parent: MappedClass | None
    ) -> list[ClassScope | External]:
        """The class, and those of its mixins and abstract bases that the parent has not used."""
        used = set(self._project.mro(parent.scope)) if parent is not None else set()
        concrete = parent is not None and self._is_concrete(cls)
        found: list[ClassScope | External] = [cls]
        for base in self._project.mro(cls)[1:]:
            if base not in used or concrete:
                found.append(base)
        return found

    def _is_concrete(self, cls: ClassScope) -> bool:
        for definition in cls.names.get("__mapper_args__", []):
            if isinstance(definition, Variable):
                value = self._constants.value(cls, definition.value)
                if isinstance(value, dict) and value.get("concrete") is True:
                    return True
        return False

    def _imperative_table(self, cls: ClassScope) -> SaTable | None:
        """The table that `__table__` names or holds."""
        for definition in cls.names.get("__table__", []):
            if not isinstance(definition, Variable) or definition.value is None:
                continue
            value, module = definition.value, cls.module
            if value[0] == "name":
                symbol = self._project.resolve_in(cls.module, value[1])
                if isinstance(symbol, Variable):
                    value, module = symbol.value, symbol.module
            found = self._read_table(module, value, definition.line)
            if found is not None:
                return found
        return None

    def _own_table(
        self,
        cls: ClassScope,
        parent: MappedClass | None,
        holders: list[ClassScope | External],
    ) -> SaTable | None:
        """Its own table, or that of its parent where it has none (single-table inheritance)."""
        scopes = [one for one in holders if isinstance(one, ClassScope)]
        name = next((found for one in scopes if (found := self._names.name_from(one, cls))), None)
        if name is None:
            name = self._automatic_name(cls, parent, scopes)
        if name is None:
            return parent.table if parent is not None else None
        schema = self._names.schema(cls, scopes)
        full = f"{schema}.{name}" if schema else name
        table = SaTable(full, cls.module.path, cls.line, scope=cls)
        table.role = _ROLES.get(cls.module.role, "product")
        return self.tables.setdefault(full, table)

    def _automatic_name(
        self, cls: ClassScope, parent: MappedClass | None, scopes: list[ClassScope]
    ) -> str | None:
        base = self._base_of(cls)
        if base == "sqlmodel.SQLModel":
            is_table = any(key == "table" and one == ("const", True) for key, one in cls.keywords)
            return cls.name.lower() if is_table else None
        if base not in NAMING_EXTENSIONS:
            return None
        own = list(self._columns_in(scopes if parent is None else [cls], cls))
        return snake_case(cls.name) if any(column.primary_key for column in own) else None

    # ---- columns

    def _fill(self, mapped: MappedClass, holders: list[ClassScope | External]) -> None:
        cls, table = mapped.scope, mapped.table
        for column in self._columns_in(holders, cls):
            table.add(column)
            mapped.attributes[column.attribute] = table.columns[column.name]
        for holder in holders:
            if isinstance(holder, ClassScope):
                self._relate(mapped, holder)
                self._constrain_by(table, holder)

    def _columns_in(
        self, holders: list[ClassScope] | list[ClassScope | External], cls: ClassScope
    ) -> Iterator[SaColumn]:
        taken: set[str] = set()
        self._columns.mapped = cls
        for holder in holders:
            if isinstance(holder, External):
                yield from _known_columns(holder, cls, taken)
                continue
            for name, definition in _definitions(holder):
                if name not in taken and (column := self._column(holder, name, definition, cls)):
                    yield column
            taken.update(holder.names)

    def _column(
        self, holder: ClassScope, name: str, definition: object, cls: ClassScope
    ) -> SaColumn | None:
        if isinstance(definition, Variable):
            value, annotation = definition.value, definition.annotation
            if mapped_annotation(annotation):
                return self._columns.annotated(holder, name, annotation, value, definition.line)
            if self._base_of(cls) == "sqlmodel.SQLModel" and annotation is not None:
                return self._sqlmodel_column(holder, name, definition)
            return self._columns.column(holder, name, value)
        if isinstance(definition, Function) and _is_declared(definition):
            return self._columns.column(holder, name, self._declared.returned(definition, cls))
        return None

    def _sqlmodel_column(
        self, holder: ClassScope, name: str, definition: Variable
    ) -> SaColumn | None:
        value = definition.value
        if value is not None and value[0] == "call":
            if record.callee_name(value) == "Relationship":
                return None
            given = self._columns.column(holder, name, record.keyword(value, "sa_column"))
            if given is not None:
                return given
        mapped = ("sub", ("name", "Mapped", definition.line), definition.annotation, 0)
        column = self._columns.annotated(holder, name, mapped, None, definition.line)
        if column is None or value is None or value[0] != "call":
            return column
        column.primary_key = record.keyword(value, "primary_key") == ("const", True)
        column.nullable = column.nullable and not column.primary_key
        target = self._constants.text(holder, record.keyword(value, "foreign_key"))
        column.target, _, column.target_column = (target or "").rpartition(".")
        return column

    def _relate(self, mapped: MappedClass, holder: ClassScope) -> None:
        for name, definition in _definitions(holder):
            value: Expression = None
            annotation: Expression = None
            if isinstance(definition, Variable):
                value, annotation = definition.value, definition.annotation
            elif isinstance(definition, Function) and _is_declared(definition):
                value = self._declared.returned(definition, mapped.scope)
            found = self._columns.relationship(holder, name, value, annotation)
            if found is not None:
                mapped.relationships.setdefault(name, found)

    def _constrain_by(self, table: SaTable, holder: ClassScope) -> None:
        """Constraints in `__table_args__`, and in methods that put it together."""
        for name in sorted(holder.names):
            if not name.endswith("table_args") and not name.endswith("table_args__"):
                continue
            for definition in holder.names[name]:
                for call in _calls_of(definition):
                    self._constrain(table, holder, call)

    # ---- mapper(Class, table)

    def read_mappers(self) -> None:
        """Classes that are mapped to a `Table(…)` by a call at the top of a module."""
        for module in self._project.modules.values():
            for call in record.calls_in(module.operations):
                name = record.callee_name(call)
                if name in ("mapper", "map_imperatively") and len(call[2]) >= 2:
                    self._read_mapper(module, call)

    def _read_mapper(self, module: ModuleScope, call: Expression) -> None:
        cls = self._project.class_of_expression(module, call[2][0])
        if not isinstance(cls, ClassScope):
            return
        table = self._table_named(module, call[2][1])
        if table is None or self.mapped.get(cls) is not None:
            return
        table.scope = table.scope or cls
        mapped = MappedClass(cls, table)
        mapped.attributes = dict(table.columns)
        self.mapped[cls] = mapped
        properties = record.keyword(call, "properties")
        for key, value in (
            properties[1] if properties is not None and properties[0] == "dict" else ()
        ):
            name = record.string_of(key)
            found = self._columns.relationship(module, name, value) if name else None
            if found is not None:
                mapped.relationships[found.name] = found

    def _table_named(self, module: ModuleScope, expression: Expression) -> SaTable | None:
        if expression is None or expression[0] != "name":
            return None
        symbol = self._project.resolve(module, expression[1])
        if not isinstance(symbol, Variable):
            return None
        name = self._columns.table_name(symbol.module, symbol.value)
        return self.tables.get(name or "")

    # ---- what needs all tables

    def settle(self) -> None:
        """Foreign keys that name classes, types that a key takes over, tables between."""
        for table in self.tables.values():
            for column in table.columns.values():
                self._settle_target(table, column)
        for table in self.tables.values():
            for column in table.columns.values():
                if not column.type:
                    column.type = self._type_of_target(column, 0)
        for mapped in self.mapped.values():
            for relationship in mapped.relationships.values() if mapped else ():
                between = self.tables.get(relationship.secondary)
                if between is not None and between.scope is None:
                    between.kind = "many_to_many"

    def _settle_target(self, table: SaTable, column: SaColumn) -> None:
        column.further = list(dict.fromkeys(column.further))
        if column.target_class is not None:
            mapped = self.mapped.get(column.target_class)
            if mapped is not None:
                column.target = mapped.table.name
                attribute = mapped.attributes.get(column.target_column)
                column.target_column = attribute.name if attribute else column.target_column
        elif column.target and column.target not in self.tables and "." not in column.target:
            schema = table.name.rpartition(".")[0]
            inside = f"{schema}.{column.target}"
            if schema and inside in self.tables:
                column.target = inside

    def _type_of_target(self, column: SaColumn, depth: int) -> str:
        """A foreign key without a type has that of the column it refers to."""
        table = self.tables.get(column.target)
        target = table.columns.get(column.target_column) if table else None
        if target is None or depth > 10:
            return ""
        return target.type or self._type_of_target(target, depth + 1)


def record_name(expression: Expression) -> str:
    """The last name of a decorator, called or not."""
    if expression is None:
        return ""
    if expression[0] == "call":
        return record.callee_name(expression)
    return str(expression[1]).rpartition(".")[2] if expression[0] == "name" else ""


def _definitions(holder: ClassScope) -> Iterator[tuple[str, object]]:
    """What each name of a class body is bound to last, in the order of the lines."""
    found = [(name, binding[-1]) for name, binding in holder.names.items() if binding]
    return iter(sorted(found, key=lambda pair: getattr(pair[1], "line", 0)))


def _is_declared(method: Function) -> bool:
    return any(
        record_name(decorator) in DECLARED or record_name(decorator).endswith("declared_attr")
        for decorator in method.decorators
    )


def _known_columns(base: External, cls: ClassScope, taken: set[str]) -> Iterator[SaColumn]:
    for name, type, nullable, primary_key, target in MIXINS.get(base.path, ()):
        if name not in taken:
            column = SaColumn(name, name, cls.module.path, cls.line, type, nullable, primary_key)
            column.target, _, column.target_column = target.rpartition(".")
            yield column


def _calls_of(definition: object) -> Iterator[Expression]:
    if isinstance(definition, Variable):
        yield from (part for part in record.walk_expressions(definition.value) if part[0] == "call")
    elif isinstance(definition, Function):
        yield from record.calls_in(definition.operations)
