"""Whom a statement of SQLAlchemy's session is charged to: who made the row, or who flushed.

A session writes what was made and changed long before, in whatever call flushes first. So a write
of a flush is charged to each unit that made, changed or deleted a row of its table since the flush
before; where the recording does not know one, to the unit that flushed. The other way to charge is
compared beside it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from benchmarks.recorded_sql.recording import Bases, Observed, Statement, UnitAt, callers, observe

FLUSH, RELOAD = "flush", "reload"


def by_maker(statements: Iterable[Statement], unit_at: UnitAt) -> Iterator[Statement]:
    """Every statement that no mere reload made, charged to who is behind what it writes."""
    for one in statements:
        if one.kind == RELOAD:
            continue
        makers = one.makers or ()
        for maker in makers:
            if callers(maker.stack, unit_at):
                places = (maker.stack[0], *one.stack[:1])
                yield replace(one, stack=maker.stack, builders=places, heir=maker.heir)
        if not makers:
            yield one


def by_flusher(statements: Iterable[Statement]) -> Iterator[Statement]:
    """The writes of flushes, charged to the innermost code that made the session flush."""
    return (replace(one, builders=()) for one in statements if one.kind == FLUSH)


def reloads(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Reads of rows that a commit or a refresh had the session forget."""
    return (one for one in statements if one.kind == RELOAD)


def observe_session(
    statements: tuple[Statement, ...], *, unit_at: UnitAt, bases: Bases, dialect: str
) -> dict[str, Observed]:
    """What was observed: "" is what counts, the others are compared beside it.

    What confirms a claim is seen in all of them together.
    """
    found = {
        name: observe(charged, unit_at=unit_at, bases=bases, dialect=dialect)
        for name, charged in (
            ("", by_maker(statements, unit_at)),
            (FLUSH, by_flusher(statements)),
            (RELOAD, reloads(statements)),
        )
    }
    main = found[""]
    main.statements = sum(one.times for one in statements)
    for name in (FLUSH, RELOAD):
        for side in (found[name].direct, found[name].through):
            for touch, places in side.items():
                main.through.setdefault(touch, []).extend(places)
    return found
