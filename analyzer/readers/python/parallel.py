"""Links all modules of a project, in this process or shared out to several."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from analyzer.readers.python import record
from analyzer.readers.python.consulted import STRUCTURAL, keys_of
from analyzer.readers.python.knowledge import Knowledge
from analyzer.readers.python.linked_project import Said, encoded_many, said_in
from analyzer.readers.python.linking import FOLLOWED, link_module, said_of
from analyzer.readers.python.processes import in_pieces, shared_out
from analyzer.readers.python.providers import ModuleProvider, Provider, Shared
from analyzer.readers.python.scopes import ModuleScope

LINES_WORTH_A_PROCESS = 20_000
LEAST_LINES, MOST_LINES = 1_000, 10_000  # of modules that are linked, and stored, together


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


def linked(
    linker: Linker, tasks: Sequence[Task], *, jobs: int, meanwhile: Callable[[], None]
) -> tuple[list[Said], list[Said], list[bytes]]:
    """What every module and what each task says, and what modules say as it is stored.

    The same whatever the number of processes. `meanwhile` is done once in this one.
    """
    modules = list(linker.knowledge.project.modules.values())
    jobs = min(jobs, max(1, sum(_work(module) for module in modules) // LINES_WORTH_A_PROCESS))
    pieces = in_pieces(modules, _work, jobs=jobs, least=LEAST_LINES, most=MOST_LINES)
    own: dict[int, list[Said]] = {}  # what was linked here need not be read again

    def work(number: int) -> bytes:
        if number < len(tasks):
            own[number] = [tasks[number]()]
        else:
            own[number] = [linker.link(module) for module in pieces[number - len(tasks)]]
        return encoded_many(own[number])

    packs = [b""] * (len(tasks) + len(pieces))
    for number, content in shared_out(work, len(packs), jobs=jobs, meanwhile=meanwhile):
        packs[number] = content
        if number not in own:
            own[number] = said_in(content)
    said = [own[number] for number in range(len(packs))]
    first = len(tasks)
    return list(chain(*said[first:])), list(chain(*said[:first])), packs[first:]


def _work(module: ModuleScope) -> int:
    """About how much there is to follow in a module."""
    lines = int(module.record[record.CODE_LINES]) if module.role in FOLLOWED else 0
    return lines + 10
