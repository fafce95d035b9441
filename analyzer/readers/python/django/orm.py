"""What Django's managers, query sets, models, forms and views do, in one frame."""

from collections.abc import Iterable, Iterator, Sequence

from analyzer.readers.python import record
from analyzer.readers.python.attributes import assigned_attribute, class_of, is_property
from analyzer.readers.python.catalogue import Model, ModelField
from analyzer.readers.python.class_values import MOST_HEIRS
from analyzer.readers.python.django import queries
from analyzer.readers.python.django.class_based import (
    DELETING,
    HANDING_ON,
    SAVING,
    class_accesses,
    inherited_use,
)
from analyzer.readers.python.django.declared import declared_model, model_of_class
from analyzer.readers.python.django.forms import form_fields
from analyzer.readers.python.django.listed import listed
from analyzer.readers.python.django.object_permissions import GUARDIAN, permitted
from analyzer.readers.python.django.permission_rules import asked_about
from analyzer.readers.python.django.scoped_managers import scopes_of
from analyzer.readers.python.django.serializers import is_serializer, serialized_tables
from analyzer.readers.python.django.stored_settings import stored_settings
from analyzer.readers.python.django.templated_views import (
    LOADING,
    RENDERING,
    render_called,
    render_loaded,
    render_view,
)
from analyzer.readers.python.django.unique import unique_fields
from analyzer.readers.python.django.uploads import uploading
from analyzer.readers.python.django.validated import HANDED, ITEM, VALIDATED, validated
from analyzer.readers.python.evaluation import LOADERS, ON_COMMIT, SENDING, hands_class
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.handed import with_classes
from analyzer.readers.python.model_index import Reverse
from analyzer.readers.python.named_imports import IMPORTERS, absolute_name
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function, Variable
from analyzer.readers.python.transactions import begins_by_name, is_atomic, opens_in_body
from analyzer.readers.python.types import (
    Bound,
    Instance,
    Keywords,
    Many,
    Mapped,
    Method,
    ModelClass,
    ModelInstance,
    Query,
    Row,
    Selection,
    Super,
    Validated,
    Value,
    item_of,
    one_of,
    options_of,
)

SHORTCUTS_ONE = frozenset(["get_object_or_404", "aget_object_or_404", "get_object_or_none"])
SHORTCUTS_MANY = frozenset(["get_list_or_404", "aget_list_or_404"])
COPYING = frozenset(
    ["copy.copy", "copy.deepcopy", "typing.cast", "next", "anext", "await_", "min", "max"]
)
ITERATING = frozenset(["list", "tuple", "set", "sorted", "reversed", "iter", "frozenset", "filter"])
# What these do to the user's table.
SIGNING_IN = {
    "django.contrib.auth.login": ("write", "login"),
    "django.contrib.auth.alogin": ("write", "login"),
    "django.contrib.auth.authenticate": ("read", "login"),
    "django.contrib.auth.aauthenticate": ("read", "login"),
}
# Functions that make a form class, and the position of its model.
FACTORIES = {
    "django.forms.modelform_factory": 0,
    "django.forms.models.modelform_factory": 0,
    "django.forms.modelformset_factory": 0,
    "django.forms.models.modelformset_factory": 0,
    "django.forms.inlineformset_factory": 1,
    "django.forms.models.inlineformset_factory": 1,
    "django.contrib.contenttypes.forms.generic_inlineformset_factory": 0,
}
# All that has a meaning here when it is called, by its dotted or its last name.
_MEANING = frozenset(["super", "type", "getattr", "enumerate", "zip", "functools.partial"]).union(
    SIGNING_IN, ITERATING, COPYING, ON_COMMIT, RENDERING, LOADING, FACTORIES, GUARDIAN
)
_MEANING_NAMES = frozenset(["SimpleLazyObject", "sync_to_async", "async_to_sync"]).union(
    SHORTCUTS_ONE, SHORTCUTS_MANY, LOADERS, IMPORTERS
)
# Methods that write, unless what overrides them never calls them.
OVERRIDDEN = SAVING | DELETING | HANDING_ON
# Methods that give a form, a serializer or what it validated; the attribute that names its class.
HANDING = {"get_form": "form_class", "get_serializer": "serializer_class", "clean": ""}
# What the parameters of predicates are called.
PREDICATED = frozenset(["user", "obj", "instance", "target", "object"])
ENTERING = frozenset(["enter_context", "enter_async_context"])
SENDERS_LIMIT = 200  # functions that send signals
DEFAULT_MANAGERS = frozenset(["objects", "_default_manager", "_base_manager", "all_objects"])


class OrmSemantics:
    """Implements `semantics.Semantics` for Django."""

    __slots__ = ("frame", "index", "knowledge")
    by_name = LOADERS
    keeps_changes = False  # rows are changed by `save`

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.knowledge = frame.knowledge
        self.index = frame.knowledge.index

    # Attributes

    def model_attribute(self, value: ModelClass, name: str) -> Value:
        """`Model.objects`, a custom manager, a class method or a plain class attribute."""
        model = self.index.models.get(value.model)
        if model is None:
            return None
        if name in model.managers or name in DEFAULT_MANAGERS:
            manager = name if name in model.managers else "objects"
            scopes = self.knowledge.classes.managers_of(value.model, manager)
            return Query(value.model, "manager", scopes)
        if name == "_meta":
            return Method(value, name)
        scope = model.scope
        if scope is None:
            return Method(value, name)
        member = self.knowledge.project.class_member(scope, name)
        if isinstance(member, Function):
            return Bound(member, value)
        if isinstance(member, ClassScope):
            return member
        if isinstance(member, Variable) and name in model.fields:
            field = model.fields[name]
            return self._many(field) if field.kind == "many_to_many" else Method(value, name)
        if isinstance(member, Variable):
            found = self.knowledge.variable(member)
            if found is not None and not isinstance(found, Instance):
                return found
            manager_scopes = self.knowledge.classes.managers_of(value.model, name)
            if manager_scopes:
                return Query(value.model, "manager", manager_scopes)
        return Method(value, name)

    def instance_attribute(self, value: ModelInstance, name: str, line: int) -> Value:
        """A field, a relation in either direction, a method or a property of a model's instance."""
        model = self.index.models.get(value.model)
        if model is None:
            return Method(value, name)
        field = model.fields.get(name)
        if field is not None and field.kind:
            return self._relation(model, field, line)
        reverse = self.index.accessor(value.model, name)
        if reverse is not None:
            return self._reverse(reverse, line)
        if field is not None:
            return None
        if model.scope is not None:
            stored = self._store(model.scope, name)
            if stored:
                return stored
            member = self.knowledge.project.class_member(model.scope, name)
            if isinstance(member, Function):
                if is_property(member):
                    self.frame.note_call(member, line, value)
                    return self.knowledge.returned(member, value, self.frame.depth)
                return Bound(member, value)
            if isinstance(member, Variable):
                return self.knowledge.variable(member)
            assigned = assigned_attribute(self.frame, model.scope, name)
            if assigned is not None:
                return assigned
        return Method(value, name)

    def _store(self, cls: ClassScope, name: str) -> Query | None:
        """`event.settings`, where a library keeps the settings of rows in a table of their own."""
        if not cls.decorators:
            return None
        attribute, store = stored_settings(self.knowledge.project, self.knowledge.catalogue, cls)
        return Query(store, "settings") if store and attribute == name else None

    def _relation(self, model: Model, field: ModelField, line: int) -> Value:
        if field.kind in ("foreign_key", "one_to_one"):
            self._read(field.target, field.target_table, "related", line)
            return ModelInstance(field.target) if field.target in self.index.models else None
        if field.kind in ("many_to_many", "generic_relation"):
            return self._many(field)
        return None

    def _many(self, field: ModelField) -> Query:
        scopes: tuple[ClassScope, ...] = ()
        if field.target in self.index.models:
            scopes = self.knowledge.classes.managers_of(field.target, "objects")
        return Query(field.target, "manager", scopes, field.through)

    def _reverse(self, reverse: Reverse, line: int) -> Value:
        if reverse.field.kind == "one_to_one":
            self._read(reverse.model, self.index.models[reverse.model].table, "related", line)
            return ModelInstance(reverse.model)
        scopes = self.knowledge.classes.managers_of(reverse.model, "objects")
        return Query(reverse.model, "manager", scopes, reverse.field.through)

    def query_attribute(self, value: Query, name: str, line: int) -> Value:
        """A method that a custom manager or query set defines, or one of Django's."""
        if value.kind == "settings":
            self._touch(value.model, "read", "settings", line)
        for scope in value.scopes:
            member = self.knowledge.project.class_member(scope, name)
            if isinstance(member, Function):
                if is_property(member):
                    return self.knowledge.returned(member, value, self.frame.depth)
                return Bound(member, value)
        if name == "model" and value.model:
            return ModelClass(value.model)
        if name == "through" and value.through:
            between = self.index.model_of_table(value.through)
            return ModelClass(between) if between else Query("", "through", (), value.through)
        if value.kind == "through" and name in DEFAULT_MANAGERS:
            return value
        return Method(value, name)

    def framework_attribute(self, value: Instance, name: str) -> Value:
        """What views, forms, serializers and managers inherit: `self.object`, `self.model`, ..."""
        stored = isinstance(value.cls, ClassScope) and self._store(value.cls, name)
        if stored:
            return stored
        if name in VALIDATED and isinstance(value.cls, ClassScope):
            return Validated(value.cls)
        model = self._model_of_view(value)
        if name in ("object", "instance", "original") and model:
            return ModelInstance(model)
        if name in ("queryset", "object_list", "qs") and model:
            return Query(model)
        if name == "model" and model:
            return ModelClass(model)
        if name == "user" and self.knowledge.catalogue.user and isinstance(value.cls, ClassScope):
            return None
        return Method(value, name)

    def _model_of_view(self, value: Instance) -> str:
        """The model of a generic view, form, serializer, filter or admin class."""
        cls = value.cls
        if not isinstance(cls, ClassScope):
            return ""
        return model_of_class(self.frame, cls)

    def outside_attribute(self, value: Value, name: str) -> Value:
        """Something to call, of which nothing is known."""
        return Method(value, name)

    def selection_attribute(self, value: Selection, name: str) -> Value:
        """Nothing: Django has no such thing."""
        return None

    # Calls

    def receiver(self, callee: Expression) -> Value:
        """The value before the last method of a chain; a write there need not read its rows."""
        method = queries.plain(callee[2])
        base = callee[1]
        effects = self.frame.effects
        if effects is None or method not in queries.WITHOUT_READING:
            return self.frame.value(base)
        before, joined = len(effects.accesses), len(effects.joins)
        value = self.frame.value(base)
        for option in options_of(value) if len(effects.joins) == joined else ():
            if isinstance(option, Query) and option.model:
                fast = self.index.is_fast_to_delete(option.model)
                if fast or method not in queries.DELETING:
                    self._forget_reading(option.model, before)
        return value

    def _forget_reading(self, model: str, before: int) -> None:
        effects = self.frame.effects
        own = set(self.index.tables(model))
        for key in list(effects.accesses)[before:] if effects is not None else ():
            if key[0] in own and key[2] == "select":
                del effects.accesses[key]  # type: ignore[union-attr]

    def method(self, target: Method, call: Expression, values: list[Value], line: int) -> Value:
        """A method of Django's own, on whatever it is called on."""
        receiver = target.receiver
        if isinstance(receiver, Query):
            return self._query_method(receiver, target.name, call, values, line)
        if isinstance(receiver, ModelInstance):
            return self._instance_method(receiver, target.name, call, line)
        if isinstance(receiver, Super):
            return self._super_method(receiver, target.name, call, values, line)
        if isinstance(receiver, ModelClass):
            return self._model_method(receiver, target.name, line)
        if isinstance(receiver, Instance):
            if target.name in ENTERING and call[2]:
                self._entered(call, line)
            is_kept = record.keyword(call, "commit") == ("const", False)
            return self._view_method(receiver, target.name, line, is_kept=is_kept)
        if isinstance(receiver, Mapped):
            return _of_mapping(receiver, target.name)
        if isinstance(receiver, Keywords) and target.name in ("get", "pop", "setdefault"):
            return self.frame.keyword(receiver, record.argument(call, 0))
        if isinstance(receiver, Validated):
            text = record.string_of(record.argument(call, 0)) if target.name in ITEM else None
            return validated(self.frame, receiver.cls, text) if text else None
        if isinstance(receiver, Many) and target.name in ("pop", "copy", "popleft"):
            return receiver if target.name == "copy" else receiver.item
        return None

    def _entered(self, call: Expression, line: int) -> None:
        """`stack.enter_context(transaction.atomic())`: open until the stack's own block ends."""
        context = call[2][0]
        if self.frame.effects is not None and self.opens_transaction(context, None):
            self.frame.open("block", line, self.frame.end_line)

    def _query_method(
        self, query: Query, name: str, call: Expression, values: list[Value], line: int
    ) -> Value:
        method = queries.plain(name)
        if query.kind == "settings":
            if method in ("set", "delete"):
                self._touch(query.model, "write", "settings", line)
            return None
        if query.kind == "through":
            for mode, operation in _modes_of(method, query):
                self.frame.note_access(query.through, mode, operation, line)
            return query if method in queries.CHAINING else None
        if query.kind == "manager" and query.through and method in queries.RELATION_WRITING:
            self.frame.note_access(query.through, "write", method, line)
            if method == "set":
                self.frame.note_access(query.through, "read", method, line)
            return None
        if method == "raw" and query.model:
            return self._raw(query.model, call, line)
        self._note_query(query, method, call, values, line)
        if method in queries.VALUES:
            return Query(query.model, "values", query.scopes)
        if method in queries.CHAINING:
            kind = query.kind if query.kind in ("values", "raw") else "queryset"
            ordered = query.ordered or method == "order_by"
            return Query(query.model, kind, query.scopes, ordered=ordered)
        if method in queries.ONE or (method in queries.INSERTING and method != "bulk_create"):
            return ModelInstance(query.model) if query.model and query.kind != "values" else None
        if method in queries.UPSERTING:
            return Row((ModelInstance(query.model), None)) if query.model else None
        if method == "bulk_create":
            return Many(ModelInstance(query.model)) if query.model else None
        return None

    def _raw(self, model: str, call: Expression, line: int) -> Value:
        """Rows of `Model.objects.raw(sql)`; what SQL that stands there reads is read from it."""
        if record.string_of(record.argument(call, 0, "raw_query")) is None:
            self._touch(model, "read", "select", line)
        return Query(model, "raw", ordered=True)

    def _note_query(
        self, query: Query, method: str, call: Expression, values: list[Value], line: int
    ) -> None:
        if self.frame.effects is None or not query.model:
            return
        model = query.model
        modes = _modes_of(method, query)
        for mode, operation in modes:
            self._touch(model, mode, operation, line)
        if modes and method not in queries.INSERTING:
            self._narrowed(model, line)
        if method in queries.DELETING:
            self._cascade(model, line)
            self._model_signals(model, ("pre_delete", "post_delete"), line)
        elif method == "create" or method in queries.UPSERTING:
            self._model_signals(model, ("pre_save", "post_save"), line)
            self._keep_history(model, line)
            self._keep_tree(model, line)
            self._own_method(model, "save", line)
        if method == "create" and query.through:
            self.frame.note_access(query.through, "write", "add", line)
        elif query.through and method not in queries.INSERTING:
            self._joined(model, (query.through,), "related", line)
        if method == "select_for_update":
            for table in self.index.tables(model)[:1]:
                self.frame.note_row_lock(table, line)
        for path, how in queries.lookup_paths(method, call, self.frame.body.sources()):
            self._lookup(model, path, how, line)
        if method == "select_related" and not call[2] and not call[3]:
            self._joined(model, self.index.required(model), method, line)
        if method in queries.NAMING_FIELDS:
            self._starred(model, method, call, line)
        elif method in queries.LOOKING_UP:
            self._built_elsewhere(model, call, line)
        if method == "order_by":
            for argument in call[2]:
                if argument is not None and argument[0] == "str":
                    self._joined(model, self.index.ordered_by(model, argument[1]), "order", line)
        elif method in ("first", "last") and not query.ordered:
            self._joined(model, self.index.default_order(model), "order", line)
        for value in values:
            for option in options_of(value):
                if isinstance(option, Query) and option.model and method in queries.CHAINING:
                    self._joined(model, self.index.tables(option.model), "subquery", line)

    def _keep_history(self, model: str, line: int) -> None:
        self.frame.note_access(self.index.history(model), "write", "history", line)

    def _keep_tree(self, model: str, line: int) -> None:
        """Rows of a tree are placed, and taken out, with a look at their neighbours."""
        if self._is_tree(model):
            self._touch(model, "read", "tree", line)

    def _is_tree(self, model: str) -> bool:
        scope = self.index.models[model].scope if model in self.index.models else None
        return scope is not None and self.knowledge.project.is_subclass(scope, queries.TREES)

    def _own_method(self, model: str, name: str, line: int) -> None:
        """`create` runs the `save` that a model defines."""
        scope = self.index.models[model].scope if model in self.index.models else None
        member = self.knowledge.project.class_member(scope, name) if scope else None
        if isinstance(member, Function):
            self.frame.note_call(member, line)

    def _starred(self, model: str, method: str, call: Expression, line: int) -> None:
        """`select_related(*RELATIONS)`, where the names stand in a constant."""
        how = method if method in queries.LAZY_RELATIONS else "lookup"
        for argument in call[2]:
            if argument is not None and argument[0] == "star":
                for path in self._constants(argument[1]):
                    self._lookup(model, path, how, line)

    def _built_elsewhere(self, model: str, call: Expression, line: int) -> None:
        """`filter(visible_to(user))`, where a function of the snapshot makes the `Q`."""
        for argument in call[2]:
            if argument is None or argument[0] != "call" or argument[1] is None:
                continue
            for option in options_of(self.frame.silently(argument[1])):
                function = option.function if isinstance(option, Bound) else option
                if isinstance(function, Function):
                    for built in self.knowledge.body(function).calls("Q"):
                        for path, how in queries.paths_in(built):
                            self._lookup(model, path, how, line)

    def _constants(self, expression: Expression) -> Iterator[str]:
        """Strings of a sequence that stands here, or that a name or attribute is bound to."""
        yield from (text for text, _ in record.strings_of(expression))
        if expression is None or expression[0] != "name":
            return
        path = expression[1]
        for source in self.frame.body.sources().get(path, ()):
            if source[0] == "value":
                yield from (text for text, _ in record.strings_of(source[1]))
        head, _, last = path.rpartition(".")
        if head in ("self", "cls") and self.frame.owner is not None:
            symbol = self.knowledge.project.class_member(self.frame.owner, last)
        else:
            symbol = self.knowledge.project.resolve(self.frame.module, path)
        if isinstance(symbol, Variable):
            yield from (text for text, _ in record.strings_of(symbol.value))

    def consumed(self, query: Query, line: int) -> None:
        """A query is evaluated here, in the order of its model where it has none of its own."""
        if query.model and query.kind != "raw":
            self._touch(query.model, "read", "select", line)
            self._narrowed(query.model, line)
            if query.through:
                self._joined(query.model, (query.through,), "related", line)
            if not query.ordered:
                self._joined(query.model, self.index.default_order(query.model), "order", line)

    def _narrowed(self, model: str, line: int) -> None:
        """Lookups that the model's manager adds to every query."""
        known = self.knowledge.scoped
        if model not in known:
            cls = self.knowledge.class_of_model(model)
            known[model] = () if cls is None else scopes_of(self.knowledge.project, cls)
        for path in known[model]:
            self._lookup(model, path, "lookup", line)

    def _lookup(self, model: str, path: str, how: str, line: int) -> None:
        if how in queries.LAZY_RELATIONS:
            tables = self.index.related(model, path)
        else:
            tables = self.index.hops(model, path)
        if how == "prefetch_related":
            for table in tables:
                self.frame.note_access(table, "read", "prefetch", line)
            for passed in self.index.models_along(model, path):
                self._narrowed(passed, line)
        elif tables:
            self._joined(model, tables, how, line)

    def _joined(self, model: str, tables: Iterable[str], how: str, line: int) -> None:
        others = tuple(table for table in tables if table)
        if not others:
            return
        for table in others:
            self.frame.note_access(table, "read", "join" if how != "subquery" else how, line)
        if model in self.index.models:
            self.frame.note_join((self.index.models[model].table, *others), how, line)

    def _touch(self, model: str, mode: str, operation: str, line: int) -> None:
        """A row of the model is read or written, in each of the tables that it is made of."""
        for table in self.index.tables(model):
            self.frame.note_access(table, mode, operation, line)

    def _read(self, model: str, table: str, operation: str, line: int) -> None:
        if model in self.index.models:
            self._touch(model, "read", operation, line)
        else:
            self.frame.note_access(table, "read", operation, line)

    def _cascade(self, model: str, line: int) -> None:
        if self.frame.effects is None:
            return
        for table, mode, operation in self.index.cascade(model):
            self.frame.note_access(table, mode, operation, line)

    def _instance_method(
        self, value: ModelInstance, name: str, call: Expression, line: int
    ) -> Value:
        method = queries.plain(name)
        if method in queries.INSTANCE_WRITING:
            self._touch(value.model, "write", "save", line)
            self._model_signals(value.model, ("pre_save", "post_save"), line)
            self._keep_history(value.model, line)
            self._keep_tree(value.model, line)
        elif method == "delete":
            self._touch(value.model, "write", "delete", line)
            self._cascade(value.model, line)
            self._model_signals(value.model, ("pre_delete", "post_delete"), line)
            self._keep_history(value.model, line)
            self._keep_tree(value.model, line)
        elif method in queries.INSTANCE_READING:
            self._touch(value.model, "read", "select", line)
        elif name in queries.TREE_READING and self._is_tree(value.model):
            self._touch(value.model, "read", "select", line)
            return value if name in queries.TREE_ONE else Query(value.model)
        elif name in queries.PERMITTING and len(call[2]) + len(call[3]) < 2:
            self._permitted(value.model, line)  # of a single row no permission is looked up there
        elif name in queries.VALIDATING:
            self._validated(value.model, name, line)
        elif name.startswith(("get_next_by_", "get_previous_by_")):
            self._touch(value.model, "read", "select", line)
            return value
        return None

    def _permitted(self, model: str, line: int) -> None:
        """Permissions are looked up in the tables between users, groups and permissions."""
        fields = self.index.models[model].fields if model in self.index.models else {}
        for name in queries.PERMITTED:
            if name in fields and fields[name].through:
                self.frame.note_access(fields[name].through, "read", "permission", line)

    def _validated(self, model: str, method: str, line: int) -> None:
        """Foreign keys are looked up, and `full_clean` runs the `clean` that a model defines."""
        for field in self.index.models[model].fields.values() if model in self.index.models else ():
            if field.kind in ("foreign_key", "one_to_one") and method != "validate_unique":
                self._read(field.target, field.target_table, "validate", line)
        if method != "clean_fields" and self._is_unique(model):
            self._touch(model, "read", "validate", line)
        if method == "full_clean":
            self._own_method(model, "clean", line)

    def _is_unique(self, model: str, names: Iterable[str] | None = None) -> bool:
        """Whether rows are looked up that have the same values in these fields, or in any."""
        scope = self.index.models[model].scope if model in self.index.models else None
        if scope is None:
            return False
        unique = unique_fields(self.knowledge.project, scope)
        return bool(unique) if names is None else not unique.isdisjoint(names)

    def after_bound(self, target: Bound, call: Expression, result: Value, line: int) -> Value:
        """Overridden `save` and `delete` still write; custom query set methods still query."""
        receiver, name = target.receiver, target.function.name
        is_replaced = name in OVERRIDDEN and not _hands_on(target.function)
        result = self._with_models(target.function, receiver, call, line) or result
        for option in options_of(receiver):
            if isinstance(option, ModelInstance):
                if name not in queries.PERMITTING and not is_replaced:
                    self._instance_method(option, name, call, line)
            elif isinstance(option, Query):
                self._note_query(option, queries.plain(name), call, [], line)
                if result is None:
                    result = self._custom_result(option, name)
                if isinstance(result, Query | ModelInstance) and option.model:
                    self._touch(option.model, "read", "select", line)
            elif isinstance(option, Instance) and not is_replaced:
                fallback = self._view_method(option, name, line, is_kept=False)
                result = fallback if result is None else result
        return result

    def after_function(self, target: Function, call: Expression, result: Value, line: int) -> Value:
        """A function of the snapshot, with what it does to the models that are handed to it."""
        return self._with_models(target, None, call, line) or result

    def _with_models(
        self, function: Function, receiver: Value, call: Expression, line: int
    ) -> Value:
        if not hands_class(call):
            return None
        found = with_classes(
            self.frame, function, receiver, call, kinds=(ModelClass,), tables_of=_tables_of
        )
        for table, mode, operation in found.touches:
            self.frame.note_access(table, mode, operation, line)
        return found.returned

    def guessed(self, names: Sequence[str]) -> Value:
        """Nothing: names say more."""
        return None

    def _custom_result(self, query: Query, name: str) -> Value:
        method = queries.plain(name)
        if method in queries.ONE or method == "create":
            return ModelInstance(query.model) if query.model else None
        if method in queries.CHAINING:
            return Query(query.model, "queryset", query.scopes)
        return None

    def _super_method(
        self, value: Super, name: str, call: Expression, values: list[Value], line: int
    ) -> Value:
        """`super().save()` in a model, `super().get_queryset()` in a manager or a view."""
        found = []
        for option in options_of(value.receiver):
            found.append(self.method(Method(option, name), call, values, line))
        return one_of(found)

    def _model_method(self, value: ModelClass, name: str, line: int) -> Value:
        if name == "from_db":
            return ModelInstance(value.model)
        if name in queries.TREE_ROOTS and self._is_tree(value.model):
            return self._rooted(value.model, name, line)
        if name == "get_solo":  # of django-solo
            self._touch(value.model, "read", "select", line)
            self._touch(value.model, "write", "upsert", line)
            return ModelInstance(value.model)
        return None

    def _rooted(self, model: str, name: str, line: int) -> Value:
        """`Node.add_root(…)`, `Node.get_root_nodes()`."""
        if name == "add_root":
            self._touch(model, "write", "insert", line)
            self._keep_tree(model, line)
            return ModelInstance(model)
        self._touch(model, "read", "select", line)
        return Query(model) if name in ("get_root_nodes", "get_tree") else ModelInstance(model)

    def _view_method(self, value: Instance, name: str, line: int, *, is_kept: bool) -> Value:
        """Methods that forms, serializers and generic views inherit.

        `is_kept`: what a form makes of its row is not saved yet.
        """
        cls = value.cls
        if name in HANDING and isinstance(cls, ClassScope):
            return Validated(cls) if name == "clean" else self._made_by(cls, (HANDING[name],))
        model = self._model_of_view(value) if isinstance(cls, ClassScope) else ""
        if not model or not isinstance(cls, ClassScope):
            return None
        if name == "save" and is_kept:
            return ModelInstance(model)
        does = inherited_use(self.knowledge.project, cls, name)
        if does == "save":
            self._own_method(model, "save", line)
            return self._instance_method(ModelInstance(model), "save", (), line) or ModelInstance(
                model
            )
        if does == "delete":
            self._own_method(model, "delete", line)
            return self._instance_method(ModelInstance(model), "delete", (), line)
        if name == "get_object":
            self._touch(model, "read", "select", line)
            return ModelInstance(model)
        if name in ("get_model", "get_model_class"):
            return ModelClass(model)
        if name in ("get_queryset", "filter_queryset"):
            self._touch(model, "read", "select", line)
            return Query(model, "queryset", self.knowledge.classes.managers_of(model, "objects"))
        return None

    def loader(self, name: str, call: Expression) -> Value:
        """`get_model("app", "Name")`, `get_class("app.module", "Name")` and the like."""
        strings = [record.string_of(argument) for argument in call[2]]
        if name == "get_model" and _is_user_setting(call) and self.knowledge.catalogue.user:
            return ModelClass(self.knowledge.catalogue.user)
        if name in ("get_model", "get_registered_model") and strings and strings[0]:
            label = ".".join(text for text in (_config_label(call), *strings[:2]) if text)
            identity = self.knowledge.catalogue.by_label.get(label.lower())
            return ModelClass(identity) if identity else None
        if name in ("get_class", "get_classes") and len(strings) > 1 and strings[0]:
            return self._class_by_name(strings[0], call[2][1])
        if name == "get_user_model" and self.knowledge.catalogue.user:
            return ModelClass(self.knowledge.catalogue.user)
        return None

    def _class_by_name(self, module: str, names: Expression) -> Value:
        found: list[Value] = []
        for text, _ in record.strings_of(names):
            value: Value = None
            for candidate in self.knowledge.modules_ending(module):
                symbol = self.knowledge.project.member(candidate, text)
                if isinstance(symbol, ClassScope):
                    value = self.knowledge.classes.value_of_class(symbol)
                    break
            found.append(value)
        return found[0] if names[0] == "str" else Row(tuple(found))

    def named(self, name: str, call: Expression, values: list[Value], line: int) -> Value:
        """A function that loads classes by name."""
        return self.loader(name, call)

    def made(self, target: ModelClass, call: Expression, line: int) -> Value:
        """A row that is in memory only."""
        return ModelInstance(target.model)

    def changed(self, value: Value, name: str, line: int) -> None:
        """Nothing, before it is saved."""

    def ran(self, selection: Selection, line: int) -> None:
        """Nothing: Django has no such thing."""

    def listed(self, model: ModelClass, line: int) -> None:
        """Nothing: Django's models have no items."""

    def is_plain(self, path: str) -> bool:
        """Whether a call of what has this dotted name matters only for what its arguments do."""
        return path not in _MEANING and path.rpartition(".")[2] not in _MEANING_NAMES

    def external(self, target: External, call: Expression, values: list[Value], line: int) -> Value:
        """A call of something outside the snapshot."""
        path = target.path
        name = path.rpartition(".")[2]
        if path == "super":
            return self._super()
        if path == "type":
            return class_of(self.frame, self.frame.given(call, values, 0))
        if path in SIGNING_IN and self.knowledge.catalogue.user:
            self._touch(self.knowledge.catalogue.user, *SIGNING_IN[path], line)
        if name in SHORTCUTS_ONE or name in SHORTCUTS_MANY:
            return self._shortcut(name, call, values, line)
        if path in ITERATING:
            self.frame.consume(self.frame.given(call, values, -1), line)
            item = item_of(self.frame.given(call, values, -1))
            return Many(item) if item is not None else None
        if path in COPYING:
            return self._copied(path, call, values)
        if name in LOADERS:
            return self.loader(name, call)
        if name == "SimpleLazyObject" and values:
            return self._called_lazily(self.frame.given(call, values, 0))
        if path in ON_COMMIT:
            self._on_commit(call, values, line)
            return None
        if path == "getattr" and len(call[2]) > 1:
            text = record.string_of(call[2][1])
            value = self.frame.given(call, values, 0) if text else None
            return self.frame.attribute(value, text, line) if text and value else None
        if name in IMPORTERS:
            return self._imported(call)
        if path in FACTORIES:
            self._made_form(path, call, line)
        if path in GUARDIAN:
            return permitted(self.frame, name, call, line)
        if path in RENDERING:
            render_called(self.frame, path, call, line)
        elif path in LOADING:
            render_loaded(self.frame, call, line)
        if path in ("enumerate", "zip"):
            return _zipped(
                path, [self.frame.given(call, values, one) for one in range(len(values))]
            )
        if path == "functools.partial" or name in ("sync_to_async", "async_to_sync"):
            return self.frame.given(call, values, 0)
        return self.knowledge.classes.made_outside(target)

    def _imported(self, call: Expression) -> Value:
        """`import_module("app.tasks")`: what the name stands for."""
        text = record.string_of(record.argument(call, 0, "name"))
        if not text:
            return None
        path = absolute_name(text.replace(":", "."), self.frame.module)
        symbol = self.knowledge.project.find(path)
        return None if symbol is None else self.frame.of_symbol(symbol)

    def _made_form(self, path: str, call: Expression, line: int) -> None:
        """`inlineformset_factory(Order, Line)` makes a form that reads and writes rows."""
        position = FACTORIES[path]
        model = record.argument(call, position, "model")
        for option in options_of(self.frame.silently(model)):
            if isinstance(option, ModelClass) and option.model in self.index.models:
                self._touch(option.model, "read", "form", line)
                self._touch(option.model, "write", "form", line)

    def _called_lazily(self, value: Value) -> Value:
        if isinstance(value, Function):
            return self.knowledge.returned(value, None, self.frame.depth)
        return value

    def _super(self) -> Value:
        frame: Frame | None = self.frame
        while frame is not None:
            if frame.owner is not None:
                receiver = frame.receiver or self.knowledge.classes.self_of(frame.owner)
                return Super(frame.owner, receiver)
            frame = frame.parent
        return None

    def _shortcut(self, name: str, call: Expression, values: list[Value], line: int) -> Value:
        found: list[Value] = []
        for option in options_of(self.frame.given(call, values, 0)):
            if isinstance(option, ModelClass):
                query = Query(option.model)
            elif isinstance(option, Query):
                query = option
            else:
                continue
            self._note_query(query, "get", call, [], line)
            one = ModelInstance(query.model) if query.model else None
            found.append(one if name in SHORTCUTS_ONE else Query(query.model))
        return one_of(found)

    def _copied(self, path: str, call: Expression, values: list[Value]) -> Value:
        if path == "typing.cast":
            return self.knowledge.classes.instance_of(self.frame.given(call, values, 0))
        value = self.frame.given(call, values, 0)
        return item_of(value) if path in ("next", "anext", "min", "max") else value

    def _on_commit(self, call: Expression, values: list[Value], line: int) -> None:
        for position in range(len(values)):
            for option in options_of(self.frame.given(call, values, position)):
                if isinstance(option, Function):
                    self.frame.note_deferred(option, line)
                elif isinstance(option, Bound):
                    self.frame.note_deferred(option.function, line)

    def parameter(self, function: Function, name: str) -> Value:
        """Objects that receivers, admin classes, forms, serializers and views are called with."""
        if function.owner is None and name in PREDICATED and function.decorators:
            asked = asked_about(self.knowledge.project, self.knowledge.catalogue, function)
            if asked and name == "user" and self.knowledge.catalogue.user:
                return ModelInstance(self.knowledge.catalogue.user)
            if 0 < len(asked) <= MOST_HEIRS:
                return one_of(ModelInstance(one) for one in asked)
        if function.owner is None and self.knowledge.heard_by(function):
            sent = self._sent(function, name)
            if sent is not None:
                return sent
        if name == "sender":
            return class_of(self.frame, self._received(function))
        if name in ("item", "obj") and function.owner is not None and function.name != "items":
            items = self.knowledge.project.class_member(function.owner, "items")
            if isinstance(items, Function):
                return item_of(self.knowledge.returned(items, None, 2))
        if (
            name in HANDED
            and function.owner
            and is_serializer(self.knowledge.project, function.owner)
        ):
            return Validated(function.owner)
        if name in ("instance", "obj", "object", "serializer", "form", "queryset"):
            if function.owner is None:
                return self._given_row(function) if name == "instance" else None
            if name == "form" and function.name in ("form_valid", "form_invalid"):
                return self._made_by(function.owner, ("form_class",))
            if name == "serializer":
                return self._made_by(function.owner, ("serializer_class",))
            model = model_of_class(self.frame, function.owner)
            if model and name == "queryset":
                return Query(
                    model, "queryset", self.knowledge.classes.managers_of(model, "objects")
                )
            return ModelInstance(model) if model else None
        return None

    def _given_row(self, function: Function) -> Value:
        """The row that a receiver hears of, or whose file a function names."""
        models = uploading(self.knowledge.project, self.knowledge.catalogue, function)
        if 0 < len(models) <= MOST_HEIRS:
            return one_of(ModelInstance(one) for one in models)
        return self._received(function)

    def _sent(self, function: Function, name: str) -> Value:
        """What senders of the snapshot pass to a receiver of their signal."""
        found: list[Value] = []
        for signal in self.knowledge.heard_by(function):
            for frame, call in self._send_calls(signal):
                given = record.keyword(call, name)
                if given is None and name == "sender":
                    given = record.argument(call, 0)
                if given is not None:
                    found.append(frame.value(given))
        return one_of(found)

    def _send_calls(self, signal: str) -> list[tuple[Frame, Expression]]:
        known = self.knowledge.send_calls
        if signal not in known:
            known[signal] = []  # what a cycle sees
            known[signal] = list(self._find_send_calls(signal))
        return known[signal]

    def _find_send_calls(self, signal: str) -> Iterator[tuple[Frame, Expression]]:
        module, _, name = signal.rpartition(".")
        sent = (module, name)
        for send in SENDING:
            for caller in self.knowledge.project.calling(send)[:SENDERS_LIMIT]:
                body = self.knowledge.body(caller)
                for call in body.calls(send):
                    head = record.callee_path(call).rpartition(".")[0]
                    if not head:
                        continue
                    symbol = self.knowledge.symbol_in(caller.module, body, head)
                    if isinstance(symbol, Variable) and (symbol.module.id, symbol.name) == sent:
                        yield self.knowledge.silent(caller, None, 2), call

    def _received(self, function: Function) -> Value:
        """The sender's model, for a receiver of a model's signal."""
        found: list[Value] = []
        for (signal, sender), functions in self.knowledge.receivers.items():
            if function in functions and sender in self.index.models and "_" in signal:
                found.append(ModelInstance(sender))
        return one_of(found)

    def _made_by(self, cls: ClassScope, names: tuple[str, ...]) -> Value:
        for name in names:
            member = self.knowledge.project.class_member(cls, name)
            if isinstance(member, Variable):
                return self.knowledge.classes.instance_of(self.knowledge.variable(member))
        return None

    def declared(self, cls: ClassScope) -> None:
        """Forms, serializers, generic views and admin classes read and write their model."""
        modes = class_accesses(self.knowledge.project, cls)
        self._serialized(cls)
        self._listed_across(cls)
        render_view(self.frame, cls)
        if not modes:
            return
        model, line = declared_model(self.frame, cls)
        if not model:
            return
        for mode, operation in modes:
            self._touch(model, mode, operation, line)
            if mode == "write":
                self._keep_history(model, line)
            if operation == "delete" and ("read", "admin") not in modes:
                self._cascade(model, line)  # any admin page can delete: that says nothing
        if ("write", "form") in modes or ("write", "admin") in modes or ("write", "view") in modes:
            self._form_relations(cls, model, line)
            self._shown_form(cls, line)
        if ("write", "form") in modes:
            shown = form_fields(self.knowledge.project, cls, self.index.models[model].fields, line)
            if self._is_unique(model, (name for name, _ in shown)):
                self._touch(model, "read", "validate", line)
        if ("read", "admin") in modes:
            self._listed(cls, model, line)
            self._inlined(cls)

    def _listed_across(self, cls: ClassScope) -> None:
        """A filter set, table or list joins the tables that the names it gives lead to."""
        paths = tuple(listed(self.knowledge.project, cls))
        model = model_of_class(self.frame, cls) if paths else ""
        for path, line, is_whole, operation in paths:
            hops = self.index.related if is_whole else self.index.hops
            for table in hops(model, path):
                self.frame.note_access(table, "read", operation, line)

    def _inlined(self, cls: ClassScope) -> None:
        """An admin page shows and saves the rows of its inline classes."""
        member = self.knowledge.project.class_member(cls, "inlines")
        if not isinstance(member, Variable) or member.owner is not cls:
            return
        for part in record.walk_expressions(member.value):
            inline = self.frame.value(part) if part[0] == "name" else None
            model = model_of_class(self.frame, inline) if isinstance(inline, ClassScope) else ""
            if isinstance(inline, ClassScope) and model in self.index.models:
                self._touch(model, "read", "admin", member.line)
                self._touch(model, "write", "admin", member.line)
                self._form_relations(inline, model, member.line)

    def _serialized(self, cls: ClassScope) -> None:
        """What a serializer shows of other tables, for itself and for the views that use it."""
        serializer: ClassScope | None = cls
        line = 0
        if not is_serializer(self.knowledge.project, cls):
            member = self.knowledge.project.class_member(cls, "serializer_class")
            value = self.knowledge.variable(member) if isinstance(member, Variable) else None
            serializer = value if isinstance(value, ClassScope) else None
            line = member.line if isinstance(member, Variable) and member.owner is cls else cls.line
        if serializer is None:
            return
        modes = class_accesses(self.knowledge.project, cls)
        writes = any(mode == "write" for mode, _ in modes)
        for table, mode, place in serialized_tables(self.frame, serializer, writes=writes):
            self.frame.note_access(table, mode, "serializer", line or place)

    def _form_relations(self, cls: ClassScope, model: str, line: int) -> None:
        """A form offers the rows that its relations may point to, and writes its many-to-many."""
        fields = self.index.models[model].fields
        for name, place in form_fields(self.knowledge.project, cls, fields, line):
            field = fields.get(name)
            if field is None or field.kind not in queries.CHOSEN:
                continue
            self.frame.note_access(field.target_table, "read", "choices", place)
            if field.through:
                self.frame.note_access(field.through, "read", "choices", place)
                self.frame.note_access(field.through, "write", "form", place)

    def _shown_form(self, cls: ClassScope, line: int) -> None:
        """A view offers the rows that the relations of its form may point to."""
        member = self.knowledge.project.class_member(cls, "form_class")
        form = self.knowledge.variable(member) if isinstance(member, Variable) else None
        model = model_of_class(self.frame, form) if isinstance(form, ClassScope) else ""
        if isinstance(form, ClassScope) and model in self.index.models:
            place = member.line if member.owner is cls else line  # type: ignore[union-attr]
            fields = self.index.models[model].fields
            for name, _ in form_fields(self.knowledge.project, form, fields, place):
                if name in fields and fields[name].kind in queries.CHOSEN:
                    self.frame.note_access(fields[name].target_table, "read", "choices", place)

    def _listed(self, cls: ClassScope, model: str, line: int) -> None:
        """What an admin class's lists show, filter and search, across relations."""
        project = self.knowledge.project
        for name in queries.ADMIN_LISTS:
            member = project.class_member(cls, name)
            if isinstance(member, Variable):
                for path, place in record.strings_of(member.value):
                    clean = path.lstrip("-=^@")
                    for table in self.index.related(model, clean):
                        at = place if member.owner is cls else line
                        self.frame.note_access(table, "read", "admin", at)
        self._joined(model, self.index.default_order(model), "order", line)
        scope = self.index.models[model].scope
        shown = project.class_member(scope, "__str__") if scope is not None else None
        if isinstance(shown, Function):
            self.frame.note_call(shown, line)

    def sends(self, path: str, line: int) -> None:
        """A signal of the snapshot is sent: its receivers run here."""
        symbol = self.knowledge.symbol_in(self.frame.module, self.frame.body, path)
        if isinstance(symbol, Variable):
            self._signal(f"{symbol.module.id}.{symbol.name}", "", line)

    def _signal(self, signal: str, sender: str, line: int) -> None:
        receivers = self.knowledge.receivers
        for key in ((signal, sender), (signal, "")) if sender else ((signal, ""),):
            for function in receivers.get(key, ()):
                self.frame.note_call(function, line)

    def _model_signals(self, model: str, names: tuple[str, ...], line: int) -> None:
        if self.frame.effects is not None and self.knowledge.receivers:
            for name in names:
                self._signal(name, model, line)

    def query_made(self, cls: ClassScope, values: list[Value], call: Expression) -> Value:
        """`OrderQuerySet(self.model, using=self._db)`."""
        model = ""
        for _ in values[:1]:
            for option in options_of(self.frame.given(call, values, 0)):
                model = option.model if isinstance(option, ModelClass) else model
        if not model:
            for option in options_of(self.frame.receiver):
                if isinstance(option, Query):
                    model = option.model
        return Query(model, "queryset", (cls,))

    def opens_transaction(self, context: Expression, value: Value) -> bool:
        """Whether it is `transaction.atomic()` or a context manager that enters it."""
        if context is None:
            return False
        callee = context[1] if context[0] == "call" else context
        if callee is None or callee[0] != "name":
            return False
        effects, self.frame.effects = self.frame.effects, None
        try:
            target = self.frame.path(callee[1], callee[2])
        finally:
            self.frame.effects = effects
        if isinstance(target, External):
            return is_atomic(target.path)
        if isinstance(target, Bound):
            target = target.function
        if not isinstance(target, Function):
            return begins_by_name(callee[1])
        return opens_in_body(
            target,
            lambda path, module: self.knowledge.project.resolve(module or target.module, path),
        )


def _tables_of(frame: Frame, value: Value) -> Iterator[str]:
    """The tables that a row of a model stands in, hangs on and takes along."""
    if isinstance(value, ModelClass) and value.model in frame.knowledge.index.models:
        index = frame.knowledge.index
        yield from index.tables(value.model)
        yield from (table for table, _, _ in index.cascade(value.model))
        yield from (one.through for one in index.models[value.model].fields.values())


def _hands_on(function: Function) -> bool:
    """Whether a method that overrides one of the framework's runs that one too."""
    function.module.consulted.add(function)
    return function.name in function.record[record.F_CALLED]


def _is_user_setting(call: Expression) -> bool:
    """`get_model(settings.AUTH_USER_MODEL)`."""
    given = record.argument(call, 0)
    return given is not None and given[0] == "name" and given[1].endswith(".AUTH_USER_MODEL")


def _config_label(call: Expression) -> str:
    """The app of `apps.get_app_config("app").get_model("Name")`; "" of any other call."""
    callee = call[1]
    base = callee[1] if callee is not None and callee[0] == "attr" else None
    if base is None or base[0] != "call" or record.callee_name(base) != "get_app_config":
        return ""
    return record.string_of(record.argument(base, 0)) or ""


def _modes_of(method: str, query: Query) -> tuple[tuple[str, str], ...]:
    """(mode, operation) for each way in which a query set method touches its own table."""
    if method in queries.INSERTING:
        return (("write", "insert" if method == "create" else "bulk_insert"),)
    if method in queries.UPSERTING:
        return (("read", "select"), ("write", "upsert"))
    if method in queries.UPDATING:
        return (("write", "update" if method == "update" else "bulk_update"),)
    if method in queries.DELETING:
        return (("write", "delete"),)
    if method in queries.RELATION_WRITING and query.kind == "manager":
        return (("write", method),)
    if method in queries.TREE_MOVING:
        return (("read", "select"), ("write", "move"))
    if method in ("none", "_meta", "model", "using", "db_manager", "as_manager"):
        return ()
    if method in queries.CHAINING or method in queries.VALUES or method in queries.ONE:
        return (("read", "select"),)
    return (("read", "select"),) if method in queries.REDUCING else ()


def _of_mapping(value: Mapped, name: str) -> Value:
    if name == "items":
        return Many(Row((None, value.item)))
    if name == "values":
        return Many(value.item)
    return value.item if name in ("get", "setdefault", "pop") else None


def _zipped(path: str, values: list[Value]) -> Value:
    items = [item_of(value) for value in values]
    if path == "enumerate":
        items = [None, *items[:1]]
    return Many(Row(tuple(items))) if any(item is not None for item in items) else None
