"""A best effort for text that no dialect parses: the names that follow the telling words."""

import re
from typing import Literal

from analyzer.sql.names import table_name
from analyzer.sql.splitting import without_comments
from analyzer.sql.statement import LockUse, StatementKind, TableUse

_NAME = r"""(?:["`\[]?[\w$]+["`\]]?\s*\.\s*){0,2}["`\[]?[A-Za-z_][\w$]*["`\]]?"""
_USE = re.compile(
    rf"""
    \b(?:
        (?P<insert>(?:insert|replace)\s+(?:or\s+\w+\s+|ignore\s+)?into|merge\s+into|copy)
      | (?P<update>update)(?:\s+only)?
      | (?P<delete>delete\s+from)(?:\s+only)?
      | (?P<truncate>truncate)(?:\s+table)?
      | (?P<create>create\s+(?:(?:global|local|temp|temporary|unlogged)\s+)*table
                   (?:\s+if\s+not\s+exists)?)
      | (?P<alter>alter\s+table(?:\s+if\s+exists)?(?:\s+only)?)
      | (?P<drop>drop\s+table(?:\s+if\s+exists)?)
      | (?P<select>from(?:\s+only)?|join|references)
    )\s+(?P<name>{_NAME})(?P<call>\s*\()?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_COMMA = re.compile(rf"\s*(?:(?:as\s+)?\w+\s*)?,\s*(?P<name>{_NAME})(?!\s*\()", re.IGNORECASE)
_COMMON_TABLE = re.compile(
    r"(?:\bwith(?:\s+recursive)?|,)\s+[\"`]?(\w+)[\"`]?\s*(?:\([^()]*\)\s*)?as\s+"
    r"(?:not\s+materialized\s+|materialized\s+)?\(",
    re.IGNORECASE,
)
_STRING = re.compile(r"'(?:[^'\\]|''|\\.)*'", re.DOTALL)
_LOCK = re.compile(r"\block\s+tables?\s+(?P<names>.+)", re.IGNORECASE | re.DOTALL)
_LOCK_MODE = re.compile(
    r"\s+(?:in\s+[\w ]+\s+mode|read\b|write\b|low_priority|nowait|local\b).*", re.I | re.S
)
# Words that the pattern takes for a name: `update of`, `from (select`, `on update cascade`.
_NO_NAMES = frozenset(
    {"select", "set", "where", "of", "on", "only", "cascade", "restrict", "no", "nowait", "skip"}
    | {"values", "as", "table", "lateral", "into", "from", "join", "using", "and", "or", "not"}
    | {"exists", "if", "each", "statement", "row", "after", "before", "instead", "current"}
)
_KINDS: tuple[tuple[str, StatementKind], ...] = (
    (r"(?:with\b.*?\)\s*)?insert|replace\s+into|copy\b", "insert"),
    (r"update\b", "update"),
    (r"delete\b", "delete"),
    (r"merge\b", "merge"),
    (r"truncate\b", "truncate"),
    (r"create\b.*?\b(?:function|procedure|trigger|package)\b|do\b", "routine"),
    (r"create\b[\w\s]*?\bindex\b", "create_index"),
    (r"create\b[\w\s]*?\bview\b", "create_view"),
    (r"create\b[\w\s]*?\btable\b", "create_table"),
    (r"alter\s+table\b", "alter_table"),
    (r"drop\s+table\b", "drop_table"),
    (r"lock\b", "lock"),
    (r"(?:begin|start|commit|rollback|savepoint|release)\b", "transaction"),
    (r"(?:select|with)\b", "select"),
)
_KIND_PATTERNS = tuple((re.compile(pattern, re.I | re.S), kind) for pattern, kind in _KINDS)


def statement_kind(text: str) -> StatementKind:
    """What the statement does, by its first words."""
    head = without_comments(text[:400]).lstrip(" \t\r\n(")
    return next((kind for pattern, kind in _KIND_PATTERNS if pattern.match(head)), "other")


def scan_uses(text: str) -> tuple[TableUse, ...]:
    """The tables that the text seems to touch."""
    plain = _STRING.sub(lambda match: "''" + "\n" * match.group().count("\n"), text)
    plain = without_comments(plain)
    common = {name.lower() for name in _COMMON_TABLE.findall(plain)}
    uses = set()
    for match in _USE.finditer(plain):
        operation = _operation(match)
        if match["call"] and operation == "select":
            continue  # a function that yields rows
        for name, start in _names_at(plain, match, operation):
            known = _known(name, common)
            if known:
                uses.add(_use(known, operation, plain.count("\n", 0, start)))
    return tuple(sorted(uses))


def scan_locks(text: str) -> tuple[LockUse, ...]:
    """Tables named by LOCK TABLE, in its PostgreSQL and MySQL forms."""
    match = _LOCK.search(without_comments(text))
    if not match:
        return ()
    names = (_LOCK_MODE.sub("", part.strip()) for part in match["names"].split(","))
    plain = (re.sub(r"^only\s+", "", name, flags=re.IGNORECASE).split()[:1] for name in names)
    known = (_known(words[0], set()) for words in plain if words)
    return tuple(sorted({LockUse("table", name, 0) for name in known if name}))


def _operation(match: re.Match[str]) -> str:
    names = ("insert", "update", "delete", "truncate", "create", "alter", "drop", "select")
    return next(name for name in names if match[name])


def _names_at(text: str, match: re.Match[str], operation: str) -> list[tuple[str, int]]:
    names = [(match["name"], match.start("name"))]
    if operation not in {"select", "truncate", "drop"}:
        return names
    end = match.end("name")
    while (more := _COMMA.match(text, end)) and len(names) < 50:
        names.append((more["name"], more.start("name")))
        end = more.end("name")
    return names


def _known(name: str, common: set[str]) -> str | None:
    parts = re.split(r"\s*\.\s*", name.strip())
    last = parts[-1].strip('"`[]').lower()
    if last in common or (len(parts) == 1 and last in _NO_NAMES):
        return None
    return table_name(*parts)


def _use(table: str, operation: str, line: int) -> TableUse:
    mode: Literal["read", "write"] = "read" if operation == "select" else "write"
    return TableUse(table=table, mode=mode, operation=operation, line=line)
