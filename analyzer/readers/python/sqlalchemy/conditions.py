"""What a `declared_attr` returns for one class: the conditions on the class are judged."""

from collections.abc import Iterator
from typing import Any

from analyzer.readers.python import record
from analyzer.readers.python.constants import UNKNOWN, Constants
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression, Operation
from analyzer.readers.python.scopes import ClassScope, Function, Variable


class DeclaredAttributes:
    """Follows the methods of mixins as they are called with a mapped class."""

    def __init__(self, project: Project, constants: Constants) -> None:
        self._project = project
        self._constants = constants

    def returned(self, method: Function, cls: ClassScope) -> Expression:
        """The expression that the method returns for the class; None where it returns nothing."""
        for expression in self._returns(method.operations, method, cls):
            return expression
        return None

    def _returns(
        self, operations: tuple[Operation, ...], method: Function, cls: ClassScope
    ) -> Iterator[Expression]:
        for operation in operations:
            if operation[0] == "return":
                yield self._followed(operation[1], method)
                return
            if operation[0] == "if":
                yield from self._branch(operation[1], method, cls)

    def _branch(
        self, branches: tuple[Any, ...], method: Function, cls: ClassScope
    ) -> Iterator[Expression]:
        for test, body in branches:
            if test is not None and self._holds(test, body, cls) is False:
                continue
            found = list(self._returns(body, method, cls))
            yield from found
            if test is None or self._holds(test, body, cls):
                return

    def _followed(self, expression: Expression, method: Function) -> Expression:
        """A local variable that is returned stands for what was assigned to it."""
        if expression is None or expression[0] != "name":
            return expression
        for operation in record.walk_operations(method.operations):
            if operation[0] == "assign" and expression[:2] in [
                target[:2] for target in operation[1] if target is not None
            ]:
                return operation[2]
        return expression

    def _holds(self, test: Expression, body: tuple[Operation, ...], cls: ClassScope) -> bool | None:
        """Whether a condition on the class is true; None where it cannot be told.

        A record does not keep `not`. Where a condition is negated or compared and its body returns
        nothing, it is a guard: `if not cls.wanted: return`.
        """
        if test[0] == "name":
            return self._flag(test[1], cls)
        if test[0] != "group":
            return None
        if len(test[1]) == 1 and test[1][0][0] == "name":
            known = self._flag(test[1][0][1], cls)
            return None if known is None else not known
        if len(test[1]) == 1 and test[1][0][0] == "call":
            return self._has_several(test[1][0], cls)
        if len(test[1]) == 2:
            known = self._is_member(test[1][0], test[1][1], cls)
            guards = all(one[0] == "return" and one[1] in (None, _NONE) for one in body)
            return known if known is None or not guards else not known
        return None

    def _has_several(self, call: Expression, cls: ClassScope) -> bool | None:
        """`len(cls.choices) > 1`: a record does not keep the comparison, but it is this one."""
        argument = record.argument(call, 0)
        if record.callee_name(call) != "len" or argument is None or argument[0] != "name":
            return None
        root, _, name = argument[1].partition(".")
        value = self._constants.attribute(cls, name) if root in ("cls", "self") else UNKNOWN
        return len(value) > 1 if isinstance(value, tuple) else None

    def _flag(self, path: str, cls: ClassScope) -> bool | None:
        root, _, name = path.partition(".")
        if root not in ("cls", "self") or "." in name:
            return None
        value = self._constants.attribute(cls, name)
        return None if value is UNKNOWN else bool(value)

    def _is_member(self, item: Expression, container: Expression, cls: ClassScope) -> bool | None:
        """`Kind.x in cls.allowed_kinds`, where the class lists what it allows."""
        if item is None or item[0] != "name" or container is None or container[0] != "name":
            return None
        root, _, name = container[1].partition(".")
        member = self._project.class_member(cls, name) if root in ("cls", "self") else None
        if not isinstance(member, Variable):
            return None
        return self._contains(member.value, item[1].rpartition(".")[2], member)

    def _contains(self, value: Expression, name: str, member: Variable) -> bool | None:
        if value is None:
            return None
        if value[0] in ("set", "list", "tuple"):
            return any(one and one[0] == "name" and _last(one[1]) == name for one in value[1])
        if value[0] == "call" and value[2]:
            return self._contains(value[2][0], name, member)
        if value[0] == "op" and value[1] == "-" and len(value[2]) == 2:
            without = self._contains(value[2][1], name, member)
            return None if without is None else not without
        if value[0] == "name":
            symbol = self._project.resolve_in(member.owner or member.module, value[1])
            if isinstance(symbol, ClassScope):
                return name in symbol.names  # all members of an enumeration
            if isinstance(symbol, Variable) and symbol is not member:
                return self._contains(symbol.value, name, symbol)
        return None


_NONE = ("const", None)


def _last(path: str) -> str:
    return path.rpartition(".")[2]
