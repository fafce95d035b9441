"""Names by which code that works with peewee is told from other code."""

PEEWEE = "peewee"  # as the mapper of a model, and of a selection

# Calls in a method of a base that read or write the table of the class that inherits it.
ROW_CALLS = frozenset(
    {"select", "insert", "insert_many", "insert_from", "replace", "replace_many", "update"}
    | {"delete", "create", "get", "get_or_none", "get_by_id", "get_or_create", "filter", "save"}
    | {"bulk_create", "bulk_update", "set_by_id", "delete_by_id", "delete_instance", "raw"}
)
# What a parameter may be asked for that makes it worth while to learn what it is.
ROW_METHODS = ROW_CALLS | frozenset(
    {"where", "orwhere", "join", "left_outer_join", "join_from", "switch", "order_by", "group_by"}
    | {"having", "limit", "offset", "paginate", "distinct", "dicts", "tuples", "namedtuples"}
    | {"objects", "execute", "first", "peek", "count", "exists", "scalar", "scalars", "iterator"}
    | {"prefetch", "with_related", "for_update", "on_conflict", "alias", "union", "union_all"}
)
