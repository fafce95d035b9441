"""What is known of the whole project, and what was already inferred about it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.readers.python import record
from analyzer.readers.python.annotations import Annotations
from analyzer.readers.python.bodies import Body
from analyzer.readers.python.calling import Callers
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.class_values import ClassValues, ModelsByClass
from analyzer.readers.python.model_index import ModelIndex
from analyzer.readers.python.peewee_words import PEEWEE, ROW_METHODS
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import (
    ClassScope,
    Function,
    ModuleScope,
    Symbol,
    Variable,
)
from analyzer.readers.python.semantics import Semantics
from analyzer.readers.python.session_words import STATEMENT_METHODS
from analyzer.readers.python.specialised import Specialised
from analyzer.readers.python.suggestions import (
    Suggestions,
    models_by_name,
    telling_of_models,
    telling_of_module,
)
from analyzer.readers.python.types import (
    Instance,
    ModelClass,
    ModelInstance,
    Value,
)

INFERENCE_DEPTH = 3  # calls that are followed to learn what one returns
_NOTHING: frozenset[str] = frozenset()
DELETION_SIGNALS = frozenset(["pre_delete", "post_delete"])


@dataclass(frozen=True, slots=True)
class Indexes:
    """What is found by going through all modules: plain, so that a later run need not do it."""

    by_manager: ModelsByClass | None = None
    concrete: ModelsByClass | None = None
    model_by_name: Mapping[str, str] | None = None
    telling: Mapping[str, frozenset[str]] | None = None  # by module
    requested: Mapping[str, Sequence[str]] | None = None  # modules by name
    hearing: Collection[str] | None = None  # modules that have receivers of signals


def requested_in(modules: Iterable[ModuleScope]) -> dict[str, list[str]]:
    """The modules that assign to each attribute of a request."""
    found: dict[str, dict[str, None]] = {}
    for module in modules:
        if module.role == "product":
            for entry in module.record[record.REQUEST]:
                found.setdefault(entry[0], {})[module.id] = None
    return {name: list(names) for name, names in found.items()}


class Knowledge(ABC):
    """What is known of the whole project; what follows from it is inferred by who extends this."""

    def __init__(
        self,
        project: Project,
        catalogue: Catalogue,
        semantics: Callable[[Any], Semantics],
        receivers: Mapping[tuple[str, str], tuple[Function, ...]] | None = None,
        indexes: Indexes | None = None,
    ) -> None:
        self.project = project
        self.receivers = receivers or {}  # by (signal, id of the sender or "")
        self._heard: dict[Function, tuple[str, ...]] | None = None
        self.send_calls: dict[str, list[tuple[Any, Expression]]] = {}
        self.with_arguments: dict[Any, Any] = {}  # what functions do with certain arguments
        # By function and the kind of what it is called on: parameters as a call fills them.
        self.taking: dict[tuple[Function, str], tuple[str, tuple[str, ...]] | None] = {}
        self.semantics = semantics
        self.index = ModelIndex(catalogue)
        self.index.told = frozenset(
            sender for signal, sender in self.receivers if signal in DELETION_SIGNALS
        )
        self.catalogue = catalogue
        indexes = indexes or Indexes()
        self._hearing = indexes.hearing
        self.classes = ClassValues(project, catalogue, indexes.by_manager, indexes.concrete)
        self.annotations = Annotations(project, self.classes)
        self.callers = Callers(project)
        self.specialised = Specialised(project, catalogue)
        self.model_by_name = indexes.model_by_name
        if self.model_by_name is None:
            self.model_by_name = models_by_name(catalogue)
        self.suggestions = Suggestions(project, catalogue, self.index, self.model_by_name)
        self._suffixes: dict[str, list[ModuleScope]] | None = None
        self._globals: dict[str, dict[str, Value]] = {}
        self._bound: dict[Function, frozenset[str]] = {}
        self._bodies: dict[ClassScope | ModuleScope, Body] = {}
        self.declared: dict[ClassScope, tuple[str, int]] = {}  # model of a class, and the line
        self.contexts: dict[Any, Any] = {}  # what functions return to templates, by name
        self.scoped: dict[str, tuple[str, ...]] = {}  # lookups that narrow all queries of a model
        self.shown: dict[Any, Any] = {}  # what paths in templates are and touch
        self.telling_of = indexes.telling or {
            name: telling_of_module(module, catalogue) for name, module in project.modules.items()
        }
        self.telling = telling_of_models(catalogue, self.index).union(*self.telling_of.values())
        if catalogue.has_sessions:
            self.telling |= STATEMENT_METHODS
        if catalogue.has_mapper(PEEWEE):
            self.telling |= ROW_METHODS
        self.requested = indexes.requested
        if self.requested is None:
            self.requested = requested_in(project.modules.values())

    def request_sources(self, name: str) -> Iterator[tuple[ModuleScope, Any]]:
        """What product code assigns to `request.name`, and where."""
        self.project.consulted.add(("request", name))
        for identity in (self.requested or {}).get(name, ()):
            module = self.project.modules[identity]
            for entry in module.record[record.REQUEST]:
                if entry[0] == name:
                    yield module, entry

    def heard_by(self, function: Function) -> tuple[str, ...]:
        """The signals that a function receives."""
        if self._hearing is not None and function.module.id not in self._hearing:
            return ()
        if self._heard is None:
            self._heard = {}
            for (signal, _), functions in self.receivers.items():
                for one in functions:
                    self._heard[one] = (*self._heard.get(one, ()), signal)
        return self._heard.get(function, ())

    def class_of_model(self, identity: str) -> ClassScope | None:
        """The class of the snapshot that a model is."""
        return self.project.class_by_id(identity)

    def forget(self) -> None:
        """Forget what was inferred, so that what follows does not depend on what was asked."""
        self.send_calls.clear()
        self.with_arguments.clear()
        self.declared.clear()
        self.contexts.clear()
        self.shown.clear()
        self._globals.clear()

    def globals_of(self, module: ModuleScope) -> dict[str, Value]:
        """What names of a module are, as far as somebody asked."""
        return self._globals.setdefault(module.id, {})

    def inheriting(self, function: Function, receiver: Value) -> ClassScope | None:
        """The class of the receiver, where it runs an inherited method in its own way."""
        cls: ClassScope | None = None
        if receiver is None:
            return None
        kind = type(receiver)
        if kind is Instance:
            cls = receiver.cls if type(receiver.cls) is ClassScope else None  # type: ignore
        elif kind is ModelInstance or kind is ModelClass:
            cls = self.class_of_model(receiver.model)  # type: ignore[union-attr]
        if cls is None or cls is function.owner:
            return None
        return cls if self.specialised.has(cls, function) else None

    def bound_in(self, function: Function | None) -> frozenset[str]:
        """Names that a function binds itself."""
        if function is None:
            return _NOTHING
        bound = self._bound.get(function)
        if bound is None:
            bound = self._bound[function] = frozenset(function.record[record.F_BOUND])
        return bound

    def body(self, code: Function | ClassScope | ModuleScope) -> Body:
        """The code, opened once."""
        if isinstance(code, Function):
            code.module.consulted.add(code)
            return code.module.body_of(code.record)
        body = self._bodies.get(code)
        if body is None:
            module = code.module if isinstance(code, ClassScope) else code
            body = self._bodies[code] = Body(code.operations, module)
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

    def modules_ending(self, suffix: str) -> list[ModuleScope]:
        """Modules whose dotted name ends so."""
        if self._suffixes is None:
            self._suffixes = {}
            for module in self.project.modules.values():
                parts = module.id.split(".")
                for start in range(len(parts)):
                    self._suffixes.setdefault(".".join(parts[start:]), []).append(module)
        return self._suffixes.get(suffix, [])

    @abstractmethod
    def variable(self, variable: Variable) -> Value:
        """What a variable of a module or class is."""

    @abstractmethod
    def returned(self, function: Function, receiver: Value, depth: int) -> Value:
        """What calling a function returns."""

    @abstractmethod
    def parameter(self, function: Function, name: str, depth: int, receiver: Value = None) -> Value:
        """What callers pass for a parameter, as far as they are found."""

    @abstractmethod
    def assigned(self, cls: ClassScope, name: str, depth: int) -> Value:
        """What methods of the class assign to the attribute of `self`."""

    @abstractmethod
    def request_attribute(self, name: str) -> Value:
        """What middleware, decorators and views assign to `request.name`."""

    @abstractmethod
    def silent(self, function: Function, receiver: Value, depth: int) -> Any:
        """A frame of the function that is only asked, never run."""
