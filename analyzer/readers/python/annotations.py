"""What annotations say that values are."""

from analyzer.readers.python.class_values import ClassValues
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, ModuleScope, Variable
from analyzer.readers.python.types import (
    Instance,
    Many,
    ModelClass,
    ModelInstance,
    Query,
    Row,
    Value,
    one_of,
)

CONTAINERS = frozenset(
    [
        "list",
        "List",
        "set",
        "Set",
        "frozenset",
        "FrozenSet",
        "Iterable",
        "Iterator",
        "Sequence",
        "Collection",
        "Generator",
        "deque",
        "QuerySet",
        "Manager",
        "RelatedManager",
        "BaseManager",
        "ManyRelatedManager",
        "AsyncIterator",
        "AsyncIterable",
    ]
)
TRANSPARENT = frozenset(
    [
        "Optional",
        "Annotated",
        "Final",
        "ClassVar",
        "Required",
        "NotRequired",
        "Awaitable",
        "Coroutine",
    ]
)
_PLAIN = frozenset(
    [
        "int",
        "str",
        "float",
        "bool",
        "bytes",
        "dict",
        "list",
        "tuple",
        "set",
        "object",
        "None",
        "type",
        "typing.Any",
    ]
)


class Annotations:
    """Reads annotations with the names of the scope that they stand in."""

    def __init__(self, project: Project, classes: ClassValues) -> None:
        self._project = project
        self._classes = classes
        self._aliases: set[Variable] = set()  # being followed

    def value_of(self, scope: ClassScope | ModuleScope, annotation: Expression) -> Value:
        """What an annotation says that a value is."""
        if annotation is None:
            return None
        tag = annotation[0]
        if tag == "name":
            symbol = self._project.resolve_in(scope, annotation[1])
            if isinstance(symbol, Variable):
                return self._alias(symbol)
            if isinstance(symbol, External) and symbol.path in _PLAIN:
                return None
            value = self._classes.value_of_class(symbol) if symbol else None
            return self._classes.instance_of(value)
        if tag == "sub":
            return self._generic(scope, annotation)
        if tag == "op" and annotation[1] == "|":
            return one_of(self.value_of(scope, item) for item in annotation[2])
        return None

    def _alias(self, variable: Variable) -> Value:
        """What a type alias stands for; one that refers to itself says nothing."""
        if variable in self._aliases or variable.value is None:
            return None
        self._aliases.add(variable)
        try:
            return self.value_of(variable.owner or variable.module, variable.value)
        finally:
            self._aliases.discard(variable)

    def _generic(self, scope: ClassScope | ModuleScope, annotation: Expression) -> Value:
        base, index = annotation[1], annotation[2]
        name = base[1].rpartition(".")[2] if base is not None and base[0] == "name" else ""
        items = index[1] if index is not None and index[0] == "tuple" else (index,)
        if name in TRANSPARENT:
            return self.value_of(scope, items[-1] if name == "Coroutine" else items[0])
        if name == "Union":
            return one_of(self.value_of(scope, item) for item in items)
        if name in ("type", "Type"):
            inner = self.value_of(scope, items[0])
            if isinstance(inner, ModelInstance):
                return ModelClass(inner.model)
            return inner.cls if isinstance(inner, Instance) else None
        if name in CONTAINERS:
            inner = self.value_of(scope, items[0])
            if isinstance(inner, ModelInstance) and ("Manager" in name or name == "QuerySet"):
                return Query(inner.model)
            return Many(inner) if inner is not None else None
        if name in ("tuple", "Tuple"):
            return Row(tuple(self.value_of(scope, item) for item in items))
        return self.value_of(scope, base)
