"""Models of a project, put together by peewee's rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal
from weakref import WeakKeyDictionary

from analyzer.readers.python import record
from analyzer.readers.python.constants import Constants
from analyzer.readers.python.origins import origin
from analyzer.readers.python.peewee import known
from analyzer.readers.python.peewee.factories import made_by_functions
from analyzer.readers.python.peewee.naming import TableNames
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Variable

_ROLES: dict[str, Literal["product", "test", "library"]] = {"test": "test", "vendored": "library"}


@dataclass(eq=False, slots=True)
class PwField:
    """A field with a column."""

    name: str
    column: str
    type: str
    path: str
    line: int
    nullable: bool = False
    primary_key: bool = False
    unique: bool = False
    target: "PwModel | None" = None
    accessor: str = ""  # of a key: the attribute of the target that leads back
    on_delete: str = ""
    id_name: str = ""  # of a key: the attribute that holds its value


@dataclass(eq=False, slots=True)
class PwMany:
    """A relation through a table between; `through` is its model, whoever writes that down."""

    name: str
    path: str
    line: int
    target: "PwModel"
    through: "PwModel"
    accessor: str


@dataclass(eq=False, slots=True)
class PwModel:
    """A model with its table; `scope` is None where no class stands for it alone."""

    id: str
    name: str  # of the class
    table: str
    path: str
    line: int
    unit: str  # "" for what a function makes: it maps several
    scope: ClassScope | None
    role: Literal["product", "test", "library"]
    fields: dict[str, PwField] = field(default_factory=dict)
    many: dict[str, PwMany] = field(default_factory=dict)
    is_between: bool = False  # made by peewee, for a many-to-many field


_MODELS: WeakKeyDictionary[Project, tuple[PwModel, ...]] = WeakKeyDictionary()


def read_models(project: Project) -> tuple[PwModel, ...]:
    """All models, in the order of their classes; tables between come after their class."""
    if project not in _MODELS:
        _MODELS[project] = tuple(_Assembly(project).models())
    return _MODELS[project]


class Bases:
    """Tells the classes that peewee maps from the others."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._known: dict[ClassScope, bool] = {}

    def derives(self, cls: ClassScope) -> bool:
        """Whether the class extends peewee's `Model`."""
        if cls not in self._known:
            self._known[cls] = any(self._is_base(base) for base in self._project.mro(cls))
        return self._known[cls]

    def _is_base(self, base: ClassScope | External) -> bool:
        if isinstance(base, External):
            return known.is_base(base.path)
        return any(self._is_of_object(base, one) for one in base.bases)

    def _is_of_object(self, cls: ClassScope, expression: Expression) -> bool:
        """`flask_db.Model`: the base that an object of a library around peewee makes."""
        if expression is None or expression[0] != "name" or not expression[1].endswith("Model"):
            return False
        return "." in expression[1] and known.is_base(
            origin(self._project, cls.owner or cls.module, expression[1])
        )


class _Assembly:
    def __init__(self, project: Project) -> None:
        self._project = project
        self._constants = Constants(project)
        self._names = TableNames(project)
        self._bases = Bases(project)
        self._models: dict[ClassScope, PwModel] = {}
        self._handed: Mapping[str, ClassScope | str] = {}  # to the function that makes a class

    def models(self) -> Iterator[PwModel]:
        """Every model, with what its fields lead to."""
        found = [
            cls
            for cls in self._project.classes()
            if cls.module.role != "migration" and self._bases.derives(cls)
        ]
        extended = {base for cls in found for base in self._project.mro(cls)[1:]}
        for cls in found:
            is_extended = cls in extended and known.sounds_abstract(cls.name)
            if not is_extended and self._has_table(cls):
                self._models[cls] = self._model(cls)
        made = list(self._made()) if found else []
        for cls, model in self._models.items():
            self._relate(cls, model)
        for model in (*self._models.values(), *made):
            yield model
            yield from self._between(model)

    def _made(self) -> Iterator[PwModel]:
        """The models that functions make, each named by what it is made of."""
        for made in made_by_functions(self._project, self._bases.derives):
            self._handed = made.handed
            with self._names.given(self._texts(made.handed)):
                model = self._model(made.cls)
            model.id, model.unit, model.scope = made.id, "", None
            model.path, model.line = made.variable.module.path, made.variable.line
            self._relate(made.cls, model)
            yield model
        self._handed = {}

    def _texts(self, handed: Mapping[str, ClassScope | str]) -> dict[str, str]:
        """What is asked of what a function is handed: `target._meta.table_name`."""
        found: dict[str, str] = {}
        for name, one in handed.items():
            if isinstance(one, str):
                found[name] = one
                continue
            table = self._models[one].table if one in self._models else ""
            found[f"{name}._meta.table_name"] = found[f"{name}._meta.db_table"] = table
            found[f"{name}._meta.name"] = one.name.lower()
            found[f"{name}.__name__"] = one.name
        return found

    def _has_table(self, cls: ClassScope) -> bool:
        """Whether it has fields of its own or names a table: a base often only has a database."""
        if any(True for _ in self._declared(cls)):
            return True
        return any(
            isinstance(meta, ClassScope) and {"table_name", "db_table"} & meta.names.keys()
            for meta in cls.names.get("Meta", [])
        )

    def _model(self, cls: ClassScope) -> PwModel:
        role = _ROLES.get(cls.module.role, "product")
        model = PwModel(
            cls.id, cls.name, self._names.table(cls), cls.module.path, cls.line, cls.unit, cls, role
        )
        for base, variable, kind in self._declared(cls):
            if kind not in known.NO_COLUMNS:
                model.fields[variable.name] = self._field(cls, base, variable, kind)
        self._set_key(cls, model)
        return model

    def _set_key(self, cls: ClassScope, model: PwModel) -> None:
        """The primary key that `Meta` names, or the one that peewee adds."""
        option = self._names.option(cls, "primary_key")
        value = option.value if isinstance(option, Variable) else None
        if value is not None and value[0] == "call":
            for argument in value[2]:
                named = model.fields.get(record.string_of(argument) or "")
                if named is not None:
                    named.primary_key = True
        elif value != ("const", False) and not any(
            one.primary_key for one in model.fields.values()
        ):
            name, kind = self._implicit_key(cls)
            given = PwField(name, name, kind, model.path, model.line, primary_key=True, unique=True)
            model.fields = {name: given, **model.fields}

    def _implicit_key(self, cls: ClassScope) -> tuple[str, str]:
        for base in self._project.mro(cls):
            if isinstance(base, External) and known.is_peewee(base.path):
                name = base.path.rpartition(".")[2]
                return known.IMPLICIT_KEYS.get(name, known.IMPLICIT_KEY)
        return known.IMPLICIT_KEY

    def _declared(self, cls: ClassScope) -> Iterator[tuple[ClassScope, Variable, str]]:
        """Fields of the class and of the models that it extends, nearest first, each name once."""
        taken: set[str] = set()
        for base in self._project.mro(cls):
            if not isinstance(base, ClassScope) or not self._bases.derives(base):
                continue
            for name, binding in base.names.items():
                definition = binding[-1]
                if name in taken or not isinstance(definition, Variable):
                    continue
                kind = self._kind(base, definition.value)
                if kind:
                    yield base, definition, kind
            taken.update(base.names)

    def _kind(self, scope: ClassScope, value: Expression) -> str:
        if value is None or value[0] != "call":
            return ""
        symbol = self._project.class_of_expression(scope, value[1])
        if isinstance(symbol, External):
            return known.field_of(symbol.path)
        if not isinstance(symbol, ClassScope):
            return ""
        for base in self._project.mro(symbol):
            if isinstance(base, External) and known.is_peewee(base.path):
                return known.field_of(base.path) or symbol.name
        return ""

    def _field(self, cls: ClassScope, base: ClassScope, variable: Variable, kind: str) -> PwField:
        value = variable.value
        is_primary = kind in known.PRIMARY or _is_true(value, "primary_key")
        found = PwField(
            name=variable.name,
            column=self._column(base, variable, kind),
            type=kind,
            path=base.module.path,
            line=variable.line,
            nullable=_is_true(value, "null"),
            primary_key=is_primary,
            unique=is_primary or _is_true(value, "unique"),
        )
        if kind in known.KEYS:
            named = self._text(base, value, "backref", "related_name")
            found.accessor = named or f"{cls.name.lower()}_set"
            found.on_delete = self._text(base, value, "on_delete").lower().replace(" ", "_")
            is_same = found.column == found.name
            found.id_name = self._text(base, value, "object_id_name") or (
                f"{found.column}_id" if is_same else found.column
            )
        return found

    def _column(self, base: ClassScope, variable: Variable, kind: str) -> str:
        given = self._text(base, variable.value, "column_name", "db_column")
        if given:
            return given
        is_key = kind in known.KEYS and not variable.name.endswith("_id")
        return f"{variable.name}_id" if is_key else variable.name

    def _text(self, scope: ClassScope, call: Expression, *names: str) -> str:
        for name in names:
            text = self._constants.text(scope, record.keyword(call, name))
            if text:
                return text
        return ""

    def _relate(self, cls: ClassScope, model: PwModel) -> None:
        """Find what keys and many-to-many fields lead to."""
        for base, variable, kind in self._declared(cls):
            if kind in known.KEYS:
                model.fields[variable.name].target = self._target(cls, base, variable.value)
            elif kind == known.MANY:
                target = self._target(cls, base, variable.value)
                if target is not None:
                    model.many[variable.name] = self._many(model, target, base, variable)

    def _target(self, cls: ClassScope, base: ClassScope, call: Expression) -> PwModel | None:
        for position, name in ((0, "model"), (-1, "rel_model"), (-1, "rel_model_name")):
            expression = record.argument(call, position, name)
            if expression is None:
                continue
            named = self._constants.text(base, expression)
            if named == "self":
                return self._models.get(cls)
            if named:
                return self._named(cls, named)
            handed = self._handed.get(expression[1]) if expression[0] == "name" else None
            symbol = handed or self._project.class_of_expression(base, expression)
            if not isinstance(symbol, ClassScope):
                return self._set_later(base, expression)
            return self._models.get(symbol)
        return None

    def _named(self, cls: ClassScope, name: str) -> PwModel | None:
        """The model of this name, whatever its case: one of the same module comes first."""
        named = [one for one in self._models if one.name.lower() == name.lower()]
        near = [one for one in named if one.module is cls.module]
        chosen = (near or named)[:1] if near or len(named) == 1 else []
        return self._models[chosen[0]] if chosen else None

    def _many(
        self, model: PwModel, target: PwModel, base: ClassScope, variable: Variable
    ) -> PwMany:
        value = variable.value
        given = record.argument(value, 2, "through_model")
        symbol = self._project.class_of_expression(base, given) if given is not None else None
        through = self._models.get(symbol) if isinstance(symbol, ClassScope) else None
        if through is None and given is not None:
            through = self._set_later(base, given)
        if through is None:
            through = _between(model, target, variable.name, variable.line)
        named = self._text(base, value, "backref", "related_name")
        accessor = named or f"{model.name.lower()}s"
        return PwMany(variable.name, base.module.path, variable.line, target, through, accessor)

    def _set_later(self, base: ClassScope, given: Expression) -> PwModel | None:
        """`Deferred.set_model(Model)` at the top of the module; peewee 2 has it for keys, too."""
        if given[0] != "name":
            return None
        for call in record.calls_in(base.module.operations):
            if record.callee_path(call) == f"{given[1]}.set_model":
                symbol = self._project.class_of_expression(
                    base.module, record.argument(call, 0, "through_model")
                )
                if isinstance(symbol, ClassScope):
                    return self._models.get(symbol)
        return None

    def _between(self, model: PwModel) -> Iterator[PwModel]:
        for one in model.many.values():
            if one.through.is_between:
                yield one.through


def _between(left: PwModel, right: PwModel, name: str, line: int) -> PwModel:
    """The table that peewee makes for a many-to-many field that names no model of its own."""
    schema, _, own = left.table.rpartition(".")
    table = f"{own}_{right.table.rpartition('.')[2]}_through"
    made = PwModel(
        id=f"{left.id}.{name}.through",
        name=f"{left.name}{right.name}Through",
        table=f"{schema}.{table}" if schema else table,
        path=left.path,
        line=line,
        unit=left.unit,
        scope=None,
        role=left.role,
        is_between=True,
    )
    made.fields["id"] = PwField(
        "id", "id", "AutoField", left.path, line, primary_key=True, unique=True
    )
    for side in (left, right):
        key = side.name.lower()
        made.fields[key] = PwField(
            key, f"{key}_id", "ForeignKeyField", left.path, line, target=side, id_name=f"{key}_id"
        )
    return made


def _is_true(call: Expression, option: str) -> bool:
    return bool(record.keyword(call, option) == ("const", True))
