"""Links the records of one module to the rest of the project: what its units are and do."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from operator import attrgetter
from typing import Any

from analyzer.facts.credentials import untold
from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.entry_points import Message
from analyzer.facts.evidence import Evidence
from analyzer.facts.modules import Module, Unit, Vocabulary
from analyzer.facts.rows import paths_of, rows_of
from analyzer.facts.tables import Join, TableAccess
from analyzer.readers.python import record
from analyzer.readers.python.branches import Conditions, Given, defaults_of
from analyzer.readers.python.calls import references_of, unit_of
from analyzer.readers.python.defects import guarded
from analyzer.readers.python.effects import Effects
from analyzer.readers.python.evaluator import Evaluator
from analyzer.readers.python.frame import Frame
from analyzer.readers.python.imports import imports_of
from analyzer.readers.python.knowledge import Knowledge
from analyzer.readers.python.linked_project import Said
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import Fact, ModuleProvider, Provider, Shared
from analyzer.readers.python.record import Expression
from analyzer.readers.python.running import run
from analyzer.readers.python.scopes import (
    ACCESSORS,
    ClassScope,
    External,
    Function,
    ModuleScope,
    Symbol,
    Variable,
)
from analyzer.readers.python.telling_apart import tell_apart
from analyzer.readers.python.transactions import committed, decorates_atomic
from analyzer.readers.python.types import (
    Bound,
    ModelClass,
    ModelInstance,
    Query,
    options_of,
)

_PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[sdrif]")
_BRACES = re.compile(r"\{[^{}]*\}")

# Roles of modules whose code is followed into; the others only have their names read.
FOLLOWED = frozenset(("product", "migration"))


@dataclass(slots=True)
class Node:
    """A function, class body or module body, for following calls from one to the next.

    Made of plain values, so that it can come from another process.
    """

    key: str  # "package.module:Class.method"
    unit: str
    path: str
    line: int
    end_line: int
    opened: list[tuple[str, int, int, int]]  # (kind, line, end line, index of the one around it)
    accesses: list[tuple[str, str, str, int, int]]  # (table, mode, operation, line, scope)
    calls: list[tuple[str, str, int, int, Conditions, Given | None]]
    # (key, unit, line, scope, what must hold of the parameters here, what it hands over)
    deferred: list[tuple[str, int, int]]  # (unit, line, scope)
    row_locks: list[tuple[str, int, int]]  # (table, line, scope)
    inherited_from: str = ""  # the unit whose method it is, where a class runs it as its own
    only_if: tuple[tuple[int, Conditions], ...] = ()  # of some accesses, by their index
    defaults: tuple[tuple[str, Any], ...] = ()  # of parameters, where anything depends on them


@dataclass(slots=True)
class ModuleLinks:
    """All that one module says on its own.

    What there is most of stays plain until it is collected: references are
    (source, target, kind, member, line), joins are (unit, tables, how, line).
    """

    path: str
    facts: list[Fact] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    references: list[tuple[str, str, str, str, int]] = field(default_factory=list)
    joins: list[tuple[str, tuple[str, ...], str, int]] = field(default_factory=list)
    consulted: tuple[str, ...] = ()  # what it depends on beyond shapes, see `consulted`


def link_module(
    knowledge: Knowledge,
    shared: Shared,
    module: ModuleScope,
    providers: Mapping[str, list[Provider]],
    of_modules: Sequence[ModuleProvider] = (),
) -> ModuleLinks:
    """The facts and the nodes of one module."""
    links = ModuleLinks(module.path)
    project = knowledge.project
    for provider in of_modules:
        told = partial(provider.module_facts, project, shared, module)
        links.facts += guarded(told, path=module.path)
    links.facts += _module_facts(module)
    links.facts += diagnostics_of(module)
    links.facts += imports_of(project, module)
    links.references += references_of(project, module)
    if module.role in FOLLOWED:
        for frame, key, unit in _frames(knowledge, module):
            links.facts += guarded(
                lambda: _run(frame, key, unit, links, shared, providers),  # noqa: B023 - runs at once
                path=module.path,
                line=_span(frame)[0],
            )
    return links


def _module_facts(module: ModuleScope) -> Iterator[Fact]:
    lines, _, understood = module.record[:3]
    yield Module(module.id, module.path, lines, "python", module.role, understood)
    for name, kind, line, end_line, size, _, terms in module.record[record.UNITS]:
        unit = f"{module.id}:{name}" if name else module.id
        yield Unit(unit, module.id, name, kind, line, end_line, size)
        if terms:
            yield Vocabulary(unit, terms)


def diagnostics_of(module: ModuleScope) -> Iterator[Diagnostic]:
    """What its record says could not be read."""
    for line, severity, code, message in module.record[record.NOTES]:
        yield Diagnostic(module.path, line, severity, code, message)


def _frames(knowledge: Knowledge, module: ModuleScope) -> Iterator[tuple[Frame, str, str]]:
    yield Evaluator(knowledge, module), module.id, module.id
    for binding in module.names.values():
        for definition in binding:
            if isinstance(definition, Function):
                yield _function_frame(knowledge, definition)
            elif isinstance(definition, ClassScope):
                yield from _class_frames(knowledge, definition)


def _function_frame(knowledge: Knowledge, function: Function) -> tuple[Frame, str, str]:
    return Evaluator(knowledge, function.module, function=function), key_of(function), function.unit


def _class_frames(knowledge: Knowledge, cls: ClassScope) -> Iterator[tuple[Frame, str, str]]:
    yield Evaluator(knowledge, cls.module, owner=cls), cls.id, cls.unit
    receiver = knowledge.classes.self_of(cls)
    for method in knowledge.specialised.of(cls):
        frame = Evaluator(knowledge, method.module, function=method, receiver=receiver)
        yield frame, key_of(method, cls), cls.unit
    for binding in cls.names.values():
        for definition in binding:
            if isinstance(definition, Function):
                yield _function_frame(knowledge, definition)
            elif isinstance(definition, ClassScope):
                yield from _class_frames(knowledge, definition)


def key_of(function: Function, inheriting: ClassScope | None = None) -> str:
    """The key of the node that a function is, or that it is in a class that inherits it."""
    suffix = _accessor(function) if function.record[record.F_DECORATORS] else ""
    if inheriting is not None:
        return f"{inheriting.id}.{function.name}{suffix}"
    return f"{function.module.id}:{function.qualname}{suffix}"


def _accessor(function: Function) -> str:
    """What tells the setter of a property from the property, which has the same name."""
    for decorator in function.decorators:
        if decorator is not None and decorator[0] == "name":
            head, _, last = decorator[1].rpartition(".")
            if head == function.name and last in ACCESSORS:
                return f"@{last}"
    return ""


def _run(
    frame: Frame,
    key: str,
    unit: str,
    links: ModuleLinks,
    shared: Shared,
    providers: Mapping[str, list[Provider]],
) -> list[Fact]:
    effects = frame.effects = Effects()
    site_facts: list[Fact] = []
    if frame.function is None or frame.function.unit == unit:
        frame.watch = _watcher(unit, shared, providers, site_facts)
        frame.watched = providers
    if frame.function is not None:
        _open_decorated(frame, frame.function)
    run(frame, frame.operations)
    if frame.function is None and frame.owner is not None:
        frame.declare(frame.owner)
    if frame.function is None or frame.function.unit == unit:
        links.joins += [(unit, *join) for join in effects.joins]
        links.references += [
            (unit, target, kind, member, line)
            for target, kind, member, line in effects.references
            if target != unit
        ]
    if frame.function is not None and (effects.accesses or effects.calls):
        tell_apart(frame)
    if effects.accesses or effects.calls or effects.opened or effects.deferred:
        links.nodes.append(_node(frame, key, unit, effects))
    return site_facts


def _node(frame: Frame, key: str, unit: str, effects: Effects) -> Node:
    line, end_line = _span(frame)
    only_if = tuple(
        (index, conditions)
        for index, conditions in enumerate(effects.accesses.values())
        if conditions
    )
    calls = list(_called(effects))
    is_asked = frame.function is not None and (only_if or any(call[4] for call in calls))
    return Node(
        key,
        unit,
        frame.module.path,
        line,
        end_line,
        [(one.kind, one.line, one.end_line, one.parent) for one in effects.opened],
        list(effects.accesses),
        calls,
        [(one.unit, line, scope) for one, _, line, scope in effects.deferred],
        list(effects.row_locks),
        frame.function.unit if frame.function is not None and frame.function.unit != unit else "",
        only_if,
        defaults_of(frame.function.record) if is_asked else (),  # type: ignore[union-attr]
    )


def _called(effects: Effects) -> Iterator[tuple[str, str, int, int, Conditions, Given | None]]:
    for (one, cls, line, scope), told in effects.calls.items():
        conditions, given = told or ((), None)
        unit = cls.unit if cls is not None else one.unit
        yield key_of(one, cls), unit, line, scope, conditions, given


_node_row = attrgetter(*(one.name for one in fields(Node)))


def _span(frame: Frame) -> tuple[int, int]:
    first = frame.function or frame.owner
    return (1 if first is None else first.line), frame.end_line


def _open_decorated(frame: Frame, function: Function) -> None:
    scope = function.owner or function.module
    project = frame.knowledge.project
    line = decorates_atomic(
        function.decorators, lambda path, module: project.resolve_in(module or scope, path)
    )
    if not line and function.owner is not None:
        line = _class_decorated(frame, function)
    if line:
        frame.open("decorator", line, int(function.record[record.F_END]))
    elif "commit" in function.record[record.F_CALLED]:
        ended = committed(frame.body.calls("commit"))
        if ended is not None:
            frame.open(ended[0], function.line, ended[1])


def _class_decorated(frame: Frame, function: Function) -> int:
    """`@method_decorator(transaction.atomic, name="dispatch")` on the class of the method."""
    cls = function.owner
    assert cls is not None
    for decorator in cls.decorators:
        if decorator is not None and decorator[0] == "call":
            name = record.string_of(record.keyword(decorator, "name"))
            if name == function.name or (name == "dispatch" and function.name in _HANDLERS):
                line = decorates_atomic(
                    (decorator,),
                    lambda path, module: frame.knowledge.project.resolve(
                        module or cls.module, path
                    ),
                )
                if line:
                    return line
    return 0


_HANDLERS = frozenset(["get", "post", "put", "patch", "delete", "dispatch"])


def _watcher(
    unit: str, shared: Shared, providers: Mapping[str, list[Provider]], facts: list[Fact]
) -> Callable[[Frame, str, Expression], None]:
    def watch(frame: Frame, name: str, call: Expression) -> None:
        site = Site(frame, unit, call, name, shared)
        for provider in providers[name]:
            answer = partial(provider.call_facts, site)
            for fact in guarded(answer, path=frame.module.path, line=site.line):
                if not _joins_effects(frame, unit, fact):
                    facts.append(fact)
                    if isinstance(fact, Message) and (frame.deferring or name in ON_COMMIT_CALLS):
                        frame.note_later(fact.evidence.line)

    return watch


# Calls that send something once the transaction is committed.
ON_COMMIT_CALLS = frozenset(["on_commit", "delay_on_commit", "apply_async_on_commit"])


def _joins_effects(frame: Frame, unit: str, fact: Fact) -> bool:
    """Note what a provider says of tables with the frame's own effects, so that it propagates."""
    if not isinstance(fact, TableAccess | Join) or fact.unit != unit:
        return False
    if fact.evidence.path != frame.module.path:
        return False
    line = fact.evidence.line
    if isinstance(fact, Join):
        frame.note_join(fact.tables, fact.how, line)
        return True
    if not fact.via:
        frame.note_access(fact.table, fact.mode, fact.operation, line)
        return True
    return False


def said_of(links: ModuleLinks) -> Said:
    """What a module says, as plain values."""
    path = links.path
    rows = rows_of(links.facts)
    elsewhere = set(paths_of(links.facts))
    rows.setdefault("references", []).extend(
        (source, target, kind, path, line, member)
        for source, target, kind, member, line in links.references
    )
    rows.setdefault("joins", []).extend(
        (unit, tables, path, line, how) for unit, tables, how, line in links.joins
    )
    accesses = rows.setdefault("accesses", [])
    for node in links.nodes:
        via = (node.inherited_from,) if node.inherited_from else ()
        accesses += [
            (node.unit, table, mode, node.path, line, via, operation)
            for table, mode, operation, line, _ in node.accesses
        ]
        elsewhere.add(node.path)
    elsewhere.discard(path)
    nodes = [_node_row(node) for node in links.nodes]
    return Said(rows, nodes, links.consulted, tuple(sorted(elsewhere)))


class Site:
    """A call where it stands; implements `providers.CallSite`."""

    __slots__ = ("_frame", "call", "name", "shared", "unit")

    def __init__(
        self, frame: Frame, unit: str, call: tuple[Any, ...], name: str, shared: Shared
    ) -> None:
        self._frame = frame
        self.unit = unit
        self.call = call
        self.name = name
        self.shared = shared

    @property
    def project(self) -> Project:
        """The whole project."""
        return self._frame.knowledge.project

    @property
    def module(self) -> ModuleScope:
        """The module that the call stands in."""
        return self._frame.module

    @property
    def owner(self) -> ClassScope | None:
        """The class whose method or body it stands in."""
        return self._frame.owner

    @property
    def function(self) -> Function | None:
        """The function or method that it stands in."""
        return self._frame.function

    @property
    def line(self) -> int:
        """The line of the call."""
        return int(self.call[4])

    @property
    def evidence(self) -> Evidence:
        """Path and line of the call."""
        return Evidence(self.module.path, self.line)

    @property
    def transaction(self) -> int:
        """Index of the innermost transaction around the call in this function, -1 without one."""
        return self._frame.scope

    def resolve(self, path: str) -> Symbol | None:
        """What a dotted name means here, imports inside the function included."""
        root, _, rest = path.partition(".")
        frame: Frame | None = self._frame
        symbol: Symbol | None = None
        while frame is not None:
            known = frame.body.sources().get(root, ()) if frame.function is not None else ()
            # What is put into a container does not bind its name.
            entries = [one for one in known if one[0] not in ("element", "collected", "mapped")]
            if entries:
                imported = [entry[1] for entry in entries if entry[0] == "import"]
                if not imported:
                    return None
                symbol = self.project.import_target(self.module, imported[-1])
                break
            frame = frame.parent
        else:
            scope = self.owner if self.function is None and self.owner else self.module
            return self.project.resolve_in(scope, path)
        for name in rest.split(".") if rest else ():
            symbol = None if symbol is None else self.project.member(symbol, name)
        return symbol

    def callee(self) -> Symbol | None:
        """What is called: resolved by name, or through the type of the object it is called on."""
        callee = self.call[1]
        if callee is not None and callee[0] == "name":
            symbol = self.resolve(callee[1])
            if symbol is not None:
                return symbol
        for option in options_of(self._frame.silently(callee)):
            if isinstance(option, Bound):
                return option.function
            if isinstance(option, Function | ClassScope | External | Variable):
                return option
        return None

    def of_caller(self, caller: Function, call: Expression) -> "Site":
        """A call elsewhere in the snapshot, asked in the same way."""
        frame = Evaluator(self._frame.knowledge, caller.module, function=caller)
        return Site(frame, caller.unit, call, self.name, self.shared)

    def value_of(self, expression: Expression) -> Any:
        """What an expression is known to be (`types.Value`)."""
        return self._frame.silently(expression)

    def unit_of(self, expression: Expression) -> str | None:
        """The unit that an expression names or is a method of: a task, a handler, a receiver."""
        if expression is not None and expression[0] == "name":
            found = unit_of(self.resolve(expression[1]), [])
            if found is not None:
                return found[0]
        for option in options_of(self._frame.silently(expression)):
            if isinstance(option, Bound):
                return option.function.unit
            if isinstance(option, Function | ClassScope):
                return option.unit
        return None

    def text_of(self, expression: Expression) -> str | None:
        """A string as far as it is constant here, through names too; holes as `*`; else None."""
        return _text(self, expression, 0)

    def model_of(self, expression: Expression) -> str | None:
        """Class id of the model that an expression is an instance, class or query set of."""
        for option in options_of(self._frame.silently(expression)):
            if isinstance(option, ModelClass | ModelInstance | Query) and option.model:
                return option.model
        return None

    def assigned(self, name: str) -> Iterable[Expression]:
        """What is assigned to a local variable here, or entered as a context."""
        entries = self._frame.body.sources().get(name, ())
        kinds = ("value", "enter")
        return [entry[1] for entry in entries if entry[0] in kinds and entry[1] is not None]


def _text(site: Site, expression: Expression, depth: int) -> str | None:
    if expression is None or depth > 8:
        return None
    tag = expression[0]
    if tag == "str":
        return str(expression[1])
    if tag == "fstr":
        parts = [
            part if type(part) is str else _text(site, part, depth + 1) or "*"
            for part in expression[1]
        ]
        return "".join(parts)
    if tag == "op":
        return _text_of_operation(site, expression, depth)
    if tag == "name":
        return _text_of_name(site, expression[1], depth)
    if tag == "call":
        return _text_of_call(site, expression, depth)
    if tag == "either":
        found = [_text(site, item, depth + 1) for item in expression[1]]
        return next((text for text in found if text is not None), None)
    if tag in ("star", "walrus"):
        return _text(site, expression[-2] if tag == "walrus" else expression[1], depth + 1)
    return None


def _text_of_operation(site: Site, expression: Expression, depth: int) -> str | None:
    operands = expression[2]
    first = _text(site, operands[0], depth + 1)
    if expression[1] == "%":
        return None if first is None else _PLACEHOLDER.sub("*", first)
    if expression[1] != "+":
        return None
    parts = [first, *(_text(site, item, depth + 1) for item in operands[1:])]
    if all(part is None for part in parts):
        return None
    return "".join(part if part is not None else "*" for part in parts)


def _text_of_call(site: Site, call: Expression, depth: int) -> str | None:
    """`"...".format(x)`, `"...".strip()`, `dedent("...")`, `" ".join([...])`, `_("...")`."""
    callee = call[1]
    name = record.callee_name(call)
    if callee is not None and callee[0] == "attr":
        base = _text(site, callee[1], depth + 1)
        if base is None:
            return None
        if name == "format":
            return _BRACES.sub("*", base)
        if name == "join" and call[2]:
            items = call[2][0][1] if call[2][0] and call[2][0][0] in ("list", "tuple") else ()
            return base.join(_text(site, item, depth + 1) or "*" for item in items) or "*"
        return base if name in ("strip", "lstrip", "rstrip", "lower", "replace", "encode") else None
    if callee is not None and callee[0] == "name" and name == "format" and "." in callee[1]:
        base = _text_of_name(site, callee[1].rpartition(".")[0], depth + 1)
        return None if base is None else _BRACES.sub("*", base)
    if name in (
        "dedent",
        "str",
        "_",
        "gettext",
        "gettext_lazy",
        "mark_safe",
        "text",
        "SQL",
        "cleandoc",
    ):
        return _text(site, call[2][0], depth + 1) if call[2] else None
    return None


def _text_of_name(site: Site, path: str, depth: int) -> str | None:
    """What a name stands for; a hole where that is a credential, which no fact may tell."""
    text = _text_bound_to(site, path, depth)
    return None if text is None else untold(path, text)


def _text_bound_to(site: Site, path: str, depth: int) -> str | None:
    if "." not in path:
        found = [_text(site, item, depth + 1) for item in site.assigned(path)]
        text = next((one for one in found if one is not None), None)
        if text is not None:
            return text
    symbol = site.resolve(path)
    if symbol is None and path.startswith(("self.", "cls.")) and site.owner is not None:
        symbol = site.project.class_member(site.owner, path.partition(".")[2])
    if isinstance(symbol, Variable) and symbol.value is not None:
        outer = Site(
            Evaluator(site._frame.knowledge, symbol.module, owner=symbol.owner),
            site.unit, site.call, site.name, site.shared,
        )  # fmt: skip
        return _text(outer, symbol.value, depth + 1)
    return None
