"""sqlglot's tree of one statement → the tables it uses, locks and defines."""

from collections.abc import Iterator
from typing import Literal

from sqlglot import exp

from analyzer.sql.names import is_computed, table_name
from analyzer.sql.statement import (
    ColumnDefinition,
    ForeignKeyDefinition,
    LockUse,
    StatementKind,
    TableDefinition,
    TableUse,
)

_KINDS: tuple[tuple[type, StatementKind], ...] = (
    (exp.Insert, "insert"),
    (exp.Update, "update"),
    (exp.Delete, "delete"),
    (exp.Merge, "merge"),
    (exp.TruncateTable, "truncate"),
    (exp.Copy, "insert"),
    (exp.Query, "select"),
    (exp.Transaction, "transaction"),
    (exp.Commit, "transaction"),
    (exp.Rollback, "transaction"),
)
_CREATED: dict[str, StatementKind] = {
    "TABLE": "create_table",
    "VIEW": "create_view",
    "INDEX": "create_index",
    "TRIGGER": "routine",
    "FUNCTION": "routine",
    "PROCEDURE": "routine",
}
_ATTACHED = frozenset(("TRIGGER", "POLICY", "RULE"))  # dropped from a table, whose rows stay unread
# Functions that take a lock by a key, in lower case.
_ADVISORY = frozenset(
    f"pg_{attempt}advisory_{span}lock{share}"
    for attempt in ("", "try_")
    for span in ("", "xact_")
    for share in ("", "_shared")
) | {"get_lock", "sp_getapplock"}


def kind_of(tree: exp.Expr, *, otherwise: StatementKind) -> StatementKind:
    """What the statement does."""
    if isinstance(tree, exp.Create):
        return _CREATED.get(str(tree.args.get("kind", "")).upper(), "other")
    if isinstance(tree, exp.Drop):
        return "drop_table" if tree.args.get("kind") == "TABLE" else "other"
    if isinstance(tree, exp.Alter):
        return "alter_table" if tree.args.get("kind") == "TABLE" else "other"
    return next((kind for form, kind in _KINDS if isinstance(tree, form)), otherwise)


def uses_in(tree: exp.Expr, *, first_line: int = 0) -> set[TableUse]:
    """Every table that the statement touches, without the names that it makes up itself."""
    if isinstance(tree, exp.Drop) and str(tree.args.get("kind", "")).upper() in _ATTACHED:
        return set()
    aliases = _aliases(tree)
    targets = {id(node): operation for node, operation in _targets(tree)}
    uses = set()
    for node in tree.find_all(exp.Table):
        if _is_own_name(node) or not _is_relation(node):
            continue
        operation = targets.get(id(node), "select")
        if operation == "view":
            continue
        name = _name_of(node, aliases if id(node) in targets else {})
        if name:
            uses.add(_use(name, operation, _line(node, first_line)))
    return uses


def locks_in(tree: exp.Expr, *, first_line: int = 0) -> set[LockUse]:
    """Row locks of FOR UPDATE and its kin, and advisory locks."""
    locks = set()
    for select in tree.find_all(exp.Select):
        if select.args.get("locks") or _has_update_hint(select):
            for name in _locked_tables(select):
                locks.add(LockUse("row", name, _line(select, first_line)))
    for call in tree.find_all(exp.Anonymous):
        if str(call.this).lower() in _ADVISORY:
            locks.add(LockUse("advisory", _key_of(call), _line(call, first_line)))
    return locks


def has_open_table(tree: exp.Expr) -> bool:
    """Whether the name of a table is computed."""
    return any(is_computed(node.name) and _is_relation(node) for node in tree.find_all(exp.Table))


def definition_in(tree: exp.Expr, *, first_line: int = 0) -> TableDefinition | None:
    """What the statement says about the make of a table."""
    if isinstance(tree, exp.Create) and tree.args.get("kind") == "TABLE":
        return _created_table(tree, first_line)
    if isinstance(tree, exp.Alter) and tree.args.get("kind") == "TABLE":
        return _altered_table(tree, first_line)
    return None


# ---- uses


def _aliases(tree: exp.Expr) -> dict[str, str]:
    found = {}
    for node in tree.find_all(exp.Table):
        name = _name_of(node, {})
        if node.alias and name:
            found[node.alias.lower()] = name
    return found


def _targets(tree: exp.Expr) -> Iterator[tuple[exp.Table, str]]:
    """The tables that are written, and by which operation."""
    forms = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.TruncateTable, exp.Copy)
    for node in tree.find_all(*forms, exp.Create, exp.Alter, exp.Drop):
        operation = _operation(node)
        named = node.args.get("tables") or [node.this]
        if isinstance(node, exp.TruncateTable):
            named = node.expressions
        if isinstance(node, exp.Update) and isinstance(node.parent, exp.When):
            continue
        if isinstance(node, exp.Copy) and node.args.get("kind") is False:
            continue  # COPY … TO only reads
        for target in named:
            table = target.this if isinstance(target, exp.Schema) else target
            if isinstance(table, exp.Index):
                table = table.args.get("table")
            if isinstance(table, exp.Table):
                yield table, operation


def _operation(node: exp.Expr) -> str:
    if isinstance(node, exp.Create | exp.Drop | exp.Alter):
        if str(node.args.get("kind", "")).upper() not in {"TABLE", "INDEX"}:
            return "view"
        return {exp.Create: "create", exp.Drop: "drop", exp.Alter: "alter"}[type(node)]
    if isinstance(node, exp.TruncateTable):
        return "truncate"
    if isinstance(node, exp.Copy):
        return "insert"
    return type(node).__name__.lower()


def _is_own_name(node: exp.Table) -> bool:
    """Whether the name is that of a WITH query, seen from where it means that query."""
    if node.args.get("db"):
        return False
    name = node.name.lower()
    scope: exp.Expr | None = node
    while scope is not None:
        queries = scope.args.get("with_") or scope.args.get("with")
        if isinstance(queries, exp.With):
            for query in queries.expressions:
                own = _contains(query, node)
                if query.alias.lower() == name and (not own or queries.args.get("recursive")):
                    return True
        scope = scope.parent
    return False


def _contains(outer: exp.Expr, inner: exp.Expr) -> bool:
    node: exp.Expr | None = inner
    while node is not None:
        if node is outer:
            return True
        node = node.parent
    return False


def _is_relation(node: exp.Table) -> bool:
    """Whether the node names a table, rather than a function that yields rows or an option."""
    if not isinstance(node.this, exp.Identifier):
        return False
    return not isinstance(node.parent, exp.Lock | exp.LikeProperty | exp.AlterRename)


def _name_of(node: exp.Table, aliases: dict[str, str]) -> str | None:
    name = node.name
    if not node.args.get("db") and name.lower() in aliases:
        return aliases[name.lower()]
    return table_name(node.text("catalog"), node.text("db"), name)


def _use(table: str, operation: str, line: int) -> TableUse:
    mode: Literal["read", "write"] = "read" if operation == "select" else "write"
    return TableUse(table=table, mode=mode, operation=operation, line=line)


def _line(node: exp.Expr, first_line: int) -> int:
    """Line of the first name in the node; sqlglot counts from 1 and keeps it on names."""
    for name in node.find_all(exp.Identifier):
        line = name.meta.get("line")
        if isinstance(line, int):
            return first_line + line - 1
    return first_line


# ---- locks


def _locked_tables(select: exp.Select) -> Iterator[str]:
    direct = {
        (node.alias or node.name).lower(): _name_of(node, {})
        for node in _sources(select)
        if not _is_own_name(node)
    }
    chosen = [
        table.name.lower()
        for lock in select.args.get("locks") or ()
        for table in lock.expressions
        if isinstance(table, exp.Table)
    ]
    for alias, name in direct.items():
        if name and (not chosen or alias in chosen):
            yield name


def _sources(select: exp.Select) -> Iterator[exp.Table]:
    source = select.args.get("from_") or select.args.get("from")
    for part in [source, *(select.args.get("joins") or ())]:
        if part is not None and isinstance(part.this, exp.Table) and _is_relation(part.this):
            yield part.this
            for join in part.this.args.get("joins") or ():
                if isinstance(join.this, exp.Table):
                    yield join.this


def _has_update_hint(select: exp.Select) -> bool:
    hints = (hint for node in _sources(select) for hint in node.args.get("hints") or ())
    return any("updlock" in str(hint).lower() for hint in hints)


def _key_of(call: exp.Anonymous) -> str:
    literal = next((part for part in call.expressions if isinstance(part, exp.Literal)), None)
    return str(literal.this) if literal is not None and literal.this != "0" else "*"


# ---- definitions


def _created_table(tree: exp.Create, first_line: int) -> TableDefinition | None:
    schema = tree.this
    table = schema.this if isinstance(schema, exp.Schema) else schema
    name = _name_of(table, {}) if isinstance(table, exp.Table) else None
    if name is None:
        return None
    parts = schema.expressions if isinstance(schema, exp.Schema) else []
    return TableDefinition(
        table=name,
        line=_line(tree, first_line),
        columns=tuple(_column(part, first_line) for part in parts if _is_column(part)),
        foreign_keys=tuple(_foreign_keys(parts, first_line)),
        primary_key=_primary_key(parts),
        like=_taken_over(tree, parts),
        temporary=tree.find(exp.TemporaryProperty) is not None,
    )


def _altered_table(tree: exp.Alter, first_line: int) -> TableDefinition | None:
    name = _name_of(tree.this, {}) if isinstance(tree.this, exp.Table) else None
    if name is None:
        return None
    actions = tree.args.get("actions") or []
    parts = [part for action in actions for part in _added_parts(action)]
    renames = [action for action in actions if isinstance(action, exp.RenameColumn)]
    renamed = next((a.this for a in actions if isinstance(a, exp.AlterRename)), None)
    return TableDefinition(
        table=name,
        line=_line(tree, first_line),
        columns=tuple(_column(part, first_line) for part in parts if _is_column(part)),
        foreign_keys=tuple(_foreign_keys(parts, first_line)),
        dropped_columns=tuple(_dropped_columns(actions)),
        renamed_columns=tuple((act.this.name, act.args["to"].name) for act in renames),
        renamed_to=(_name_of(renamed, {}) or "") if isinstance(renamed, exp.Table) else "",
        primary_key=_primary_key(parts),
    )


def _added_parts(action: exp.Expr) -> list[exp.Expr]:
    if isinstance(action, exp.AddConstraint):
        return list(action.expressions)
    return [action] if isinstance(action, exp.ColumnDef) else []


def _dropped_columns(actions: list[exp.Expr]) -> Iterator[str]:
    for action in actions:
        if isinstance(action, exp.Drop) and action.args.get("kind") == "COLUMN":
            named = action.args.get("tables") or [action.this]
            yield from (column.name for column in named if column is not None)


def _is_column(part: exp.Expr) -> bool:
    return isinstance(part, exp.ColumnDef)


def _column(part: exp.Expr, first_line: int) -> ColumnDefinition:
    kinds = [constraint.args.get("kind") for constraint in part.args.get("constraints") or ()]
    primary = any(isinstance(kind, exp.PrimaryKeyColumnConstraint) for kind in kinds)
    not_null = any(
        isinstance(kind, exp.NotNullColumnConstraint) and not kind.args.get("allow_null")
        for kind in kinds
    )
    written = part.args.get("kind")
    return ColumnDefinition(
        name=part.name,
        type=written.sql() if isinstance(written, exp.Expr) else "",
        line=_line(part, first_line),
        nullable=not (primary or not_null),
        primary_key=primary,
        unique=any(isinstance(kind, exp.UniqueColumnConstraint) for kind in kinds),
    )


def _foreign_keys(parts: list[exp.Expr], first_line: int) -> Iterator[ForeignKeyDefinition]:
    for part in parts:
        for reference in part.find_all(exp.Reference):
            owner = reference.parent
            own = owner.expressions if isinstance(owner, exp.ForeignKey) else [part]
            key = _foreign_key(reference, [column.name for column in own], first_line)
            if key is not None:
                yield key


def _foreign_key(
    reference: exp.Reference, columns: list[str], first_line: int
) -> ForeignKeyDefinition | None:
    referred = reference.this
    table = referred.this if isinstance(referred, exp.Schema) else referred
    target = _name_of(table, {}) if isinstance(table, exp.Table) else None
    if target is None:
        return None
    named = referred.expressions if isinstance(referred, exp.Schema) else []
    options = [str(option).upper() for option in reference.args.get("options") or ()]
    deleted = next((text for text in options if text.startswith("ON DELETE")), "")
    return ForeignKeyDefinition(
        columns=tuple(columns),
        target=target,
        target_columns=tuple(column.name for column in named),
        line=_line(reference, first_line),
        on_delete=deleted.removeprefix("ON DELETE").strip().lower().replace(" ", "_"),
    )


def _primary_key(parts: list[exp.Expr]) -> tuple[str, ...]:
    for part in parts:
        for key in part.find_all(exp.PrimaryKey):
            return tuple(column.name for column in key.expressions)
    return ()


def _taken_over(tree: exp.Create, parts: list[exp.Expr]) -> str:
    for part in [*parts, tree.args.get("properties")]:
        if part is None:
            continue
        for form in part.find_all(exp.LikeProperty, exp.InheritsProperty):
            table = form.find(exp.Table)
            if table is not None:
                return _name_of(table, {}) or ""
    return ""
