"""Links all modules of a project."""

from collections.abc import Iterable, Sequence
from functools import partial

from analyzer.facts.rows import paths_of, rows_of
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.consulted import STRUCTURAL, WORD, keys_of
from analyzer.readers.python.defects import attempted, guarded
from analyzer.readers.python.django.models import read_catalogue
from analyzer.readers.python.django.settings import (
    DjangoSettings,
    has_atomic_requests,
    read_settings,
)
from analyzer.readers.python.django.signals import USER_MODEL, signal_table
from analyzer.readers.python.inference import Inference
from analyzer.readers.python.linked_project import Foundation, LinkedProject, Said
from analyzer.readers.python.locks import thread_locks
from analyzer.readers.python.parallel import Linker, linked
from analyzer.readers.python.peewee.catalogued import with_peewee
from analyzer.readers.python.peewee.semantics import semantics_for
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import Fact, ModuleProvider, Provider, Shared
from analyzer.readers.python.restoring import foundation_of
from analyzer.readers.python.scopes import ClassScope, Function
from analyzer.readers.python.sqlalchemy.catalogued import with_mapped
from analyzer.readers.python.transactions import views_apart


def link_all(project: Project, providers: Sequence[Provider], *, jobs: int) -> LinkedProject:
    """Everything that the modules of a project say."""
    consulted = project.consulted
    consulted.begin()
    defects: list[Fact] = []
    settings = attempted(lambda: read_settings(project), DjangoSettings(), defects)
    models = attempted(lambda: read_catalogue(project), Catalogue(), defects)
    mapped = attempted(lambda: with_mapped(models, project), models, defects)
    catalogue = attempted(lambda: with_peewee(mapped, project), mapped, defects)
    receivers = attempted(lambda: _receivers(project, catalogue), _NO_RECEIVERS, defects)
    locks = attempted(lambda: thread_locks(project), _NO_LOCKS, defects)
    shared = Shared(catalogue, tuple(settings.modules), locks)
    knowledge = Inference(project, catalogue, semantics_for(catalogue), receivers)
    linker = linker_of(knowledge, shared, providers)
    is_atomic = has_atomic_requests(settings)
    foundation, keys = Foundation(), set[str]()

    def found() -> None:
        nonlocal foundation
        foundation = foundation_of(project, shared, linker.knowledge, is_atomic=is_atomic)
        foundation.rows = rows_of(defects)
        foundation.apart = views_apart(project) if is_atomic else ()
        keys.update(keys_of(consulted.items | project.structural))

    tasks = [partial(provided_by, provider, project, shared) for provider in providers]
    of_modules, provided, packs = linked(linker, tasks, jobs=jobs, meanwhile=found)
    said = dict(zip(project.modules, of_modules, strict=True))
    for one in (*said.values(), *provided):
        keys.update(
            key.removeprefix(STRUCTURAL) for key in one.consulted if key.startswith(STRUCTURAL)
        )
    foundation.consulted = tuple(sorted(keys))
    foundation.words = _words((foundation, *said.values(), *provided))
    return LinkedProject({}, "", foundation, said, tuple(packs), tuple(provided))


def _words(parts: Iterable[Foundation | Said]) -> tuple[str, ...]:
    keys = {key for part in parts for key in part.consulted if key.startswith(WORD)}
    return tuple(sorted(key.removeprefix(WORD) for key in keys))


def linker_of(knowledge: Inference, shared: Shared, providers: Sequence[Provider]) -> Linker:
    """What links a module."""
    of_modules = [provider for provider in providers if isinstance(provider, ModuleProvider)]
    return Linker(knowledge, shared, _by_call(providers), of_modules)


def provided_by(provider: Provider, project: Project, shared: Shared) -> Said:
    """What a provider says of the project as a whole."""
    project.consulted.begin()
    facts = guarded(partial(provider.project_facts, project, shared), path="")
    keys = keys_of(project.consulted.items) | {
        f"{STRUCTURAL}{one}" for one in keys_of(set(project.structural))
    }
    return Said(rows_of(facts), [], tuple(sorted(keys)), paths_of(facts))


Receivers = dict[tuple[str, str], tuple[Function, ...]]
_NO_RECEIVERS: Receivers = {}
_NO_LOCKS: dict[tuple[str, str], str] = {}


def _receivers(project: Project, catalogue: Catalogue) -> Receivers:
    """The functions that hear each signal, by its name and the model that sends it."""
    found: dict[tuple[str, str], dict[Function, None]] = {}
    for signal, listeners in sorted(signal_table(project).listeners.items()):
        for one in listeners:
            module, _, name = one.unit.partition(":")
            symbol = project.member(project.modules[module], name) if name else None
            if one.handler and isinstance(symbol, ClassScope):
                symbol = project.class_member(symbol, one.handler)
            if isinstance(symbol, Function):
                # A sender that is written but not known is one of all, not all of them.
                sender = one.sender_id or catalogue.by_label.get(one.sender.lower(), one.sender)
                # Where nobody knows the user model, it is one model all the same, not any.
                sender = catalogue.user or sender if sender == USER_MODEL else sender
                found.setdefault((signal, sender), {})[symbol] = None
    return {key: tuple(functions) for key, functions in found.items()}


def _by_call(providers: Sequence[Provider]) -> dict[str, list[Provider]]:
    found: dict[str, list[Provider]] = {}
    for provider in providers:
        for name in provider.calls:
            found.setdefault(name, []).append(provider)
    return found
