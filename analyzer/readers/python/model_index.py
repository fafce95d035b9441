"""The catalogue with its relations also from the other end, and what lookups along them join."""

from collections.abc import Iterator
from dataclasses import dataclass

from analyzer.readers.python.catalogue import Catalogue, ModelField

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
        for identity in sorted(self.models):
            for field in self.models[identity].fields.values():
                self._note(identity, field)

    def _note(self, identity: str, field: ModelField) -> None:
        if not field.target:
            return
        reverse = Reverse(identity, field)
        self.incoming.setdefault(field.target, []).append(reverse)
        if field.accessor:
            self.accessors.setdefault(field.target, {}).setdefault(field.accessor, reverse)
        if field.query_name:
            self.query_names.setdefault(field.target, {}).setdefault(field.query_name, reverse)

    def lineage(self, identity: str) -> Iterator[str]:
        """The model and the models whose tables it extends, nearest first."""
        pending, seen = [identity], set()
        while pending:
            current = pending.pop(0)
            if current in seen or current not in self.models:
                continue
            seen.add(current)
            yield current
            pending.extend(self.models[current].parents)

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
                if whole or field.through or field.kind == "generic_relation" or not ends:
                    if field.target_table and not (field.through and ends and not whole):
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

    def cascade(self, identity: str) -> tuple[tuple[str, str], ...]:
        """(table, operation) for what deleting a row of the model deletes or changes besides it."""
        found: dict[tuple[str, str], None] = {}
        pending, seen = list(self.lineage(identity)), set()
        while pending:
            current = pending.pop(0)
            if current in seen:
                continue
            seen.add(current)
            model = self.models.get(current)
            if model is None:
                continue
            for field in model.fields.values():
                if field.through:
                    found[field.through, "cascade"] = None
            for reverse in self.incoming.get(current, ()):
                pending.extend(self._cascades_to(reverse, found))
        own = set(self.tables(identity)) if identity in self.models else set()
        return tuple(key for key in found if key[0] not in own)

    def _cascades_to(self, reverse: Reverse, found: dict[tuple[str, str], None]) -> list[str]:
        field = reverse.field
        if field.through:
            found[field.through, "cascade"] = None
            return []
        if field.kind not in ("foreign_key", "one_to_one"):
            return []
        table = field.owner_table or self.models[reverse.model].table
        if field.on_delete in ("CASCADE", ""):
            found[table, "cascade"] = None
            return [reverse.model]
        if field.on_delete.startswith("SET"):
            found[table, "set_null"] = None
        return []
