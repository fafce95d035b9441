"""Methods of managers, query sets and model instances, by what they do to tables."""

from collections.abc import Iterator, Mapping

from analyzer.readers.python import record
from analyzer.readers.python.bodies import Source
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
TREES = frozenset(
    [
        "mptt.models.MPTTModel",
        "treebeard.al_tree.AL_Node",
        "treebeard.mp_tree.MP_Node",
        "treebeard.ns_tree.NS_Node",
    ]
)
# Managers of trees (MPTT) move whole branches.
TREE_MOVING = frozenset(("insert_node", "move_node", "rebuild", "partial_rebuild"))
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

# Where nothing is joined, these do not read the rows that they change.
WITHOUT_READING = UPDATING | DELETING
# Attributes of admin classes that name fields, perhaps across relations.
ADMIN_LISTS = ("list_display", "list_filter", "search_fields", "list_select_related", "ordering")

# Relations whose form fields offer the rows of the other table, and attributes that prevent it.
CHOSEN = frozenset(("foreign_key", "one_to_one", "many_to_many"))
WITHOUT_CHOICES = ("raw_id_fields", "readonly_fields", "exclude", "autocomplete_fields")

# With the methods of tree libraries.
INSTANCE_WRITING = frozenset(
    ["save", "save_base", "add_child", "add_sibling", "move", "move_to", "insert_at"]
)
TREE_ONE = frozenset(["get_parent", "get_root", "get_first_child", "get_last_child"])
TREE_READING = TREE_ONE | frozenset(
    ["get_children", "get_descendants", "get_ancestors", "get_siblings", "get_family"]
)
TREE_ROOTS = frozenset(["add_root", "get_root_nodes", "get_first_root_node", "get_tree"])
INSTANCE_READING = frozenset(["refresh_from_db"])
# Methods of users that look up their permissions, through their groups too.
PERMITTING = frozenset(
    ["has_perm", "has_perms", "has_module_perms", "get_all_permissions", "get_user_permissions",
     "get_group_permissions", "ahas_perm", "ahas_perms"]
)  # fmt: skip
PERMITTED = ("groups", "user_permissions")
VALIDATING = frozenset(["full_clean", "clean_fields", "validate_unique"])


def plain(method: str) -> str:
    """The name of a query set method without the `a` of its asynchronous twin."""
    return method[1:] if method[:1] == "a" and method[1:] in _ALL else method


_ALL = (
    CHAINING | VALUES | ONE | REDUCING | INSERTING | UPSERTING | UPDATING | DELETING
    | RELATION_WRITING
    | INSTANCE_WRITING | INSTANCE_READING
)  # fmt: skip


def lookup_paths(
    method: str, call: Expression, sources: Mapping[str, list[Source]]
) -> Iterator[tuple[str, str]]:
    """(path, how) for each name of a field that a query set method is given.

    `sources` tells what local variables hold: `query |= Q(customer__name=name)`.
    """
    how = method if method in LAZY_RELATIONS else "lookup"
    for position, argument in enumerate(call[2]):
        if argument is None:
            continue
        if argument[0] == "str":
            if method in NAMING_FIELDS:
                yield argument[1], how
        elif argument[0] in ("list", "tuple") and method in NAMING_FIELDS and position <= 1:
            yield from ((text, how) for text, _ in record.strings_of(argument))
        elif argument[0] == "name":
            for source in sources.get(argument[1], ()):
                if source[0] == "value":
                    yield from paths_in(source[1])
        else:
            yield from paths_in(argument)
    for name, value in call[3]:
        if name is None:
            if method in LOOKING_UP:
                yield from _keys_of(value, sources)
            continue
        if method in LOOKING_UP and name != "defaults":
            yield name, "lookup"
        yield from paths_in(value)


def _keys_of(
    expression: Expression, sources: Mapping[str, list[Source]]
) -> Iterator[tuple[str, str]]:
    """Keys of a dictionary of lookups that stands here or in a local variable."""
    if expression is None:
        return
    if expression[0] == "dict":
        for key, _ in expression[1]:
            if key is not None and key[0] == "str":
                yield key[1], "lookup"
    elif expression[0] == "name":
        for source in sources.get(expression[1], ()):
            if source[0] == "value" and source[1] is not None and source[1][0] == "dict":
                yield from _keys_of(source[1], sources)


def paths_in(expression: Expression) -> Iterator[tuple[str, str]]:
    """Names of fields inside `Q(...)`, `F("...")`, `Count("...")`, `Prefetch("...")`."""
    if expression is None:
        return
    tag = expression[0]
    if tag == "call":
        name = record.callee_name(expression)
        if name == "OuterRef":
            return
        is_q = name == "When" or name.endswith("Q")
        how = "annotate" if not is_q and name != "F" else "lookup"
        if name == "Prefetch":
            how = "prefetch_related"
        for argument in expression[2]:
            if argument is not None and argument[0] == "str":
                if name[:1].isupper() and name != "Value":
                    yield argument[1], how
            else:
                yield from paths_in(argument)
        for key, value in expression[3]:
            if is_q and key and key != "then":
                yield key, "lookup"
            yield from paths_in(value)
    elif tag == "op":
        for operand in expression[2]:
            yield from paths_in(operand)
    elif tag in ("list", "tuple"):
        for item in expression[1]:
            if item is not None and item[0] != "str":
                yield from paths_in(item)
    elif tag == "star":
        yield from paths_in(expression[1])
