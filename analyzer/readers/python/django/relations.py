"""Fields as written → fields with columns, targets and the tables between; all models at once."""

from collections.abc import Iterator

from analyzer.readers.python.django.assembly import ModelAssembly
from analyzer.readers.python.django.fields import FieldSpec
from analyzer.readers.python.django.schema import (
    NAME_LIMITS,
    Field,
    FieldRole,
    Model,
    truncated,
    unquoted,
)
from analyzer.sql.dialect import dialect_of_engine

_ROLES: dict[str, FieldRole] = {
    "plain": "plain",
    "foreign_key": "foreign_key",
    "one_to_one": "one_to_one",
    "many_to_many": "many_to_many",
    "generic": "generic",
    "generic_relation": "generic_relation",
}
_HISTORY_FIELDS: tuple[tuple[str, str, bool], ...] = (
    ("history_id", "AutoField", False),
    ("history_date", "DateTimeField", False),
    ("history_change_reason", "CharField", True),
    ("history_type", "CharField", False),
)


class Resolution:
    """Resolves the fields of every model of an assembly."""

    def __init__(self, assembly: ModelAssembly) -> None:
        self._assembly = assembly
        engine = assembly.settings.engine
        dialect = dialect_of_engine(engine) if engine else None
        self._limit = NAME_LIMITS.get(dialect or "")
        self.extra_models: list[Model] = []  # made by the mapper: history, translations
        self.replaced: set[Model] = set()  # models of migrations that those stand for

    def resolve(self, model: Model) -> None:
        """Fill the model's table and fields."""
        if not model.table and not model.proxy:
            model.table = truncated(f"{model.app}_{model.name.lower()}", self._limit)
        model.table = unquoted(model.table)
        if model.abstract:
            return
        for spec in self._assembly.specs[model].values():
            self._add(model, spec)
        if not model.proxy:
            self._ensure_primary_key(model)

    def link(self, model: Model) -> None:
        """Fill what needs the fields of other models: referred columns, tables between."""
        for field in model.fields.values():
            if field.target is not None and field.role != "many_to_many":
                field.target_column = self._referred_column(field)
        self._link_parents(model)

    # ---- one field

    def _add(self, model: Model, spec: FieldSpec) -> None:
        kind = spec.known.kind
        if kind in ("translations", "history"):
            self._add_table(model, spec)
        elif kind in _ROLES:
            field = self._field(model, spec)
            model.fields[field.name] = field

    def _field(self, model: Model, spec: FieldSpec) -> Field:
        reader, known = self._assembly.reader, spec.known
        field = Field(
            name=spec.name,
            role=_ROLES[known.kind],
            path=spec.path or model.path,
            line=spec.line or model.line,
            type=known.type,
            nullable=known.nullable or reader.flag(spec, "null"),
            primary_key=reader.flag(spec, "primary_key"),
            unique=known.unique or reader.flag(spec, "unique"),
            related_name=self._text(spec, "related_name").replace("%(class)s", model.name.lower()),
            related_query_name=self._text(spec, "related_query_name"),
            on_delete=self._on_delete(spec),
            extra=tuple((pattern.format(spec.name), type) for pattern, type in known.extra),
        )
        field.related_name = field.related_name.replace("%(app_label)s", model.app)
        if known.primary_key and known.kind == "plain":
            field.primary_key = field.primary_key or "primary_key" not in spec.options
        self._relate(model, spec, field)
        field.unique = field.unique or field.primary_key
        return field

    def _relate(self, model: Model, spec: FieldSpec, field: Field) -> None:
        if field.role == "plain":
            field.column = self._text(spec, "db_column") or field.name
            return
        if field.role == "generic":
            field.fk_field = self._text(spec, "fk_field") or "object_id"
            return
        field.target = self._assembly.target_of(spec, model)
        field.target_label = field.target.label if field.target else ""
        if field.role in ("foreign_key", "one_to_one"):
            field.column = self._text(spec, "db_column") or f"{field.name}_id"
            if self._assembly.reader.flag(spec, "parent_link"):
                field.role = "parent_link"
            if field.target is not None:
                # Django deletes along with the parent, and refers to the target's key column.
                field.target_column = self._text(spec, "to_field")
        elif field.role == "many_to_many":
            self._relate_many(model, spec, field)

    def _relate_many(self, model: Model, spec: FieldSpec, field: Field) -> None:
        field.through = self._assembly.target_of(spec, model, "through")
        if field.through is not None or self._names_through(spec):
            return
        named = self._text(spec, "db_table")
        field.m2m_table = unquoted(named or truncated(f"{model.table}_{field.name}", self._limit))

    def _names_through(self, spec: FieldSpec) -> bool:
        """Whether a table between is named, even if it is not known."""
        given = spec.options.get("through")
        return given is not None and given[1] not in (None, ("const", None))

    def _text(self, spec: FieldSpec, option: str) -> str:
        value = self._assembly.reader.value(spec, option)
        return value if isinstance(value, str) else ""

    def _on_delete(self, spec: FieldSpec) -> str:
        given = spec.options.get("on_delete")
        if given is None or given[1] is None:
            return spec.known.on_delete
        expression = given[1]
        if expression[0] == "call":
            expression = expression[1]
        name = expression[1] if expression and expression[0] == "name" else ""
        return str(name).rpartition(".")[2]

    # ---- keys

    def _ensure_primary_key(self, model: Model) -> None:
        if any(field.primary_key for field in model.fields.values()):
            return
        links = (field for field in model.fields.values() if field.role == "parent_link")
        link = next(links, None)
        if link is not None:
            link.primary_key = link.unique = True
            return
        model.fields = {"id": self._implicit_key(model), **model.fields}

    def _implicit_key(self, model: Model) -> Field:
        return Field(
            name="id",
            role="plain",
            path=model.path,
            line=model.line,
            column="id",
            type=model.auto_field,
            primary_key=True,
            unique=True,
        )

    def _referred_column(self, field: Field) -> str:
        target = field.target.concrete if field.target else None
        if target is None:
            return ""
        named = target.fields.get(field.target_column) if field.target_column else None
        key = named or target.primary_key()
        return key.column if key else "id"

    def _link_parents(self, model: Model) -> None:
        for parent in model.parents:
            for field in model.fields.values():
                if field.role == "parent_link" and field.target in (parent, parent.concrete):
                    model.parents[parent] = field

    # ---- tables that the mapper makes

    def _add_table(self, model: Model, spec: FieldSpec) -> None:
        if spec.known.kind == "translations":
            made = self._translations(model, spec)
        else:
            made = self._history(model, spec)
        self._complete(made)
        self.extra_models.append(made)

    def _complete(self, made: Model) -> None:
        """Take over what migrations know of a table that the mapper makes."""
        witness = self._assembly.witnessed.get(made.key)
        if witness is None:
            return
        self.replaced.add(witness)
        made.table = unquoted(witness.table) or made.table
        for name, spec in self._assembly.specs[witness].items():
            if name not in made.fields and spec.known.kind in _ROLES:
                made.fields[name] = self._field(made, spec)

    def _made(self, model: Model, spec: FieldSpec, name: str, table: str) -> Model:
        return Model(
            id=f"{model.id}.{name}",
            app=model.app,
            name=name,
            path=spec.path,
            line=spec.line,
            table=truncated(table, self._limit),
            role=model.role,
            auto_field=model.auto_field,
        )

    def _translations(self, model: Model, spec: FieldSpec) -> Model:
        made = self._made(model, spec, f"{model.name}Translation", f"{model.table}_translation")
        made.fields["id"] = self._implicit_key(made)
        code = Field("language_code", "plain", spec.path, spec.line, "language_code", "CharField")
        master = Field("master", "foreign_key", spec.path, spec.line, "master_id", "ForeignKey")
        master.target, master.target_label = model, model.label
        master.related_name, master.on_delete = spec.name, "CASCADE"
        made.fields.update({"language_code": code, "master": master})
        for inner in spec.inner:
            if inner.known.kind in _ROLES:
                made.fields[inner.name] = self._field(made, inner)
        return made

    def _history(self, model: Model, spec: FieldSpec) -> Model:
        name = self._text(spec, "custom_model_name") or f"Historical{model.name}"
        table = self._text(spec, "table_name") or f"{model.app}_{name.lower()}"
        made = self._made(model, spec, name, table)
        made.kind = "history"
        for other in self._assembly.specs[model].values():
            copied = other.known.kind in ("plain", "foreign_key", "one_to_one")
            if copied and other is not spec:
                made.fields[other.name] = self._copied(made, other)
        if not any(
            self._assembly.reader.flag(s, "primary_key")
            for s in self._assembly.specs[model].values()
        ):
            made.fields["id"] = Field("id", "plain", spec.path, spec.line, "id", "IntegerField")
        for column, type, nullable in _HISTORY_FIELDS:
            made.fields[column] = Field(
                column, "plain", spec.path, spec.line, column, type, nullable=nullable
            )
        made.fields["history_id"].primary_key = True
        user = Field("history_user", "foreign_key", spec.path, spec.line, "history_user_id")
        user.type, user.nullable, user.on_delete = "ForeignKey", True, "SET_NULL"
        user.target = self._assembly.model_of_label("AUTH_USER_MODEL", None)
        made.fields["history_user"] = user
        return made

    def _declares_key(self, model: Model) -> bool:
        specs = self._assembly.specs[model].values()
        return any(
            spec.known.primary_key or self._assembly.reader.flag(spec, "primary_key")
            for spec in specs
        )

    def _copied(self, made: Model, spec: FieldSpec) -> Field:
        field = self._field(made, spec)
        field.primary_key = field.unique = False
        field.on_delete = "DO_NOTHING"
        if field.role in ("one_to_one", "parent_link"):
            field.role, field.type = "foreign_key", "ForeignKey"
        if field.target is not None:
            field.nullable = True
        field.related_name = "+"
        return field


def many_to_many_model(model: Model, field: Field) -> Model:
    """The model that Django makes for a many-to-many field without `through`."""
    target = field.target
    name = f"{model.name}_{field.name}"
    made = Model(
        id=f"{model.id}.{field.name}",
        app=model.app,
        name=name,
        path=field.path,
        line=field.line,
        table=field.m2m_table,
        role=model.role,
        kind="many_to_many",
        managed=model.managed,
        auto_field=model.auto_field,
    )
    source_name, target_name = model.name.lower(), (target.name.lower() if target else "")
    if target is not None and source_name == target_name:
        source_name, target_name = f"from_{source_name}", f"to_{target_name}"
    made.fields["id"] = Field(
        "id", "plain", field.path, field.line, "id", model.auto_field, primary_key=True, unique=True
    )
    for end, name in ((model, source_name), (target, target_name)):
        if not name:
            continue
        link = Field(name, "foreign_key", field.path, field.line, f"{name}_id", "ForeignKey")
        link.target, link.target_label, link.on_delete = end, end.label if end else "", "CASCADE"
        made.fields[name] = link
    for column, type in field.extra:
        made.fields[column] = Field(column, "plain", field.path, field.line, column, type)
    return made


def tables_between(models: list[Model]) -> Iterator[Model]:
    """The tables of all many-to-many fields that have no model of their own."""
    for model in models:
        if model.abstract or model.proxy or model.swapped:
            continue
        for field in model.fields.values():
            if field.role == "many_to_many" and field.m2m_table:
                yield many_to_many_model(model, field)
