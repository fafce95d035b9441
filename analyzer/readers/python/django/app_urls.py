"""URL modules that an app's configuration includes while the project starts, and their prefixes.

`urlpatterns += [path(f"{self.slug}/", include(f"{self.name}.urls"))]` in a method of an `AppConfig`
means something else in each class that inherits it. The code is followed with what each class says
in its attributes; a branch that asks for one of them is taken or left.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from analyzer.readers.python import record
from analyzer.readers.python.django.regex import readable_regex
from analyzer.readers.python.patterns import HOLE, text_with
from analyzer.readers.python.project import Project
from analyzer.readers.python.record import Expression, Operation
from analyzer.readers.python.scopes import ClassScope, External, Function, ModuleScope, Variable

CONFIGURATION = "AppConfig"
APPS = "apps"  # the module that configurations stand in
PATTERNS = frozenset(["path", "re_path", "url"])
REGULAR = frozenset(["re_path", "url"])
INCLUDE = "include"
IMPORTING = frozenset(["import_string", "import_module"])


def included_by_apps(project: Project) -> Iterator[tuple[ModuleScope, str]]:
    """Each URL module with the prefix under which a configuration includes it."""
    for cls in project.classes():
        if cls.module.role == "product" and _is_configuration(project, cls):
            for method in _methods(project, cls):
                yield from _Start(project, method, cls).run(method.operations)
    for module in project.modules.values():
        if module.role == "product" and module.id.rpartition(".")[2] == APPS:
            for binding in module.names.values():
                for one in binding:
                    if isinstance(one, Function) and one.holds(INCLUDE.encode()):
                        yield from _Start(project, one, None).run(one.operations)


def _is_configuration(project: Project, cls: ClassScope) -> bool:
    return any(
        isinstance(base, External) and base.path.endswith(CONFIGURATION)
        for base in project.mro(cls)
    )


def _methods(project: Project, cls: ClassScope) -> Iterator[Function]:
    found: set[str] = set()
    for base in project.mro(cls):
        for name, binding in base.names.items() if isinstance(base, ClassScope) else ():
            method = binding[-1]
            if name not in found and isinstance(method, Function):
                found.add(name)
                if method.holds(INCLUDE.encode()):
                    yield method


@dataclass(slots=True)
class _Start:
    """One run of a function of a configuration, as far as its texts are known."""

    project: Project
    function: Function
    cls: ClassScope | None
    texts: dict[str, str | None] = field(default_factory=dict)  # of local variables

    def run(self, operations: tuple[Operation, ...]) -> Iterator[tuple[ModuleScope, str]]:
        """The URL modules that the operations include."""
        for operation in operations:
            for call in _calls(operation):
                yield from self._included(call)
            for body in self._bodies(operation):
                yield from self.run(body)
            if operation[0] == "assign":
                for target in operation[1]:
                    if target is not None and target[0] == "name":
                        self.texts[target[1]] = self._text(operation[2])

    def _bodies(self, operation: Operation) -> Iterator[tuple[Operation, ...]]:
        if operation[0] == "if":
            yield self._branch(operation)
        elif operation[0] == "try":
            yield operation[1]
            yield from operation[3:5]
        elif operation[0] == "with":
            yield operation[2]

    def _branch(self, operation: Operation) -> tuple[Operation, ...]:
        """The branch that is taken; what nobody can tell is taken for absent, as by default."""
        for test, body in operation[1]:
            is_last = test is None or len(operation[1]) == 1
            if is_last or self._is_true(test):
                found: tuple[Operation, ...] = body
                return found
        return ()

    def _is_true(self, test: Expression) -> bool:
        if test[0] == "group" and len(test[1]) == 1:
            return self._value(test[1][0]) is not None  # `is not None`, most likely
        return bool(self._value(test))

    def _value(self, expression: Expression) -> str | None:
        return self._known(expression[1]) if expression and expression[0] == "name" else None

    def _known(self, path: str) -> str | None:
        head, _, last = path.partition(".")
        if head == "self" and self.cls is not None:
            member = self.project.class_member(self.cls, last)
            return record.string_of(member.value) if isinstance(member, Variable) else None
        if path in self.texts:
            return self.texts[path]
        symbol = self.project.resolve(self.function.module, path)
        return record.string_of(symbol.value) if isinstance(symbol, Variable) else None

    def _text(self, expression: Expression) -> str | None:
        is_call = expression is not None and expression[0] == "call"
        if is_call and record.callee_name(expression) in IMPORTING:
            given = [*expression[2], *(value for _, value in expression[3])]
            expression = given[0] if given else None
        return text_with(expression, self._known)

    def _included(self, call: Expression) -> Iterator[tuple[ModuleScope, str]]:
        view = record.argument(call, 1, "view")
        if view is None or view[0] != "call" or record.callee_name(view) != INCLUDE:
            return
        target = record.argument(view, 0, "arg")
        if target is not None and target[0] == "tuple" and target[1]:
            target = target[1][0]  # (patterns, app name)
        text = self._text(target)
        module = self._urls(text) if text else None
        if module is not None:
            given = record.argument(call, 0, "route") or record.keyword(call, "regex")
            route = self._text(given)
            is_regular = record.callee_name(call) in REGULAR
            yield module, HOLE if route is None else readable_regex(route) if is_regular else route

    def _urls(self, text: str) -> ModuleScope | None:
        for path in (text, text.rpartition(".")[0]):
            symbol = self.project.find(path) if path else None
            if isinstance(symbol, ModuleScope):
                return symbol
        return None


def _calls(operation: Operation) -> Iterator[Expression]:
    """Calls that make a pattern, in the operation itself."""
    for expression in record.expressions_of(operation):
        for part in record.walk_expressions(expression):
            if part[0] == "call" and record.callee_name(part) in PATTERNS:
                yield part
