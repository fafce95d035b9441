"""What names stand for: modules, classes, functions and variables of the snapshot.

A `Symbol` is what a dotted name resolves to. Symbols are made once per project and compared by
identity. Anything outside the snapshot is `External` with its dotted name as imported.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from analyzer.facts.modules import ModuleRole
from analyzer.readers.python import record
from analyzer.readers.python.bodies import Bodies, Body
from analyzer.readers.python.consulted import Consulted
from analyzer.readers.python.plain_values import plain_value
from analyzer.readers.python.record import Expression, OpenBody, Operation


@plain_value
class External:
    """Something that the snapshot does not define, by its dotted name where it is imported from."""

    path: str


@dataclass(eq=False, slots=True)
class Variable:
    """A name bound by an assignment in a module or class body."""

    module: "ModuleScope"
    owner: "ClassScope | None"
    name: str
    value: Expression
    annotation: Expression
    line: int


# Last names of the decorators that give a property another function: `@total.setter`.
ACCESSORS = frozenset(["setter", "deleter", "expression", "comparator", "update_expression"])


@dataclass(eq=False, slots=True)
class Function:
    """A function or method; its body is read from the record on demand."""

    module: "ModuleScope"
    owner: "ClassScope | None"  # the class whose method it is
    qualname: str
    unit: str
    record: tuple[Any, ...]

    @property
    def name(self) -> str:
        """The name it is defined under."""
        return str(self.record[record.F_NAME])

    @property
    def line(self) -> int:
        """Where its `def` stands."""
        return int(self.record[record.F_LINE])

    @property
    def decorators(self) -> tuple[Expression, ...]:
        """Outermost first, as written."""
        return tuple(self.record[record.F_DECORATORS])

    @property
    def operations(self) -> tuple[Operation, ...]:
        """Its body."""
        self.module.consulted.add(self)
        return self.module.body_of(self.record).operations

    def holds(self, word: bytes) -> bool:
        """Whether its body holds a word: cheaper than to open it."""
        self.module.consulted.add(("word", word))
        return word in self.record[record.F_BODY]


@dataclass(eq=False, slots=True)
class ClassScope:
    """A class of the snapshot, at the top of its module or nested."""

    module: "ModuleScope"
    owner: "ClassScope | None"
    qualname: str
    unit: str  # the top-level class it stands in
    record: tuple[Any, ...]
    names: dict[str, "Binding"] = field(default_factory=dict)
    mro: "tuple[ClassScope | External, ...] | None" = None  # filled by Project.mro
    # What follows from the MRO, with the one that it follows from; see `Project.outside`.
    outside: "tuple[Any, frozenset[str]] | None" = None
    _assigned: "dict[str, list[tuple[Any, ...]]] | None" = None

    @property
    def id(self) -> str:
        """`package.module:Outer.Inner`; the unit's id where it is not nested."""
        return f"{self.module.id}:{self.qualname}"

    @property
    def name(self) -> str:
        """The name it is defined under."""
        return str(self.record[record.C_NAME])

    @property
    def line(self) -> int:
        """Where its `class` stands."""
        return int(self.record[record.C_LINE])

    @property
    def bases(self) -> tuple[Expression, ...]:
        """As written."""
        return tuple(self.record[record.C_BASES])

    @property
    def keywords(self) -> tuple[tuple[str | None, Expression], ...]:
        """Keyword arguments of the class statement, such as `metaclass`."""
        return tuple(self.record[record.C_KEYWORDS])

    @property
    def decorators(self) -> tuple[Expression, ...]:
        """Outermost first, as written."""
        return tuple(self.record[record.C_DECORATORS])

    @property
    def assigned(self) -> tuple[tuple[Any, ...], ...]:
        """What its methods assign to `self`: (name, value, annotation, method, line)."""
        self.module.consulted.add(("self", self))
        return tuple(self.record[record.C_SELF])

    def assigned_to(self, name: str) -> Sequence[tuple[Any, ...]]:
        """Those of them that are assigned to one attribute."""
        self.module.consulted.add(("self", self))
        if self._assigned is None:
            self._assigned = {}
            for entry in self.record[record.C_SELF]:
                self._assigned.setdefault(entry[0], []).append(entry)
        return self._assigned.get(name, ())

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations of its body, with those of methods inside `def`s."""
        return tuple(self.record[record.C_OPERATIONS])


class ModuleScope:
    """A module of the snapshot; its record is read, and its names are bound, when asked for."""

    __slots__ = (
        "__weakref__", "_bodies", "_load", "consulted", "id", "is_package", "names", "path",
        "record", "resolved", "role", "stars",
    )  # fmt: skip
    record: tuple[Any, ...]
    names: "dict[str, Binding]"
    stars: list[int]  # star imports, as indices in the imports

    def __init__(
        self,
        id: str,
        path: str,
        is_package: bool,
        role: ModuleRole,
        load: Callable[[], tuple[Any, ...]],
        opened: Iterable[OpenBody] = (),
    ) -> None:
        self.id = id
        self.path = path
        self.is_package = is_package
        self.role = role
        self.resolved: dict[str, Symbol | None] = {}  # Project.resolve's memory
        self.consulted = Consulted()
        self._load = load
        self._bodies = Bodies(self, opened)

    def __getattr__(self, name: str) -> Any:
        """Fill what is not there yet; later, Python finds it without coming here."""
        if name == "record":
            self.record = self._load()
            return self.record
        if name in ("names", "stars"):
            self.names, self.stars = {}, []
            open_module(self)
            return getattr(self, name)
        raise AttributeError(name)

    @property
    def package(self) -> str:
        """The dotted name that its relative imports start from."""
        return self.id if self.is_package else self.id.rpartition(".")[0]

    def body_of(self, function: tuple[Any, ...]) -> Body:
        """The body of one of its functions, given the function's record."""
        return self._bodies.of(function)

    @property
    def operations(self) -> tuple[Operation, ...]:
        """The operations of its body."""
        return tuple(self.record[record.OPERATIONS])

    @property
    def imports(self) -> tuple[tuple[Any, ...], ...]:
        """Its imports, as the record has them."""
        return tuple(self.record[record.IMPORTS])


@plain_value
class Imported:
    """A name that an import binds; `index` is its place in the module's imports."""

    index: int


Definition = Imported | Variable | Function | ClassScope
Binding = list[Definition]  # in source order; the last one wins, the others are alternatives
Symbol = External | Variable | Function | ClassScope | ModuleScope


def classes_of(module: ModuleScope) -> Iterator[ClassScope]:
    """All classes of a module, nested ones too, and each definition of a name that has several."""
    pending = [one for binding in module.names.values() for one in binding]
    while pending:
        found = pending.pop()
        if isinstance(found, ClassScope):
            yield found
            pending += [one for binding in found.names.values() for one in binding]


def methods_of(cls: ClassScope) -> Iterator[Function]:
    """All functions of a class's body."""
    for binding in cls.names.values():
        yield from (one for one in binding if isinstance(one, Function))


def functions_of(module: ModuleScope) -> Iterator[Function]:
    """All functions and methods of a module, without functions inside functions."""
    for binding in module.names.values():
        yield from (one for one in binding if isinstance(one, Function))
    for cls in classes_of(module):
        yield from methods_of(cls)


def open_module(module: ModuleScope) -> None:
    """Fill the names of a module, and of its classes, from its record."""
    _bind(module, None, module.operations, module.names, "")


def local_class(function: Function, definition: tuple[Any, ...]) -> ClassScope:
    """A class that is defined inside a function."""
    name = definition[record.C_NAME]
    qualname = f"{function.qualname}.{name}"
    scope = ClassScope(function.module, None, qualname, function.unit, definition)
    _bind(function.module, scope, scope.operations, scope.names, f"{qualname}.")
    return scope


def _bind(
    module: ModuleScope,
    owner: ClassScope | None,
    operations: tuple[Operation, ...],
    names: dict[str, Binding],
    prefix: str,
) -> None:
    for operation in operations:
        tag = operation[0]
        if tag == "assign":
            _bind_targets(module, owner, operation, names)
        elif tag == "def":
            definition = operation[1]
            name = definition[record.F_NAME]
            unit = owner.unit if owner else f"{module.id}:{name}"
            function = Function(module, owner, prefix + name, unit, definition)
            names.setdefault(name, []).append(function)
        elif tag == "class":
            _bind_class(module, owner, operation[1], names, prefix)
        elif tag == "import":
            _bind_import(module, operation[1], names)
        elif tag == "if":
            for _, body in operation[1]:
                _bind(module, owner, body, names, prefix)
        elif tag == "with":
            _bind(module, owner, operation[2], names, prefix)
        elif tag == "try":
            for body in (*(handler[2] for handler in operation[2]), *operation[3:5], operation[1]):
                _bind(module, owner, body, names, prefix)


def _bind_targets(
    module: ModuleScope,
    owner: ClassScope | None,
    operation: Operation,
    names: dict[str, Binding],
) -> None:
    _, targets, value, line, annotation = operation
    for target in targets:
        if target is None:
            continue
        if target[0] == "name" and "." not in target[1]:
            variable = Variable(module, owner, target[1], value, annotation, line)
            names.setdefault(target[1], []).append(variable)
        elif target[0] == "tuple":
            items = value[1] if value is not None and value[0] in ("tuple", "list") else ()
            for index, item in enumerate(target[1]):
                if item is not None and item[0] == "name" and "." not in item[1]:
                    part = items[index] if len(items) == len(target[1]) else None
                    variable = Variable(module, owner, item[1], part, None, line)
                    names.setdefault(item[1], []).append(variable)


def _bind_class(
    module: ModuleScope,
    owner: ClassScope | None,
    definition: tuple[Any, ...],
    names: dict[str, Binding],
    prefix: str,
) -> None:
    name = definition[record.C_NAME]
    unit = owner.unit if owner else f"{module.id}:{name}"
    scope = ClassScope(module, owner, prefix + name, unit, definition)
    _bind(module, scope, scope.operations, scope.names, f"{prefix}{name}.")
    names.setdefault(name, []).append(scope)


def _bind_import(module: ModuleScope, index: int, names: dict[str, Binding]) -> None:
    entry = module.record[record.IMPORTS][index]
    target, name, alias = entry[:3]
    if name == "*":
        module.stars.append(index)
        return
    bound = alias or name or target.partition(".")[0]
    names.setdefault(bound, []).append(Imported(index))
