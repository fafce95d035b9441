"""One piece of code while it is evaluated: what its names are, and what it does to tables.

A `Frame` is one function, class body or module body. Names are not followed through the order of
statements: a local variable is any of the values that are assigned to it, found when it is asked
for. That makes the answer independent of the order of questions.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from analyzer.readers.python import record
from analyzer.readers.python.bodies import Body, Source
from analyzer.readers.python.branches import Conditions, Given, asked
from analyzer.readers.python.class_values import QUERY_BASES
from analyzer.readers.python.effects import Effects, Opened
from analyzer.readers.python.knowledge import INFERENCE_DEPTH, Knowledge
from analyzer.readers.python.narrowing import narrowed
from analyzer.readers.python.record import Expression, Operation
from analyzer.readers.python.scopes import (
    ClassScope,
    External,
    Function,
    ModuleScope,
    Symbol,
    Variable,
)
from analyzer.readers.python.types import (
    Instance,
    Keywords,
    Many,
    Mapped,
    Method,
    ModelClass,
    ModelInstance,
    Query,
    Selection,
    Value,
    item_of,
    merged,
    one_of,
    options_of,
    unpacked,
)

STATEMENT_CLASSES = frozenset(
    f"{module}.{name}"
    for module in ("sqlalchemy", "sqlalchemy.orm", "sqlalchemy.sql", "sqlalchemy.sql.selectable")
    for name in ("Select", "Query", "Executable", "Selectable", "Table")
) | frozenset(
    f"peewee.{name}" for name in ("ModelSelect", "Query", "BaseQuery", "SelectQuery", "SelectBase")
)
REQUEST = External("django.http.HttpRequest")
LIKE_QUERIES = (
    "queryset",
    "query_set",
    "qs",
    "validated_data",
)  # names of parameters that are worth following
_UNKNOWN: Any = object()


class Frame(ABC):
    """One function, class body or module body, while its expressions are evaluated."""

    __slots__ = (
        "_body",
        "_bound",
        "_globals",
        "_in_progress",
        "_met_cycle",
        "_partial",
        "_paths",
        "conditions",
        "deferring",
        "depth",
        "effects",
        "framework",
        "function",
        "knowledge",
        "memo",
        "module",
        "owner",
        "parent",
        "receiver",
        "scope",
        "temporary",
        "types",
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
        if function is not None:
            module.consulted.add(function)
        self.owner = function.owner if function is not None else owner
        self.receiver = receiver
        if receiver is None and self.owner is not None and function is not None:
            self.receiver = knowledge.classes.self_of(self.owner)
        self.depth = depth
        self.parent = parent
        self.effects = effects  # None: nothing is noted
        self.watch = watch  # called with a call while effects are noted, if its name is watched
        self.watched: Collection[str] = ()
        self.scope = -1
        self.deferring = False  # inside what runs only once a transaction is committed
        self.conditions: Conditions = ()  # what must hold of the parameters where the code stands
        self._bound = knowledge.bound_in(function)
        self._body: Body | None = None
        self.types: dict[str, Value] = {}
        self._in_progress: set[str] = set()
        self._partial: dict[str, Value] | None = None  # of those: what is known so far
        self._met_cycle = False
        self._globals = knowledge.globals_of(module)
        self._paths: dict[str, Value] = {}  # of dotted names that do nothing
        self.temporary = 0  # names of comprehensions that are bound for now
        self.memo: dict[int, Value] = {}  # value of an expression, by its identity
        self.framework = knowledge.semantics(self)

    @property
    def body(self) -> Body:
        """The code of the frame."""
        if self._body is None:
            self._body = self.knowledge.body(self.function or self.owner or self.module)
        return self._body

    @property
    def end_line(self) -> int:
        """Where the code ends."""
        if self.function is not None:
            return int(self.function.record[record.F_END])
        if self.owner is not None:
            return int(self.owner.record[record.C_END])
        return int(self.module.record[record.LINES])

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations of the frame's code."""
        return self.body.operations

    @abstractmethod
    def value(self, expression: Expression) -> Value:
        """What an expression is; while effects are noted, also what evaluating it does."""

    def silently(self, expression: Expression) -> Value:
        """What an expression is; what evaluating it does is noted where it stands, not here."""
        effects, self.effects = self.effects, None
        try:
            return self.value(expression)
        finally:
            self.effects = effects

    @abstractmethod
    def attribute(self, value: Value, name: str, line: int) -> Value:
        """What an attribute of a value is; reading a relation of a model reads its table."""

    def consume(self, value: Value, line: int) -> None:
        """The value is iterated over, or an item is taken out of it."""
        if self.effects is not None:
            for option in options_of(value):
                if type(option) is Query:
                    self.framework.consumed(option, line)
                elif type(option) is Selection:
                    self.framework.ran(option, line)
                elif type(option) is ModelClass:
                    self.framework.listed(option, line)

    def open(self, kind: str, line: int, end_line: int) -> None:
        """Enter a transaction."""
        assert self.effects is not None
        self.effects.opened.append(Opened(kind, line, end_line, self.scope))
        self.scope = len(self.effects.opened) - 1

    def nested(self, definition: tuple[Any, ...]) -> "Frame":
        """The frame of a function that stands inside this one."""
        assert self.function is not None
        name = f"{self.function.qualname}.{definition[record.F_NAME]}"
        inner = Function(self.module, None, name, self.function.unit, definition)
        frame = type(self)(
            self.knowledge, self.module, function=inner, depth=self.depth, parent=self,
            effects=self.effects, watch=self.watch,
        )  # fmt: skip
        frame.owner = self.owner
        frame.scope = self.scope
        frame.conditions = self.conditions
        frame.watched = self.watched
        return frame

    def declare(self, cls: ClassScope) -> None:
        """Note what a class does by what it inherits from the framework."""
        self.framework.declared(cls)

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
        if effects.noted == before and not self.temporary:
            self._paths[path] = value  # it did nothing, so it need not be done again
        return value

    def _walked(self, path: str, line: int) -> Value:
        names = path.split(".")
        if (
            len(names) == 2
            and names[1] not in self.knowledge.telling
            and not names[0].endswith(LIKE_QUERIES)
            and self.is_parameter(names[0])
        ):
            return None
        value = self.root(names[0])
        last = names[0]
        keeps = self.framework.keeps_changes
        for position, name in enumerate(names[1:], 1):
            if value is None or type(value) is Method:
                value = self.knowledge.suggestions.suggested(last, name)
                if value is None and keeps:
                    value = self.framework.guessed(names[:position])
                if value is None or not (last != names[0] or self._is_variable(last)):
                    return None
            value = self.attribute(value, name, line)
            last = name
        if keeps and (value is None or type(value) is Method):
            return self.framework.guessed(names) or value
        return value

    def is_parameter(self, name: str) -> bool:
        """Whether the name is a parameter other than `self`: costly to learn what it is."""
        if self.function is None or name not in self._bound:
            return False
        sources = self.body.sources().get(name)
        if not sources or sources[0][0] != "parameter":
            return False
        if _names_rows(sources[0][2]):
            return False
        return sources[0][4] > 0 or self.function.owner is None

    def _is_variable(self, name: str) -> bool:
        frame: Frame | None = self
        while frame is not None:
            if frame.is_local(name):
                return True
            frame = frame.parent
        return False

    def root(self, name: str) -> Value:
        """What a plain name is here."""
        value = self.types.get(name, _UNKNOWN)
        if value is not _UNKNOWN:
            return value  # type: ignore[no-any-return]
        frame: Frame | None = self
        while frame is not None:
            if name in frame._bound or name in frame.types:
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

    def is_local(self, name: str) -> bool:
        """Whether the code binds the name itself."""
        return name in self._bound or name in self.types

    def of_symbol(self, symbol: Symbol) -> Value:
        """The value that a symbol stands for."""
        kind = type(symbol)
        if kind is Variable:
            return self.knowledge.variable(symbol)  # type: ignore[arg-type]
        if kind is ClassScope or kind is External:
            return self.knowledge.classes.value_of_class(symbol)
        return symbol

    def local(self, name: str) -> Value:
        """Any of the values that a local variable has."""
        if name in self.types:
            return self.types[name]
        if name in self._in_progress:
            self._met_cycle = True
            return None if self._partial is None else self._partial.get(name)
        self._in_progress.add(name)
        effects, self.effects = self.effects, None
        try:
            sources = self.body.sources().get(name, ())
            if self.framework.keeps_changes:
                value = self._built_up(name, sources)
            else:
                value = one_of([self._from_source(source) for source in sources])
        finally:
            self.effects = effects
            self._in_progress.discard(name)
        if not self._in_progress:
            self._met_cycle = False
        elif self._met_cycle:
            return value  # seen from inside a cycle: it must not depend on who asked first
        self.types[name] = value
        return value

    def _built_up(self, name: str, sources: Sequence[Source]) -> Value:
        """A statement that is added to, line by line: `query = query.filter(…)`."""
        found: list[Value] = []
        partial = self._partial = {} if self._partial is None else self._partial
        for source in sources:
            found.append(self._from_source(source))
            partial[name] = merged(found)
        return partial.pop(name, None)

    def _from_source(self, source: Source) -> Value:
        return _SOURCES[source[0]](self, source)

    def _source_value(self, source: Source) -> Value:
        annotated = self.knowledge.annotations.value_of(self.owner or self.module, source[2])
        return annotated if annotated is not None else self._remembered(source[1])

    def _source_narrowed(self, source: Source) -> Value:
        with self.guarded(source[2], source[3]):
            return self._from_source(source[1])

    @contextmanager
    def guarded(self, name: str, classes: Expression) -> Iterator[None]:
        """A branch where a variable is known to be one of some classes."""
        known = narrowed(self.root(name), self.silently(classes), self.knowledge.index)
        types, paths = self.types, self._paths
        self.types, self._paths = {**types, name: known}, {}
        try:
            yield
        finally:
            self.types, self._paths = types, paths

    def _source_item(self, source: Source) -> Value:
        return item_of(self._remembered(source[1]))

    def _source_enter(self, source: Source) -> Value:
        return self._remembered(source[1])

    def _source_unpack(self, source: Source) -> Value:
        return unpacked(self._from_source(source[2]), source[1])

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
        if key not in self.memo:
            self.memo[key] = self.value(expression)
        return self.memo[key]

    def _nested_function(self, definition: tuple[Any, ...]) -> Value:
        if self.function is None:
            return None
        name = f"{self.function.qualname}.{definition[record.F_NAME]}"
        return Function(self.module, None, name, self.function.unit, definition)

    def _self(self, function: Function) -> Value:
        decorators = function.record[record.F_DECORATORS]
        names = {item[1] for item in decorators if item is not None and item[0] == "name"}
        if "staticmethod" in names:
            return None
        if "classmethod" in names and type(self.receiver) in (ModelClass, ModelInstance):
            return ModelClass(self.receiver.model)  # type: ignore[union-attr] # may inherit it
        if "classmethod" in names and function.owner is not None:
            return self.knowledge.classes.value_of_class(function.owner)
        return self.receiver

    def _parameter(self, name: str, annotation: Expression, default: Expression) -> Value:
        if name.startswith("*"):
            return Keywords(self.function) if name[:2] == "**" and self.function else None
        scope = self.owner or self.module
        value = self.knowledge.annotations.value_of(scope, annotation)
        if value is not None and not _is_bare_query(value):
            return value
        if name == "request":
            return Instance(REQUEST)
        assert self.function is not None
        value = self.framework.parameter(self.function, name) if self.parent is not None else None
        if self.parent is None:
            value = self._passed_by_callers(self.function, name)
        if value is None and default is not None and default[0] in ("name", "call"):
            value = self.value(default)
        return value

    def keyword(self, value: Keywords, name: Expression) -> Value:
        """What is passed by a name that the function takes with `**kwargs`."""
        text = record.string_of(name)
        return None if text is None else self._passed_by_callers(value.function, text)

    def _passed_by_callers(self, function: Function, name: str) -> Value:
        value = self.framework.parameter(function, name)
        if value is not None:
            return value
        receiver = self.receiver if function is self.function else None
        return self.knowledge.parameter(function, name, self.depth, receiver)

    def given(self, call: Expression, values: list[Value], position: int) -> Value:
        """The value of an argument: those that do nothing, or nothing noted, were left out."""
        if position >= len(values) or position < -len(values):
            return None
        expression = call[2][position]
        if expression is None:
            return None
        if expression[0] == "name" and "." not in expression[1]:
            return self.root(expression[1])
        return values[position] if self.effects is not None else self.value(expression)

    def asked(self, test: Expression) -> Conditions:
        """What a test asks of parameters that are what the caller handed over."""
        if self.function is None or self.parent is not None:
            return ()
        return tuple(one for one in asked(test) if self.is_handed(one[0]))

    def is_handed(self, name: str) -> bool:
        """Whether a name is a parameter of the function, and never given another value."""
        if name not in self._bound or self.function is None or self.parent is not None:
            return False
        sources = self.body.sources().get(name, ())
        return len(sources) == 1 and sources[0][0] == "parameter" and sources[0][1][:1] != "*"

    def note_call(
        self, function: Function, line: int, receiver: Value = None, given: Given | None = None
    ) -> None:
        """The code here runs a function of the snapshot, and hands `given` to it, if known."""
        effects = self.effects
        if effects is None:
            return
        effects.noted += 1
        calls = effects.deferred if self.deferring else effects.calls
        inheriting = self.knowledge.inheriting(function, receiver)
        key = (function, inheriting, line, self.scope)
        told = (self.conditions, given) if self.conditions or given is not None else None
        calls[key] = told if calls.get(key, told) == told else None
        member = function.name if function.owner is not None else ""
        effects.references[function.unit, "call", member, line] = None

    def note_deferred(self, function: Function, line: int) -> None:
        """The code here has a function run once the transaction is committed."""
        if self.effects is not None:
            self.effects.noted += 1
            self.effects.deferred[function, None, line, self.scope] = None

    def note_later(self, line: int) -> None:
        """What is sent here is sent once the transaction is committed."""
        if self.effects is not None and self.function is not None:
            self.effects.noted += 1
            self.effects.deferred.setdefault((self.function, None, line, self.scope), None)

    def note_access(self, table: str, mode: str, operation: str, line: int) -> None:
        """The code here reads or writes a table."""
        if self.effects is not None and table:
            self.effects.noted += 1
            scope = -1 if self.deferring else self.scope
            key = (table, mode, operation, line, scope)
            told: Conditions | None = self.conditions
            if not told or self.effects.accesses.get(key, told) != told:
                told = None
            self.effects.accesses[key] = told

    def note_join(self, tables: tuple[str, ...], how: str, line: int) -> None:
        """The code here queries several tables at once."""
        distinct = tuple(sorted(set(tables)))
        if self.effects is not None and len(distinct) > 1:
            self.effects.joins[distinct, how, line] = None

    def note_row_lock(self, table: str, line: int) -> None:
        """The code here locks rows of a table."""
        if self.effects is not None:
            self.effects.row_locks[table, line, self.scope] = None


def _names_rows(annotation: Expression) -> bool:
    """`QuerySet[Order]`: cheap to learn."""
    if annotation is None or annotation[0] != "sub" or annotation[1] is None:
        return False
    _, base, _, _ = annotation
    return bool(base[0] == "name" and base[1].endswith(("QuerySet", "Manager")))


def _is_bare_query(value: Value) -> bool:
    """Whether it is a `QuerySet` that does not say of what: callers know more."""
    cls = value.cls if type(value) is Instance else None
    if type(cls) is not External:
        return False
    return cls.path in QUERY_BASES or cls.path in STATEMENT_CLASSES


_SOURCES: dict[str, Callable[[Frame, Source], Value]] = {
    "value": Frame._source_value,
    "item": Frame._source_item,
    "enter": Frame._source_enter,
    "unpack": Frame._source_unpack,
    "narrowed": Frame._source_narrowed,
    "import": Frame._source_import,
    "def": Frame._source_def,
    "parameter": Frame._source_parameter,
    "element": Frame._source_element,
    "mapped": Frame._source_mapped,
    "collected": Frame._source_collected,
}
