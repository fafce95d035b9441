"""Attributes that a query of their own loads: deferred ones, and `column_property(select(…))`."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import chain

from analyzer.readers.python import record
from analyzer.readers.python.callers import resolve_in_function
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression, Operation
from analyzer.readers.python.scopes import ClassScope, Function, Symbol, Variable
from analyzer.readers.python.sqlalchemy.schema import Computed, MappedClass

_CALL = "column_property"
_MOST_DEEP = 3  # subqueries that ask for what others compute
_MOST_NAMES = 200  # names that are looked up behind one attribute
_Resolve = Callable[[str], Symbol | None]


class ComputedAttributes:
    """Finds them in classes, in what mixins declare, and where functions assign them to a class."""

    def __init__(self, project: Project, mapped: Mapping[ClassScope, MappedClass | None]) -> None:
        self._project = project
        self._mapped = mapped
        # (class, attribute, what else of mapped classes its subquery asks for)
        self._through: list[tuple[MappedClass, str, tuple[tuple[MappedClass, str], ...]]] = []

    def read(self) -> None:
        """Note each on its class, with the tables that its subquery mentions."""
        for cls, mapped in self._mapped.items():
            if mapped is not None:
                self._read_class(cls, mapped)
        for function in self._project.calling(_CALL):
            self._project.structural.add(function)
            for operation in record.walk_operations(function.operations):
                if operation[0] == "assign" and _is_computed(operation[2]):
                    self._read_assigned(function, operation)
        for mapped in self._mapped.values():
            if mapped is not None and mapped.parent is not None:
                mapped.computed = {**mapped.parent.computed, **mapped.computed}
        for _ in range(_MOST_DEEP):
            for mapped, name, others in self._through:
                self._extend(mapped, name, others)

    def _extend(
        self, mapped: MappedClass, name: str, others: tuple[tuple[MappedClass, str], ...]
    ) -> None:
        """A subquery that asks for what a subquery computes reads what that reads."""
        known = mapped.computed.get(name)
        more = [one.computed[key].tables for one, key in others if key in one.computed]
        if known is not None and more:
            tables = dict.fromkeys((*known.tables, *chain.from_iterable(more)))
            mapped.computed[name] = replace(known, tables=tuple(tables))

    def _read_class(self, cls: ClassScope, mapped: MappedClass) -> None:
        for base in self._project.mro(cls):
            if not isinstance(base, ClassScope):
                continue
            for name, binding in base.names.items():
                for definition in binding:
                    if isinstance(definition, Variable) and _is_computed(definition.value):
                        resolve = self._in_class(base)
                        self._note(mapped, name, definition.value, (), resolve)
                    elif isinstance(definition, Function):
                        self._read_declared(mapped, name, definition)

    def _in_class(self, cls: ClassScope) -> _Resolve:
        return lambda path: self._project.resolve_in(cls, path)

    def _read_declared(self, mapped: MappedClass, name: str, method: Function) -> None:
        """A method of a mixin that returns one."""
        if not method.decorators or _CALL not in method.record[record.F_CALLED]:
            return
        self._project.structural.add(method)
        operations = method.operations
        for operation in record.walk_operations(operations):
            if operation[0] == "return" and _is_computed(operation[1]):
                self._note(mapped, name, operation[1], operations, self._in_function(method))

    def _in_function(self, function: Function) -> _Resolve:
        return lambda path: resolve_in_function(self._project, function, path)

    def _read_assigned(self, function: Function, operation: Operation) -> None:
        """`Class.name = column_property(…)` in a function."""
        resolve = self._in_function(function)
        for target in operation[1]:
            if target is None or target[0] != "name" or "." not in target[1]:
                continue
            head, _, name = target[1].rpartition(".")
            cls = resolve(head)
            mapped = self._mapped.get(cls) if isinstance(cls, ClassScope) else None
            if mapped is not None:
                self._note(mapped, name, operation[2], function.operations, resolve)

    def _note(
        self, mapped: MappedClass, name: str, call: Expression,
        operations: tuple[Operation, ...], resolve: _Resolve,
    ) -> None:  # fmt: skip
        is_deferred = record.keyword(call, "deferred") == ("const", True)
        is_deferred = is_deferred or record.callee_name(call) == "deferred"
        asked = tuple(self._asked(call, operations, resolve))
        self._through.append((mapped, name, asked))
        tables = dict.fromkeys(one.table.name for one, _ in asked)
        if is_deferred:  # and its own, which is asked again
            tables[mapped.table.name] = None
        if tables:
            computed = Computed(tuple(tables), mapped.scope.module.path, int(call[4]), is_deferred)
            mapped.computed.setdefault(name, computed)

    def _asked(
        self, expression: Expression, operations: tuple[Operation, ...], resolve: _Resolve
    ) -> Iterator[tuple[MappedClass, str]]:
        """The mapped classes that an expression names, with the attribute of each, or ""."""
        pending, seen = [expression], set[str]()
        while pending and len(seen) < _MOST_NAMES:
            for part in record.walk_expressions(pending.pop()):
                if part[0] != "name" or part[1] in seen:
                    continue
                seen.add(part[1])
                pending += _assigned(operations, part[1].partition(".")[0], seen)
                yield from self._of_path(part[1], resolve)

    def _of_path(self, path: str, resolve: _Resolve) -> Iterator[tuple[MappedClass, str]]:
        names = path.split(".")
        for end in range(1, len(names) + 1):
            symbol = resolve(".".join(names[:end]))
            if isinstance(symbol, ClassScope):
                mapped = self._mapped.get(symbol)
                if mapped is not None:
                    yield mapped, names[end] if end < len(names) else ""
                return


def _is_computed(expression: Expression) -> bool:
    if expression is None or expression[0] != "call":
        return False
    return record.callee_name(expression) in (_CALL, "deferred")


def _assigned(operations: tuple[Operation, ...], name: str, seen: set[str]) -> Iterator[Expression]:
    """What is assigned to a local variable, the first time that it is asked for."""
    key = f"={name}"
    if key in seen:
        return
    seen.add(key)
    for operation in record.walk_operations(operations):
        if operation[0] == "assign" and any(
            one and one[:2] == ("name", name) for one in operation[1]
        ):
            yield operation[2]
