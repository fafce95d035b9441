"""The index of all modules of a snapshot: what every provider of facts asks.

project.modules                      dotted name -> ModuleScope, sorted
project.resolve(module, "a.b.c")     -> Symbol or None: what the name means in that module
project.find("pkg.mod.Name")         -> Symbol or None: what the absolute dotted name means
project.member(symbol, "name")       -> Symbol or None: an attribute; classes look along their MRO
project.mro(cls)                     -> classes of the snapshot and External bases, nearest first
project.is_subclass(cls, {"django.db.models.Model", ...})   by dotted names of external bases
project.classes()                    every ClassScope, nested ones too, in order
project.functions()                  every Function outside functions, methods too, in order
"""

import builtins
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from analyzer.readers.python import record
from analyzer.readers.python.consulted import Consulted
from analyzer.readers.python.other_files import OtherFiles
from analyzer.readers.python.path_roots import aliases_of
from analyzer.readers.python.scopes import (
    Binding,
    ClassScope,
    Definition,
    External,
    Function,
    Imported,
    ModuleScope,
    Symbol,
    Variable,
    local_class,
)

BUILTINS = frozenset(dir(builtins))
Place = tuple[str, int]  # (module, number of the function in it)
ALIAS_LIMIT = 30  # imports that are followed from one module to the next for one name


class Project:
    """All modules of a snapshot, with their names resolved on demand."""

    def __init__(
        self, modules: Iterable[ModuleScope], aliases: Mapping[str, str] | None = None
    ) -> None:
        self.modules = {module.id: module for module in sorted(modules, key=lambda one: one.id)}
        self.other_files = OtherFiles()
        self.consulted = Consulted()
        self.structural: set[Function] = set()  # whose bodies decide what classes there are
        for module in self.modules.values():
            module.consulted = self.consulted
        self.packages = self._packages()
        self._depth = 0
        self._outside: dict[str, External | ModuleScope] = {}
        self._classes: tuple[ClassScope, ...] | None = None
        self._functions: tuple[Function, ...] | None = None
        self._calling: dict[str, list[Function]] | None = None
        self._unresolved: set[tuple[str, str]] = set()
        self._local_classes: dict[tuple[str, str, str], ClassScope] = {}
        self._calling_places: Mapping[str, Sequence[Place]] | None = None
        self._functions_of: dict[str, list[Function]] = {}
        self._classes_by_id: dict[str, dict[str, ClassScope]] = {}
        self.aliases = aliases_of(self.modules) if aliases is None else aliases

    def _packages(self) -> frozenset[str]:
        """Every proper prefix of a module's name, so also packages without an `__init__`."""
        found = set()
        for name in self.modules:
            parent = name.rpartition(".")[0]
            while parent and parent not in found:
                found.add(parent)
                parent = parent.rpartition(".")[0]
        return frozenset(found)

    def resolve(self, module: ModuleScope, path: str) -> Symbol | None:
        """What a dotted name means at the top of a module; None for what is not known there."""
        known = module.resolved
        if path in known:
            return known[path]
        key = (module.id, path)
        if key in self._unresolved:
            return None  # being resolved further out, or not found on the way there
        outermost = not self._unresolved
        self._unresolved.add(key)
        head, _, last = path.rpartition(".")
        if head:
            base = self.resolve(module, head)
            symbol = None if base is None else self.member(base, last)
        else:
            symbol = self._named(module, path)
        if outermost:
            self._unresolved.clear()
        if symbol is not None or outermost:
            # Of a cycle of imports, only the outermost answer holds for those who ask later.
            known[path] = symbol
        return symbol

    def find(self, path: str) -> Symbol | None:
        """What an absolute dotted name means: inside the snapshot, or External."""
        if path in self.modules:
            return self.modules[path]
        head, _, last = path.rpartition(".")
        if not head:
            path = self.aliases.get(path, path)
            return self.modules.get(path) or External(path)
        base = self.find(head)
        return None if base is None else self.member(base, last)

    def import_target(self, module: ModuleScope, index: int) -> Symbol | None:
        """What the name that an import binds stands for."""
        _target, name, alias = module.record[record.IMPORTS][index][:3]
        absolute = self.absolute(module, index)
        if absolute is None:
            return None
        if name is None:
            return self.find(absolute if alias else absolute.partition(".")[0])
        base = self.find(absolute)
        return None if base is None else self.member(base, name)

    def absolute(self, module: ModuleScope, index: int) -> str | None:
        """The absolute dotted name of the module that an import imports (from)."""
        target, _, _, level = module.record[record.IMPORTS][index][:4]
        if not level:
            return str(target)
        package = module.package
        for _ in range(level - 1):
            package, _, _ = package.rpartition(".")
        if not package:
            return target or None
        return f"{package}.{target}" if target else package

    def member(self, symbol: Symbol, name: str) -> Symbol | None:
        """What an attribute of a symbol is."""
        if type(symbol) is External:
            path = f"{symbol.path}.{name}"
            known = self._outside.get(path)
            if known is None:
                known = self._outside[path] = self.modules.get(path) or External(path)
            return known
        if isinstance(symbol, ModuleScope):
            return self._module_member(symbol, name)
        if isinstance(symbol, ClassScope):
            return self.class_member(symbol, name)
        return None

    def class_member(self, cls: ClassScope, name: str) -> Symbol | None:
        """What a class's attribute is: the first of its MRO that binds the name."""
        for base in cls.mro or self.mro(cls):
            if type(base) is ClassScope and name in base.names:
                found = base.names[name][-1]
                return found if type(found) is Function else self._definition(base.module, found)
        return None

    def mro(self, cls: ClassScope) -> tuple[ClassScope | External, ...]:
        """The class, then its bases, depth first and each once (near enough to C3 for lookups)."""
        if cls.mro is not None:
            return cls.mro
        cls.mro = (cls,)  # what a cycle of inheritance sees
        found: dict[ClassScope | External, None] = {cls: None}
        for base in self.bases(cls):
            inherited = self.mro(base) if isinstance(base, ClassScope) else (base,)
            for item in inherited:
                found.pop(item, None)  # a shared base comes after all of its subclasses
                found[item] = None
        cls.mro = tuple(found)
        return cls.mro

    def bases(self, cls: ClassScope) -> tuple[ClassScope | External, ...]:
        """The direct bases that are known; `get_model_base()` and the like are not."""
        result = []
        for expression in cls.bases:
            symbol = self.class_of_expression(cls, expression)
            if symbol is cls:
                symbol = self._bound_before(cls)
            if isinstance(symbol, ClassScope | External) and symbol is not cls:
                result.append(symbol)
        return tuple(result)

    def _bound_before(self, cls: ClassScope) -> Symbol | None:
        """What a class's own name meant before it: `class ListView(ListView)`."""
        binding = (cls.owner or cls.module).names.get(cls.name, [])
        if cls not in binding:
            return None
        earlier = binding[: binding.index(cls)]
        return self._definition(cls.module, earlier[-1]) if earlier else None

    def class_of_expression(
        self, scope: ClassScope | ModuleScope, expression: record.Expression
    ) -> Symbol | None:
        """The class that an expression names: `Base`, `models.Base`, `Base[T]`, a call's result."""
        if expression is None:
            return None
        tag = expression[0]
        if tag == "name":
            symbol = self.resolve_in(scope, expression[1])
            return self._class_of_variable(symbol) if isinstance(symbol, Variable) else symbol
        if tag == "sub":
            return self.class_of_expression(scope, expression[1])
        if tag == "call":
            return self._class_of_call(scope, expression)
        if tag == "either":
            return self._first_class(scope, expression[1])
        return None

    def _class_of_variable(self, variable: Variable) -> Symbol:
        """The class that a variable is bound to, as in `Base = get_base()`; else the variable."""
        value = variable.value
        if value is None or value[0] not in ("call", "either") or self._depth > ALIAS_LIMIT:
            return variable
        self._depth += 1
        try:
            made = self.class_of_expression(variable.owner or variable.module, value)
        finally:
            self._depth -= 1
        return variable if made is None else made

    def _first_class(
        self, scope: ClassScope | ModuleScope, expressions: Iterable[record.Expression]
    ) -> Symbol | None:
        for expression in expressions:
            symbol = self.class_of_expression(scope, expression)
            if isinstance(symbol, ClassScope | External):
                return symbol
        return None

    def _class_returned(self, function: Function) -> Symbol | None:
        """The class that a function makes, or chooses, and returns."""
        if self._depth > ALIAS_LIMIT:
            return None
        self.structural.add(function)
        local: dict[str, Symbol] = {}
        returned = []
        for operation in record.walk_operations(function.operations):
            if operation[0] == "class":
                made = self._local_class(function, operation[1])
                local[made.name] = made
            elif operation[0] == "import":
                _, name, alias = function.module.imports[operation[1]][:3]
                imported = self.import_target(function.module, operation[1])
                if imported is not None and name:
                    local[alias or name] = imported
            elif operation[0] == "return":
                returned.append(operation[1])
        self._depth += 1
        try:
            return self._chosen_class(function, returned, local)
        finally:
            self._depth -= 1

    def _local_class(self, function: Function, definition: tuple[object, ...]) -> ClassScope:
        """One scope for each class in a function, however often it is asked for."""
        key = (function.module.id, function.qualname, str(definition[record.C_NAME]))
        if key not in self._local_classes:
            self._local_classes[key] = local_class(function, definition)
        return self._local_classes[key]

    def _chosen_class(
        self,
        function: Function,
        returned: list[record.Expression],
        local: dict[str, Symbol],
    ) -> Symbol | None:
        """Of several classes that could be returned, one of the snapshot is preferred."""
        outside = None
        for expression in returned:
            named = expression[1] if expression and expression[0] == "name" else ""
            symbol = local.get(named) or self.class_of_expression(function.module, expression)
            if isinstance(symbol, ClassScope):
                return symbol
            if isinstance(symbol, External) and symbol.path.rpartition(".")[2][:1].isupper():
                outside = outside or symbol
        return outside

    def _class_of_call(
        self, scope: ClassScope | ModuleScope, call: tuple[object, ...]
    ) -> Symbol | None:
        """What a call that makes a class makes: a class of the same bases, as far as lookups go."""
        name = record.callee_name(call)
        if name == "from_queryset" or name == "as_manager":
            return None
        if name in ("with_metaclass", "get_class", "get_model"):
            symbols = [self.class_of_expression(scope, item) for item in call[2]]  # type: ignore[attr-defined]
            classes = [one for one in symbols if isinstance(one, ClassScope | External)]
            return classes[-1] if classes else None
        callee = self.class_of_expression(scope, call[1])
        if callee is None:
            callee = self._method_outside(scope, call[1])
        if isinstance(callee, Function):
            return self._class_returned(callee)
        return External(f"{callee.path}()") if isinstance(callee, External) else None

    def _method_outside(
        self, scope: ClassScope | ModuleScope, callee: record.Expression
    ) -> External | None:
        """The method of what a library's call gave: `mapper_registry.generate_base`."""
        holder: record.Expression = None
        if callee is not None and callee[0] == "attr":
            holder, name = callee[1], callee[2]
        elif callee is not None and callee[0] == "name" and "." in callee[1]:
            root, _, name = callee[1].rpartition(".")
            holder = ("name", root)
        made = self.class_of_expression(scope, holder)
        return External(f"{made.path}.{name}") if isinstance(made, External) else None

    def resolve_in(self, scope: ClassScope | ModuleScope, path: str) -> Symbol | None:
        """What a dotted name means in the body of a class (or module)."""
        if isinstance(scope, ModuleScope):
            return self.resolve(scope, path)
        root, _, rest = path.partition(".")
        if root not in scope.names:
            outer = scope.owner
            return self.resolve_in(outer, path) if outer else self.resolve(scope.module, path)
        definitions = [one for one in scope.names[root] if one is not scope]
        if not definitions:
            return self.resolve(scope.module, path)
        symbol = self._definition(scope.module, definitions[-1])
        for name in rest.split(".") if rest else ():
            symbol = None if symbol is None else self.member(symbol, name)
        return symbol

    def is_subclass(self, cls: ClassScope, names: Collection[str]) -> bool:
        """Whether one of the external bases has one of these dotted names."""
        return not self.outside(cls).isdisjoint(names)

    def outside(self, cls: ClassScope) -> frozenset[str]:
        """The dotted names of the external bases of a class."""
        mro = self.mro(cls)
        known = cls.outside
        if known is None or known[0] is not mro:  # of the MRO that a cycle sees, say
            found = frozenset(base.path for base in mro if isinstance(base, External))
            known = cls.outside = (mro, found)
        return known[1]

    def classes(self) -> tuple[ClassScope, ...]:
        """Every class outside functions, in the order of modules and lines."""
        if self._classes is None:
            found = (classes_in(module) for module in self.modules.values())
            self._classes = tuple(chain.from_iterable(found))
        return self._classes

    def functions(self) -> tuple[Function, ...]:
        """Every function and method outside functions, in the order of modules and names bound."""
        if self._functions is None:
            found = (functions_in(module) for module in self.modules.values())
            self._functions = tuple(chain.from_iterable(found))
        return self._functions

    def class_by_id(self, identity: str) -> ClassScope | None:
        """The class of this id, outside functions; the last one where there are several."""
        module = self.modules.get(identity.partition(":")[0])
        if module is None:
            return None
        known = self._classes_by_id.get(module.id)
        if known is None:
            known = self._classes_by_id[module.id] = {one.id: one for one in classes_in(module)}
        return known.get(identity)

    def function_at(self, place: Place) -> Function:
        """The function at a place: the id of its module and its number there."""
        known = self._functions_of.get(place[0])
        if known is None:
            known = self._functions_of[place[0]] = functions_in(self.modules[place[0]])
        return known[place[1]]

    def remember_calling(self, places: Mapping[str, Sequence[Place]]) -> None:
        """Take from an earlier run which functions call what."""
        self._calling_places = places

    def calling_places(self) -> dict[str, list[Place]]:
        """Where the functions are that call something of each name."""
        found: dict[str, list[Place]] = {}
        for module in self.modules.values():
            for number, names in called_in(module):
                for name in names:
                    found.setdefault(name, []).append((module.id, number))
        return found

    def calling(self, name: str) -> Sequence[Function]:
        """Functions of product code that call something with this last name."""
        self.consulted.add(("called", name))
        if self._calling_places is not None:
            return [self.function_at(place) for place in self._calling_places.get(name, ())]
        if self._calling is None:
            self._calling = {}
            for one in self.functions():
                if one.module.role == "product":
                    for called in one.record[record.F_CALLED]:
                        self._calling.setdefault(called, []).append(one)
        return self._calling.get(name, ())

    def _named(self, module: ModuleScope, name: str) -> Symbol | None:
        binding = module.names.get(name)
        if binding:
            for definition in reversed(binding):
                symbol = self._definition(module, definition)
                if symbol is not None and not _is_placeholder(symbol):
                    return symbol
            return self._definition(module, binding[-1])
        symbol = self._from_stars(module, name)
        if symbol is None and name in BUILTINS:
            return External(name)
        return symbol

    def _from_stars(self, module: ModuleScope, name: str) -> Symbol | None:
        if name.startswith("_"):
            return None
        outside = None
        for index in reversed(module.stars):
            absolute = self.absolute(module, index)
            source = None if absolute is None else self.find(absolute)
            if isinstance(source, ModuleScope):
                if name in BUILTINS and name not in source.names and not source.stars:
                    continue
                symbol = self.resolve(source, name)
                if symbol is not None:
                    return symbol
            elif isinstance(source, External) and name not in BUILTINS:
                outside = External(f"{source.path}.{name}")
        return outside

    def _module_member(self, module: ModuleScope, name: str) -> Symbol | None:
        symbol = None
        if name in module.names or module.stars:
            symbol = self.resolve(module, name)
        if symbol is None:
            path = f"{module.id}.{name}"
            symbol = self.modules.get(path)
            if symbol is None and path in self.packages:
                return External(path)  # a namespace package; its modules are its members
        return symbol

    def _definition(self, module: ModuleScope, definition: Definition) -> Symbol | None:
        if isinstance(definition, Imported):
            if self._depth > ALIAS_LIMIT:
                return None
            self._depth += 1
            try:
                return self.import_target(module, definition.index)
            finally:
                self._depth -= 1
        if isinstance(definition, Variable) and definition.owner is None:
            return self._alias(definition)
        return definition

    def _alias(self, variable: Variable) -> Symbol:
        """What a variable stands for where it only renames something: `Alias = module.Class`."""
        value = variable.value
        if value is not None and value[0] == "name" and value[1] != variable.name:
            symbol = self.resolve(variable.module, value[1])
            if isinstance(symbol, ClassScope | Function | ModuleScope):
                return symbol
        return variable


def _is_placeholder(symbol: Symbol) -> bool:
    """Whether it is what a `try` binds when an import fails: `name = None`."""
    return isinstance(symbol, Variable) and symbol.value == ("const", None)


def classes_in(module: ModuleScope) -> list[ClassScope]:
    """Every class of a module outside functions, in the order of lines."""
    return list(_classes_in(module.names))


def functions_in(module: ModuleScope) -> list[Function]:
    """Every function and method of a module outside functions, in the order of names bound."""
    return list(_functions_in(module.names))


def called_in(module: ModuleScope) -> Iterator[tuple[int, Sequence[str]]]:
    """The last names of what each function of product code calls, by its number."""
    if module.role == "product":
        for number, function in enumerate(functions_in(module)):
            yield number, function.record[record.F_CALLED]


def _classes_in(names: dict[str, Binding]) -> Iterator[ClassScope]:
    found = [one for binding in names.values() for one in binding if isinstance(one, ClassScope)]
    for scope in sorted(found, key=lambda one: one.line):
        yield scope
        yield from _classes_in(scope.names)


def _functions_in(names: dict[str, Binding]) -> Iterator[Function]:
    for binding in names.values():
        for definition in binding:
            if isinstance(definition, Function):
                yield definition
            elif isinstance(definition, ClassScope):
                yield from _functions_in(definition.names)
