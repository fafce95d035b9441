"""What opens a transaction."""

from collections.abc import Callable, Iterable

from analyzer.readers.python import record
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import External, Function, Symbol

# Dotted names of what opens a transaction, as decorator or as context manager.
ATOMIC = frozenset(
    [
        "django.db.transaction.atomic",
        "django.db.transaction.commit_on_success",
        "django.db.transaction.commit_manually",
        "django.db.transaction.xact",
        "xact.xact",
        "django.db.transaction.Atomic",
    ]
)
# What `commit` is called on, by its last name, and the kind of transaction that it ends.
COMMITTING = {
    "session": "session",
    "dbsession": "session",
    "db_session": "session",
    "transaction": "explicit",
    "connection": "explicit",
    "conn": "explicit",
}
_ENDINGS = (
    "transaction.atomic",
    "transaction.commit_on_success",
    "session.begin",
    "Session.begin",
    "session.begin_nested",
    "db.atomic",
    "database.atomic",
)


def is_atomic(path: str) -> bool:
    """Whether the dotted name, outside the snapshot, opens a transaction."""
    return path in ATOMIC or path.endswith(_ENDINGS)


def decorates_atomic(
    decorators: tuple[Expression, ...], resolve: Callable[[str], Symbol | None]
) -> int:
    """The line of the decorator that opens a transaction around a function; 0 where none does."""
    for decorator in decorators:
        if decorator is None:
            continue
        callee = decorator[1] if decorator[0] == "call" else decorator
        if callee is None or callee[0] != "name":
            continue
        if callee[1].rpartition(".")[2] == "method_decorator" and decorator[0] == "call":
            if decorates_atomic(decorator[2][:1], resolve):
                return int(callee[2])
            continue
        symbol = resolve(callee[1])
        if isinstance(symbol, External) and is_atomic(symbol.path):
            return int(callee[2])
    return 0


def committed(calls: Iterable[Expression]) -> tuple[str, int] | None:
    """Kind and last line of a transaction that a function ends itself: `db.session.commit()`.

    Such a transaction begins by itself, with the first statement; `calls` are those of `commit`.
    """
    found: tuple[str, int] | None = None
    for call in calls:
        *_, owner, _ = ("", "", *record.callee_path(call).split("."))
        kind = COMMITTING.get(owner.lower())
        if kind is not None and (found is None or call[4] > found[1]):
            found = (kind, int(call[4]))
    return found


def opens_in_body(function: Function, resolve: Callable[[str], Symbol | None]) -> bool:
    """Whether a context manager function yields inside a transaction."""
    function.module.consulted.add(function)
    if "generator" not in function.record[record.F_FLAGS]:
        return False
    for operation in record.walk_operations(function.operations):
        if operation[0] == "with":
            contexts = tuple(context for context, _ in operation[1])
            if decorates_atomic(contexts, resolve):
                return any(_yields(inner) for inner in record.walk_operations(operation[2]))
    return False


def _yields(operation: tuple[object, ...]) -> bool:
    return any(
        part[0] == "yield"
        for expression in record.expressions_of(operation)
        for part in record.walk_expressions(expression)
    )
