"""Which SQL is spoken, judged from the text alone."""

import re

# First match counts most; the pattern is something that only that dialect writes.
_SIGNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(pattern, re.IGNORECASE))
    for name, pattern in (
        ("mysql", r"`|\bauto_increment\b|\bengine\s*=|\bunsigned\b|\block\s+in\s+share\b"),
        ("sqlite", r"\bautoincrement\b|\bpragma\b|\binsert\s+or\s+(?:replace|ignore)\b"),
        ("tsql", r"\bnvarchar\b|\bidentity\s*\(|\bgetdate\s*\(|\[dbo\]|^\s*go\s*$|\bupdlock\b"),
        ("oracle", r"\bvarchar2\b|\bnumber\s*\(|\bsysdate\b|\bnvl\s*\("),
        (
            "postgres",
            r"::\s*\w|\bilike\b|\breturning\b|\bon\s+conflict\b|\b(?:big)?serial\b|\bjsonb\b"
            r"|\bpg_\w+|\$\$|\btimestamptz\b|\bconcurrently\b|\bonly\s+\w+\s+add\s+constraint\b",
        ),
    )
)

# What Django, SQLAlchemy and others call an engine, by a part of its name → sqlglot's name.
ENGINES: tuple[tuple[str, str], ...] = (
    ("postg", "postgres"),
    ("psycopg", "postgres"),
    ("cockroach", "postgres"),
    ("mysql", "mysql"),
    ("mariadb", "mysql"),
    ("sqlite", "sqlite"),
    ("spatialite", "sqlite"),
    ("mssql", "tsql"),
    ("sql_server", "tsql"),
    ("oracle", "oracle"),
)
DEFAULT = "postgres"
_FALLBACKS = (DEFAULT, "mysql", "tsql")


def dialect_of_engine(engine: str) -> str | None:
    """sqlglot's name for an engine such as `django.db.backends.postgresql` or a database URL."""
    lowered = engine.lower()
    return next((dialect for part, dialect in ENGINES if part in lowered), None)


def guess_dialect(text: str) -> str | None:
    """The dialect that the text gives away, or None if any could be meant."""
    sample = text[:20_000]
    return next((name for name, sign in _SIGNS if sign.search(sample)), None)


def dialects_to_try(text: str, given: str | None) -> tuple[str, ...]:
    """The dialects worth a parse, best first; three at most."""
    order = [name for name in (given, guess_dialect(text)) if name]
    return tuple(dict.fromkeys([*order, *_FALLBACKS]))[:3]
