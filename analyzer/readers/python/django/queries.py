"""Methods of managers, query sets and model instances, by what they do to tables."""

from collections.abc import Iterator

from analyzer.readers.python import record
from analyzer.readers.python.record import Expression

# Query set methods, by what they do. Each also exists with the prefix `a` (asynchronous).
CHAINING = frozenset(
    [
        "all",
        "filter",
        "exclude",
        "order_by",
        "annotate",
        "alias",
        "distinct",
        "reverse",
        "select_related",
        "prefetch_related",
        "only",
        "defer",
        "using",
        "extra",
        "none",
        "union",
        "intersection",
        "difference",
        "select_for_update",
        "complex_filter",
        "get_queryset",
        "_clone",
        "_chain",
        "dates",
        "datetimes",
        "db_manager",
        "iterator",
    ]
)
VALUES = frozenset(["values", "values_list", "dates", "datetimes"])
ONE = frozenset(["get", "first", "last", "latest", "earliest"])
REDUCING = frozenset(["count", "exists", "aggregate", "in_bulk", "contains", "explain"])
INSERTING = frozenset(
    ["create", "bulk_create", "create_user", "create_superuser", "add_root", "load_bulk"]
)
UPSERTING = frozenset(["get_or_create", "update_or_create"])
UPDATING = frozenset(["update", "bulk_update"])
DELETING = frozenset(["delete", "_raw_delete"])
RELATION_WRITING = frozenset(["add", "set", "remove", "clear"])
# Methods whose positional strings are names of fields, perhaps across relations.
NAMING_FIELDS = frozenset(
    [
        "order_by",
        "values",
        "values_list",
        "select_related",
        "prefetch_related",
        "only",
        "defer",
        "distinct",
        "latest",
        "earliest",
        "dates",
        "datetimes",
        "bulk_update",
    ]
)
# Methods whose keywords are lookups.
LOOKING_UP = frozenset(
    ["filter", "exclude", "get", "get_or_create", "update_or_create", "complex_filter"]
)
LAZY_RELATIONS = frozenset(("select_related", "prefetch_related"))

# With the methods of tree libraries.
INSTANCE_WRITING = frozenset(
    ["save", "save_base", "add_child", "add_sibling", "move", "move_to", "insert_at"]
)
INSTANCE_READING = frozenset(["refresh_from_db"])


def plain(method: str) -> str:
    """The name of a query set method without the `a` of its asynchronous twin."""
    return method[1:] if method[:1] == "a" and method[1:] in _ALL else method


_ALL = (
    CHAINING | VALUES | ONE | REDUCING | INSERTING | UPSERTING | UPDATING | DELETING | RELATION_WRITING
    | INSTANCE_WRITING | INSTANCE_READING
)  # fmt: skip


def lookup_paths(method: str, call: Expression) -> Iterator[tuple[str, str]]:
    """(path, how) for each name of a field that a query set method is given."""
    how = method if method in LAZY_RELATIONS else "lookup"
    for position, argument in enumerate(call[2]):
        if argument is None:
            continue
        if argument[0] == "str":
            if method in NAMING_FIELDS:
                yield argument[1], how
        elif argument[0] in ("list", "tuple") and method in NAMING_FIELDS and position <= 1:
            yield from ((text, how) for text, _ in record.strings_of(argument))
        else:
            yield from _paths_in(argument)
    for name, value in call[3]:
        if name is None:
            continue
        if method in LOOKING_UP and name != "defaults":
            yield name, "lookup"
        yield from _paths_in(value)


def _paths_in(expression: Expression) -> Iterator[tuple[str, str]]:
    """Names of fields inside `Q(...)`, `F("...")`, `Count("...")`, `Prefetch("...")`."""
    if expression is None:
        return
    tag = expression[0]
    if tag == "call":
        name = record.callee_name(expression)
        if name == "OuterRef":
            return
        is_q = name == "Q" or name.endswith("Q")
        how = "annotate" if not is_q and name != "F" else "lookup"
        if name == "Prefetch":
            how = "prefetch_related"
        for argument in expression[2]:
            if argument is not None and argument[0] == "str":
                if name[:1].isupper() and name != "Value":
                    yield argument[1], how
            else:
                yield from _paths_in(argument)
        for key, value in expression[3]:
            if is_q and key:
                yield key, "lookup"
            yield from _paths_in(value)
    elif tag == "op":
        for operand in expression[2]:
            yield from _paths_in(operand)
    elif tag in ("list", "tuple"):
        for item in expression[1]:
            if item is not None and item[0] != "str":
                yield from _paths_in(item)
    elif tag == "star":
        yield from _paths_in(expression[1])
