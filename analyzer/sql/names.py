"""Table names as they are written → table names as they are known."""

import re

# Schemas that every table is in unless said otherwise; naming them says nothing.
DEFAULT_SCHEMAS = frozenset({"public", "dbo", "main"})
# Schemas and tables of the database itself.
SYSTEM_SCHEMAS = frozenset(
    {"information_schema", "pg_catalog", "performance_schema", "mysql", "sys", "pg_temp"}
)
SYSTEM_TABLES = frozenset(
    {"dual", "sqlite_master", "sqlite_schema", "sqlite_sequence", "sqlite_temp_master"}
)
_SYSTEM_PREFIXES = ("pg_", "pragma_", "sqlite_stat", "all_tab", "user_tab", "all_con", "user_con")
_QUOTES = '"`[] \t\n'
HOLE_NAME = "seamline_hole"  # what stands for computed text while a statement is parsed
_NAME = re.compile(r"[\w$#@.\- ]+\Z")


def table_name(*parts: str) -> str | None:
    """The name of a table given its schema and name, or None if it is no table of the codebase."""
    given = [part.strip(_QUOTES) for part in parts if part]
    kept = [part for part in given if part.lower() not in DEFAULT_SCHEMAS] or given[-1:]
    if not kept or not kept[-1] or is_computed(".".join(kept[-1:])):
        return None
    kept = [part for part in kept if not is_computed(part)]
    name, schemas = kept[-1], [part.lower() for part in kept[:-1]]
    if SYSTEM_SCHEMAS.intersection(schemas) or is_system_table(name):
        return None
    return ".".join(kept) if _NAME.match(name) else None


def is_system_table(name: str) -> bool:
    """Whether the database itself keeps this table."""
    lowered = name.lower()
    return lowered in SYSTEM_TABLES or lowered.startswith(_SYSTEM_PREFIXES)


def is_computed(name: str) -> bool:
    """Whether part of the name is not in the text."""
    return HOLE_NAME in name.lower()
