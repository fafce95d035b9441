"""The catalogue with its relations also from the other end, and what lookups along them join."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from analyzer.readers.python.catalogue import Catalogue, Model, ModelField
from analyzer.readers.python.record import strings_of
from analyzer.readers.python.scopes import ClassScope, Variable

# What may stand at the end of a lookup without being a field.
LOOKUPS = frozenset(
    [
        "exact",
        "iexact",
        "contains",
        "icontains",
        "in",
        "gt",
        "gte",
        "lt",
        "lte",
        "startswith",
        "istartswith",
        "endswith",
        "iendswith",
        "range",
        "date",
        "year",
        "iso_year",
        "month",
        "day",
        "week",
        "week_day",
        "iso_week_day",
        "quarter",
        "time",
        "hour",
        "minute",
        "second",
        "isnull",
        "regex",
        "iregex",
        "pk",
        "id",
        "search",
        "overlap",
        "contained_by",
        "has_key",
        "has_keys",
        "has_any_keys",
        "len",
    ]
)

PROXY_LIMIT = 10


REQUIRED_DEPTH = 5  # how far `select_related()` follows


@dataclass(frozen=True, slots=True)
class Reverse:
    """A relation as seen from the model that it points to."""

    model: str  # the model that has the field
    field: ModelField


class ModelIndex:
    """The catalogue with its relations also from the other end."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.models = catalogue.models
        self.accessors: dict[str, dict[str, Reverse]] = {}
        self.query_names: dict[str, dict[str, Reverse]] = {}
        self.incoming: dict[str, list[Reverse]] = {}
        self.told: frozenset[str] = frozenset()  # models whose deletion is heard of; "" for all
        self._orders: dict[str, tuple[str, ...]] = {}
        self._by_table: dict[str, str] | None = None
        self._lineages: dict[str, tuple[str, ...]] = {}
        for identity in sorted(self.models):
            for field in self.models[identity].fields.values():
                self._note(identity, field)
            self._note_history(identity)

    def _note_history(self, identity: str) -> None:
        kept = self._kept(identity)
        if kept:  # rows of the past, reached by `order.history`
            back = ModelField("history", "", "", 0, "foreign_key", target=identity)
            accessors = self.accessors.setdefault(self.concrete(identity), {})
            accessors.setdefault("history", Reverse(kept, back))

    def _note(self, identity: str, field: ModelField) -> None:
        if not field.target:
            return
        reverse = Reverse(identity, field)
        target = self.concrete(field.target)
        self.incoming.setdefault(target, []).append(reverse)
        if field.accessor:
            self.accessors.setdefault(target, {}).setdefault(field.accessor, reverse)
        if field.query_name:
            self.query_names.setdefault(target, {}).setdefault(field.query_name, reverse)

    def concrete(self, identity: str) -> str:
        """The model whose table a proxy uses; relations to either belong to it."""
        for _ in range(PROXY_LIMIT):
            model = self.models.get(identity)
            if model is None or not (model.is_proxy and model.parents):
                break
            identity = model.parents[0]
        model = self.models.get(identity)
        return model.id if model is not None else identity

    def lineage(self, identity: str) -> Sequence[str]:
        """The model and the models whose tables it extends, nearest first."""
        known = self._lineages.get(identity)
        if known is None:
            known = self._lineages[identity] = tuple(self._find_lineage(identity))
        return known

    def _find_lineage(self, identity: str) -> Iterator[str]:
        pending = [identity]
        seen: set[str] = set()
        while pending:
            current = pending.pop(0)
            if current in seen or current not in self.models:
                continue
            model = self.models[current]
            seen.update((current, model.id))
            yield model.id if model.id in self.models else current
            pending.extend(model.parents)

    def tables(self, identity: str) -> tuple[str, ...]:
        """Tables that one row of the model is made of, its own first."""
        found = dict.fromkeys(self.models[one].table for one in self.lineage(identity))
        return tuple(found)

    def accessor(self, identity: str, name: str) -> Reverse | None:
        """The relation that an attribute of an instance follows backwards."""
        for one in self.lineage(identity):
            found = self.accessors.get(one, {}).get(name)
            if found is not None:
                return found
        return None

    def query_name(self, identity: str, name: str) -> Reverse | None:
        """The relation that a name in a lookup follows backwards."""
        for one in self.lineage(identity):
            found = self.query_names.get(one, {}).get(name)
            if found is not None:
                return found
        return None

    def hops(self, identity: str, path: str) -> tuple[str, ...]:
        """Tables, other than the model's own, that a lookup like `customer__name` reaches."""
        return self._hops(identity, path.lstrip("-+").split("__"), whole=False)

    def related(self, identity: str, path: str) -> tuple[str, ...]:
        """The same for `select_related` and `prefetch_related`, where the last name joins too."""
        return self._hops(identity, path.split("__"), whole=True)

    def models_along(self, identity: str, path: str) -> tuple[str, ...]:
        """The models that a path leads through, the last one included."""
        found: list[str] = []
        for part in path.split("__"):
            model = self.models.get(identity)
            field = model.fields.get(part) if model is not None else None
            reverse = None if field is not None else self.accessor(identity, part)
            identity = field.target if field is not None else reverse.model if reverse else ""
            if identity not in self.models:
                break
            found.append(identity)
        return tuple(found)

    def _hops(self, identity: str, parts: list[str], *, whole: bool) -> tuple[str, ...]:
        found: dict[str, None] = {}
        current = identity
        for index, part in enumerate(parts):
            model = self.models.get(current)
            if model is None:
                break
            field = model.fields.get(part)
            if field is not None:
                if field.owner_table and field.owner_table != model.table:
                    found[field.owner_table] = None
                if not field.target:
                    break
                rest = parts[index + 1 :]
                if field.through:
                    found[field.through] = None
                ends = not rest or rest[0] in LOOKUPS
                crosses = whole or field.kind == "generic_relation" or not ends
                if crosses and field.target_table:
                    found[field.target_table] = None
                current = field.target
                continue
            reverse = self.query_name(current, part)
            if reverse is None and whole:
                reverse = self.accessor(current, part)
            if reverse is None:
                break
            if reverse.field.through:
                found[reverse.field.through] = None
            target = self.models[reverse.model]
            found[target.table] = None
            current = reverse.model
        return tuple(found)

    def model_of_table(self, table: str) -> str:
        """The model that maps a table, or ""."""
        if self._by_table is None:
            self._by_table = {model.table: name for name, model in sorted(self.models.items())}
        return self._by_table.get(table, "")

    def history(self, identity: str) -> str:
        """The table in which a history library keeps each version of the model's rows, or ""."""
        kept = self._kept(identity)
        return self.models[kept].table if kept else ""

    def _kept(self, identity: str) -> str:
        model = self.models.get(identity)
        if model is None:
            return ""
        app, _, name = model.label.rpartition(".")
        kept = self.catalogue.by_label.get(f"{app}.historical{name}".lower(), "")
        return kept if kept in self.models else ""

    def default_order(self, identity: str) -> tuple[str, ...]:
        """Tables that the model's own order joins, the orders of related models included."""
        if identity not in self._orders:
            self._orders[identity] = ()  # what a cycle sees
            found: dict[str, None] = {}
            for name in self._ordering(identity):
                found.update(dict.fromkeys(self.ordered_by(identity, name)))
            self._orders[identity] = tuple(found)
        return self._orders[identity]

    def ordered_by(self, identity: str, name: str) -> tuple[str, ...]:
        """Tables that ordering by a name joins; a relation is ordered as its model is."""
        path = name.lstrip("-+")
        found = dict.fromkeys(self.hops(identity, path))
        current = identity
        for part in path.split("__"):
            model = self.models.get(current)
            field = model.fields.get(part) if model is not None else None
            if field is None or not field.target:
                return tuple(found)
            current = field.target
            table = field.target_table
        if self._ordering(current):
            found[table] = None
            found.update(dict.fromkeys(self.default_order(current)))
        return tuple(found)

    def _ordering(self, identity: str) -> tuple[str, ...]:
        for one in self.lineage(identity):
            scope = self.models[one].scope
            if scope is not None:
                found = declared_ordering(scope)
                if found is not None:
                    return found
        return ()

    def required(self, identity: str) -> tuple[str, ...]:
        """Tables of the rows that a row cannot be without, and that they cannot be without."""
        found: dict[str, None] = {}
        level = [identity]
        for _ in range(REQUIRED_DEPTH):
            fields = [one for name in level for one in self._fields(name) if not one.nullable]
            joined = [one for one in fields if one.kind in ("foreign_key", "one_to_one")]
            found.update((one.target_table, None) for one in joined if one.target_table)
            level = list(dict.fromkeys(one.target for one in joined))
        return tuple(found)

    def _fields(self, identity: str) -> Iterable[ModelField]:
        return self.models[identity].fields.values() if identity in self.models else ()

    def is_fast_to_delete(self, identity: str) -> bool:
        """Whether rows are deleted without being read first: nothing else hangs on them."""
        model = self.models.get(identity)
        if model is None or len(self.tables(identity)) > 1:
            return False
        if identity in self.told or "" in self.told or self.history(identity):
            return False
        holds = any(
            field.through or field.kind == "generic_relation" for field in model.fields.values()
        )
        hangs = any(one.field.on_delete != "DO_NOTHING" for one in self.incoming.get(identity, ()))
        return not holds and not hangs

    def cascade(self, identity: str) -> tuple[tuple[str, str, str], ...]:
        """(table, mode, operation) for what deleting a row reads, deletes and changes besides."""
        found: dict[tuple[str, str, str], None] = {}
        pending, seen = list(self.lineage(identity)), set()
        while pending:
            current = pending.pop(0)
            if current in seen:
                continue
            seen.add(current)
            model = self.models.get(current)
            if model is None:
                continue
            if self.history(current):
                found[self.history(current), "write", "history"] = None
            for field in model.fields.values():
                if field.through:
                    self._unties(field.through, found)
                elif field.kind == "generic_relation" and field.target in self.models:
                    pending.append(self._goes_along(self.models[field.target], found))
            for reverse in self.incoming.get(current, ()):
                pending.extend(self._cascades_to(reverse, found))
        own = set(self.tables(identity)) if identity in self.models else set()
        return tuple(key for key in found if key[0] not in own or key[1] == "read")

    def _unties(self, through: str, found: dict[tuple[str, str, str], None]) -> None:
        """Rows of a table between go; they are read before where all deletions are heard of."""
        if "" in self.told:
            found[through, "read", "cascade"] = None
        found[through, "write", "cascade"] = None

    def _goes_along(self, model: Model, found: dict[tuple[str, str, str], None]) -> str:
        """Rows that point to any model, of the relation that says they belong to this one."""
        if not self.is_fast_to_delete(model.id):
            found[model.table, "read", "cascade"] = None
        found[model.table, "write", "cascade"] = None
        return model.id

    def _cascades_to(self, reverse: Reverse, found: dict[tuple[str, str, str], None]) -> list[str]:
        field = reverse.field
        if field.through:
            self._unties(field.through, found)
            return []
        if field.kind not in ("foreign_key", "one_to_one"):
            return []
        table = field.owner_table or self.models[reverse.model].table
        if field.on_delete in ("CASCADE", ""):
            if not self.is_fast_to_delete(reverse.model):
                found[table, "read", "cascade"] = None
                for joined in self.default_order(reverse.model):
                    found[joined, "read", "cascade"] = None
            found[table, "write", "cascade"] = None
            return [reverse.model]
        if field.on_delete in ("PROTECT", "RESTRICT"):
            found[table, "read", "protect"] = None
        elif field.on_delete.startswith("SET"):
            found[table, "write", "set_null"] = None
        return []


def declared_ordering(scope: ClassScope) -> tuple[str, ...] | None:
    """The names in a class's `Meta.ordering`, or None where it says nothing."""
    for meta in scope.names.get("Meta", ()):
        if isinstance(meta, ClassScope):
            for variable in meta.names.get("ordering", ()):
                if isinstance(variable, Variable):
                    return tuple(name for name, _ in strings_of(variable.value))
    return None
