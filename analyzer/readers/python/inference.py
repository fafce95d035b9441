"""What is known of the whole project, and what was already inferred about it."""

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Any

from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.class_values import MOST_HEIRS, QUERY_BASES
from analyzer.readers.python.evaluation import passed
from analyzer.readers.python.evaluator import Evaluator
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.knowledge import INFERENCE_DEPTH, Indexes, Knowledge
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import (
    ClassScope,
    External,
    Function,
    ModuleScope,
    Symbol,
    Variable,
)
from analyzer.readers.python.semantics import Semantics
from analyzer.readers.python.types import (
    Instance,
    Many,
    Query,
    Selection,
    Value,
    one_of,
    options_of,
)

_UNKNOWN: Any = object()


class Inference(Knowledge):
    """What is known of the whole project, and what was already inferred about it."""

    def __init__(
        self,
        project: Project,
        catalogue: Catalogue,
        semantics: Callable[[Frame], Semantics],
        receivers: Mapping[tuple[str, str], tuple[Function, ...]] | None = None,
        indexes: Indexes | None = None,
    ) -> None:
        super().__init__(project, catalogue, semantics, receivers, indexes)
        self._variables: dict[Variable, Value] = {}
        self._returns: dict[tuple[Function, Value, int], Value] = {}
        self._parameters: dict[tuple[Function, str, int, Symbol | None], Value] = {}
        self._silent: dict[tuple[Function, Value, int], Frame] = {}
        self._assigned: dict[tuple[ClassScope, str, int], Value] = {}
        self._request: dict[str, Value] = {}

    def forget(self) -> None:
        """Forget what was inferred, so that what follows does not depend on what was asked."""
        super().forget()
        for known in (self._variables, self._returns, self._parameters, self._silent,
                      self._assigned, self._request):  # fmt: skip
            known.clear()

    def request_attribute(self, name: str) -> Value:
        """What middleware, decorators and views assign to `request.name`."""
        if name not in self._request:
            self._request[name] = None  # what a cycle sees
            sources = list(islice(self.request_sources(name), 8))
            self._request[name] = one_of([self._request_value(*source) for source in sources])
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
                frame = Evaluator(self, module, function=found, depth=INFERENCE_DEPTH - 1)
            else:
                return None
        return None if frame is None else frame.value(value)

    def parameter(self, function: Function, name: str, depth: int, receiver: Value = None) -> Value:
        """What callers pass for a parameter, as far as they are found."""
        if depth <= 0:
            return None
        heir: Symbol | None = receiver.cls if isinstance(receiver, Instance) else function.owner
        passing = self.callers.passing(function, name, self.body)
        if not passing:
            return None
        receivers = [self._inherited_by(heir, caller) for caller, _ in passing]
        if not any(receivers):
            heir = None  # what follows is the same for each
        key = (function, name, depth, heir)
        value = self._parameters.get(key, _UNKNOWN)
        if value is _UNKNOWN:
            self._parameters[key] = None  # what recursion sees
            found = one_of(
                [
                    passed(self._calling(caller, one, depth), function, calls)
                    for (caller, calls), one in zip(passing, receivers, strict=True)
                ]
            )
            # What one of many callers passes says nothing of the others.
            few = len(options_of(found)) <= MOST_HEIRS
            value = self._parameters[key] = _unless_generic(found) if few else None
        return value  # type: ignore[no-any-return]

    def _calling(self, caller: Function, receiver: Value, depth: int) -> Frame:
        """A frame of a caller; methods of one object that call each other cost no depth."""
        return self.silent(caller, receiver, depth - 1 if receiver is None else depth)

    def _inherited_by(self, heir: Symbol | None, method: Function) -> Value:
        """An object of the class, where it inherits the method: what `self` is in there."""
        if not isinstance(heir, ClassScope) or method.owner is None or method.owner is heir:
            return None
        if heir.id in self.catalogue.models or method.owner not in self.project.mro(heir):
            return None
        return Instance(heir)

    def silent(self, function: Function, receiver: Value, depth: int) -> Frame:
        """A frame of the function that is only asked, never run."""
        key = (function, receiver, depth)
        frame = self._silent.get(key)
        if frame is None:
            frame = self._silent[key] = Evaluator(
                self, function.module, function=function, receiver=receiver, depth=depth
            )
        return frame

    def assigned(self, cls: ClassScope, name: str, depth: int) -> Value:
        """What methods of the class assign to the attribute of `self`."""
        key = (cls, name, depth)
        value = self._assigned.get(key, _UNKNOWN)
        if value is _UNKNOWN:
            self._assigned[key] = None  # what a cycle sees
            value = self._assigned[key] = self._infer_assigned(cls, name, depth)
        return value  # type: ignore[no-any-return]

    def _infer_assigned(self, cls: ClassScope, name: str, depth: int) -> Value:
        for base in self.project.mro(cls):
            if not isinstance(base, ClassScope):
                continue
            entries = base.assigned_to(name)
            if entries and depth > 0:
                return one_of([self._assigned_value(base, entry, depth) for entry in entries])
        return None

    def _assigned_value(self, cls: ClassScope, entry: tuple[Any, ...], depth: int) -> Value:
        _, value, annotation, method, _ = entry
        annotated = self.annotations.value_of(cls, annotation)
        if annotated is not None or value is None:
            return annotated
        for one in cls.names.get(method, ()):
            if isinstance(one, Function):
                return self.silent(one, None, depth - 1).value(value)
        return None

    def variable(self, variable: Variable) -> Value:
        """What a variable of a module or class is."""
        known = self._variables.get(variable, _UNKNOWN)
        if known is not _UNKNOWN:
            return known  # type: ignore[no-any-return]
        self._variables[variable] = None  # what a cycle sees
        scope = variable.owner or variable.module
        frame = Evaluator(self, variable.module, owner=variable.owner)
        value = None
        if variable.annotation is not None:
            value = self.annotations.value_of(scope, variable.annotation)
        if value is None:
            value = frame.value(variable.value)
        self._variables[variable] = value
        return value

    def returned(self, function: Function, receiver: Value, depth: int) -> Value:
        """What calling a function returns."""
        if depth <= 0:
            return None
        key = (function, receiver, depth)
        value = self._returns.get(key, _UNKNOWN)
        if value is _UNKNOWN:
            value = self._returns[key] = self._infer_return(function, receiver, depth)
        return value  # type: ignore[no-any-return]

    def _infer_return(self, function: Function, receiver: Value, depth: int) -> Value:
        annotation = function.record[record.F_RETURNS]
        if annotation is not None:
            value = self._annotated_return(function, annotation, receiver)
            if value is not None:
                return value
        frame = self.silent(function, receiver, depth - 1)
        value = one_of([frame.value(one) for one in frame.body.returned()])
        flags = function.record[record.F_FLAGS]
        is_generator = "generator" in flags and not _is_context_manager(function)
        return Many(value) if is_generator and value is not None else value

    def _annotated_return(
        self, function: Function, annotation: Expression, receiver: Value
    ) -> Value:
        if annotation[0] == "name" and annotation[1].rpartition(".")[2] == "Self":
            return receiver
        value = self.annotations.value_of(function.owner or function.module, annotation)
        if isinstance(value, Instance) and isinstance(value.cls, External):
            return None  # a bare QuerySet, say: the body knows more
        if isinstance(value, Instance) and self.project.is_subclass(value.cls, QUERY_BASES):  # type: ignore[arg-type]
            return None
        return value


def _unless_generic(value: Value) -> Value:
    """What callers pass, unless they pass queries of several models: then it is theirs to evaluate.

    What a pagination helper does to its argument must not be charged to everybody who calls it.
    """
    options = options_of(value)
    about: set[Any] = {option.model for option in options if isinstance(option, Query)}
    about |= {option.tables[:1] for option in options if isinstance(option, Selection)}
    if len(about) <= 1:
        return value
    return one_of([option for option in options if not isinstance(option, Query | Selection)])


def _is_context_manager(function: Function) -> bool:
    return any(
        item is not None and item[0] == "name" and "contextmanager" in item[1].lower()
        for item in function.decorators
    )
