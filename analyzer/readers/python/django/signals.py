"""Signals of Django projects: who listens, who sends, and the modules that apps load for them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from analyzer.facts.entry_points import EntryPoint, Message
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.origins import origin_of, resolve_inside
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function, ModuleScope, Variable

# Signals of the framework live in these packages; their last name is how people know them.
FRAMEWORK_SIGNALS = ("django.", "celery.signals.", "allauth.", "rest_framework.", "wagtail.")
USER_MODEL = "settings.AUTH_USER_MODEL"  # stands for whichever model that is
SENDING = frozenset({"send", "send_robust", "asend", "asend_robust", "send_after_commit"})
CONNECTING = frozenset({"connect"})
RECEIVER = "receiver"
SIGNAL_SUFFIX = "Signal"
PLAYHOUSE = "playhouse.signals."


@dataclass(frozen=True, slots=True)
class Listener:
    """A function that hears a signal."""

    signal: str
    sender: str  # model or class it listens to, as written; "" for all
    sender_id: str  # the same as the id of a class or as USER_MODEL, where it is known
    unit: str
    handler: str
    evidence: Evidence


@dataclass(slots=True)
class SignalTable:
    """All listeners of a project, by the signal's name."""

    listeners: dict[str, list[Listener]] = field(default_factory=dict)

    def add(self, listener: Listener) -> None:
        """Remember a listener."""
        self.listeners.setdefault(listener.signal, []).append(listener)


_TABLES: "WeakKeyDictionary[Project, SignalTable]" = WeakKeyDictionary()


def remember(project: Project, table: SignalTable) -> None:
    """Take the table of a project from an earlier run."""
    _TABLES[project] = table


def signal_table(project: Project) -> SignalTable:
    """The listeners of a project; found once."""
    table = _TABLES.get(project)
    if table is None:
        table = _TABLES[project] = SignalTable()
        for listener in _listeners(project):
            table.add(listener)
    return table


@dataclass(frozen=True, slots=True)
class DjangoSignals:
    """Gives receivers as entry points and what is sent as messages."""

    calls: frozenset[str] = SENDING

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Every receiver, connected by decorator or by call."""
        for listeners in signal_table(project).listeners.values():
            for one in listeners:
                name = f"{one.signal} from {one.sender}" if one.sender else one.signal
                yield EntryPoint("signal", name, one.unit, one.evidence, one.handler)

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """A signal is sent here: one message for each unit that hears it."""
        head = record.callee_path(site.call).rpartition(".")[0]
        name = _signal_name(site.project, site.resolve(head)) if head else ""
        if not name:
            return
        heard = {one.unit for one in signal_table(site.project).listeners.get(name, ())}
        receivers: list[str | None] = [*sorted(heard)] or [None]
        for unit in receivers:
            yield Message("signal", name, site.unit, site.evidence, receiver=unit)


def _signal_name(project: Project, symbol: object) -> str:
    """How a signal is called; "" where the symbol is none."""
    if isinstance(symbol, External):
        known = symbol.path.startswith(FRAMEWORK_SIGNALS) or ".signals." in symbol.path
        return symbol.path.rpartition(".")[2] if known else ""
    if not isinstance(symbol, Variable) or symbol.value is None:
        return ""
    made_by = origin_of(project, symbol)
    is_signal = made_by.endswith(SIGNAL_SUFFIX) or _calls_signal(symbol.value)
    return f"{symbol.module.id}.{symbol.name}" if is_signal else ""


def _calls_signal(value: Expression) -> bool:
    return bool(value[0] == "call" and record.callee_name(value).endswith(SIGNAL_SUFFIX))


def _listeners(project: Project) -> Iterator[Listener]:
    for function in project.functions():
        if function.module.role == "product" and function.decorators:
            yield from _decorated(project, function)
    for module in project.modules.values():
        if module.role == "product":
            yield from _connected(project, module, module.operations, None)
    for function in project.functions():
        # The body is bytes until it is needed; most say nothing of connecting.
        if function.module.role == "product" and function.holds(b"connect"):
            yield from _connected(project, function.module, function.operations, function.owner)


def _decorated(project: Project, function: Function) -> Iterator[Listener]:
    for decorator in function.decorators:
        if decorator is None or decorator[0] != "call":
            continue
        handler = function.name if function.owner else ""
        where = Evidence(function.module.path, decorator[4])
        own = _own_signal(project.resolve(function.module, record.callee_path(decorator)))
        if own:
            sender = _sender(project, function.module, decorator)
            yield Listener(own, *sender, function.unit, handler, where)
        elif record.callee_name(decorator) == RECEIVER:
            for path in _signal_paths(record.argument(decorator, 0, "signal")):
                name = _signal_name(project, project.resolve(function.module, path))
                if name:
                    sender = _sender(project, function.module, decorator)
                    yield Listener(name, *sender, function.unit, handler, where)
        elif record.callee_name(decorator) in CONNECTING:
            path = record.callee_path(decorator).rpartition(".")[0]
            name = _signal_name(project, project.resolve(function.module, path)) if path else ""
            if name:
                sender = _sender(project, function.module, decorator)
                yield Listener(name, *sender, function.unit, handler, where)


def _own_signal(symbol: object) -> str:
    """How a signal of peewee's playhouse is called, which is a decorator itself."""
    path = symbol.path if isinstance(symbol, External) else ""
    return path.removeprefix(PLAYHOUSE) if path.startswith(PLAYHOUSE) else ""


def _signal_paths(given: Expression) -> tuple[str, ...]:
    if given is None:
        return ()
    items = given[1] if given[0] in ("list", "tuple") else (given,)
    return tuple(item[1] for item in items if item is not None and item[0] == "name")


def _connected(
    project: Project,
    module: ModuleScope,
    operations: tuple[record.Operation, ...],
    owner: ClassScope | None,
) -> Iterator[Listener]:
    for call in record.calls_in(operations):
        if record.callee_name(call) not in CONNECTING:
            continue
        path = record.callee_path(call).rpartition(".")[0]
        sent = resolve_inside(project, module, operations, path) if path else None
        signal = _signal_name(project, sent)
        given = record.argument(call, 0, "receiver")
        if not signal or given is None or given[0] != "name":
            continue
        listener = _receiver(project, module, operations, given[1], owner)
        if listener is not None:
            where = Evidence(module.path, call[4])
            handler = listener.name if listener.owner else ""
            sender = _sender(project, module, call, operations)
            yield Listener(signal, *sender, listener.unit, handler, where)


def _receiver(
    project: Project,
    module: ModuleScope,
    operations: tuple[record.Operation, ...],
    path: str,
    owner: ClassScope | None,
) -> Function | None:
    if owner is not None and path.startswith(("self.", "cls.")):
        symbol: object = project.class_member(owner, path.partition(".")[2])
    else:
        symbol = resolve_inside(project, module, operations, path)
    return symbol if isinstance(symbol, Function) else None


def _sender(
    project: Project,
    module: ModuleScope,
    call: Expression,
    operations: tuple[record.Operation, ...] = (),
) -> tuple[str, str]:
    """The sender as written, and its id where it is a class."""
    given = record.keyword(call, "sender")
    if given is None or given == ("const", None):
        return "", ""
    if given[0] == "call" and record.callee_name(given) == "get_user_model":
        return "get_user_model()", USER_MODEL
    if given[0] == "name":
        if given[1].endswith(".AUTH_USER_MODEL"):
            return given[1], USER_MODEL
        symbol = resolve_inside(project, module, operations, given[1])
        if isinstance(symbol, External):
            return given[1], symbol.path
        return given[1], symbol.id if isinstance(symbol, ClassScope) else ""
    return record.string_of(given) or "*", ""
