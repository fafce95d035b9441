"""What opens a transaction."""

from collections.abc import Callable, Iterable, Iterator

from analyzer.readers.python import record
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import (
    ClassScope,
    External,
    Function,
    ModuleScope,
    Symbol,
    Variable,
)

# What a dotted name means in a module, or without one in the code that asks.
Resolve = Callable[[str, ModuleScope | None], Symbol | None]

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
    "db": "session",
    "s": "session",
    "sess": "session",
    "uow": "session",
    "connection": "explicit",
    "database": "explicit",
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
# Methods that begin one, on what by its last name is a session, an engine or a database.
BEGINNING = frozenset(
    ["begin", "begin_nested", "atomic", "transaction", "manual_commit", "savepoint"]
)
_DATABASES = ("Database", "Proxy")  # ends of the names of peewee's classes of databases
APART = "non_atomic_requests"
_WORDS = (b"atomic", b"commit_on_success", b"begin")
WRAPPER_DEPTH = 2  # a decorator with arguments returns one that returns what runs
_OWNERS = ("session", "engine", "connection", "conn", "database", "db", "sessionmaker")


def is_atomic(path: str) -> bool:
    """Whether the dotted name, outside the snapshot, opens a transaction."""
    return path in ATOMIC or path.endswith(_ENDINGS)


def begins_by_name(path: str) -> bool:
    """Whether a dotted name that leads nowhere says that it begins one: `session.begin`."""
    owner, _, method = path.rpartition(".")
    return method in BEGINNING and owner.rpartition(".")[2].lower().endswith(_OWNERS)


def decorates_atomic(decorators: tuple[Expression, ...], resolve: Resolve) -> int:
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
        if _opens(callee[1], resolve):
            return int(callee[2])
    return 0


def _opens(path: str, resolve: Resolve) -> bool:
    symbol = resolve(path, None)
    if isinstance(symbol, Function):
        return _wraps_in_one(symbol, resolve)
    return _is_one(path, symbol, resolve)


def _is_one(path: str, symbol: Symbol | None, resolve: Resolve) -> bool:
    """Whether it is a name for a transaction: `in_one_go = transaction.atomic`."""
    if isinstance(symbol, Variable) and symbol.value is not None and symbol.value[0] == "name":
        symbol = resolve(symbol.value[1], symbol.module)
    if isinstance(symbol, External):
        return is_atomic(symbol.path)
    if isinstance(symbol, Function):
        return False
    return begins_by_name(path) or _begins_on_database(path, resolve)


def _begins_on_database(path: str, resolve: Resolve) -> bool:
    """Whether it begins one on a variable that is a database of peewee, whatever its name."""
    owner, _, method = path.rpartition(".")
    made = resolve(owner, None) if owner and method in BEGINNING else None
    value = made.value if isinstance(made, Variable) else None
    if value is None or value[0] != "call":
        return False
    return record.callee_name(value).endswith(_DATABASES)


def _wraps_in_one(decorator: Function, resolve: Resolve) -> bool:
    """Whether a decorator of the snapshot calls what it decorates inside a transaction."""
    if not any(decorator.holds(word) for word in _WORDS):
        return False
    decorator.module.consulted.add(decorator)
    waiting = [(decorator.record, 0)]
    while waiting:
        function, depth = waiting.pop()
        for operation in record.walk_operations(decorator.module.body_of(function).operations):
            if operation[0] == "def" and depth < WRAPPER_DEPTH:
                waiting.append((operation[1], depth + 1))
                around = operation[1][record.F_DECORATORS]
            elif operation[0] == "with" and depth:
                around = [context for context, _ in operation[1]]
            else:
                continue
            for path in _called_names(around):
                if _is_one(path, resolve(path, decorator.module), resolve):
                    return True
    return False


def _called_names(expressions: Iterable[Expression]) -> Iterator[str]:
    for expression in expressions:
        callee = expression[1] if expression and expression[0] == "call" else expression
        if callee is not None and callee[0] == "name":
            yield str(callee[1])


def views_apart(project: Project) -> tuple[str, ...]:
    """Units of views that are decorated so that requests to them open no transaction."""
    views: list[Function | ClassScope] = [*project.functions(), *project.classes()]
    return tuple(
        dict.fromkeys(
            one.unit
            for one in views
            for decorator in one.decorators
            for part in record.walk_expressions(decorator)
            if part[0] == "name" and part[1].rpartition(".")[2] == APART
        )
    )


def committed(calls: Iterable[Expression]) -> tuple[str, int] | None:
    """Kind and last line of a transaction that a function ends itself: `db.session.commit()`.

    Such a transaction begins by itself, with the first statement; `calls` are those of `commit`.
    """
    found: tuple[str, int] | None = None
    for call in calls:
        *_, owner, _ = ("", "", *record.callee_path(call).split("."))
        owner = owner.lower().strip("_")
        kind = COMMITTING.get(owner) or ("session" if owner.endswith("session") else None)
        if kind is not None and (found is None or call[4] > found[1]):
            found = (kind, int(call[4]))
    return found


def opens_in_body(function: Function, resolve: Resolve) -> bool:
    """Whether a context manager function yields inside a transaction, or commits after it."""
    function.module.consulted.add(function)
    if "generator" not in function.record[record.F_FLAGS]:
        return False
    if function.holds(b"commit") and committed(_commits(function)) is not None:
        return True
    for operation in record.walk_operations(function.operations):
        if operation[0] == "with":
            contexts = tuple(context for context, _ in operation[1])
            if decorates_atomic(contexts, resolve):
                return any(_yields(inner) for inner in record.walk_operations(operation[2]))
    return False


def _commits(function: Function) -> Iterator[Expression]:
    calls = record.calls_in(function.operations)
    return (call for call in calls if record.callee_name(call) == "commit")


def _yields(operation: tuple[object, ...]) -> bool:
    return any(
        part[0] == "yield"
        for expression in record.expressions_of(operation)
        for part in record.walk_expressions(expression)
    )
