"""Queries and writes through SQLAlchemy's sessions → accesses and joins, by unit."""

from collections.abc import Iterable, Iterator
from typing import Literal
from weakref import WeakKeyDictionary

from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import Join, TableAccess
from analyzer.readers.python import record
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression, Operation
from analyzer.readers.python.scopes import ClassScope, Symbol, Variable
from analyzer.readers.python.sqlalchemy.models import SaSchema, read_schema
from analyzer.readers.python.sqlalchemy.schema import MappedClass

Mode = Literal["read", "write"]

# Calls that read what their arguments, or the class before `.query`, stand for.
READING = frozenset(
    {"query", "select", "exists", "select_from", "join", "outerjoin", "filter", "filter_by"}
    | {"where", "all", "first", "one", "one_or_none", "scalar_one", "scalars", "count", "paginate"}
    | {"order_by", "group_by", "having", "get", "get_one", "get_or_404", "first_or_404"}
    | {"one_or_404", "options", "joinedload", "selectinload", "subqueryload", "contains_eager"}
    | {"with_entities", "distinct", "limit", "with_for_update", "union", "refresh"}
)
# Calls that write: by a statement on a table, or by an object that is handed to the session.
WRITING = {"insert": "insert", "update": "update", "delete": "delete", "upsert": "insert"}
BULK = {
    "bulk_insert_mappings": "bulk_insert",
    "bulk_update_mappings": "bulk_update",
    "bulk_save_objects": "bulk_insert",
}
HANDED_OVER = {"add": "insert", "add_all": "insert", "merge": "update", "delete": "delete"}
# Calls that write what was assigned to attributes of rows before.
FLUSHING = frozenset({"commit", "flush"})
DEPTH_LIMIT = 25

_SCHEMAS: WeakKeyDictionary[Project, "_Index"] = WeakKeyDictionary()


class _Index:
    """The mapped classes and tables of a project, for lookups."""

    def __init__(self, schema: SaSchema) -> None:
        self.by_class: dict[ClassScope, MappedClass] = {one.scope: one for one in schema.mapped}
        self.by_name = {one.scope.name: one for one in schema.mapped}
        self.by_place = {(table.path, table.line): table.name for table in schema.tables}
        self.tables = {table.name for table in schema.tables}
        self.attributes: dict[str, set[str]] = {}
        for one in schema.mapped:
            names = self.attributes.setdefault(one.table.name, set())
            names.update(one.attributes, one.relationships)

    def has_column(self, table: str, attribute: str) -> bool:
        """Whether assigning to an attribute of the table's rows changes them."""
        return attribute in self.attributes.get(table, ())

    def target_of(self, mapped: MappedClass, attribute: str) -> str | None:
        """The table that a relationship of a class leads to."""
        found = mapped.relationships.get(attribute)
        if found is None:
            return None
        target = found.target_class and self.by_class.get(found.target_class)
        target = target or self.by_name.get(found.target.rpartition(".")[2])
        return target.table.name if target else None


class SqlAlchemyAccesses:
    """What units read and write through mapped classes and tables."""

    calls: frozenset[str] = READING | frozenset(WRITING) | frozenset(BULK) | frozenset(HANDED_OVER)
    calls |= FLUSHING

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Nothing: accesses stand where the calls are."""
        return ()

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """What one call reads and writes."""
        index = _index(site.project)
        if not index.tables:
            return
        call, name = site.call, site.name
        if name in FLUSHING:
            yield from _changed_rows(site, index)
            return
        named = dict.fromkeys(_named_in_arguments(site, index, call))
        before = dict.fromkeys(_before(site, index, call, 0))
        if name in HANDED_OVER and not before:
            handed = dict.fromkeys(_handed_over(site, index, call))
            yield from _accesses(site, handed, "write", HANDED_OVER[name])
            if handed:
                return
        if name in WRITING:
            written = before or dict.fromkeys(list(named)[:1])
            yield from _accesses(site, written, "write", WRITING[name])
            return
        if name in BULK:
            yield from _accesses(site, named, "write", BULK[name])
            return
        yield from _accesses(site, {**before, **named}, "read", "select")
        tables = sorted({*before, *named})
        if len(tables) > 1:
            yield Join(site.unit, tuple(tables), site.evidence, "query")


def has_tables(project: Project) -> bool:
    """Whether the project maps any table."""
    return bool(_index(project).tables)


def remember_no_tables(project: Project) -> None:
    """Take from an earlier run that the project maps no table."""
    _SCHEMAS[project] = _Index(SaSchema((), ()))


def _index(project: Project) -> _Index:
    if project not in _SCHEMAS:
        _SCHEMAS[project] = _Index(read_schema(project))
    return _SCHEMAS[project]


def _accesses(
    site: CallSite, tables: Iterable[str], mode: Mode, operation: str
) -> Iterator[TableAccess]:
    place = Evidence(site.module.path, site.evidence.line)
    for table in tables:
        yield TableAccess(site.unit, table, mode, place, (), operation)


def _named_in_arguments(site: CallSite, index: _Index, call: Expression) -> Iterator[str]:
    """Tables of the classes and tables that arguments mention, also inside expressions."""
    values = [*call[2], *(value for _, value in call[3])]
    for value in values:
        for part in record.walk_expressions(value):
            if part[0] == "name":
                yield from _tables_of_path(site, index, part[1])


def _tables_of_path(site: CallSite, index: _Index, path: str) -> Iterator[str]:
    """`Class`, `Class.attribute`, `module.Class.attribute`, `table.c.column`."""
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        symbol = site.resolve(".".join(parts[:length]))
        if isinstance(symbol, ClassScope) and symbol in index.by_class:
            mapped = index.by_class[symbol]
            yield mapped.table.name
            target = index.target_of(mapped, parts[length]) if length < len(parts) else None
            if target:
                yield target
            return
        table = _table_of_symbol(index, symbol)
        if table:
            yield table
            return


def _table_of_symbol(index: _Index, symbol: Symbol | None) -> str | None:
    if isinstance(symbol, Variable):
        return index.by_place.get((symbol.module.path, symbol.line))
    return None


def _before(site: CallSite, index: _Index, call: Expression, depth: int) -> Iterator[str]:
    """Tables of the query that the call continues: `Class.query.…`, `session.query(Class).…`."""
    callee = call[1]
    if callee is None or depth > DEPTH_LIMIT:
        return
    if callee[0] == "attr":
        base = callee[1]
        if base is not None and base[0] == "call":
            if record.callee_name(base) in ("query", "select", "insert", "update", "delete"):
                yield from _named_in_arguments(site, index, base)
            yield from _before(site, index, base, depth + 1)
        return
    if callee[0] != "name":
        return
    owner = callee[1].rpartition(".")[0]
    if not owner:
        return
    head, _, rest = owner.partition(".query")
    if owner.endswith(".query") or (rest.startswith(".") and head):
        yield from _tables_of_path(site, index, head)
    elif owner.endswith(".__table__"):
        yield from _tables_of_path(site, index, owner.removesuffix(".__table__"))
    else:
        yield from _of_local(site, index, owner, depth)


def _of_local(site: CallSite, index: _Index, name: str, depth: int) -> Iterator[str]:
    """A table, or a local variable that holds a query."""
    if "." in name:
        return
    for value in list(site.assigned(name))[:3]:
        if value is not None and value[0] == "call" and depth < 3:
            if record.callee_name(value) in ("query", "select"):
                yield from _named_in_arguments(site, index, value)
            yield from _before(site, index, value, depth + 1)
    table = _table_of_symbol(index, site.resolve(name))
    if table:
        yield table


def _handed_over(site: CallSite, index: _Index, call: Expression) -> Iterator[str]:
    """Tables of the objects in `session.add(object)`."""
    argument = call[2][0] if call[2] else None
    items = (
        argument[1] if argument is not None and argument[0] in ("list", "tuple") else (argument,)
    )
    for item in items:
        yield from _of_instance(site, index, item, 0)


def _of_instance(
    site: CallSite, index: _Index, expression: Expression, depth: int
) -> Iterator[str]:
    if expression is None or depth > 4:
        return
    if expression[0] == "call":
        path = record.callee_path(expression)
        symbol = site.resolve(path) if path else None
        if isinstance(symbol, ClassScope) and symbol in index.by_class:
            yield index.by_class[symbol].table.name
        else:
            yield from _of_query(site, index, expression)
    elif expression[0] == "name":
        if expression[1] == "self" and site.owner in index.by_class:
            yield index.by_class[site.owner].table.name
        elif "." not in expression[1]:
            for value in list(site.assigned(expression[1]))[:3]:
                yield from _of_instance(site, index, value, depth + 1)


def _changed_rows(site: CallSite, index: _Index) -> Iterator[TableAccess]:
    """`row.column = …` in a function that commits: the row's table is written there."""
    if site.function is None:
        return
    loops: dict[str, Expression] = {}
    for operation in record.walk_operations(site.function.operations):
        if operation[0] == "for" and operation[1] is not None and operation[1][0] == "name":
            loops[operation[1][1]] = operation[2]
        for path, line in _assigned_attributes(operation):
            row, _, attribute = path.partition(".")
            tables = _of_instance(site, index, ("name", row, line), 0)
            if row in loops:
                tables = _of_rows(site, index, loops[row])
            for table in dict.fromkeys(tables):
                if index.has_column(table, attribute):
                    place = Evidence(site.module.path, line)
                    yield TableAccess(site.unit, table, "write", place, (), "update")


def _assigned_attributes(operation: Operation) -> list[tuple[str, int]]:
    """The paths `row.attribute` that an operation assigns to, and where."""
    if operation[0] == "assign":
        targets, line = operation[1], operation[3]
    elif operation[0] == "augment":
        targets, line = (operation[1],), operation[4]
    else:
        return []
    single = [one for one in targets if one is not None and one[0] != "tuple"]
    single += [item for one in targets if one and one[0] == "tuple" for item in one[1]]
    names = [one[1] for one in single if one is not None and one[0] == "name"]
    return [(name, line) for name in names if name.count(".") == 1]


def _of_rows(site: CallSite, index: _Index, rows: Expression) -> Iterator[str]:
    """What the rows of a loop are: `for order in session.query(Order)`, or of such a variable."""
    if rows is not None and rows[0] == "call":
        yield from _of_query(site, index, rows)
    elif rows is not None and rows[0] == "name" and "." not in rows[1]:
        for value in list(site.assigned(rows[1]))[:3]:
            if value is not None and value[0] == "call":
                yield from _of_query(site, index, value)


def _of_query(site: CallSite, index: _Index, call: Expression) -> Iterator[str]:
    """What a query that yields an object is about: its first class."""
    found = [*_before(site, index, call, 0)]
    if record.callee_name(call) in ("get", "get_one", "query"):
        found += _named_in_arguments(site, index, call)
    yield from found[:1]
