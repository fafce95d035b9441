"""Why a recorded touch was not claimed, told from its SQL and the line that ran it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from benchmarks.recorded_sql.recording import Statement, Touch
    from benchmarks.recorded_sql.tables import Measured

CAUSES = {
    "text": "SQL as text",
    "handled": "Handed through by middleware or a decorator",
    "template": "Loaded while a template is rendered",
    "cascade": "Collected or changed by a delete that cascades",
    "flush": "Read by a flush, for what a deletion takes along",
    "ordering": "Joined for a default ordering",
    "key": "A foreign key's object, loaded when it is asked for",
    "join": "Joined by a lookup, select_related or annotation",
    "many": "A many-to-many table",
    "write": "A write",
    "read": "A query on the table itself",
}


def cause(measured: Measured, touch: Touch) -> str:
    """The key of the first cause in CAUSES that fits."""
    statement = measured.statement(touch)
    if statement.kind:
        return "write" if touch[2] == "write" else "flush"
    line = source_line(measured, statement)
    return next(name for name, fits in FITS.items() if fits(touch, statement.sql, line))


def source_line(measured: Measured, statement: Statement) -> str:
    """The line of the innermost product frame."""
    path, number = statement.stack[0]
    lines = (measured.project.source / path).read_text("utf-8", errors="replace").splitlines()
    return lines[number - 1].strip() if number <= len(lines) else ""


def _is_text(touch: Touch, sql: str, line: str) -> bool:
    return f'"{touch[1]}"' not in sql


def _is_ordering(touch: Touch, sql: str, line: str) -> bool:
    _, _, order = sql.rpartition("ORDER BY")
    before = sql.partition("FROM")[0] + sql.partition("WHERE")[2].partition("ORDER BY")[0]
    name = f'"{touch[1]}".'
    joined = f'JOIN "{touch[1]}"' in sql
    return joined and "ORDER BY" in sql and (name in order or name not in before)


def _is_key(touch: Touch, sql: str, line: str) -> bool:
    where = rf'FROM "{touch[1]}" WHERE "{touch[1]}"\."\w+" = %s LIMIT 21'
    return re.search(where, sql) is not None


def _is_join(touch: Touch, sql: str, line: str) -> bool:
    return f'JOIN "{touch[1]}"' in sql or f'(SELECT U0."id" FROM "{touch[1]}"' in sql


FITS: dict[str, Callable[[Touch, str, str], bool]] = {
    "text": _is_text,
    "handled": lambda touch, sql, line: "get_response(" in line,
    "template": lambda touch, sql, line: re.search(r"\brender\w*\(", line) is not None,
    "cascade": lambda touch, sql, line: ".delete(" in line,
    "ordering": _is_ordering,
    "key": _is_key,
    "join": _is_join,
    "many": lambda touch, sql, line: sql.startswith("INSERT OR IGNORE"),
    "write": lambda touch, sql, line: touch[2] == "write",
    "read": lambda touch, sql, line: True,
}
