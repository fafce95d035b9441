"""What is held together by a transaction or a lock."""

from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import TableAccess

TransactionKind = Literal["decorator", "block", "request", "session", "explicit"]
LockKind = Literal["row", "table", "advisory", "redis", "cache", "file", "thread"]


@dataclass(frozen=True, slots=True, order=True)
class TransactionScope:
    """A transaction: where it opens, and everything read and written before it closes."""

    id: str  # "path:line" of the place where it opens, made unique by "#n"
    unit: str
    kind: TransactionKind
    evidence: Evidence
    end_line: int
    accesses: tuple[TableAccess, ...] = ()
    nested_in: str | None = None  # id of the scope that lexically surrounds it (a savepoint)
    calls: tuple[str, ...] = ()  # units called inside, directly
    side_effects: tuple[tuple[str, Evidence], ...] = ()  # (what, where): http, mail, task, signal
    deferred: tuple[tuple[str, Evidence], ...] = ()  # (unit, where): runs on commit, outside


@dataclass(frozen=True, slots=True, order=True)
class Lock:
    """A unit takes a lock."""

    unit: str
    kind: LockKind
    target: str  # the table for row and table locks, else the key, path or name, `*` for holes
    evidence: Evidence
    transaction: str | None = None  # id of the scope that holds it, where lexically known
