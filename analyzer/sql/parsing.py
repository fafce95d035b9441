"""SQL text → statements: parsed where a dialect understands it, scanned where none does."""

import logging
from collections.abc import Iterator

import sqlglot
from sqlglot import exp

from analyzer.sql.dialect import dialects_to_try
from analyzer.sql.expressions import (
    definition_in,
    has_open_table,
    kind_of,
    locks_in,
    uses_in,
)
from analyzer.sql.holes import fillings
from analyzer.sql.scanning import scan_locks, scan_uses, statement_kind
from analyzer.sql.splitting import HOLE, Piece, split_statements
from analyzer.sql.statement import Statement

# A longer statement is the data of a dump, or an attack: only its head is scanned.
LONGEST_PARSED = 40_000
LONGEST_SCANNED = 4_000
# It writes a line for each statement that it keeps as a bare command; that is reported here.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


def read_statements(text: str, *, dialect: str | None = None) -> Iterator[Statement]:
    """The statements of the text; computed parts are given as `HOLE` or as placeholders."""
    for piece in split_statements(text):
        yield read_statement(piece, dialect=dialect)


def read_statement(piece: Piece, *, dialect: str | None = None) -> Statement:
    """One statement; what no dialect parses is scanned for names, with the reason kept."""
    kind = statement_kind(piece.text)
    if kind in {"lock", "transaction", "routine"} or len(piece.text) > LONGEST_PARSED:
        return _scanned(piece, problem="")
    tree, problem = _parse(piece.text, dialect)
    if tree is None:
        return _scanned(piece, problem=problem)
    return Statement(
        kind=kind_of(tree, otherwise=kind),
        line=piece.line,
        uses=tuple(sorted(uses_in(tree, first_line=piece.line))),
        locks=tuple(sorted(locks_in(tree, first_line=piece.line))),
        definition=definition_in(tree, first_line=piece.line),
        open_table=has_open_table(tree),
    )


def _parse(text: str, dialect: str | None) -> tuple[exp.Expr | None, str]:
    """The tree under the first dialect and filling that parse, or None and the first problem."""
    problem = ""
    for filled in fillings(text):
        for name in dialects_to_try(filled, dialect):
            try:
                trees = sqlglot.parse(filled, read=name)
            except Exception as error:
                # On malformed text it raises more than its own errors (AttributeError,
                # RecursionError, ValueError); each means the same here.
                problem = problem or _first_line(error)
                continue
            tree = trees[0] if trees else None
            if isinstance(tree, exp.Expr) and not isinstance(tree, exp.Command):
                return tree, ""
            problem = problem or "not parsed further than its first word"
    return None, problem


def _first_line(error: Exception) -> str:
    words = str(error).split("\n", 1)[0].split(". Line", 1)[0]
    return words[:120] or type(error).__name__


def _scanned(piece: Piece, *, problem: str) -> Statement:
    head = piece.text[:LONGEST_SCANNED]
    kind = statement_kind(head)
    uses = scan_uses(head) if kind != "other" else ()
    return Statement(
        kind=kind,
        line=piece.line,
        uses=tuple(
            sorted(
                type(use)(use.table, use.mode, use.operation, use.line + piece.line) for use in uses
            )
        ),
        locks=tuple(type(lock)(lock.kind, lock.target, piece.line) for lock in scan_locks(head)),
        open_table=kind != "other" and HOLE in head,
        understanding="scanned",
        problem=problem,
    )
