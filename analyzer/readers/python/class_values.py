"""What classes of the snapshot are as values: models, managers, query sets, or just classes."""

from collections.abc import Mapping
from typing import Any

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.managers import manager_scopes
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ClassScope, External, Function, Symbol, Variable
from analyzer.readers.python.types import Instance, ModelClass, ModelInstance, Query, Value, one_of

# Names outside the snapshot that stand for the row of whoever is logged in.
CURRENT_USERS = frozenset(
    f"{module}.current_user"
    for module in ("flask_login", "flask_login.utils", "flask_security", "flask_jwt_extended")
)
MOST_HEIRS = 3  # models of one base or manager that its `self` may stand for
QUERY_BASES = frozenset(
    [
        "django.db.models.QuerySet",
        "django.db.models.query.QuerySet",
        "django.db.models.Manager",
        "django.db.models.manager.Manager",
        "django.db.models.manager.BaseManager",
    ]
)

ModelsByClass = Mapping[str, tuple[str, ...]]  # ids of models by id of a class


class ClassValues:
    """Models with the managers that belong to them, and what instances of classes are."""

    def __init__(
        self,
        project: Project,
        catalogue: Catalogue,
        by_manager: ModelsByClass | None = None,
        concrete: ModelsByClass | None = None,
    ) -> None:
        self._project = project
        self._catalogue = catalogue
        self._managers: dict[tuple[str, str], tuple[ClassScope, ...]] = {}
        self._values: dict[ClassScope, Value] = {}
        self._instances: dict[ClassScope | str, Value] = {}  # those outside by their path
        self._selves: dict[ClassScope, Value] = {}
        self._outside: dict[str, Value] = {}  # attributes, by their dotted names
        self.by_manager = self._models_by_manager() if by_manager is None else by_manager
        self.concrete = self._concrete_models() if concrete is None else concrete

    def managers_of(self, model: str, name: str) -> tuple[ClassScope, ...]:
        """Classes of the snapshot that define the methods of a model's manager."""
        key = (model, name)
        if key not in self._managers:
            scope = self._catalogue.models[model].scope
            found = () if scope is None else manager_scopes(self._project, scope, name)
            found = tuple(one for one in found if self._queries(one))
            made = [one for cls in found for one in self._made_by_manager(cls)]
            self._managers[key] = tuple(dict.fromkeys((*found, *made)))
        return self._managers[key]

    def value_of_class(self, cls: Symbol) -> Value:
        """The class as a value: a model where it is one."""
        if type(cls) is External:
            if cls.path in self._catalogue.models:
                return ModelClass(cls.path)
            is_user = cls.path in CURRENT_USERS and self._catalogue.user
            return ModelInstance(self._catalogue.user) if is_user else cls
        if type(cls) is not ClassScope:
            return cls
        value = self._values.get(cls)
        if value is None:
            is_model = cls.id in self._catalogue.models
            value = self._values[cls] = ModelClass(cls.id) if is_model else cls
        return value

    def instance_of(self, cls: Value) -> Value:
        """What calling the class makes."""
        kind = type(cls)
        key: Any
        if kind is External:
            key = cls.path  # type: ignore[union-attr]
        elif kind is ClassScope:
            key = cls
        else:
            return ModelInstance(cls.model) if kind is ModelClass else None  # type: ignore[union-attr]
        made = self._instances.get(key)
        if made is None:
            value = self.value_of_class(cls)  # type: ignore[arg-type]
            is_model = isinstance(value, ModelClass)
            made = ModelInstance(value.model) if is_model else Instance(cls)  # type: ignore
            self._instances[key] = made
        return made

    def made_outside(self, called: External) -> Value:
        """An instance, where what is called is named like a class."""
        path = called.path
        start = path.rfind(".") + 1
        return self.instance_of(called) if path[start : start + 1].isupper() else None

    def of_outside(self, symbol: External, name: str) -> Value:
        """What an attribute of something outside the snapshot is."""
        path = f"{symbol.path}.{name}"
        value = self._outside.get(path)
        if value is None:
            member = self._project.member(symbol, name)
            value = None if member is None else self.value_of_class(member)
            self._outside[path] = value
        return value

    def self_of(self, cls: ClassScope) -> Value:
        """What `self` is in the methods of a class."""
        value = self._selves.get(cls)
        if value is None:
            value = self._selves[cls] = self._self_of(cls)
        return value

    def _self_of(self, cls: ClassScope) -> Value:
        if cls.id in self._catalogue.models:
            return ModelInstance(cls.id)
        if self._project.is_subclass(cls, QUERY_BASES) or cls.id in self.by_manager:
            models = self._roots(self.by_manager.get(cls.id, ()))
            kind = "queryset" if "Query" in cls.name else "manager"
            if len(models) > MOST_HEIRS:
                models = ()
            return one_of(Query(model, kind, (cls,)) for model in models or ("",))
        concrete = self._roots(self.concrete.get(cls.id, ()))
        if 0 < len(concrete) <= MOST_HEIRS:
            return one_of([Instance(cls), *map(ModelInstance, concrete)])
        return Instance(cls)  # of many heirs, what one of them does says nothing of the others

    def _roots(self, models: tuple[str, ...]) -> tuple[str, ...]:
        """Of too many models those that the others extend: each row of an heir is one of theirs."""
        if len(models) <= MOST_HEIRS:
            return models
        among = set(models)
        return tuple(one for one in models if among.isdisjoint(self._ancestors(one)))

    def _ancestors(self, model: str) -> set[str]:
        found: set[str] = set()
        waiting = [model]
        while waiting:
            known = self._catalogue.models.get(waiting.pop())
            for parent in known.parents if known is not None else ():
                if parent not in found:
                    found.add(parent)
                    waiting.append(parent)
        return found

    def _models_by_manager(self) -> dict[str, tuple[str, ...]]:
        """For each manager and query set class: the models that it belongs to."""
        found: dict[str, dict[str, None]] = {}
        for identity in sorted(self._catalogue.models):
            for name in self._manager_names(identity):
                for cls in self.managers_of(identity, name):
                    for base in self._project.mro(cls):
                        if isinstance(base, ClassScope):
                            found.setdefault(base.id, {})[identity] = None
        return {cls: tuple(models) for cls, models in found.items()}

    def _manager_names(self, identity: str) -> tuple[str, ...]:
        """Class attributes of a model that may be managers."""
        scope = self._catalogue.models[identity].scope
        names: dict[str, None] = dict.fromkeys(self._catalogue.models[identity].managers)
        for base in self._project.mro(scope) if scope is not None else ():
            for name, binding in base.names.items() if isinstance(base, ClassScope) else ():
                last = binding[-1]
                if (
                    isinstance(last, Variable)
                    and last.value is not None
                    and last.value[0] == "call"
                ):
                    names[name] = None
        return tuple(names)

    def _concrete_models(self) -> dict[str, tuple[str, ...]]:
        """For each abstract base inside the snapshot: the models that are made from it."""
        found: dict[str, dict[str, None]] = {}
        for identity in sorted(self._catalogue.models):
            scope = self._catalogue.models[identity].scope
            if scope is None:
                continue
            for base in self._project.mro(scope)[1:]:
                if isinstance(base, ClassScope) and base.id not in self._catalogue.models:
                    found.setdefault(base.id, {})[identity] = None
        return {cls: tuple(models) for cls, models in found.items()}

    def _queries(self, cls: ClassScope) -> bool:
        """Whether a class that a model uses is a manager or query set, if of a library's kind."""
        if self._project.is_subclass(cls, QUERY_BASES):
            return True
        bases = (base for base in self._project.mro(cls) if isinstance(base, External))
        return any(base.path.endswith(("Manager", "QuerySet")) for base in bases)

    def _made_by_manager(self, cls: ClassScope) -> list[ClassScope]:
        """Query set classes of the snapshot that a manager's `get_queryset` instantiates."""
        member = self._project.class_member(cls, "get_queryset")
        if not isinstance(member, Function):
            return []
        self._project.structural.add(member)
        symbols = [
            self._project.resolve(member.module, record.callee_path(call))
            for call in record.calls_in(member.operations)
            if record.callee_path(call)
        ]
        return [one for one in symbols if isinstance(one, ClassScope) and self._queries(one)]
