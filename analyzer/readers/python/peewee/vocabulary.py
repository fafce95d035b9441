"""What the calls of peewee and of the libraries around it do, by name.

Taken from the public documentation of peewee, its playhouse, peewee-async and peewee-aio.
"""

# Methods of a model class; most may be called on its rows, too.
SELECTING = frozenset({"select", "filter", "raw", "noop"})
SEARCHING = frozenset(
    {"search", "search_bm25", "search_bm25f", "search_lucene", "match", "web_search"}
)
FETCHING = frozenset({"get", "get_or_none", "get_by_id"})
STATEMENTS = {
    "insert": "insert",
    "insert_many": "insert",
    "insert_from": "insert",
    "replace": "insert",
    "replace_many": "insert",
    "update": "update",
    "delete": "delete",
}
# These write at once.
WRITING = {
    "bulk_create": "bulk_insert",
    "bulk_update": "bulk_update",
    "set_by_id": "update",
    "delete_by_id": "delete",
    "truncate_table": "truncate",
}
# The upkeep of a full-text index is a statement that inserts into it.
INDEXING = frozenset({"rebuild", "optimize", "delete_all", "merge", "automerge"})

# Methods of a query: those that give one row, none at all, or rows that are no models.
ONE = frozenset({"get", "get_or_none", "first", "peek", "last"})
NOTHING = frozenset({"count", "exists", "scalar", "sql", "wrapped_count"})
PLAIN = frozenset({"dicts", "tuples", "namedtuples", "scalars"})
RUNNING = frozenset({"execute", "iterator", "__iter__", "aexecute"})
PREFETCHING = frozenset({"prefetch", "with_related"})
LOOKING_UP = frozenset({"filter", "get", "get_or_none"})  # their keywords are lookups
LOCKING = frozenset({"for_update"})
RELATING = frozenset({"add", "remove", "clear"})  # of the rows of a many-to-many field

# Functions that go through what they are given.
CONSUMING = frozenset({"len", "sum", "any", "all", "bool", "dict", "map", "max", "min", "next"})
TRANSACTIONS = frozenset({"atomic", "transaction", "savepoint", "manual_commit"})
DATABASES = frozenset({"database", "db", "_db"})  # attributes of objects of these libraries
AFTER_COMMIT = "after_commit"
# Functions of the libraries that mean something.
FUNCTIONS = frozenset(
    {"prefetch", "aio_prefetch", "model_to_dict", "dict_to_model", "update_model_from_dict"}
    | {"get_object_or_404", "object_list", "PaginatedQuery", "chunked", "connect"}
)


def plain(name: str) -> str:
    """The name of a method without the `aio_` of its asynchronous twin."""
    return name.removeprefix("aio_")
