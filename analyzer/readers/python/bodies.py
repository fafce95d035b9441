"""The code of one function, class or module, opened once: operations, calls, and local names."""

import marshal
from collections.abc import Iterable
from typing import Any, Protocol

from analyzer.readers.python import record
from analyzer.readers.python.guards import Tested, tested
from analyzer.readers.python.record import Expression, OpenBody, Operation

# Where a local name gets its values from:
#   ("value", expression, annotation)   ("item", iterable)        ("enter", context)
#   ("unpack", position, source)        ("import", index)         ("def", function record)
#   ("parameter", name, annotation, default, position)            ("element", expression)
#   ("mapped", expression)              ("collected", expression)
#   ("narrowed", source, name, classes), where the name is known to be one of the classes
Source = tuple[Any, ...]

APPENDING = frozenset(["append", "add", "appendleft", "insert"])


class Around(Protocol):
    """The module that code stands in."""

    @property
    def imports(self) -> tuple[tuple[Any, ...], ...]:
        """Its imports, as the record has them."""

    def body_of(self, function: tuple[Any, ...]) -> "Body":
        """The body of one of its functions, given the function's record."""


class Body:
    """Shared by all frames of the same code; filled on demand."""

    __slots__ = (
        "_calls", "_module", "_named", "_returned", "_sources", "_tested", "function",
        "operations",
    )  # fmt: skip

    def __init__(
        self,
        operations: tuple[Operation, ...],
        module: Around,
        function: tuple[Any, ...] | None = None,
        calls: tuple[Expression, ...] | None = None,
    ) -> None:
        self.operations = operations
        self.function = function
        self._module = module
        self._calls = calls
        self._returned: list[Expression] | None = None
        self._named: dict[str, list[Expression]] | None = None
        self._sources: dict[str, list[Source]] | None = None
        self._tested: dict[int, Tested] = {}  # what guards an assignment, by its identity

    def calls(self, name: str) -> list[Expression]:
        """Calls of something with this last name, also in functions inside this one."""
        if self._named is None:
            self._named = {}
            for call in self._all_calls():
                self._named.setdefault(record.callee_name(call), []).append(call)
        return self._named.get(name, [])

    def _all_calls(self) -> list[Expression]:
        found = list(record.calls_in(self.operations) if self._calls is None else self._calls)
        for operation in record.walk_operations(self.operations):
            if operation[0] == "def":
                found += self._module.body_of(operation[1])._all_calls()
        return found

    def sources(self) -> dict[str, list[Source]]:
        """For each local name, where its values come from."""
        if self._sources is None:
            self._sources = {}
            if self.function is not None:
                parameters = self.function[record.F_PARAMETERS]
                for position, (name, annotation, default) in enumerate(parameters):
                    self._note(name.lstrip("*"), ("parameter", name, annotation, default, position))
            for operation in record.walk_operations(self.operations):
                self._note_operation(operation)
        return self._sources

    def returned(self) -> list[Expression]:
        """What a call of the function may return; of a generator also what it yields."""
        if self._returned is None:
            self._returned = []
            for operation in record.walk_operations(self.operations):
                if operation[0] == "return" and operation[1] is not None:
                    self._returned.append(operation[1])
                elif operation[0] == "expr" and operation[1][0] == "yield":
                    self._returned.append(operation[1][1])
        return self._returned

    def definition(self, name: str) -> tuple[Any, ...] | None:
        """The record of a function that stands inside this code."""
        for source in self.sources().get(name, ()):
            if source[0] == "def":
                return source[1]  # type: ignore[no-any-return]
        return None

    def _note(self, name: str, source: Source) -> None:
        assert self._sources is not None
        self._sources.setdefault(name, []).append(source)

    def _note_operation(self, operation: Operation) -> None:
        tag = operation[0]
        if tag == "assign":
            source: Source = ("value", operation[2], operation[4])
            if id(operation) in self._tested:
                source = ("narrowed", source, *self._tested[id(operation)])
            for target in operation[1]:
                self._note_target(target, source)
        elif tag == "augment":
            self._note_target(operation[1], ("value", operation[3], None))
        elif tag == "expr":
            self._note_appended(operation[1])
        elif tag == "for":
            self._note_target(operation[1], ("item", operation[2]))
        elif tag == "if":
            self._note_tested(operation)
        elif tag == "with":
            for context, target in operation[1]:
                self._note_target(target, ("enter", context))
        elif tag == "import":
            target, name, alias = self._module.imports[operation[1]][:3]
            self._note(alias or name or target.partition(".")[0], ("import", operation[1]))
        elif tag == "def":
            self._note(operation[1][record.F_NAME], ("def", operation[1]))

    def _note_tested(self, operation: Operation) -> None:
        """The assignments inside `if isinstance(x, A):`; they are noted later."""
        for test, body in operation[1]:
            guard = tested(test, body)
            for inner in record.walk_operations(body) if guard is not None else ():
                if inner[0] == "assign":
                    self._tested[id(inner)] = guard  # type: ignore[assignment]

    def _note_target(self, target: Expression, source: Source) -> None:
        if target is None:
            return
        tag = target[0]
        if tag == "name":
            if "." not in target[1]:
                self._note(target[1], source)
        elif tag == "tuple":
            for position, item in enumerate(target[1]):
                self._note_target(item, ("unpack", position, source))
        elif tag == "sub" and source[0] in ("value", "narrowed"):
            base = target[1]
            source = source[1] if source[0] == "narrowed" else source
            if base is not None and base[0] == "name" and "." not in base[1]:
                self._note(base[1], ("mapped", source[1]))

    def _note_appended(self, expression: Expression) -> None:
        """`rows.append(row)`, `groups[key].append(row)`, `groups.setdefault(key, []).add(row)`."""
        if expression[0] != "call" or not expression[2]:
            return
        callee, value = expression[1], expression[2][-1]
        if callee is None or record.callee_name(expression) not in APPENDING:
            return
        if callee[0] == "name":
            name, _, rest = callee[1].partition(".")
            if "." not in rest:
                self._note(name, ("element", value))
        elif callee[0] == "attr" and callee[1] is not None:
            base = callee[1][1]  # of a subscript, or what `setdefault` is called on
            if callee[1][0] in ("sub", "call") and base is not None and base[0] == "name":
                name, _, rest = base[1].partition(".")
                if rest in ("", "setdefault"):
                    self._note(name, ("collected", value))


class Bodies:
    """The bodies of a module's functions, each read from the function's record once."""

    __slots__ = ("_known", "_module")

    def __init__(self, module: Around, opened: Iterable[OpenBody] = ()) -> None:
        self._module = module
        # By the identity of the function's record, which what stands here keeps alive.
        self._known: dict[int, Body | OpenBody] = {id(one[0]): one for one in opened}

    def of(self, function: tuple[Any, ...]) -> Body:
        """The body of a function, given its record."""
        known = self._known.get(id(function))
        if isinstance(known, Body):
            return known
        if known is None:
            operations, calls = marshal.loads(function[record.F_BODY])  # noqa: S302 - our own bytes
        else:
            _, operations, calls = known
        body = self._known[id(function)] = Body(operations, self._module, function, calls)
        return body
