"""Locks that are not the database's: Redis, caches, files, advisory locks of libraries, threads."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from analyzer.facts.evidence import Evidence
from analyzer.facts.transactions import Lock, LockKind
from analyzer.readers.python import record
from analyzer.readers.python.callers import names_from_callers
from analyzer.readers.python.makers import maker_of, pattern_of, receiver_of
from analyzer.readers.python.origins import ends_with, origin, origin_of
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import (
    ClassScope,
    Definition,
    Function,
    ModuleScope,
    Variable,
    classes_of,
    methods_of,
)

# Functions and classes that take a lock by a name: (kind, position of the name, its keyword).
NAMED_LOCKS: dict[str, tuple[LockKind, int, str]] = {
    "redis.lock.Lock": ("redis", 1, "name"),
    "redis_lock.Lock": ("redis", 1, "name"),
    "pottery.Redlock": ("redis", 0, "key"),
    "redlock.RedLock": ("redis", 0, "resource"),
    "filelock.FileLock": ("file", 0, "lock_file"),
    "filelock.SoftFileLock": ("file", 0, "lock_file"),
    "filelock.UnixFileLock": ("file", 0, "lock_file"),
    "fasteners.InterProcessLock": ("file", 0, "path"),
    "portalocker.Lock": ("file", 0, "filename"),
    "lockfile.LockFile": ("file", 0, "path"),
    "zc.lockfile.LockFile": ("file", 0, "path"),
    "fcntl.flock": ("file", 0, "fd"),
    "fcntl.lockf": ("file", 0, "fd"),
    "msvcrt.locking": ("file", 0, "fd"),
    "django.core.files.locks.lock": ("file", 0, "f"),
    "django_pglocks.advisory_lock": ("advisory", 0, "lock_id"),
    "pglock.advisory": ("advisory", 0, "lock_id"),
    "pglock.model": ("table", 0, "models"),
    "django_cte_lock.lock": ("advisory", 0, "name"),
    "sherlock.Lock": ("redis", 0, "lock_name"),
}
# Objects whose method `lock(name)` takes one.
REDIS_OBJECTS = ("redis.", "aioredis.", "django_redis.get_redis_connection", "fakeredis.")
CACHE_OBJECTS = ("django.core.cache.",)
# Names that tell that `cache.add(key)` or `redis.set(key, nx=True)` is meant as a lock.
# A key that is set only if it is absent, and that goes away by itself, is one in any case.
EXPIRIES = frozenset({"ex", "px", "timeout"})
LOCK_WORDS = ("lock", "mutex", "semaphore", "running", "lease")
LOCKING = ("threading", "multiprocessing", "asyncio", "gevent.lock", "eventlet.semaphore", "anyio")
# What gives a lock back, or only asks for it: methods of it, and flags of functions.
RELEASING = frozenset(
    {"release", "release_read", "release_write", "locked", "notify", "notify_all"}
)
UNLOCKING = frozenset({"LOCK_UN", "LK_UNLCK"})
THREADING = frozenset(module.partition(".")[0] for module in LOCKING)  # packages
THREAD_LOCKS = frozenset(
    f"{module}.{name}"
    for module in LOCKING
    for name in ("Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition")
)


@dataclass(frozen=True, slots=True)
class Locks:
    """Gives locks that hold apart what runs at the same time."""

    calls: frozenset[str] = frozenset({"lock", "blocking_lock", "setnx", "set", "add"}) | frozenset(
        path.rpartition(".")[2] for path in NAMED_LOCKS
    )

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """None: each module tells for itself."""
        return ()

    def module_facts(self, project: Project, shared: Shared, module: ModuleScope) -> Iterable[Fact]:
        """Every mention of a lock that stands at the top of a module."""
        if shared.thread_locks and module.role == "product":
            yield from _mentions(project, module, shared.thread_locks)

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """A lock that is taken by its name, here and by those who pass the name on."""
        found = _named(site) or _of_object(site)
        if found is not None:
            kind, key = found
            yield Lock(site.unit, kind, pattern_of(site, key), site.evidence)
            for one in names_from_callers(site, key):
                yield Lock(one.unit, kind, one.name, one.evidence)


def _named(site: CallSite) -> tuple[LockKind, Expression] | None:
    callee = site.call[1]
    if callee is None or callee[0] != "name":
        return None
    path = maker_of(site, callee).path
    if path not in NAMED_LOCKS or _unlocks(site.call):
        return None
    kind, position, name = NAMED_LOCKS[path]
    return kind, record.argument(site.call, position, name)


def _unlocks(call: Expression) -> bool:
    """`fcntl.flock(handle, fcntl.LOCK_UN)`: the lock is given back."""
    return any(
        part[0] == "name" and part[1].rpartition(".")[2] in UNLOCKING
        for part in record.walk_expressions(call)
    )


def _of_object(site: CallSite) -> tuple[LockKind, Expression] | None:
    target = receiver_of(site.call)
    if target is None or not (site.call[2] or site.call[3]):
        return None
    key = record.argument(site.call, 0, "name")
    if not _is_meant_as_lock(site, key):
        return None
    path = maker_of(site, target).path
    if path.startswith(REDIS_OBJECTS):
        return "redis", key
    return ("cache", key) if path.startswith(CACHE_OBJECTS) else None


def _is_meant_as_lock(site: CallSite, key: Expression) -> bool:
    if site.name in ("lock", "blocking_lock", "setnx"):
        return True
    if site.name == "set" and record.keyword(site.call, "nx") != ("const", True):
        return False
    if site.name == "set" and any(name in EXPIRIES for name, _ in site.call[3]):
        return True
    text = pattern_of(site, key).lower()
    return any(word in text for word in LOCK_WORDS)


def thread_locks(project: Project) -> dict[tuple[str, str], str]:
    """Locks of modules, classes and instances of product code: (module, name) -> dotted name.

    The name of a class's or an instance's is `Class.attribute`.
    """
    return {
        (module.id, name): f"{module.id}.{name}"
        for module in project.modules.values()
        if module.role == "product"
        for name in _thread_locks(project, module)
    }


def _thread_locks(project: Project, module: ModuleScope) -> Iterator[str]:
    for name, binding in module.names.items():
        if any(_is_thread_lock(project, one) for one in binding):
            yield name
    if not any(entry[0].partition(".")[0] in THREADING for entry in module.imports):
        return
    for cls in classes_of(module):
        for name, binding in cls.names.items():
            if any(_is_thread_lock(project, one) for one in binding):
                yield f"{cls.qualname}.{name}"
        for name, value, _, _, _ in cls.assigned:
            if _makes_thread_lock(project, cls, value):
                yield f"{cls.qualname}.{name}"


def _is_thread_lock(project: Project, definition: Definition) -> bool:
    if not isinstance(definition, Variable) or definition.value is None:
        return False
    if definition.value[0] != "call":
        return False
    if ends_with(origin_of(project, definition), THREAD_LOCKS):
        return True
    owner = definition.owner
    return owner is not None and _makes_thread_lock(project, owner, definition.value)


def _makes_thread_lock(project: Project, cls: ClassScope, value: Expression) -> bool:
    """`threading.Lock()`, and `field(default_factory=threading.Lock)` of a data class."""
    if value is None or value[0] != "call":
        return False
    maker = record.keyword(value, "default_factory") or value[1]
    if maker is None or maker[0] != "name":
        return False
    return ends_with(origin(project, cls, maker[1]), THREAD_LOCKS)


def _mentions(
    project: Project, module: ModuleScope, locks: Mapping[tuple[str, str], str]
) -> Iterator[Lock]:
    names = {name.rpartition(".")[2] for _, name in locks}
    for name, _, _, _, _, mentions, _ in module.record[record.UNITS]:
        unit = f"{module.id}:{name}" if name else module.id
        for root, path, line, _ in mentions:
            parts = path.split(".")
            if not names.intersection(parts) or parts[-1] in RELEASING:
                continue
            for part in (path, path.rpartition(".")[0]):
                symbol = project.resolve(module, part) if part and isinstance(root, str) else None
                found = locks.get(_key(symbol)) if isinstance(symbol, Variable) else None
                if found is not None:
                    yield Lock(unit, "thread", found, Evidence(module.path, line))
                    break
    for cls in classes_of(module):
        for function in methods_of(cls):
            if not names.isdisjoint(function.record[record.F_OWN]):
                yield from _own(project, cls, function, locks)


def _key(variable: Variable) -> tuple[str, str]:
    owner = f"{variable.owner.qualname}." if variable.owner is not None else ""
    return variable.module.id, f"{owner}{variable.name}"


def _own(
    project: Project,
    cls: ClassScope,
    function: Function,
    locks: Mapping[tuple[str, str], str],
) -> Iterator[Lock]:
    """`with self.lock:` and `self.lock.acquire()`, also where the class inherits the lock."""
    classes = [one for one in project.mro(cls) if isinstance(one, ClassScope)]
    for operation in record.walk_operations(function.operations):
        targets = operation[1] if operation[0] == "assign" else ()
        for expression in record.expressions_of(operation):
            for part in record.walk_expressions(expression):
                if part[0] != "name" or part in targets:
                    continue
                root, _, rest = part[1].partition(".")
                attribute, _, method = rest.partition(".")
                if root not in ("self", "cls") or not attribute or method in RELEASING:
                    continue
                keys = ((one.module.id, f"{one.qualname}.{attribute}") for one in classes)
                found = next((locks[key] for key in keys if key in locks), "")
                if found:
                    where = Evidence(cls.module.path, part[2])
                    yield Lock(cls.unit, "thread", found, where)
