"""What the calls of SQLAlchemy and of the libraries around it do, by name.

Taken from the public documentation of SQLAlchemy and Flask-SQLAlchemy.
"""

from analyzer.readers.python.scopes import External

# Functions that begin a statement, also as methods of a session or of Flask-SQLAlchemy's object.
STARTING = frozenset({"select", "query", "exists"})
STATEMENTS = {"insert": "insert", "update": "update", "delete": "delete"}
FUNCTIONS = STARTING.union(STATEMENTS) | {
    "aliased", "with_polymorphic", "union", "union_all", "intersect", "except_", "Table", "alias",
}  # fmt: skip

# Methods of a session, whatever the session is called; none of them means much elsewhere when what
# it is given is a mapped class, a row or a statement.
GETTING = frozenset({"get", "get_one", "get_or_404", "get_or_none", "one_or_404", "first_or_404"})
RUNNING = frozenset(
    {"execute", "exec", "scalars", "scalar", "stream", "stream_scalars", "paginate"}
    | {"scalar_one_or_none"}
)
ADDING = frozenset({"add", "add_all", "merge", "bulk_save_objects"})
BULK = {"bulk_insert_mappings": "bulk_insert", "bulk_update_mappings": "bulk_update"}
DELETING = frozenset({"delete"})
RELOADING = frozenset({"refresh"})
TAKING_ROWS = ADDING | DELETING | RELOADING
SESSION_METHODS = (
    STARTING | {"get", "get_one"} | RUNNING | ADDING | set(BULK) | DELETING | RELOADING
) - {"exists", "paginate", "scalar_one_or_none"}
SAME = frozenset({"_get_current_object"})  # methods that give what they are called on
# Attributes of Flask-SQLAlchemy's object and of the metadata → what they are.
STANDING = {
    "session": External("sqlalchemy.orm.Session"),
    "metadata": External("sqlalchemy.MetaData"),
    "tables": External("sqlalchemy.MetaData.tables"),
}

# Methods that add to a query, whatever it is called on, when they are given what is mapped.
ADDING_TO = frozenset({"filter", "where", "options", "join", "outerjoin", "order_by", "having"})

# Methods of statements, queries and results.
ONE = GETTING | {
    "first", "one", "one_or_none", "scalar", "scalar_one", "scalar_one_or_none", "fetchone",
}  # fmt: skip
SCALARS = frozenset({"scalars"})
ROWS = frozenset({"mappings", "tuples", "with_entities", "with_only_columns"})
REPLACING = frozenset({"with_entities", "with_only_columns"})  # what each row holds
EXTENDING = frozenset({"add_columns", "add_entity", "add_column"})
# Methods that change what each row of a statement stands for, or that run nothing themselves.
QUIET = frozenset({"subquery", "cte", "alias", "label", "as_scalar", "scalar_subquery", "exists"})
UNREADING = frozenset(STATEMENTS)  # of a query: its rows are written without being read

# What locks rows: a method of a query, or this keyword of `get` and `refresh`.
LOCKING = frozenset({"with_for_update", "with_lockmode"})

BEGINNING = frozenset({"begin", "begin_nested"})  # methods of sessions, engines and connections

# Methods of a collection of related rows.
COLLECTING = frozenset(
    {"append", "add", "remove", "extend", "discard", "clear", "insert", "pop", "update", "set"}
    | {"difference_update", "intersection_update", "setdefault"}
)
TAKING = frozenset({"pop", "get", "setdefault", "__getitem__"})
# Loader options, whose strings name relationships of what is queried.
OPTIONS = frozenset(
    {"joinedload", "subqueryload", "selectinload", "contains_eager", "immediateload", "undefer"}
    | {"joinedload_all", "subqueryload_all", "defaultload", "with_expression"}
)
JOINS = frozenset({"join", "outerjoin", "with_parent"})  # may name a relationship in a string
EAGER = frozenset({"joined", "subquery", "selectin", "immediate", "joined_eager"})
LISTENING = frozenset({"listens_for"})
