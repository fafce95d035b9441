"""Names by which code that works with SQLAlchemy's sessions is told from other code."""

# Calls in a method of a mixin that may read or write the table of the class that inherits it.
SESSION_CALLS = frozenset(["add", "delete", "merge", "query", "select", "refresh", "setattr"])
# What a parameter may be asked for that makes it worth while to learn which statement it is.
STATEMENT_METHODS = frozenset(
    {"where", "filter", "filter_by", "limit", "offset", "order_by", "options", "join", "outerjoin"}
    | {"all", "first", "one", "one_or_none", "count", "subquery", "paginate", "delete", "update"}
    | {"with_entities", "distinct", "group_by", "having", "execution_options", "insert", "query"}
    | {"get_or_404", "first_or_404", "with_for_update", "yield_per", "exists", "scalar_subquery"}
)
