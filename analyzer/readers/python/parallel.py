"""Links all modules of a project, in this process or shared out to several."""

import gc
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from analyzer.readers.python import record
from analyzer.readers.python.consulted import STRUCTURAL, keys_of
from analyzer.readers.python.knowledge import Knowledge
from analyzer.readers.python.linked_project import Said, encoded_many, said_in
from analyzer.readers.python.linking import FOLLOWED, link_module, said_of
from analyzer.readers.python.processes import may_fork
from analyzer.readers.python.providers import ModuleProvider, Provider, Shared
from analyzer.readers.python.scopes import ModuleScope

SHARDS_PER_JOB = 4
LINES_WORTH_A_PROCESS = 20_000


@dataclass(slots=True)
class Linker:
    """What every module is linked with."""

    knowledge: Knowledge
    shared: Shared
    providers: Mapping[str, list[Provider]]
    of_modules: Sequence[ModuleProvider] = ()

    def link(self, module: ModuleScope) -> Said:
        """Link one module, as if it were the only one: what it says depends on no other's turn."""
        consulted = self.knowledge.project.consulted
        self.knowledge.forget()
        consulted.begin()
        links = link_module(self.knowledge, self.shared, module, self.providers, self.of_modules)
        links.consulted = self._consulted()
        return said_of(links)

    def _consulted(self) -> tuple[str, ...]:
        """What was asked of the inside of functions, by this module or for the first time."""
        project = self.knowledge.project
        structural = keys_of(set(project.structural))
        project.structural.clear()
        return tuple(
            sorted(keys_of(project.consulted.items) | {f"{STRUCTURAL}{one}" for one in structural})
        )


Task = Callable[[], Said]


def linked(linker: Linker, tasks: Sequence[Task], *, jobs: int) -> tuple[list[Said], list[Said]]:
    """What every module and what each task says; the same whatever the number of processes."""
    modules = list(linker.knowledge.project.modules.values())
    work = sum(_work(module) for module in modules)
    jobs = min(jobs, max(1, work // LINES_WORTH_A_PROCESS))
    if jobs <= 1 or not may_fork():
        return [linker.link(module) for module in modules], [task() for task in tasks]
    shards = _shards(modules, jobs * SHARDS_PER_JOB)
    # The children see the parent's index as it is at the fork; nothing of it is copied or sent.
    _inherited.append((linker, tasks))
    gc.freeze()
    try:
        with ProcessPoolExecutor(jobs, get_context("fork")) as pool:
            begun = [pool.submit(_do_task, number) for number in range(len(tasks))]
            said = [one for content in pool.map(_link_shard, shards) for one in said_in(content)]
            return said, [one for task in begun for one in said_in(task.result())]
    finally:
        gc.unfreeze()
        _inherited.pop()


_inherited: list[tuple[Linker, Sequence[Task]]] = []


def _link_shard(names: list[str]) -> bytes:
    """What the modules say, as bytes: what several say is written once, which pickling cannot."""
    linker, _ = _inherited[-1]
    modules = linker.knowledge.project.modules
    return encoded_many([linker.link(modules[name]) for name in names])


def _do_task(number: int) -> bytes:
    _, tasks = _inherited[-1]
    return encoded_many([tasks[number]()])


def _work(module: ModuleScope) -> int:
    """About how much there is to follow in a module."""
    return int(module.record[record.CODE_LINES]) if module.role in FOLLOWED else 0


def _shards(modules: list[ModuleScope], count: int) -> list[list[str]]:
    """Neighbouring modules together, for what they share; each shard about as much work."""
    total = sum(_work(module) + 10 for module in modules)
    shards: list[list[str]] = [[]]
    size = 0
    for module in modules:
        if size * count >= total * len(shards):
            shards.append([])
        shards[-1].append(module.id)
        size += _work(module) + 10
    return shards
