"""What a recording says: which unit touched which table, reading or writing."""

import gzip
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import sqlglot
from sqlglot import exp

Mode = Literal["read", "write"]
Frame = tuple[str, int]  # path, line
Touch = tuple[str, str, Mode]  # unit, table, mode
UnitAt = Callable[[str, int], str | None]
Bases = Callable[[str], frozenset[str]]  # the classes that a class inherits from, at any depth

WRITES = (exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.TruncateTable)
SCHEMA = ("CREATE", "ALTER", "DROP", "COMMENT", "ANALYZE", "VACUUM", "EXPLAIN")


@dataclass(frozen=True, slots=True)
class Maker:
    """A place that made, changed or deleted a row."""

    stack: tuple[Frame, ...]  # innermost first
    heir: Frame | None  # as of a statement


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL text executed from one place."""

    sql: str
    stack: tuple[Frame, ...]  # innermost first
    builders: tuple[Frame, ...]  # where the queryset was made or added to, the last one first
    heir: Frame | None  # the class of the object whose inherited method is innermost
    times: int
    # Of SQLAlchemy: who is behind the rows that a flush writes; "flush", "reload" or "".
    makers: "tuple[Maker, ...] | None" = None
    kind: str = ""


@dataclass(slots=True)
class Observed:
    """Touches with the places that made them."""

    direct: dict[Touch, list[Statement]] = field(default_factory=dict)
    # For each of them, who else may be asked for it: the first of each tuple is charged.
    others: dict[Touch, set[tuple[str, ...]]] = field(default_factory=dict)
    through: dict[Touch, list[Statement]] = field(default_factory=dict)  # by a caller, at any depth
    units: set[str] = field(default_factory=set)  # units that were on a stack at all
    statements: int = 0
    unparsed: tuple[str, ...] = ()


def load(path: Path) -> tuple[Statement, ...]:
    """The statements of a file that record.py wrote."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        document = json.load(file)
    paths = document["paths"]
    stacks = [tuple((paths[p], line) for p, line in stack) for stack in document["stacks"]]
    origins = [
        (
            tuple((paths[path], line) for path, line in builders),
            None if heir is None else (paths[heir[0]], heir[1]),
        )
        for builders, heir in document["origins"]
    ]
    return tuple(
        Statement(sql, stacks[stack], *origins[origin], *_session(rest, stacks, origins))
        for sql, stack, origin, *rest in document["statements"]
    )


def _session(
    rest: list[Any], stacks: list[tuple[Frame, ...]], origins: list[Any]
) -> tuple[int, tuple[Maker, ...] | None, str]:
    """What a recording of a session says besides: (times, makers, kind)."""
    if len(rest) == 1:
        return rest[0], None, ""
    makers, kind, times = rest
    if makers is None:
        return times, None, kind
    return times, tuple(Maker(stacks[one], origins[heir][1]) for one, heir in makers), kind


def observe(
    statements: Iterable[Statement], *, unit_at: UnitAt, bases: Bases, dialect: str
) -> Observed:
    """Attribute each statement to units; `unit_at` is None for what is not product code."""
    observed = Observed()
    unparsed = set()
    known: dict[str, tuple[tuple[str, Mode], ...] | None] = {}
    for statement in statements:
        observed.statements += statement.times
        if statement.sql not in known:
            known[statement.sql] = touches(statement.sql, dialect)
        found = known[statement.sql]
        if found is None:
            unparsed.add(statement.sql)
            continue
        units = callers(statement.stack, unit_at)
        observed.units.update(units)
        asked = _asked(statement, units, unit_at, bases) if units else ()
        for table, mode in found if units else ():
            observed.others.setdefault((units[0], table, mode), set()).add(asked)
            for depth, unit in enumerate(units):
                side = observed.through if depth else observed.direct
                side.setdefault((unit, table, mode), []).append(statement)
    observed.unparsed = tuple(sorted(unparsed))
    return observed


def _asked(
    statement: Statement, units: tuple[str, ...], unit_at: UnitAt, bases: Bases
) -> tuple[str, ...]:
    """Who may claim the statement: who built the query, and classes that inherit what ran."""
    places = (*statement.builders, statement.heir)
    others = [unit_at(*place) for place in places if place is not None]
    asked = [unit for unit in others if unit is not None] + [units[0]]
    heirs = [unit for unit in units if not bases(unit).isdisjoint(asked)]
    return tuple(dict.fromkeys((*asked, *heirs)))


def callers(stack: tuple[Frame, ...], unit_at: UnitAt) -> tuple[str, ...]:
    """Product units on the stack, innermost first, each once, as far out as the test."""
    units: list[str] = []
    for path, line in stack:
        unit = unit_at(path, line)
        if unit is None:
            break
        if unit not in units:
            units.append(unit)
    return tuple(units)


def touches(sql: str, dialect: str) -> tuple[tuple[str, Mode], ...] | None:
    """Tables that a statement reads and writes; None where it cannot be parsed."""
    if sql.lstrip().upper().startswith(SCHEMA):
        return ()
    try:
        parsed = sqlglot.parse(_without_placeholders(sql), read=dialect)
    except sqlglot.errors.SqlglotError:
        return None
    found: set[tuple[str, Mode]] = set()
    for tree in parsed:
        if tree is not None:
            found |= _touches(tree)
    return tuple(sorted(found))


def _touches(tree: exp.Expression) -> set[tuple[str, Mode]]:
    defined = {cte.alias_or_name for cte in tree.find_all(exp.CTE)}
    targets = {id(table): "write" for table in _targets(tree)}
    return {
        (_full_name(table), "write" if id(table) in targets else "read")
        for table in tree.find_all(exp.Table)
        if table.name and (table.name not in defined or id(table) in targets)
    }


def _full_name(table: exp.Table) -> str:
    return f"{table.db}.{table.name}" if table.db else table.name


def _targets(tree: exp.Expression) -> list[exp.Table]:
    found = []
    for write in tree.find_all(*WRITES):
        this = write.this
        if isinstance(this, exp.Schema):
            this = this.this
        if isinstance(this, exp.Table):
            found.append(this)
        if isinstance(write, exp.TruncateTable):
            found.extend(table for table in write.expressions if isinstance(table, exp.Table))
    return found


def _without_placeholders(sql: str) -> str:
    return sql.replace("%%", "%").replace("%s", "NULL")
