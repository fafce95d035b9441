"""Evaluates expressions as far as their types are known, and notes what they do to tables.

A `Frame` is one function, class body or module body. Names are not followed through the order of
statements: a local variable is any of the values that are assigned to it, found when it is asked
for. That makes the answer independent of the order of questions.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from analyzer.readers.python import record
from analyzer.readers.python.bodies import Body, Source, open_function
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.effects import Effects, Opened
from analyzer.readers.python.managers import manager_scopes
from analyzer.readers.python.model_index import ModelIndex
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression, Operation
from analyzer.readers.python.scopes import (
    ClassScope,
    Definition,
    External,
    Function,
    ModuleScope,
    Symbol,
    Variable,
)
from analyzer.readers.python.semantics import Semantics
from analyzer.readers.python.types import (
    Alternatives,
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
    Super,
    Value,
    item_of,
    one_of,
    options_of,
)

INFERENCE_DEPTH = 3  # calls that are followed to learn what one returns
SPECIALISED_LIMIT = 40  # inherited methods that are followed once more for a class
CALLERS_LIMIT = 20  # callers that are looked at to learn what a parameter is
_SNAKE = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_OWN_METHODS = frozenset(("save", "delete", "refresh_from_db"))

PROPERTY_DECORATORS = frozenset(
    ["property", "cached_property", "functools.cached_property", "classproperty", "hybrid_property"]
)
QUERY_BASES = frozenset(
    [
        "django.db.models.QuerySet",
        "django.db.models.query.QuerySet",
        "django.db.models.Manager",
        "django.db.models.manager.Manager",
        "django.db.models.manager.BaseManager",
    ]
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


class Knowledge:
    """What is known of the whole project, and what was already inferred about it."""

    def __init__(
        self,
        project: Project,
        catalogue: Catalogue,
        semantics: "Callable[[Frame], Semantics]",
        receivers: Mapping[tuple[str, str], tuple[Function, ...]] | None = None,
    ) -> None:
        self.project = project
        self.receivers = receivers or {}  # by (signal, id of the sender or "")
        self.heard: dict[Function, tuple[str, ...]] = {}  # signals that a function receives
        for (signal, _), functions in self.receivers.items():
            for function in functions:
                self.heard[function] = (*self.heard.get(function, ()), signal)
        self.send_calls: dict[str, list[tuple[Frame, Expression]]] = {}
        self.semantics = semantics
        self.index = ModelIndex(catalogue)
        self.index.told = frozenset(
            sender for signal, sender in self.receivers if signal in DELETION_SIGNALS
        )
        self.catalogue = catalogue
        self.class_by_id = {cls.id: cls for cls in project.classes()}
        self._managers: dict[tuple[str, str], tuple[ClassScope, ...]] = {}
        self.models_by_manager = self._models_by_manager()
        self.concrete: dict[str, tuple[str, ...]] = self._concrete_models()
        self._variables: dict[Variable, Value] = {}
        self._aliases: set[Variable] = set()  # being followed
        self._returns: dict[tuple[Function, Value, int], Value] = {}
        self._annotations: dict[tuple[ModuleScope, int], Value] = {}
        self._suffixes: dict[str, list[ModuleScope]] | None = None
        self._parameters: dict[tuple[Function, str, int, Symbol | None], Value] = {}
        self._callers: dict[str, list[Function]] | None = None
        self._imported: dict[str, set[str]] = {}
        self._globals: dict[str, dict[str, Value]] = {}
        self._specialised: dict[ClassScope, tuple[Function, ...]] = {}
        self._silent: dict[tuple[Function, Value, int], Frame] = {}
        self._bodies: dict[Function | ClassScope | ModuleScope, Body] = {}
        self._assigned: dict[tuple[ClassScope, str, int], Value] = {}
        self.declared: dict[ClassScope, tuple[str, int]] = {}  # model of a class, and the line
        self.telling = self._telling_names()
        self._request: dict[str, Value] = {}
        self._request_sources = self._assigned_to_request()
        self._model_by_name = self._models_by_name()

    def _assigned_to_request(self) -> dict[str, list[tuple[ModuleScope, Any]]]:
        found: dict[str, list[tuple[ModuleScope, Any]]] = {}
        for module in self.project.modules.values():
            if module.role == "product":
                for entry in module.record[record.REQUEST]:
                    found.setdefault(entry[0], []).append((module, entry))
        return found

    def _telling_names(self) -> frozenset[str]:
        """Attributes that can lead to code or to tables; a model's plain columns cannot."""
        found: set[str] = set(_OWN_METHODS)
        for model in self.catalogue.models.values():
            found.update(name for name, field in model.fields.items() if field.kind)
        for accessors in self.index.accessors.values():
            found.update(accessors)
        for cls in self.project.classes():
            plain = self.catalogue.models[cls.id].fields if cls.id in self.catalogue.models else ()
            found.update(name for name in cls.names if name not in plain)
            found.update(entry[0] for entry in cls.record[record.C_SELF])
        return frozenset(found)

    def globals_of(self, module: ModuleScope) -> dict[str, Value]:
        """What names of a module are, as far as somebody asked."""
        return self._globals.setdefault(module.id, {})

    def inheriting(self, function: Function, receiver: Value) -> ClassScope | None:
        """The class of the receiver, where it runs an inherited method in its own way."""
        cls: ClassScope | None = None
        if isinstance(receiver, Instance) and isinstance(receiver.cls, ClassScope):
            cls = receiver.cls
        elif isinstance(receiver, ModelInstance):
            cls = self.class_by_id.get(receiver.model)
        if cls is None or cls is function.owner:
            return None
        return cls if function in self.specialised(cls) else None

    def specialised(self, cls: ClassScope) -> tuple[Function, ...]:
        """Inherited methods that do something else in this class, as they use what it overrides."""
        known = self._specialised.get(cls)
        if known is None:
            known = self._specialised[cls] = tuple(self._find_specialised(cls))[:SPECIALISED_LIMIT]
        return known

    def _find_specialised(self, cls: ClassScope) -> Iterator[Function]:
        if cls.module.role != "product":
            return
        nearer: set[str] = set()  # overridden with something that matters
        hidden: set[str] = set()
        for base in self.project.mro(cls):
            if not isinstance(base, ClassScope):
                continue
            if base is not cls:
                for name, binding in base.names.items():
                    method = binding[-1]
                    if name in hidden or not isinstance(method, Function):
                        continue
                    if not nearer.isdisjoint(method.record[record.F_OWN]):
                        yield method
            nearer.update(name for name, one in base.names.items() if _tells_apart(name, one[-1]))
            hidden.update(base.names)

    def body(self, code: "Function | ClassScope | ModuleScope") -> Body:
        """The code, opened once."""
        body = self._bodies.get(code)
        if body is None:
            if isinstance(code, Function):
                body = open_function(code.record, code.module.imports)
            else:
                module = code.module if isinstance(code, ClassScope) else code
                body = Body(code.operations, module.imports)
            self._bodies[code] = body
        return body

    def symbol_in(self, module: ModuleScope, body: Body, path: str) -> Symbol | None:
        """What a dotted name means in some code, which may have imported it for itself alone."""
        root, _, rest = path.partition(".")
        for source in body.sources().get(root, ()):
            if source[0] == "import":
                symbol = self.project.import_target(module, source[1])
                if not rest:
                    return symbol
                if isinstance(symbol, ModuleScope):
                    return self.project.resolve(symbol, rest)
        return self.project.resolve(module, path)

    def _models_by_name(self) -> dict[str, str]:
        """Models by the variable name that their class name suggests, where that is unique."""
        found: dict[str, list[str]] = {}
        for identity, model in sorted(self.catalogue.models.items()):
            if model.scope is not None and model.scope.module.role == "product":
                name = _SNAKE.sub("_", model.scope.name).lower()
                found.setdefault(name, []).append(identity)
        return {name: models[0] for name, models in found.items() if len(models) == 1}

    def suggested(self, name: str, member: str) -> Value:
        """The model that a variable's name suggests, where it has a member of this name."""
        identity = self._model_by_name.get(name)
        if identity is not None:
            return ModelInstance(identity) if self._has(identity, member) else None
        for word in range(name.count("_")):  # other_thread, new_parent_category
            identity = self._model_by_name.get(name.split("_", word + 1)[-1])
            if identity is not None:
                # Only what the model alone has: many an `uploaded_file` has a method `save`.
                related = self._relates(identity, member)
                return ModelInstance(identity) if related else None
        return None

    def _has(self, identity: str, member: str) -> bool:
        model = self.catalogue.models[identity]
        if member in model.fields or self._relates(identity, member):
            return True
        if model.scope is None:
            return False
        return member in _OWN_METHODS or self.project.class_member(model.scope, member) is not None

    def _relates(self, identity: str, member: str) -> bool:
        field = self.catalogue.models[identity].fields.get(member)
        by_field = field is not None and bool(field.kind)
        return by_field or self.index.accessor(identity, member) is not None

    def request_attribute(self, name: str) -> Value:
        """What middleware, decorators and views assign to `request.name`."""
        if name not in self._request:
            self._request[name] = None  # what a cycle sees
            sources = self._request_sources.get(name, ())
            self._request[name] = one_of([self._request_value(*source) for source in sources[:8]])
        return self._request[name]

    def _request_value(self, module: ModuleScope, entry: tuple[Any, ...]) -> Value:
        _, value, path, _ = entry
        names = module.names
        frame: Frame | None = None
        for part in path:
            if frame is not None:
                inner = frame.body.definition(part)
                frame = None if inner is None else frame.nested(inner)
                if frame is None:
                    return None
                continue
            found = names.get(part, [None])[-1]
            if isinstance(found, ClassScope):
                names = found.names
            elif isinstance(found, Function):
                frame = Frame(self, module, function=found, depth=INFERENCE_DEPTH - 1)
            else:
                return None
        return None if frame is None else frame.value(value)

    def parameter(self, function: Function, name: str, depth: int, receiver: Value = None) -> Value:
        """What callers pass for a parameter, as far as they are found."""
        if depth <= 0:
            return None
        heir = receiver.cls if isinstance(receiver, Instance) else function.owner
        key = (function, name, depth, heir)
        if key not in self._parameters:
            self._parameters[key] = None  # what recursion sees
            passed = one_of(
                [
                    self._calling(one, heir, depth).passed(function, name)
                    for one in self.callers(function)
                ]
            )
            self._parameters[key] = _unless_generic(passed)
        return self._parameters[key]

    def _calling(self, caller: Function, heir: Symbol | None, depth: int) -> "Frame":
        """A frame of a caller; methods of one object that call each other cost no depth."""
        receiver = self._inherited_by(heir, caller)
        return self.silent(caller, receiver, depth - 1 if receiver is None else depth)

    def _inherited_by(self, heir: Symbol | None, method: Function) -> Value:
        """An object of the class, where it inherits the method: what `self` is in there."""
        if not isinstance(heir, ClassScope) or method.owner is None or method.owner is heir:
            return None
        if heir.id in self.catalogue.models or method.owner not in self.project.mro(heir):
            return None
        return Instance(heir)

    def callers(self, function: Function) -> list[Function]:
        """Functions that may call this one: they call something of its name, and can name it."""
        name = function.name
        if name == "__init__" and function.owner is not None:
            name = function.owner.name
        named = self.callers_by_name().get(name, [])
        if function.owner is not None:
            # The more functions call such a method, the less likely it is this one.
            return named if len(named) <= CALLERS_LIMIT else []
        module = function.module
        near = [one for one in named if one.module is module or self._imports(one.module, module)]
        return near[:CALLERS_LIMIT]

    def callers_by_name(self) -> dict[str, list[Function]]:
        """Functions of product code by the last names of what they call."""
        if self._callers is None:
            self._callers = {}
            for one in self.project.functions():
                if one.module.role == "product":
                    for name in one.record[record.F_CALLED]:
                        self._callers.setdefault(name, []).append(one)
        return self._callers

    def _imports(self, source: ModuleScope, target: ModuleScope) -> bool:
        """Whether a module can name what another defines; re-exports come by a package above."""
        if source.id not in self._imported:
            found: set[str] = set()
            for index, entry in enumerate(source.imports):
                absolute = self.project.absolute(source, index) or ""
                found.update((absolute, f"{absolute}.{entry[1]}"))
            self._imported[source.id] = found
        known = self._imported[source.id]
        name = target.id
        while name:
            if name in known:
                return True
            name = name.rpartition(".")[0]
        return False

    def silent(self, function: Function, receiver: Value, depth: int) -> "Frame":
        """A frame of the function that is only asked, never run."""
        key = (function, receiver, depth)
        if key not in self._silent:
            self._silent[key] = Frame(
                self, function.module, function=function, receiver=receiver, depth=depth
            )
        return self._silent[key]

    def assigned(self, cls: ClassScope, name: str, depth: int) -> Value:
        """What methods of the class assign to the attribute of `self`."""
        key = (cls, name, depth)
        if key not in self._assigned:
            self._assigned[key] = None  # what a cycle sees
            self._assigned[key] = self._infer_assigned(cls, name, depth)
        return self._assigned[key]

    def _infer_assigned(self, cls: ClassScope, name: str, depth: int) -> Value:
        for base in self.project.mro(cls):
            if not isinstance(base, ClassScope):
                continue
            found = [
                self._assigned_value(base, entry, depth)
                for entry in base.record[record.C_SELF]
                if entry[0] == name and depth > 0
            ]
            if found:
                return one_of(found)
        return None

    def _assigned_value(self, cls: ClassScope, entry: tuple[Any, ...], depth: int) -> Value:
        _, value, annotation, method, _ = entry
        annotated = self.annotation(cls, annotation)
        if annotated is not None or value is None:
            return annotated
        for one in cls.names.get(method, ()):
            if isinstance(one, Function):
                return self.silent(one, None, depth - 1).value(value)
        return None

    def _models_by_manager(self) -> dict[str, tuple[str, ...]]:
        """For each manager and query set class: the models that it belongs to."""
        found: dict[str, dict[str, None]] = {}
        for identity in sorted(self.catalogue.models):
            for name in self._manager_names(identity):
                for cls in self.managers_of(identity, name):
                    for base in self.project.mro(cls):
                        if isinstance(base, ClassScope):
                            found.setdefault(base.id, {})[identity] = None
        return {cls: tuple(models) for cls, models in found.items()}

    def _manager_names(self, identity: str) -> tuple[str, ...]:
        """Class attributes of a model that may be managers."""
        scope = self.catalogue.models[identity].scope
        names: dict[str, None] = dict.fromkeys(self.catalogue.models[identity].managers)
        for base in self.project.mro(scope) if scope is not None else ():
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
        for identity in sorted(self.catalogue.models):
            scope = self.catalogue.models[identity].scope
            if scope is None:
                continue
            for base in self.project.mro(scope)[1:]:
                if isinstance(base, ClassScope) and base.id not in self.catalogue.models:
                    found.setdefault(base.id, {})[identity] = None
        return {cls: tuple(models) for cls, models in found.items()}

    def self_of(self, cls: ClassScope) -> Value:
        """What `self` is in the methods of a class."""
        if cls.id in self.catalogue.models:
            return ModelInstance(cls.id)
        if self.project.is_subclass(cls, QUERY_BASES) or cls.id in self.models_by_manager:
            models = self.models_by_manager.get(cls.id, ())
            kind = "queryset" if "Query" in cls.name else "manager"
            if len(models) > 3:
                models = ()
            return one_of(Query(model, kind, (cls,)) for model in models or ("",))
        concrete = self.concrete.get(cls.id, ())
        if concrete:
            return one_of([Instance(cls), *map(ModelInstance, concrete[:5])])
        return Instance(cls)

    def value_of_class(self, cls: Symbol) -> Value:
        """The class as a value: a model where it is one."""
        if isinstance(cls, ClassScope) and cls.id in self.catalogue.models:
            return ModelClass(cls.id)
        if isinstance(cls, External) and cls.path in self.catalogue.models:
            return ModelClass(cls.path)
        return cls

    def instance_of(self, cls: Value) -> Value:
        """What calling the class makes."""
        if isinstance(cls, ModelClass):
            return ModelInstance(cls.model)
        if isinstance(cls, ClassScope):
            value = self.value_of_class(cls)
            return ModelInstance(cls.id) if isinstance(value, ModelClass) else Instance(cls)
        if isinstance(cls, External):
            value = self.value_of_class(cls)
            return ModelInstance(cls.path) if isinstance(value, ModelClass) else Instance(cls)
        return None

    def managers_of(self, model: str, name: str) -> tuple[ClassScope, ...]:
        """Classes of the snapshot that define the methods of a model's manager."""
        key = (model, name)
        if key not in self._managers:
            scope = self.catalogue.models[model].scope
            found = () if scope is None else manager_scopes(self.project, scope, name)
            found = tuple(one for one in found if self._queries(one))
            made = [one for cls in found for one in self._made_by_manager(cls)]
            self._managers[key] = tuple(dict.fromkeys((*found, *made)))
        return self._managers[key]

    def _queries(self, cls: ClassScope) -> bool:
        """Whether a class that a model uses is a manager or query set, if of a library's kind."""
        if self.project.is_subclass(cls, QUERY_BASES):
            return True
        bases = (base for base in self.project.mro(cls) if isinstance(base, External))
        return any(base.path.endswith(("Manager", "QuerySet")) for base in bases)

    def _made_by_manager(self, cls: ClassScope) -> list[ClassScope]:
        """Query set classes of the snapshot that a manager's `get_queryset` instantiates."""
        member = self.project.class_member(cls, "get_queryset")
        if not isinstance(member, Function):
            return []
        symbols = [
            self.project.resolve(member.module, record.callee_path(call))
            for call in record.calls_in(member.operations)
            if record.callee_path(call)
        ]
        return [one for one in symbols if isinstance(one, ClassScope) and self._queries(one)]

    def variable(self, variable: Variable) -> Value:
        """What a variable of a module or class is."""
        if variable in self._variables:
            return self._variables[variable]
        self._variables[variable] = None  # what a cycle sees
        scope = variable.owner or variable.module
        frame = Frame(self, variable.module, owner=variable.owner)
        value = None
        if variable.annotation is not None:
            value = self.annotation(scope, variable.annotation)
        if value is None:
            value = frame.value(variable.value)
        self._variables[variable] = value
        return value

    def annotation(self, scope: ClassScope | ModuleScope, annotation: Expression) -> Value:
        """What an annotation says that a value is."""
        if annotation is None:
            return None
        tag = annotation[0]
        if tag == "name":
            symbol = self.project.resolve_in(scope, annotation[1])
            if isinstance(symbol, Variable):
                return self._alias(symbol)
            if isinstance(symbol, External) and symbol.path in _PLAIN:
                return None
            return self.instance_of(self.value_of_class(symbol)) if symbol else None
        if tag == "sub":
            return self._generic(scope, annotation)
        if tag == "op" and annotation[1] == "|":
            return one_of(self.annotation(scope, item) for item in annotation[2])
        return None

    def _alias(self, variable: Variable) -> Value:
        """What a type alias stands for; one that refers to itself says nothing."""
        if variable in self._aliases or variable.value is None:
            return None
        self._aliases.add(variable)
        try:
            return self.annotation(variable.owner or variable.module, variable.value)
        finally:
            self._aliases.discard(variable)

    def _generic(self, scope: ClassScope | ModuleScope, annotation: Expression) -> Value:
        base, index = annotation[1], annotation[2]
        name = base[1].rpartition(".")[2] if base is not None and base[0] == "name" else ""
        items = index[1] if index is not None and index[0] == "tuple" else (index,)
        if name in TRANSPARENT:
            return self.annotation(scope, items[-1] if name == "Coroutine" else items[0])
        if name == "Union":
            return one_of(self.annotation(scope, item) for item in items)
        if name in ("type", "Type"):
            inner = self.annotation(scope, items[0])
            if isinstance(inner, ModelInstance):
                return ModelClass(inner.model)
            return inner.cls if isinstance(inner, Instance) else None
        if name in CONTAINERS:
            inner = self.annotation(scope, items[0])
            if isinstance(inner, ModelInstance) and ("Manager" in name or name == "QuerySet"):
                return Query(inner.model)
            return Many(inner) if inner is not None else None
        if name in ("tuple", "Tuple"):
            return Row(tuple(self.annotation(scope, item) for item in items))
        return self.annotation(scope, base)

    def returned(self, function: Function, receiver: Value, depth: int) -> Value:
        """What calling a function returns."""
        if depth <= 0:
            return None
        key = (function, receiver, depth)
        if key not in self._returns:
            self._returns[key] = self._infer_return(function, receiver, depth)
        return self._returns[key]

    def _infer_return(self, function: Function, receiver: Value, depth: int) -> Value:
        annotation = function.record[record.F_RETURNS]
        if annotation is not None:
            value = self._annotated_return(function, annotation, receiver)
            if value is not None:
                return value
        frame = self.silent(function, receiver, depth - 1)
        flags = function.record[record.F_FLAGS]
        found = []
        for operation in record.walk_operations(frame.operations):
            if operation[0] == "return" and operation[1] is not None:
                found.append(frame.value(operation[1]))
            elif "generator" in flags and operation[0] == "expr" and operation[1][0] == "yield":
                found.append(frame.value(operation[1][1]))
        value = one_of(found)
        is_generator = "generator" in flags and not _is_context_manager(function)
        return Many(value) if is_generator and value is not None else value

    def _annotated_return(
        self, function: Function, annotation: Expression, receiver: Value
    ) -> Value:
        if annotation[0] == "name" and annotation[1].rpartition(".")[2] == "Self":
            return receiver
        value = self.annotation(function.owner or function.module, annotation)
        if isinstance(value, Instance) and isinstance(value.cls, External):
            return None  # a bare QuerySet, say: the body knows more
        if isinstance(value, Instance) and self.project.is_subclass(value.cls, QUERY_BASES):  # type: ignore[arg-type]
            return None
        return value

    def modules_ending(self, suffix: str) -> list[ModuleScope]:
        """Modules whose dotted name ends so."""
        if self._suffixes is None:
            self._suffixes = {}
            for module in self.project.modules.values():
                parts = module.id.split(".")
                for start in range(len(parts)):
                    self._suffixes.setdefault(".".join(parts[start:]), []).append(module)
        return self._suffixes.get(suffix, [])


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


def _unless_generic(value: Value) -> Value:
    """What callers pass, unless they pass queries of several models: then it is theirs to evaluate.

    What a pagination helper does to its argument must not be charged to everybody who calls it.
    """
    models = {option.model for option in options_of(value) if isinstance(option, Query)}
    if len(models) <= 1:
        return value
    return one_of([option for option in options_of(value) if not isinstance(option, Query)])


def _tells_apart(name: str, definition: Definition) -> bool:
    """Whether overriding an attribute with this changes what inherited methods do to tables."""
    if not isinstance(definition, Variable):
        return not name.startswith("__")
    value = definition.value
    if value is None or value[0] not in ("name", "call", "attr", "str"):
        return False
    return value[0] != "str" or name == "model"


def _is_context_manager(function: Function) -> bool:
    return any(
        item is not None and item[0] == "name" and "contextmanager" in item[1].lower()
        for item in function.decorators
    )


def is_property(function: Function) -> bool:
    """Whether reading the attribute runs the function."""
    return any(
        item is not None and item[0] == "name" and item[1] in PROPERTY_DECORATORS
        for item in function.decorators
    )


class Frame:
    """One function, class body or module body, while its expressions are evaluated."""

    __slots__ = (
        "_body",
        "_calls",
        "_globals",
        "_in_progress",
        "_memo",
        "_met_cycle",
        "_paths",
        "_temporary",
        "_types",
        "deferring",
        "depth",
        "effects",
        "function",
        "knowledge",
        "module",
        "owner",
        "parent",
        "receiver",
        "scope",
        "watch",
        "watched",
    )

    def __init__(
        self,
        knowledge: Knowledge,
        module: ModuleScope,
        *,
        owner: ClassScope | None = None,
        function: Function | None = None,
        receiver: Value = None,
        depth: int = INFERENCE_DEPTH,
        parent: "Frame | None" = None,
        effects: Effects | None = None,
        watch: "Callable[[Frame, str, Expression], None] | None" = None,
    ) -> None:
        self.knowledge = knowledge
        self.module = module
        self.function = function
        self.owner = function.owner if function is not None else owner
        self.receiver = receiver
        if receiver is None and self.owner is not None and function is not None:
            self.receiver = knowledge.self_of(self.owner)
        self.depth = depth
        self.parent = parent
        self.effects = effects  # None: nothing is noted
        self.watch = watch  # called with a call while effects are noted, if its name is watched
        self.watched: Collection[str] = ()
        self.scope = -1
        self.deferring = False  # inside what runs only once a transaction is committed
        self._body: Body | None = None
        self._types: dict[str, Value] = {}
        self._in_progress: set[str] = set()
        self._met_cycle = False
        self._globals = knowledge.globals_of(module)
        self._paths: dict[str, Value] = {}  # of dotted names that do nothing
        self._temporary = 0  # names of comprehensions that are bound for now
        self._memo: dict[int, Value] = {}  # value of an expression, by its identity
        self._calls = knowledge.semantics(self)

    @property
    def body(self) -> Body:
        """The code of the frame."""
        if self._body is None:
            self._body = self.knowledge.body(self.function or self.owner or self.module)
        return self._body

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations of the frame's code."""
        return self.body.operations

    # Running the code, for its effects

    def run(self, operations: tuple[Operation, ...]) -> None:
        """Evaluate everything in the operations, noting the effects."""
        for operation in operations:
            _RUN[operation[0]](self, operation)

    def _run_expr(self, operation: Operation) -> None:
        value = operation[1]
        if value is not None and value[0] == "call" and operation[0] == "expr":
            self._value_call(value, is_wanted=False)
        else:
            self.value(value)

    def _run_assign(self, operation: Operation) -> None:
        value = operation[2]
        if value is not None:
            self._memo[id(value)] = self.value(value)
        for target in operation[1]:
            self._run_target(target)

    def _run_target(self, target: Expression) -> None:
        if target is None:
            return
        if target[0] == "name":
            head, _, _ = target[1].rpartition(".")
            if head and "." in head:
                self.path(head, target[2])
        elif target[0] == "tuple":
            for item in target[1]:
                self._run_target(item)
        else:
            self.value(target[1])

    def _run_augment(self, operation: Operation) -> None:
        self.value(operation[3])

    def _run_for(self, operation: Operation) -> None:
        value = self._memo[id(operation[2])] = self.value(operation[2])
        self.consume(value, operation[3])

    def consume(self, value: Value, line: int) -> None:
        """The value is iterated over, or an item is taken out of it."""
        if self.effects is not None:
            for option in options_of(value):
                if type(option) is Query:
                    self._calls.consumed(option, line)

    def _run_if(self, operation: Operation) -> None:
        for test, body in operation[1]:
            if test is not None:
                self.value(test)
            self.run(body)

    def _run_try(self, operation: Operation) -> None:
        self.run(operation[1])
        for _, _, body in operation[2]:
            self.run(body)
        self.run(operation[3])
        self.run(operation[4])

    def _run_with(self, operation: Operation) -> None:
        outer = self.scope
        for context, _ in operation[1]:
            value = self._memo[id(context)] = self.value(context)
            if self.effects is not None and self._calls.opens_transaction(context, value):
                self.open("block", record.line_of(context) or operation[3], operation[4])
        self.run(operation[2])
        self.scope = outer

    def open(self, kind: str, line: int, end_line: int) -> None:
        """Enter a transaction."""
        assert self.effects is not None
        self.effects.opened.append(Opened(kind, line, end_line, self.scope))
        self.scope = len(self.effects.opened) - 1

    def _run_delete(self, operation: Operation) -> None:
        for target in operation[1]:
            self.value(target)

    def _run_def(self, operation: Operation) -> None:
        definition = operation[1]
        for decorator in definition[record.F_DECORATORS]:
            self.value(decorator)
        if self.function is None:
            return  # methods and functions outside functions have frames of their own
        self.nested(definition).run_nested()

    def run_nested(self) -> None:
        """Run a function that stands inside another, as part of it."""
        self.run(self.operations)

    def nested(self, definition: tuple[Any, ...]) -> "Frame":
        """The frame of a function that stands inside this one."""
        assert self.function is not None
        name = f"{self.function.qualname}.{definition[record.F_NAME]}"
        inner = Function(self.module, None, name, self.function.unit, definition)
        frame = Frame(
            self.knowledge, self.module, function=inner, depth=self.depth, parent=self,
            effects=self.effects, watch=self.watch,
        )  # fmt: skip
        frame.owner = self.owner
        frame.scope = self.scope
        frame.watched = self.watched
        return frame

    def _run_class(self, operation: Operation) -> None:
        for decorator in operation[1][record.C_DECORATORS]:
            self.value(decorator)

    def _run_nothing(self, operation: Operation) -> None:
        pass

    def declare(self, cls: ClassScope) -> None:
        """Note what a class does by what it inherits from the framework."""
        self._calls.declared(cls)

    # Names

    def path(self, path: str, line: int) -> Value:
        """What a dotted name is here; follows relations of models along its attributes."""
        if "." not in path:
            return self.root(path)
        known = self._paths.get(path, _UNKNOWN)
        if known is not _UNKNOWN:
            return known  # type: ignore[no-any-return]
        effects = self.effects
        if effects is None:
            return self._walked(path, line)
        before = effects.noted
        value = self._walked(path, line)
        if effects.noted == before and not self._temporary:
            self._paths[path] = value  # it did nothing, so it need not be done again
        return value

    def _walked(self, path: str, line: int) -> Value:
        names = path.split(".")
        if (
            len(names) == 2
            and names[1] not in self.knowledge.telling
            and self._is_parameter(names[0])
        ):
            return None
        value = self.root(names[0])
        last = names[0]
        for name in names[1:]:
            if value is None or type(value) is Method:
                value = self.knowledge.suggested(last, name)
                if value is None or not (last != names[0] or self._is_variable(last)):
                    return None
            value = self.attribute(value, name, line)
            last = name
        return value

    def _is_parameter(self, name: str) -> bool:
        """Whether the name is a parameter other than `self`: costly to learn what it is."""
        if self.function is None or name not in self.function.record[record.F_BOUND]:
            return False
        sources = self.body.sources().get(name)
        if not sources or sources[0][0] != "parameter":
            return False
        return sources[0][4] > 0 or self.function.owner is None

    def _is_variable(self, name: str) -> bool:
        frame: Frame | None = self
        while frame is not None:
            if frame._is_local(name):
                return True
            frame = frame.parent
        return False

    def root(self, name: str) -> Value:
        """What a plain name is here."""
        value = self._types.get(name, _UNKNOWN)
        if value is not _UNKNOWN:
            return value  # type: ignore[no-any-return]
        frame: Frame | None = self
        while frame is not None:
            if frame._is_local(name):
                return frame.local(name)
            frame = frame.parent
        if self.function is None and self.owner is not None:
            symbol = self.knowledge.project.resolve_in(self.owner, name)
            return None if symbol is None else self.of_symbol(symbol)
        value = self._globals.get(name, _UNKNOWN)
        if value is _UNKNOWN:
            symbol = self.knowledge.project.resolve(self.module, name)
            value = self._globals[name] = None if symbol is None else self.of_symbol(symbol)
        return value  # type: ignore[no-any-return]

    def _is_local(self, name: str) -> bool:
        if name in self._types:
            return True
        return self.function is not None and name in self.function.record[record.F_BOUND]

    def of_symbol(self, symbol: Symbol) -> Value:
        """The value that a symbol stands for."""
        if isinstance(symbol, Variable):
            return self.knowledge.variable(symbol)
        if isinstance(symbol, ClassScope | External):
            return self.knowledge.value_of_class(symbol)
        return symbol

    def local(self, name: str) -> Value:
        """Any of the values that a local variable has."""
        if name in self._types:
            return self._types[name]
        if name in self._in_progress:
            self._met_cycle = True
            return None
        self._in_progress.add(name)
        effects, self.effects = self.effects, None
        try:
            sources = self.body.sources().get(name, ())
            value = one_of([self._from_source(source) for source in sources])
        finally:
            self.effects = effects
            self._in_progress.discard(name)
        if not self._in_progress:
            self._met_cycle = False
        elif self._met_cycle:
            return value  # seen from inside a cycle: it must not depend on who asked first
        self._types[name] = value
        return value

    def _from_source(self, source: Source) -> Value:
        return _SOURCES[source[0]](self, source)

    def _source_value(self, source: Source) -> Value:
        annotated = self.knowledge.annotation(self.owner or self.module, source[2])
        return annotated if annotated is not None else self._remembered(source[1])

    def _source_item(self, source: Source) -> Value:
        return item_of(self._remembered(source[1]))

    def _source_enter(self, source: Source) -> Value:
        return self._remembered(source[1])

    def _source_unpack(self, source: Source) -> Value:
        return self._unpacked(self._from_source(source[2]), source[1])

    def _source_import(self, source: Source) -> Value:
        symbol = self.knowledge.project.import_target(self.module, source[1])
        return None if symbol is None else self.of_symbol(symbol)

    def _source_def(self, source: Source) -> Value:
        return self._nested_function(source[1])

    def _source_element(self, source: Source) -> Value:
        value = self._remembered(source[1])
        return None if value is None else Many(value)

    def _source_mapped(self, source: Source) -> Value:
        value = self._remembered(source[1])
        return None if value is None else Mapped(value)

    def _source_collected(self, source: Source) -> Value:
        value = self._remembered(source[1])
        return None if value is None else Mapped(Many(value))

    def _source_parameter(self, source: Source) -> Value:
        _, name, annotation, default, position = source
        if position == 0 and self.function is not None and self.function.owner is not None:
            return self._self(self.function)
        return self._parameter(name, annotation, default)

    def _remembered(self, expression: Expression) -> Value:
        if expression is None:
            return None
        key = id(expression)
        if key not in self._memo:
            self._memo[key] = self.value(expression)
        return self._memo[key]

    def _unpacked(self, value: Value, position: int) -> Value:
        found = []
        for option in options_of(value):
            if isinstance(option, Row) and position < len(option.items):
                found.append(option.items[position])
            elif isinstance(option, Many | Query):
                found.append(item_of(option))
        return one_of(found)

    def _nested_function(self, definition: tuple[Any, ...]) -> Value:
        if self.function is None:
            return None
        name = f"{self.function.qualname}.{definition[record.F_NAME]}"
        return Function(self.module, None, name, self.function.unit, definition)

    def _self(self, function: Function) -> Value:
        names = {item[1] for item in function.decorators if item is not None and item[0] == "name"}
        if "staticmethod" in names:
            return None
        if "classmethod" in names and function.owner is not None:
            return self.knowledge.value_of_class(function.owner)
        return self.receiver

    def _parameter(self, name: str, annotation: Expression, default: Expression) -> Value:
        if name.startswith("*"):
            return Keywords(self.function) if name[:2] == "**" and self.function else None
        scope = self.owner or self.module
        value = self.knowledge.annotation(scope, annotation)
        if value is not None and not _is_bare_query(value):
            return value
        if name == "request":
            return Instance(REQUEST)
        assert self.function is not None
        value = self._calls.parameter(self.function, name) if self.parent is not None else None
        if self.parent is None:
            value = self._passed_by_callers(self.function, name)
        if value is None and default is not None and default[0] in ("name", "call"):
            value = self.value(default)
        return value

    def passed(self, function: Function, name: str) -> Value:
        """What the code here passes to a function for one of its parameters."""
        wanted = function.name
        if wanted == "__init__" and function.owner is not None:
            wanted = function.owner.name
        found = []
        for call in self.body.calls(wanted):
            shift = self._shift(call, function)
            if shift is not None:
                found.append(self.value(_argument_for(function, name, call, shift)))
        return one_of(found)

    def _shift(self, call: Expression, function: Function) -> int | None:
        """How many parameters come before the first argument; None where another is called."""
        callee = call[1]
        for option in options_of(self._callee(callee, call[4])):
            if isinstance(option, Bound) and self._may_run(option.function, function):
                return 1
            if option is function:
                return 0
            made = option.model if isinstance(option, ModelClass) else getattr(option, "id", None)
            if function.owner is not None and made == function.owner.id:
                return 1
        return None

    def _may_run(self, called: Function, function: Function) -> bool:
        """Whether calling a method may run another: itself, or an override of it."""
        if called is function:
            return True
        if called.name != function.name or called.owner is None or function.owner is None:
            return False
        return called.owner in self.knowledge.project.mro(function.owner)

    # Attributes

    def attribute(self, value: Value, name: str, line: int) -> Value:
        """What an attribute of a value is; reading a relation of a model reads its table."""
        kind = type(value)
        if name == "__class__":
            return self.class_of(value)
        if kind is ModelInstance:
            return self._calls.instance_attribute(value, name, line)  # type: ignore[arg-type]
        if kind is Instance:
            return self._instance_attribute(value, name, line)  # type: ignore[arg-type]
        if kind is Query:
            return self._calls.query_attribute(value, name, line)  # type: ignore[arg-type]
        if kind is ModelClass:
            return self._calls.model_attribute(value, name)  # type: ignore[arg-type]
        if kind is ClassScope or kind is External or kind is ModuleScope:
            symbol = self.knowledge.project.member(value, name)  # type: ignore[arg-type]
            if symbol is None:
                return Method(value, name) if kind is ClassScope else None
            return self.of_symbol(symbol)
        if kind is Super:
            return self._super_attribute(value, name)  # type: ignore[arg-type]
        if kind is Alternatives:
            return one_of([self.attribute(item, name, line) for item in value.options])  # type: ignore[union-attr]
        if kind in (Function, Mapped, Many, Keywords):
            return Method(value, name)  # task.delay, function.cache_clear
        return None

    def class_of(self, value: Value) -> Value:
        """What `type(value)` is."""
        found: list[Value] = []
        for option in options_of(value):
            if isinstance(option, ModelInstance):
                found.append(ModelClass(option.model))
            elif isinstance(option, Instance):
                found.append(option.cls)
        return one_of(found)

    def _instance_attribute(self, value: Instance, name: str, line: int) -> Value:
        cls = value.cls
        if isinstance(cls, External):
            return self._external_attribute(cls, name, value)
        found = self.class_attribute(cls, name, value, line)
        if found is not None:
            return found
        found = self.assigned_attribute(cls, name)
        if found is not None:
            return found
        if name == "request":
            return Instance(REQUEST)
        return self._calls.framework_attribute(value, name)

    def class_attribute(self, cls: ClassScope, name: str, receiver: Value, line: int) -> Value:
        """What a class's attribute is, read through an instance."""
        member = self.knowledge.project.class_member(cls, name)
        if isinstance(member, Function):
            if is_property(member):
                self.note_call(member, line, receiver)
                return self.knowledge.returned(member, receiver, self.depth)
            return Bound(member, receiver)
        if isinstance(member, Variable):
            return self.knowledge.variable(member)
        return None if member is None else self.of_symbol(member)

    def assigned_attribute(self, cls: ClassScope, name: str) -> Value:
        """What methods of the class assign to the attribute of `self`."""
        return self.knowledge.assigned(cls, name, self.depth)

    def _external_attribute(self, cls: External, name: str, receiver: Value) -> Value:
        if cls == REQUEST:
            if name == "user" and self.knowledge.catalogue.user:
                return ModelInstance(self.knowledge.catalogue.user)
            found = self.knowledge.request_attribute(name)
            return Method(receiver, name) if found is None else found
        return Method(receiver, name)

    def _super_attribute(self, value: Super, name: str) -> Value:
        mro = self.knowledge.project.mro(value.cls)
        for base in mro[1:]:
            if isinstance(base, ClassScope) and name in base.names:
                definition = base.names[name][-1]
                if isinstance(definition, Function):
                    return Bound(definition, value.receiver)
        return Method(value, name)

    # Expressions

    def value(self, expression: Expression) -> Value:
        """What an expression is; while effects are noted, also what evaluating it does."""
        if expression is None:
            return None
        tag = expression[0]
        if tag == "name":
            return self.path(expression[1], expression[2])
        return _EVALUATE[tag](self, expression)

    def _value_attr(self, expression: Expression) -> Value:
        base = self.value(expression[1])
        return None if base is None else self.attribute(base, expression[2], expression[3])

    def _value_sub(self, expression: Expression) -> Value:
        base = self.value(expression[1])
        self.value(expression[2])
        self.consume(base, expression[3])
        index = expression[2]
        found: list[Value] = []
        for option in options_of(base):
            if index is not None and index[0] == "group" and isinstance(option, Query | Many):
                found.append(option)
            elif isinstance(option, Row) and index is not None and index[0] == "const":
                found.append(self._unpacked(option, index[1] if isinstance(index[1], int) else 0))
            elif isinstance(option, Query | Many):
                found.append(item_of(option))
            elif isinstance(option, Mapped):
                found.append(option.item)
            elif isinstance(option, Keywords):
                found.append(self.keyword(option, index))
        return one_of(found)

    def keyword(self, value: Keywords, name: Expression) -> Value:
        """What is passed by a name that the function takes with `**kwargs`."""
        text = record.string_of(name)
        return None if text is None else self._passed_by_callers(value.function, text)

    def _passed_by_callers(self, function: Function, name: str) -> Value:
        value = self._calls.parameter(function, name)
        if value is not None:
            return value
        receiver = self.receiver if function is self.function else None
        return self.knowledge.parameter(function, name, self.depth, receiver)

    def _value_items(self, expression: Expression) -> Value:
        values = [self.value(item) for item in expression[1]]
        if expression[0] == "tuple":
            return Row(tuple(values)) if any(value is not None for value in values) else None
        item = one_of(values)
        return Many(item) if item is not None else None

    def _value_dict(self, expression: Expression) -> Value:
        values = []
        for key, value in expression[1]:
            self.value(key)
            values.append(self.value(value))
        item = one_of(values)
        return None if item is None else Mapped(item)

    def _value_fstr(self, expression: Expression) -> Value:
        for part in expression[1]:
            if type(part) is tuple:
                self.value(part)
        return None

    def _value_comp(self, expression: Expression) -> Value:
        saved: dict[str, tuple[bool, Value]] = {}
        for target, iterable, _ in expression[3]:
            rows = self.value(iterable)
            self.consume(rows, record.line_of(iterable) or expression[4])
            item = item_of(rows)
            self._bind_for_now(target, item, saved)
        self._temporary += 1
        for _, _, conditions in expression[3]:
            for condition in conditions:
                self.value(condition)
        values = [self.value(element) for element in expression[2]]
        self._temporary -= 1
        for name, (was_known, value) in saved.items():
            if was_known:
                self._types[name] = value
            else:
                self._types.pop(name, None)
        if values[-1] is None:
            return None
        return Mapped(values[-1]) if expression[1] == "dict" else Many(values[-1])

    def _bind_for_now(
        self, target: Expression, item: Value, saved: dict[str, tuple[bool, Value]]
    ) -> None:
        if target is None:
            return
        if target[0] == "name" and "." not in target[1]:
            name = target[1]
            saved.setdefault(name, (name in self._types, self._types.get(name)))
            self._types[name] = item
        elif target[0] == "tuple":
            for position, part in enumerate(target[1]):
                self._bind_for_now(part, self._unpacked(item, position), saved)

    def _value_either(self, expression: Expression) -> Value:
        if expression[2] is not None:
            self.value(expression[2])
        return one_of([self.value(item) for item in expression[1]])

    def _value_op(self, expression: Expression) -> Value:
        values = [self.value(item) for item in expression[2]]
        if expression[1] in ("|", "&", "+"):
            return one_of([value for value in values if isinstance(value, Query | Many)])
        return None

    def _value_group(self, expression: Expression) -> Value:
        for item in expression[1]:
            if not _is_quiet(item):
                self.value(item)
        return None

    def _value_lambda(self, expression: Expression) -> Value:
        self.value(expression[2])
        return None

    def _value_walrus(self, expression: Expression) -> Value:
        value = self.value(expression[2])
        self._types[expression[1]] = one_of([self._types.get(expression[1]), value])
        return value

    def _value_inner(self, expression: Expression) -> Value:
        return self.value(expression[1])

    def _value_nothing(self, expression: Expression) -> Value:
        return None

    # Calls

    def _value_call(self, expression: Expression, *, is_wanted: bool = True) -> Value:
        _, callee, arguments, keywords, line = expression
        name = record.callee_name(expression)
        if self.effects is not None:
            if self.watch is not None and name in self.watched:
                self.watch(self, name, expression)
            if name in SENDING and callee[0] == "name":
                self._calls.sends(callee[1].rpartition(".")[0], line)
        target = self._callee(callee, line)
        outer = self.deferring
        self.deferring = outer or (type(target) is External and target.path in ON_COMMIT)
        values = [None if _is_quiet(argument) else self.value(argument) for argument in arguments]
        for _, value in keywords:
            if not _is_quiet(value):
                self.value(value)
        self.deferring = outer
        if target is None:
            return self._calls.loader(name, expression) if name in LOADERS else None
        if type(target) is not Alternatives:
            return self._called(target, expression, values, line, is_wanted)
        return one_of(
            [self._called(one, expression, values, line, is_wanted) for one in target.options]
        )

    def _callee(self, callee: Expression, line: int) -> Value:
        if callee is None:
            return None
        if callee[0] == "name":
            return self.path(callee[1], line)
        if callee[0] == "attr":
            base = self._calls.receiver(callee)
            return None if base is None else self.attribute(base, callee[2], callee[3])
        return self.value(callee)

    def _called(
        self, target: Value, call: Expression, values: list[Value], line: int, is_wanted: bool
    ) -> Value:
        kind = type(target)
        if kind is Method:
            return self._calls.method(target, call, values, line)  # type: ignore[arg-type]
        if kind is Bound:
            self._hand_on(call, values, line)
            self.note_call(target.function, line, target.receiver)  # type: ignore[union-attr]
            if not is_wanted and type(target.receiver) is Instance:  # type: ignore[union-attr]
                return self._calls.after_bound(target, call, None, line)  # type: ignore[arg-type]
            result = self.knowledge.returned(target.function, target.receiver, self.depth)  # type: ignore[union-attr]
            return self._calls.after_bound(target, call, result, line)  # type: ignore[arg-type]
        if kind is Function:
            self._hand_on(call, values, line)
            self.note_call(target, line)  # type: ignore[arg-type]
            if target.name in LOADERS:  # type: ignore[union-attr]
                return self._calls.loader(target.name, call)  # type: ignore[union-attr]
            if not is_wanted:
                return None
            return self.knowledge.returned(target, None, self.depth)  # type: ignore[arg-type]
        if kind is ModelClass:
            self._note_init(self.knowledge.class_by_id.get(target.model), line)  # type: ignore[union-attr]
            return ModelInstance(target.model)  # type: ignore[union-attr]
        if kind is ClassScope:
            return self._made(target, call, values, line)  # type: ignore[arg-type]
        if kind is External:
            return self._calls.external(target, call, values, line)  # type: ignore[arg-type]
        return None

    def _hand_on(self, call: Expression, values: list[Value], line: int) -> None:
        """Rows that are handed to code of the snapshot are read on behalf of who hands them on."""
        if self.effects is None:
            return
        for argument, value in zip(call[2], values, strict=True):
            if value is None and argument is not None and argument[0] == "name":
                value = self._types.get(argument[1])
            if type(value) is Query:
                self.consume(value, line)

    def _made(self, cls: ClassScope, call: Expression, values: list[Value], line: int) -> Value:
        self._note_init(cls, line)
        if self.knowledge.project.is_subclass(cls, QUERY_BASES):
            return self._calls.query_made(cls, values, call)
        return Instance(cls)

    def _note_init(self, cls: ClassScope | None, line: int) -> None:
        if cls is None or self.effects is None:
            return
        member = self.knowledge.project.class_member(cls, "__init__")
        if isinstance(member, Function):
            self.note_call(member, line)

    def given(self, call: Expression, values: list[Value], position: int) -> Value:
        """The value of an argument; plain names were left out, as evaluating them does nothing."""
        if position >= len(values) or position < -len(values):
            return None
        expression = call[2][position]
        if expression is not None and expression[0] == "name" and "." not in expression[1]:
            return self.root(expression[1])
        return values[position]

    # Notes

    def note_call(self, function: Function, line: int, receiver: Value = None) -> None:
        """The code here runs a function of the snapshot."""
        effects = self.effects
        if effects is None:
            return
        effects.noted += 1
        calls = effects.deferred if self.deferring else effects.calls
        inheriting = self.knowledge.inheriting(function, receiver)
        calls[function, inheriting, line, self.scope] = None
        member = function.name if function.owner is not None else ""
        effects.references[function.unit, "call", member, line] = None

    def note_deferred(self, function: Function, line: int) -> None:
        """The code here has a function run once the transaction is committed."""
        if self.effects is not None:
            self.effects.noted += 1
            self.effects.deferred[function, None, line, self.scope] = None

    def note_access(self, table: str, mode: str, operation: str, line: int) -> None:
        """The code here reads or writes a table."""
        if self.effects is not None and table:
            self.effects.noted += 1
            scope = -1 if self.deferring else self.scope
            self.effects.accesses[table, mode, operation, line, scope] = None

    def note_join(self, tables: tuple[str, ...], how: str, line: int) -> None:
        """The code here queries several tables at once."""
        distinct = tuple(sorted(set(tables)))
        if self.effects is not None and len(distinct) > 1:
            self.effects.joins[distinct, how, line] = None

    def note_row_lock(self, table: str, line: int) -> None:
        """The code here locks rows of a table."""
        if self.effects is not None:
            self.effects.row_locks[table, line, self.scope] = None


def _is_quiet(expression: Expression) -> bool:
    """Whether evaluating it does nothing, so that it can wait until somebody wants the value."""
    if expression is None:
        return True
    tag = expression[0]
    return tag == "str" or tag == "const" or (tag == "name" and "." not in expression[1])


def _is_bare_query(value: Value) -> bool:
    """Whether it is a `QuerySet` that does not say of what: callers know more."""
    cls = value.cls if type(value) is Instance else None
    return type(cls) is External and cls.path in QUERY_BASES


def _argument_for(function: Function, name: str, call: Expression, shift: int) -> Expression:
    """The expression that a call passes for a parameter."""
    given = record.keyword(call, name)
    if given is not None:
        return given
    position = -shift
    for parameter, _, _ in function.record[record.F_PARAMETERS]:
        if parameter[:1] == "*":
            return None
        if parameter == name:
            return record.argument(call, position)
        position += 1
    return None


# Functions that load classes by their names.
LOADERS = frozenset(
    ("get_model", "get_registered_model", "get_class", "get_classes", "get_user_model")
)
DELETION_SIGNALS = frozenset(["pre_delete", "post_delete"])
SENDING = frozenset(["send", "send_robust", "asend", "asend_robust"])
ON_COMMIT = frozenset(("django.db.transaction.on_commit",))
_UNKNOWN: Any = object()
REQUEST = External("django.http.HttpRequest")

_SOURCES: dict[str, Callable[[Frame, Source], Value]] = {
    "value": Frame._source_value,
    "item": Frame._source_item,
    "enter": Frame._source_enter,
    "unpack": Frame._source_unpack,
    "import": Frame._source_import,
    "def": Frame._source_def,
    "parameter": Frame._source_parameter,
    "element": Frame._source_element,
    "mapped": Frame._source_mapped,
    "collected": Frame._source_collected,
}

_RUN: dict[str, Callable[[Frame, Operation], None]] = {
    "expr": Frame._run_expr,
    "return": Frame._run_expr,
    "raise": Frame._run_expr,
    "assign": Frame._run_assign,
    "augment": Frame._run_augment,
    "for": Frame._run_for,
    "if": Frame._run_if,
    "try": Frame._run_try,
    "with": Frame._run_with,
    "delete": Frame._run_delete,
    "def": Frame._run_def,
    "class": Frame._run_class,
    "import": Frame._run_nothing,
}

_EVALUATE: dict[str, Callable[[Frame, Expression], Value]] = {
    "attr": Frame._value_attr,
    "call": Frame._value_call,
    "sub": Frame._value_sub,
    "const": Frame._value_nothing,
    "str": Frame._value_nothing,
    "fstr": Frame._value_fstr,
    "list": Frame._value_items,
    "tuple": Frame._value_items,
    "set": Frame._value_items,
    "dict": Frame._value_dict,
    "comp": Frame._value_comp,
    "either": Frame._value_either,
    "op": Frame._value_op,
    "group": Frame._value_group,
    "lambda": Frame._value_lambda,
    "walrus": Frame._value_walrus,
    "star": Frame._value_inner,
    "yield": Frame._value_inner,
}
