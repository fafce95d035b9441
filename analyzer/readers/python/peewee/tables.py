"""Models of peewee → tables and foreign keys."""

import re
from collections.abc import Iterable, Iterator

from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import Column, ForeignKey, Table
from analyzer.readers.python import record
from analyzer.readers.python.constants import Constants
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Variable

BASES = frozenset(
    {"peewee.Model", "playhouse.signals.Model", "playhouse.flask_utils.FlaskDB.Model"}
    | {"playhouse.kv.KeyValue", "peewee_async.AioModel"}
)
KEYS = frozenset({"ForeignKeyField", "DeferredForeignKey"})
PRIMARY = frozenset({"AutoField", "BigAutoField", "PrimaryKeyField", "IdentityField"})
_NO_WORD = re.compile(r"[^\w]+")


class PeeweeTables:
    """Tables that peewee's model classes map."""

    calls: frozenset[str] = frozenset()

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Every model with its columns and keys."""
        reader = _Reader(project)
        for cls in project.classes():
            if reader.is_model(cls):
                yield from reader.facts(cls)

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """Nothing: models are read from classes."""
        return ()


class _Reader:
    def __init__(self, project: Project) -> None:
        self._project = project
        self._constants = Constants(project)

    def is_model(self, cls: ClassScope) -> bool:
        """Whether the class has a table: a base that only names a database has none."""
        bases = self._project.mro(cls)
        outside = [base.path for base in bases if isinstance(base, External)]
        return any(path in BASES for path in outside) and bool(list(self._fields(cls)))

    def facts(self, cls: ClassScope) -> Iterator[Fact]:
        """The table of a model and its foreign keys."""
        table = self._table(cls)
        columns = list(self._columns(cls))
        if not any(column.primary_key for column in columns):
            place = Evidence(cls.module.path, cls.line)
            columns.insert(0, Column("id", "AutoField", place, primary_key=True, unique=True))
        role = "test" if cls.module.role == "test" else "product"
        yield Table(
            name=table,
            kind="model",
            evidence=Evidence(cls.module.path, cls.line),
            defined_by=cls.unit,
            columns=tuple(columns),
            role=role,  # type: ignore[arg-type]
        )
        yield from self._keys(cls, table)

    def _table(self, cls: ClassScope) -> str:
        meta = cls.names.get("Meta", [])
        for definition in meta:
            if isinstance(definition, ClassScope):
                for option in ("table_name", "db_table"):
                    name = self._constants.attribute(definition, option)
                    if isinstance(name, str):
                        return name
        return _NO_WORD.sub("_", cls.name).lower()

    def _fields(self, cls: ClassScope) -> Iterator[tuple[ClassScope, Variable, str]]:
        """Fields of the class and its bases in the snapshot, nearest first, each name once."""
        taken: set[str] = set()
        for base in self._project.mro(cls):
            if not isinstance(base, ClassScope):
                continue
            for name, binding in base.names.items():
                definition = binding[-1]
                kind = self._kind(base, definition)
                if kind and name not in taken and isinstance(definition, Variable):
                    yield base, definition, kind
            taken.update(base.names)

    def _kind(self, scope: ClassScope, definition: object) -> str:
        value: Expression = definition.value if isinstance(definition, Variable) else None
        if value is None or value[0] != "call":
            return ""
        symbol = self._project.class_of_expression(scope, value[1])
        if isinstance(symbol, External) and symbol.path.startswith(("peewee.", "playhouse.")):
            name = symbol.path.rpartition(".")[2]
            return name if name.endswith("Field") or name in KEYS else ""
        if isinstance(symbol, ClassScope):
            return self._kind_of_class(symbol)
        return ""

    def _kind_of_class(self, cls: ClassScope) -> str:
        for base in self._project.mro(cls):
            if isinstance(base, External) and base.path.startswith("peewee."):
                name = base.path.rpartition(".")[2]
                return name if name.endswith("Field") and name != "Field" else cls.name
        return ""

    def _columns(self, cls: ClassScope) -> Iterator[Column]:
        for base, variable, kind in self._fields(cls):
            if kind in ("ManyToManyField", "BackrefAccessor"):
                continue
            name = self._column(base, variable, kind)
            primary = kind in PRIMARY or _is_true(variable.value, "primary_key")
            yield Column(
                name=name,
                type=kind,
                evidence=Evidence(base.module.path, variable.line),
                attribute=variable.name if variable.name != name else "",
                nullable=_is_true(variable.value, "null"),
                primary_key=primary,
                unique=primary or _is_true(variable.value, "unique"),
            )

    def _column(self, base: ClassScope, variable: Variable, kind: str) -> str:
        for option in ("column_name", "db_column"):
            given = self._constants.text(base, record.keyword(variable.value, option))
            if given:
                return given
        is_key = kind in KEYS
        return f"{variable.name}_id" if is_key and variable.name[-3:] != "_id" else variable.name

    def _keys(self, cls: ClassScope, table: str) -> Iterator[ForeignKey]:
        for base, variable, kind in self._fields(cls):
            if kind not in KEYS:
                continue
            target = self._target(cls, base, record.argument(variable.value, 0, "model"))
            if target is None:
                continue
            deleted = self._constants.text(base, record.keyword(variable.value, "on_delete"))
            yield ForeignKey(
                source=table,
                column=self._column(base, variable, kind),
                target=self._table(target),
                kind="foreign_key",
                evidence=Evidence(base.module.path, variable.line),
                nullable=_is_true(variable.value, "null"),
                on_delete=(deleted or "").lower().replace(" ", "_"),
            )

    def _target(
        self, cls: ClassScope, base: ClassScope, expression: Expression
    ) -> ClassScope | None:
        if self._constants.text(base, expression) == "self":
            return cls
        symbol = self._project.class_of_expression(base, expression) if expression else None
        if isinstance(symbol, ClassScope):
            return symbol
        named = self._constants.text(base, expression)
        symbol = self._project.resolve(cls.module, named) if named else None
        return symbol if isinstance(symbol, ClassScope) else None


def _is_true(call: Expression, option: str) -> bool:
    return bool(record.keyword(call, option) == ("const", True))
