"""Background tasks: what a worker runs, who queues it, and what a clock starts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from weakref import WeakKeyDictionary

from analyzer.facts.entry_points import EntryPoint, Message
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.origins import decorations, ends_with, origin
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, Function, ModuleScope, Symbol, Variable

_HUEYS = ("RedisHuey", "PriorityRedisHuey", "RedisExpireHuey", "SqliteHuey", "FileHuey",
          "MemoryHuey", "Huey", "HUEY")  # fmt: skip
HUEY_TASKS = frozenset({"huey.contrib.djhuey.task", "huey.contrib.djhuey.db_task"}) | {
    f"{name}.task" for name in _HUEYS
}
HUEY_SCHEDULES = frozenset(
    {"huey.contrib.djhuey.periodic_task", "huey.contrib.djhuey.db_periodic_task"}
) | {f"{name}.periodic_task" for name in _HUEYS}
BACKGROUND = frozenset({"background_task.background", "background_task.tasks.background"})
# Of all decorators, those after which calling the function queues it, and the methods that run it.
QUEUED_BY_CALL = HUEY_TASKS | HUEY_SCHEDULES | BACKGROUND
RUN_AT_ONCE = frozenset({"call_local", "now"})
DIRECTLY = "()"  # how a provider asks for calls of such functions themselves
# Decorators that make a task of a function, by where they come from; an ending is enough.
TASK_DECORATORS = (
    HUEY_TASKS
    | BACKGROUND
    | frozenset(
        {
            "celery.shared_task",
            "celery.task",
            "celery.task.task",
            "celery.decorators.task",
            "Celery.task",
            "celery_app.task",
            "dramatiq.actor",
            "django_rq.job",
            "rq.decorators.job",
            "procrastinate.App.task",
            "procrastinate.contrib.django.app.task",
            "django.tasks.task",
            "django_tasks.task",
            "arq.func",
            "taskiq.task",
            "Broker.task",
        }
    )
)
# Decorators after which a clock starts the function.
SCHEDULE_DECORATORS = HUEY_SCHEDULES | frozenset(
    {
        "celery.decorators.periodic_task",
        "celery.task.periodic_task",
        "Celery.periodic_task",
        "BackgroundScheduler.scheduled_job",
        "BlockingScheduler.scheduled_job",
        "AsyncIOScheduler.scheduled_job",
        "kronos.register",
        "cron_task.cron_task",
        "App.periodic",
        "dramatiq_crontab.cron",
    }
)
# Bases of classes whose `run` is a task, and of classes that a clock runs.
TASK_BASES = frozenset(
    {"celery.Task", "celery.app.task.Task", "celery.task.Task", "celery.task.base.Task"}
    | {"celery.Celery.Task", "Celery.Task"}
)
CLOCK_BASES = frozenset({"django_cron.CronJobBase", "django_extensions.management.jobs.BaseJob"})
# Methods of a task that queue it instead of running it.
QUEUEING = frozenset(
    {"delay", "apply_async", "delay_on_commit", "apply_async_on_commit", "s", "si", "signature"}
    | {"subtask", "send", "send_with_options", "enqueue", "defer", "schedule", "starmap", "chunks"}
)
# Of those, the ones that no other kind of object has: they queue something, known or not.
UNMISTAKABLE = frozenset({"delay", "apply_async", "delay_on_commit", "apply_async_on_commit"})
# Functions that queue a task by its name.
BY_NAME = frozenset({"send_task", "async_task", "signature"})
# Functions that queue the function given to them: the position of that argument.
BY_FUNCTION = {
    "enqueue": 0,
    "enqueue_call": 0,
    "enqueue_in": 1,
    "enqueue_at": 1,
    "async_task": 0,
    "add_job": 0,
    "add_periodic_task": 1,
    "do": 0,
    "on_commit": 0,
}
BY_CLOCK = frozenset({"add_job", "add_periodic_task", "do"})
# Those that take the function's dotted name too.
BY_NAMED_FUNCTION = BY_CLOCK | {"enqueue", "enqueue_call", "enqueue_in", "enqueue_at"}
# Those that call a function rather than queue it, unless it is a task that is handed over.
CALLING = frozenset({"do", "on_commit"})
CLOCK_FUNCTIONS = frozenset({"do", "cron", "schedule"})
# Of those, functions of libraries: where they come from, and the position of what they start.
CLOCKS = {
    "arq.cron": 0,
    "arq.cron.cron": 0,
    "django_q.tasks.schedule": 0,
    "rq_scheduler.Scheduler.cron": 1,
    "rq_scheduler.Scheduler.schedule": 1,
    "rq_scheduler.scheduler.Scheduler.cron": 1,
    "rq_scheduler.scheduler.Scheduler.schedule": 1,
    "django_rq.get_scheduler.cron": 1,
    "django_rq.get_scheduler.schedule": 1,
}
EVERY = "schedule.every"  # every(10).minutes.do(function)
SCHEDULE_SETTINGS = frozenset(
    {"CELERY_BEAT_SCHEDULE", "CELERYBEAT_SCHEDULE", "beat_schedule", "BEAT_SCHEDULE"}
)
CRON_SETTING = "CRONJOBS"  # django-crontab: (when, "path.of.function", …)


@dataclass(frozen=True, slots=True)
class Task:
    """Something a worker can run."""

    name: str
    unit: str
    evidence: Evidence
    handler: str = ""
    is_clocked: bool = False
    is_queued_by_call: bool = False


@dataclass(slots=True)
class TaskTable:
    """All tasks of a project, by name and by definition."""

    by_name: dict[str, Task] = field(default_factory=dict)
    by_key: dict[str, Task] = field(default_factory=dict)

    def named(self, name: str) -> Task | None:
        """The task of this name, or the one whose dotted name ends with it."""
        if name in self.by_name:
            return self.by_name[name]
        ending = f".{name}"
        found = [task for known, task in self.by_name.items() if known.endswith(ending)]
        return found[0] if len(found) == 1 else None

    def of(self, symbol: Symbol | None) -> Task | None:
        """The task that a symbol is."""
        if isinstance(symbol, Function | ClassScope):
            return self.by_key.get(f"{symbol.module.id}:{symbol.qualname}")
        if isinstance(symbol, Variable) and symbol.value is not None:
            return self.by_key.get(f"{symbol.module.id}:{symbol.name}")
        return None


_TABLES: "WeakKeyDictionary[Project, TaskTable]" = WeakKeyDictionary()


def remember(project: Project, table: TaskTable) -> None:
    """Take the table of a project from an earlier run."""
    _TABLES[project] = table


def task_table(project: Project) -> TaskTable:
    """The tasks of a project; found once."""
    table = _TABLES.get(project)
    if table is None:
        table = _TABLES[project] = TaskTable()
        for key, task in _tasks(project):
            table.by_key.setdefault(key, task)
            table.by_name.setdefault(task.name, task)
    return table


def is_queued_by_call(project: Project, function: Function) -> bool:
    """Whether `function(x)` has a worker run it some time, as `function.delay(x)` of others."""
    if not function.record[record.F_DECORATORS]:
        return False
    task = task_table(project).of(function)
    return task is not None and task.is_queued_by_call


@dataclass(frozen=True, slots=True)
class Tasks:
    """Gives tasks and schedules as entry points, and what is queued as messages."""

    calls: frozenset[str] = (
        QUEUEING | BY_NAME | frozenset(BY_FUNCTION) | CLOCK_FUNCTIONS | {DIRECTLY}
    )

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """Every task, and what the clock starts."""
        table = task_table(project)
        for task in table.by_key.values():
            kinds = ("task", "schedule") if task.is_clocked else ("task",)
            for kind in kinds:
                yield EntryPoint(kind, task.name, task.unit, task.evidence, task.handler)  # type: ignore[arg-type]
        for module in project.modules.values():
            if module.role == "product":
                yield from _scheduled_in_settings(table, project, module)

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """A task that is queued here, or given to a clock."""
        table = task_table(site.project)
        clocked = _clocked(table, site)
        target = clocked or _queued(table, site)
        if target is None:
            return
        name, unit = target
        if clocked or site.name in BY_CLOCK:
            yield EntryPoint("schedule", name, unit or site.unit, site.evidence)
        else:
            yield Message("task", name, site.unit, site.evidence, receiver=unit)


def _clocked(table: TaskTable, site: CallSite) -> tuple[str, str | None] | None:
    """The same for what a function of a library has a clock start."""
    if site.name == "do":
        given = record.argument(site.call, 0) if _path_of(site, site.call[1]) == EVERY else None
        return _function(table, site, given)
    if site.name not in CLOCK_FUNCTIONS:
        return None
    position = CLOCKS.get(_path_of(site, site.call[1]))
    if position is None:
        return None
    return _function(table, site, record.argument(site.call, position, "func"))


def _path_of(site: CallSite, callee: Expression) -> str:
    """Where what is called comes from: through calls and attributes to the name at the start."""
    if callee is not None and callee[0] == "name":
        return origin(site.project, site.owner or site.module, callee[1])
    last = ""
    while callee is not None and callee[0] in ("attr", "call"):
        last = callee[2] if callee[0] == "attr" and not last else last
        callee = callee[1]
    if callee is None or callee[0] != "name":
        return ""
    start = origin(site.project, site.owner or site.module, callee[1])
    return start if start == EVERY else f"{start}.{last}"


def _function(table: TaskTable, site: CallSite, given: Expression) -> tuple[str, str | None] | None:
    """A function by itself or by its dotted name."""
    text = record.string_of(given)
    if text is None and (given is None or given[0] != "name"):
        return None
    symbol = site.project.find(text.replace(":", ".")) if text else site.resolve(given[1])
    task = table.of(symbol)
    if task is not None:
        return (task.name, task.unit)
    if isinstance(symbol, Function):
        return (f"{symbol.module.id}.{symbol.qualname}", symbol.unit)
    return (text, None) if text and "." in text else None


def _queued(table: TaskTable, site: CallSite) -> tuple[str, str | None] | None:
    """Name of the task that a call queues, and its unit where it is of the snapshot."""
    if site.name == DIRECTLY:
        task = table.of(site.callee())
        return (task.name, task.unit) if task else None
    if site.name in BY_NAME and (name := _first_text(site)):
        task = table.named(name)
        return (name, task.unit) if task else _function(table, site, ("str", name, 0))
    if site.name in BY_FUNCTION and (found := _given_function(table, site)):
        return found
    if site.name not in QUEUEING:
        return None
    head = record.callee_path(site.call).rpartition(".")[0]
    task = table.of(site.resolve(head)) if head else None
    if task is not None:
        return (task.name, task.unit)
    return _unknown_task(site, head)


def _unknown_task(site: CallSite, head: str) -> tuple[str, str | None] | None:
    """`x.delay()`: something is queued, though nobody can tell what."""
    if site.name not in UNMISTAKABLE or not head or head.startswith("self."):
        return None
    outside = origin(site.project, site.owner or site.module, head)
    return (outside, None) if outside.count(".") else None


def _first_text(site: CallSite) -> str | None:
    given = record.argument(site.call, 0, "name")
    text = site.text_of(given) if given is not None else None
    return text if text and "." in text and " " not in text else None


def _given_function(table: TaskTable, site: CallSite) -> tuple[str, str | None] | None:
    given = record.argument(site.call, BY_FUNCTION[site.name], "func")
    if site.name in BY_NAMED_FUNCTION and record.string_of(given) is not None:
        return _function(table, site, given)
    while given is not None and given[0] == "call":  # task.s(…), partial(f, …)
        inner = given[1] if record.callee_name(given) in QUEUEING else record.argument(given, 0)
        given = inner
    if given is None or given[0] != "name":
        return None
    path = given[1]
    if path.rpartition(".")[2] in QUEUEING:
        path = path.rpartition(".")[0]
    symbol = site.resolve(path)
    task = table.of(symbol)
    is_handed = path != given[1] or (task is not None and task.is_queued_by_call)
    if task is not None and (site.name != "on_commit" or is_handed):
        return (task.name, task.unit)
    if isinstance(symbol, Function) and site.name not in CALLING:
        return (f"{symbol.module.id}.{symbol.qualname}", symbol.unit)
    return None


def _tasks(project: Project) -> Iterator[tuple[str, Task]]:
    for function in project.functions():
        if function.module.role == "product" and function.decorators:
            yield from _decorated(project, function)
    for cls in project.classes():
        if cls.module.role == "product" and cls.bases:
            yield from _class_task(project, cls)
    for module in project.modules.values():
        if module.role == "product":
            yield from _registered(project, module)


def _decorated(project: Project, function: Function) -> Iterator[tuple[str, Task]]:
    for path, decorator in decorations(project, function):
        is_clocked = ends_with(path, SCHEDULE_DECORATORS)
        is_task = ends_with(path, TASK_DECORATORS)
        if is_task and decorator[0] == "call" and record.keyword(decorator, "periodic"):
            is_clocked = True  # of periodiq
        if is_clocked or is_task:
            key = f"{function.module.id}:{function.qualname}"
            task = _task_of(function, decorator, is_clocked=is_clocked)
            yield key, replace(task, is_queued_by_call=ends_with(path, QUEUED_BY_CALL))
            return


def _task_of(function: Function, decorator: Expression, *, is_clocked: bool) -> Task:
    name = f"{function.module.id}.{function.qualname}"
    if decorator[0] == "call":
        given = record.keyword(decorator, "name") or record.keyword(decorator, "actor_name")
        name = record.string_of(given) or name
    handler = function.name if function.owner else ""
    evidence = Evidence(function.module.path, function.line)
    return Task(name, function.unit, evidence, handler, is_clocked)


def _class_task(project: Project, cls: ClassScope) -> Iterator[tuple[str, Task]]:
    bases = {base.path for base in project.mro(cls) if not isinstance(base, ClassScope)}
    bases |= {
        origin(project, cls.module, base[1]) for base in cls.bases if base and base[0] == "name"
    }
    is_clocked = bool(bases & CLOCK_BASES)
    handler = "do" if is_clocked and "do" in cls.names else "run"
    if not (is_clocked or any(ends_with(base, TASK_BASES) for base in bases)):
        return
    if handler not in cls.names and not (is_clocked and "execute" in cls.names):
        return
    name = _class_text(cls, "name") or _class_text(cls, "code") or f"{cls.module.id}.{cls.qualname}"
    evidence = Evidence(cls.module.path, cls.line)
    yield f"{cls.module.id}:{cls.qualname}", Task(name, cls.unit, evidence, handler, is_clocked)


def _class_text(cls: ClassScope, name: str) -> str | None:
    for definition in cls.names.get(name, ()):
        if isinstance(definition, Variable) and (text := record.string_of(definition.value)):
            return text
    return None


def _registered(project: Project, module: ModuleScope) -> Iterator[tuple[str, Task]]:
    """`send = app.register_task(Send())` and `send = app.task(function)`."""
    for name, binding in module.names.items():
        for variable in binding:
            value = variable.value if isinstance(variable, Variable) else None
            if value is None or value[0] != "call" or not value[2]:
                continue
            if not _registers(project, module, value):
                continue
            given = value[2][0]
            path = record.callee_path(given) if given and given[0] == "call" else ""
            path = path or (given[1] if given and given[0] == "name" else "")
            symbol = project.resolve(module, path) if path else None
            if isinstance(symbol, Function | ClassScope):
                yield f"{module.id}:{name}", _task_of_symbol(project, symbol)


def _task_of_symbol(project: Project, symbol: Function | ClassScope) -> Task:
    if isinstance(symbol, ClassScope):
        for _, task in _class_task(project, symbol):
            return task
    where = Evidence(symbol.module.path, symbol.line)
    return Task(f"{symbol.module.id}.{symbol.qualname}", symbol.unit, where)


def _registers(project: Project, module: ModuleScope, call: Expression) -> bool:
    path = record.callee_path(call)
    if path.endswith(".register_task"):
        return True
    return ends_with(origin(project, module, path), TASK_DECORATORS) if path else False


def _scheduled_in_settings(
    table: TaskTable, project: Project, module: ModuleScope
) -> Iterator[EntryPoint]:
    for operation in record.walk_operations(module.operations):
        for name, key, value in _assigned(operation):
            if name in SCHEDULE_SETTINGS and value is not None:
                entries = ((key, value),) if key else value[1] if value[0] == "dict" else ()
                for title, entry in entries:
                    yield from _beat_entry(table, module, title, entry)
            elif name == CRON_SETTING and value is not None and value[0] in ("list", "tuple"):
                for item in value[1]:
                    yield from _cron_entry(project, module, item)


def _assigned(
    operation: record.Operation,
) -> Iterator[tuple[str, Expression, Expression]]:
    """(last name, key, value) of `a.b = value`, `a["key"] = value` and `a.update(value)`."""
    if operation[0] == "assign":
        for target in operation[1]:
            if target is not None and target[0] == "name":
                yield target[1].rpartition(".")[2], None, operation[2]
            elif target is not None and target[0] == "sub" and target[1][0] == "name":
                yield target[1][1].rpartition(".")[2], target[2], operation[2]
    elif operation[0] == "expr" and operation[1][0] == "call":
        path, _, method = record.callee_path(operation[1]).rpartition(".")
        if method == "update":
            yield path.rpartition(".")[2], None, record.argument(operation[1], 0)
            for name, value in operation[1][3]:  # app.conf.update(beat_schedule=…)
                yield name or "", None, value


def _beat_entry(
    table: TaskTable, module: ModuleScope, title: Expression, entry: Expression
) -> Iterator[EntryPoint]:
    if entry is None or entry[0] != "dict":
        return
    for key, value in entry[1]:
        if record.string_of(key) == "task" and (name := record.string_of(value)):
            task = table.named(name)
            where = Evidence(module.path, record.line_of(value) or record.line_of(title))
            yield EntryPoint(
                "schedule", record.string_of(title) or name, task.unit if task else module.id, where
            )


def _cron_entry(project: Project, module: ModuleScope, item: Expression) -> Iterator[EntryPoint]:
    texts = record.strings_of(item)
    if len(texts) > 1:
        name, line = texts[1]
        symbol = project.find(name)
        unit = symbol.unit if isinstance(symbol, Function) else module.id
        yield EntryPoint("schedule", name, unit, Evidence(module.path, line))
