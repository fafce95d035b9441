"""SQL that stands in strings: what it reads, writes, joins and locks, by the unit that runs it."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import Join, Table, TableAccess
from analyzer.facts.transactions import Lock
from analyzer.readers.python import record
from analyzer.readers.python.callers import calls_of
from analyzer.readers.python.catalogue import Catalogue, Model
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Variable
from analyzer.sql.parsing import read_statements
from analyzer.sql.splitting import HOLE
from analyzer.sql.statement import Statement

# Calls that run SQL → the position and the name of the argument that holds it.
RUNNING: dict[str, tuple[int, str]] = {
    "execute": (0, "sql"),
    "executemany": (0, "sql"),
    "executescript": (0, "sql_script"),
    "execute_sql": (0, "sql"),
    "exec_driver_sql": (0, "statement"),
    "execute_values": (1, "sql"),
    "execute_batch": (1, "sql"),
    "copy_expert": (0, "sql"),
    "mogrify": (0, "query"),
    "raw": (0, "raw_query"),
    "raw_sql": (0, "sql"),
    "RawSQL": (0, "sql"),
    "RunSQL": (0, "sql"),
    "text": (0, "text"),  # of SQLAlchemy; other texts do not look like SQL
    "DDL": (0, "statement"),
    "SQL": (0, "sql"),
    "scalar": (0, "statement"),
    "fetch": (0, "query"),
    "fetchrow": (0, "query"),
    "fetchval": (0, "query"),
    "query": (0, "sql"),
    "read_sql": (0, "sql"),
    "read_sql_query": (0, "sql"),
    "read_sql_table": (0, "table_name"),
    "from_statement": (0, "statement"),
}
# Calls that only wrap the text: what runs it is asked about the text inside.
WRAPPING = frozenset(
    {"text", "SQL", "DDL", "RawSQL", "dedent", "strip", "format", "join", "Composed"}
)
# Calls that open a file, of whatever kind.
LOADING = frozenset({"open", "read_text", "read_bytes", "get_data", "resource_string"})
_QUOTING = frozenset({"quote_name", "qn", "quote", "Identifier", "quote_identifier", "quote_ident"})
_SQL = re.compile(
    r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*|\(\s*)*(?:select\b.*\bfrom\b|select\s+(?:pg_|get_lock)"
    r"|insert\s+(?:\w+\s+){0,2}into\b|update\s+.*\bset\b|delete\s+(?:\w+\s+)?from\b|with\s+.*\bas\b"
    r"|replace\s+into\b|merge\s+into\b|truncate\b|create\s+|alter\s+table\b|drop\s+table\b"
    r"|lock\s+tables?\b|copy\s+.*\b(?:from|to)\b|explain\b)",
    re.IGNORECASE | re.DOTALL,
)
DEPTH_LIMIT = 8
ALTERNATIVES_LIMIT = 6  # texts that one variable may hold


@dataclass(frozen=True, slots=True)
class SqlText:
    """SQL as far as it is known, with `HOLE` for what is computed.

    `line` is where it begins; where it stands apart from the call, the call's line counts for all.
    """

    text: str
    line: int
    in_place: bool = True

    def line_of(self, offset: int) -> int:
        """The line of something that stands `offset` lines into the text."""
        return self.line + (offset if self.in_place else 0)


class SqlStrings:
    """Accesses, joins and locks of SQL statements in strings."""

    calls = frozenset(RUNNING) | LOADING | {"extra"}

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Nothing: SQL is read where it is run."""
        return ()

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """What the statements in one call do."""
        tables = _Tables(site.shared.catalogue)
        if site.name == "extra":
            yield from _extra(site, tables)
            return
        if site.name in LOADING:
            yield from _of_file(site, tables)
            return
        position, name = RUNNING[site.name]
        argument = record.argument(site.call, position, name)
        if site.name == "read_sql_table":
            yield from _named_table(site, argument, tables)
            return
        if _is_wrapped(argument):
            return  # asked about on its own
        for sql in _continued(_texts(site, argument, 0)):
            yield from _facts(site, sql, tables)
        yield from _of_callers(site, argument, tables)


def _continued(texts: Iterable[SqlText]) -> Iterator[SqlText]:
    """Those that are SQL; what follows one and is none itself is added to it: `query += "…"`."""
    last: SqlText | None = None
    for sql in texts:
        if _SQL.match(sql.text):
            if last is not None:
                yield last
            last = sql
        elif last is not None:
            last = SqlText(f"{last.text} {sql.text}", last.line, last.in_place)
    if last is not None:
        yield last


def _of_callers(site: CallSite, argument: Expression, tables: "_Tables") -> Iterator[Fact]:
    """What callers hand to a function that runs it: `def run(sql): cursor.execute(sql)`."""
    function = site.function
    if function is None or argument is None or argument[0] != "name" or "." in argument[1]:
        return
    names = [one[0] for one in function.record[record.F_PARAMETERS]]
    if argument[1] not in names or list(site.assigned(argument[1])):
        return
    position = names.index(argument[1]) - (function.owner is not None)
    for caller, call in calls_of(site.project, function):
        if caller.module.role == "test":
            continue
        there = site.of_caller(caller, call)
        given = record.argument(call, position, argument[1])
        for sql in _continued(_texts(there, given, 0)):
            yield from _facts(there, sql, tables)


def _of_file(site: CallSite, tables: "_Tables") -> Iterator[Fact]:
    """What the statements in a file of SQL do that code opens by its name."""
    others = site.project.other_files
    for part in record.walk_expressions(site.call):
        if part[0] == "str" and part[1].endswith(".sql"):
            name = part[1].lstrip("./")
            found = [one for one in others.paths if one == name or one.endswith(f"/{name}")]
            if len(found) == 1:
                text = others.content(found[0]).decode("utf-8", "replace")
                place = SqlText(text, site.evidence.line, in_place=False)
                yield from _facts(site, place, tables)


class _Tables:
    """Finds a table by the name that SQL writes, whatever its case and schema."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._known: dict[str, str] = {}
        for model in catalogue.models.values():
            self._known.setdefault(model.table.lower(), model.table)
            for field in model.fields.values():
                if field.through:
                    self._known.setdefault(field.through.lower(), field.through)

    def named(self, name: str) -> str | None:
        """The table of the mapper with this name, if there is one."""
        lowered = name.lower()
        return self._known.get(lowered) or self._known.get(lowered.rpartition(".")[2])


# ---- facts


def _facts(site: CallSite, sql: SqlText, tables: _Tables) -> Iterator[Fact]:
    for statement in read_statements(sql.text):
        place = Evidence(site.module.path, sql.line_of(statement.line))
        named = {use.table: tables.named(use.table) for use in statement.uses}
        for use in statement.uses:
            known = named[use.table]
            line = Evidence(site.module.path, sql.line_of(use.line))
            if known is None and not _may_define(statement):
                continue
            if known is None:
                yield _table_of_sql(site, use.table, line)
            yield TableAccess(site.unit, known or use.table, use.mode, line, (), use.operation)
        yield from _join(site, statement, named, place)
        yield from _locks(site, statement, named, place)
        yield from _doubts(statement, place)


def _may_define(statement: Statement) -> bool:
    """Whether a table that no model maps may be taken from this statement."""
    definition = statement.definition
    return statement.understanding == "parsed" and not (definition and definition.temporary)


def _table_of_sql(site: CallSite, name: str, place: Evidence) -> Table:
    role = "test" if site.module.role == "test" else "product"
    return Table(name=name, kind="sql", evidence=place, role=role)  # type: ignore[arg-type]


def _join(
    site: CallSite, statement: Statement, named: dict[str, str | None], place: Evidence
) -> Iterator[Join]:
    touched = {named.get(table) or table for table in statement.tables}
    if len(touched) > 1 and statement.kind not in ("drop_table", "truncate", "create_table"):
        yield Join(site.unit, tuple(sorted(touched)), place, "sql")


def _locks(
    site: CallSite, statement: Statement, named: dict[str, str | None], place: Evidence
) -> Iterator[Lock]:
    for lock in statement.locks:
        target = named.get(lock.target) or lock.target
        yield Lock(site.unit, lock.kind, target, place)


def _doubts(statement: Statement, place: Evidence) -> Iterator[Diagnostic]:
    if statement.open_table:
        yield Diagnostic(
            place.path,
            place.line,
            "info",
            "computed-table",
            "The name of a table in this SQL is computed, so its accesses may not be complete.",
        )
    if statement.understanding == "scanned" and statement.problem:
        yield Diagnostic(
            place.path,
            place.line,
            "info",
            "sql-not-parsed",
            f"This SQL was only searched for table names: {statement.problem}.",
        )


def _extra(site: CallSite, tables: _Tables) -> Iterator[Fact]:
    """`QuerySet.extra(tables=[…])` reads those tables too."""
    for name, line in record.strings_of(record.keyword(site.call, "tables")):
        known = tables.named(name)
        if known is not None:
            place = Evidence(site.module.path, line or site.evidence.line)
            yield TableAccess(site.unit, known, "read", place, (), "select")
    for keyword in ("where", "select"):
        for part in record.walk_expressions(record.keyword(site.call, keyword)):
            if part[0] == "str" and "select" in part[1].lower():
                inner = SqlText(f"SELECT 1 WHERE ({part[1]})", part[2])
                yield from _facts(site, inner, tables)


def _named_table(site: CallSite, argument: Expression, tables: _Tables) -> Iterator[Fact]:
    name = record.string_of(argument)
    if name:
        known = tables.named(name)
        if known is None:
            yield _table_of_sql(site, name, site.evidence)
        yield TableAccess(site.unit, known or name, "read", site.evidence, (), "select")


# ---- texts


def _is_wrapped(argument: Expression) -> bool:
    return (
        argument is not None
        and argument[0] == "call"
        and record.callee_name(argument) in ("text", "SQL", "DDL", "RawSQL")
    )


def _texts(site: CallSite, expression: Expression, depth: int) -> Iterator[SqlText]:
    """The texts that an argument may hold; a list is several statements."""
    if expression is None or depth > DEPTH_LIMIT:
        return
    if expression[0] in ("list", "tuple"):
        for item in expression[1][:200]:
            if item is not None and item[0] == "tuple" and item[1]:
                item = item[1][0]  # a statement and its parameters
            yield from _texts(site, item, depth + 1)
        return
    if expression[0] == "either":
        for part in expression[1]:
            yield from _texts(site, part, depth + 1)
        return
    if expression[0] == "name" and "." not in expression[1]:
        local = list(site.assigned(expression[1]))[:ALTERNATIVES_LIMIT]
        if local:
            for part in local:
                yield from _texts(site, part, depth + 1)
            return
    text = _text(site, expression, depth)
    if text is not None and text.strip(HOLE + " \n"):
        line = _line_of(expression)
        yield SqlText(text, line or site.evidence.line, in_place=line is not None)


def _line_of(expression: Expression) -> int | None:
    """Where the text begins, if it is a literal or starts with one."""
    if expression is None:
        return None
    if expression[0] in ("str", "fstr"):
        return int(expression[2])
    if expression[0] == "call" and expression[1] and expression[1][0] == "attr":
        return _line_of(expression[1][1])
    return _line_of(expression[2][0]) if expression[0] == "op" else None


def _text(site: CallSite, expression: Expression, depth: int) -> str | None:
    """The text of an expression, with holes; None where it is no text at all."""
    if expression is None or depth > DEPTH_LIMIT:
        return None
    read = _READERS.get(expression[0])
    return read(site, expression, depth + 1) if read else None


def _of_string(site: CallSite, expression: Expression, depth: int) -> str | None:
    return str(expression[1])


def _of_fstring(site: CallSite, expression: Expression, depth: int) -> str | None:
    parts = (
        part if isinstance(part, str) else _text(site, part, depth) or HOLE
        for part in expression[1]
    )
    return "".join(parts)


def _of_operator(site: CallSite, expression: Expression, depth: int) -> str | None:
    operands = expression[2]
    if expression[1] == "+":
        texts = [_text(site, part, depth) for part in operands]
        return "".join(one or HOLE for one in texts) if any(texts) else None
    if expression[1] == "%":
        pattern = _text(site, operands[0], depth)
        return None if pattern is None else _formatted(site, pattern, operands[1], depth)
    return None


def _formatted(site: CallSite, pattern: str, values: Expression, depth: int) -> str:
    """`pattern % values`: known names are put in, the others stay placeholders."""
    if values is None:
        return pattern
    if values[0] == "dict":
        for key, value in values[1]:
            name, text = record.string_of(key), _text(site, value, depth)
            if name and text:
                pattern = pattern.replace(f"%({name})s", text)
        return pattern
    items = values[1] if values[0] in ("tuple", "list") else (values,)
    for item in items:
        pattern = pattern.replace("%s", _text(site, item, depth) or HOLE, 1)
    return pattern


def _of_call(site: CallSite, expression: Expression, depth: int) -> str | None:
    name = record.callee_name(expression)
    callee = expression[1]
    if name in _QUOTING and expression[2]:
        return _text(site, expression[2][-1], depth)
    if name in ("format", "strip", "lstrip", "rstrip", "lower", "replace", "encode"):
        base = callee[1] if callee[0] == "attr" else ("name", callee[1].rpartition(".")[0], 0)
        text = _text(site, base, depth)
        return _filled(site, text, expression, depth) if text and name == "format" else text
    if name == "join" and callee[0] == "attr":
        items = expression[2][0] if expression[2] else None
        if items is not None and items[0] == "name" and "." not in items[1]:
            items = next(iter(site.assigned(items[1])), None)
        parts = items[1] if items is not None and items[0] in ("list", "tuple") else ()
        between = _text(site, callee[1], depth) or " "
        return between.join(_text(site, part, depth) or HOLE for part in parts) or None
    if (name in WRAPPING or name in ("cleandoc", "_", "str")) and expression[2]:
        return _text(site, expression[2][0], depth)
    return None


def _filled(site: CallSite, pattern: str, call: Expression, depth: int) -> str:
    """`pattern.format(…)`: known names are put in, the others stay in their braces."""
    for index, value in enumerate(call[2]):
        text = _text(site, value, depth) or HOLE
        pattern = pattern.replace("{}", text, 1).replace(f"{{{index}}}", text)
    for name, value in call[3]:
        if name:
            pattern = pattern.replace(f"{{{name}}}", _text(site, value, depth) or HOLE)
    return pattern


def _of_name(site: CallSite, expression: Expression, depth: int) -> str | None:
    path = str(expression[1])
    if path.endswith(("._meta.db_table", "._meta.table_name")):
        return _table_of_model(site, path.partition("._meta.")[0])
    if path.endswith(".__tablename__"):
        return _table_of_model(site, path.removesuffix(".__tablename__"))
    if "." not in path:
        for value in site.assigned(path):
            text = _text(site, value, depth)
            if text is not None:
                return text
    symbol = _symbol(site, path)
    if isinstance(symbol, Variable) and symbol.value is not None:
        return _text(site, symbol.value, depth)
    return None


def _symbol(site: CallSite, path: str) -> Any:
    root, _, rest = path.partition(".")
    if root in ("self", "cls") and site.owner is not None and rest and "." not in rest:
        return site.project.class_member(site.owner, rest)
    return site.resolve(path)


def _table_of_model(site: CallSite, path: str) -> str | None:
    model = _model(site, path)
    return model.table if model is not None else None


def _model(site: CallSite, path: str) -> Model | None:
    models = site.shared.catalogue.models
    if path in ("self", "cls") and site.owner is not None:
        return models.get(site.owner.id)
    symbol = site.resolve(path)
    if isinstance(symbol, ClassScope):
        return models.get(symbol.id)
    if isinstance(symbol, External):
        return models.get(symbol.path)
    found = site.model_of(("name", path, 0))
    return models.get(found) if found else None


_READERS = {
    "str": _of_string,
    "fstr": _of_fstring,
    "op": _of_operator,
    "call": _of_call,
    "name": _of_name,
}
