"""Reads the Python of a snapshot: records per file, then one linking pass over all of them."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from analyzer.facts.codebase_facts import CodebaseFacts, collected
from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.entry_points import EntryPoint, Message
from analyzer.facts.transactions import Lock, TransactionScope
from analyzer.intake.snapshot import Snapshot, SourceFile
from analyzer.readers.language_reader import ReadingTools
from analyzer.readers.python import record, syntax
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.commands import Commands
from analyzer.readers.python.configuration import Configuration
from analyzer.readers.python.defects import attempted, guarded
from analyzer.readers.python.django.commands import DjangoCommands
from analyzer.readers.python.django.models import read_catalogue
from analyzer.readers.python.django.orm import OrmSemantics
from analyzer.readers.python.django.settings import (
    DjangoSettings,
    has_atomic_requests,
    read_settings,
)
from analyzer.readers.python.django.signals import USER_MODEL, DjangoSignals, signal_table
from analyzer.readers.python.django.tables import DjangoTables
from analyzer.readers.python.django.urls import DjangoUrls
from analyzer.readers.python.graphql import GraphQl
from analyzer.readers.python.inference import Inference
from analyzer.readers.python.layout import name_modules, role_of, vendored_folders
from analyzer.readers.python.linking import Node, plain_facts
from analyzer.readers.python.locks import Locks, thread_locks
from analyzer.readers.python.outbound import Outbound
from analyzer.readers.python.parallel import Linker, linked
from analyzer.readers.python.peewee import PeeweeTables
from analyzer.readers.python.project import Project
from analyzer.readers.python.propagation import derived_accesses, graph_of, held_by, transactions
from analyzer.readers.python.providers import Fact, ModuleProvider, Provider, Shared
from analyzer.readers.python.reading import read_records, warm_records
from analyzer.readers.python.resources import Resources
from analyzer.readers.python.routes import Routes
from analyzer.readers.python.scopes import ClassScope, Function, ModuleScope
from analyzer.readers.python.secrets import Secrets
from analyzer.readers.python.sql import SqlStrings
from analyzer.readers.python.sqlalchemy.sessions import SqlAlchemyAccesses
from analyzer.readers.python.sqlalchemy.tables import SqlAlchemyTables
from analyzer.readers.python.tasks import Tasks

# One provider, one kind of fact.
PROVIDERS: tuple[Provider, ...] = (
    DjangoTables(),
    SqlStrings(),
    SqlAlchemyTables(),
    SqlAlchemyAccesses(),
    PeeweeTables(),
    DjangoUrls(),
    DjangoCommands(),
    DjangoSignals(),
    Commands(),
    Tasks(),
    Routes(),
    GraphQl(),
    Configuration(),
    Secrets(),
    Locks(),
    Resources(),
    Outbound(),
)


class PythonReader:
    """The language reader for Python."""

    name = "python"

    def files(self, snapshot: Snapshot) -> Sequence[SourceFile]:
        """Every file that ends like Python source."""
        return tuple(file for file in snapshot.files if file.path.endswith(".py"))

    def warm(self, snapshot: Snapshot, files: Sequence[SourceFile], tools: ReadingTools) -> None:
        """Put the records of these files into the store."""
        warm_records(snapshot, files, tools)

    def read(self, snapshot: Snapshot, tools: ReadingTools) -> CodebaseFacts:
        """The facts of all Python files."""
        with _collector_paused():
            records = read_records(snapshot, self.files(snapshot), tools)
            paths = [file.path for file in snapshot.files]
            with syntax.deep_recursion():
                project = Project(module_scopes(records, every_path=paths, name=snapshot.name))
                return collected(facts_of(project, jobs=tools.jobs), digest=snapshot.digest)


def facts_of(
    project: Project, providers: Sequence[Provider] | None = None, *, jobs: int = 1
) -> list[Fact]:
    """Everything that the modules of a project say, in no particular order."""
    chosen = PROVIDERS if providers is None else providers
    facts: list[Fact] = []
    settings = attempted(lambda: read_settings(project), DjangoSettings(), facts)
    catalogue = attempted(lambda: read_catalogue(project), Catalogue(), facts)
    receivers = attempted(lambda: _receivers(project, catalogue), _NO_RECEIVERS, facts)
    locks = attempted(lambda: thread_locks(project), _NO_LOCKS, facts)
    shared = Shared(catalogue, tuple(settings.modules), locks)
    knowledge = Inference(project, catalogue, OrmSemantics, receivers)
    nodes: list[Node] = []
    for links in linked(
        Linker(knowledge, shared, _by_call(chosen), _of_modules(chosen)), jobs=jobs
    ):
        facts += links.facts
        facts += plain_facts(links)
        nodes += links.nodes
    for module in project.modules.values():
        facts += diagnostics_of(module)
    for provider in chosen:
        facts += guarded(partial(provider.project_facts, project, shared), path="")
    return facts + list(_followed(nodes, facts, is_atomic=has_atomic_requests(settings)))


def _followed(nodes: list[Node], facts: list[Fact], *, is_atomic: bool) -> Iterator[Fact]:
    """What follows from calls: accesses through them, and what transactions hold together."""
    graph = graph_of(nodes)
    yield from derived_accesses(graph)
    messages = [fact for fact in facts if isinstance(fact, Message)]
    entries = [fact for fact in facts if isinstance(fact, EntryPoint) and fact.kind == "http"]
    handlers = [
        f"{one.unit}.{one.handler}" if one.handler else one.unit for one in entries if is_atomic
    ]
    found = list(transactions(graph, messages, handlers))
    scopes = [one for one in found if isinstance(one, TransactionScope)]
    locks = [one for one in facts if isinstance(one, Lock)]
    facts[:] = [one for one in facts if not isinstance(one, Lock)]
    yield from found
    yield from held_by(locks, scopes)


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
                sender = one.sender_id or one.sender
                sender = catalogue.user if sender == USER_MODEL else sender
                found.setdefault((signal, sender), {})[symbol] = None
    return {key: tuple(functions) for key, functions in found.items()}


def _by_call(providers: Sequence[Provider]) -> dict[str, list[Provider]]:
    found: dict[str, list[Provider]] = {}
    for provider in providers:
        for name in provider.calls:
            found.setdefault(name, []).append(provider)
    return found


def _of_modules(providers: Sequence[Provider]) -> list[ModuleProvider]:
    return [provider for provider in providers if isinstance(provider, ModuleProvider)]


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Without cyclic garbage collection: it would walk millions of tuples that are all alive."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # what was made counts as old: the next collection need not walk it
        gc.unfreeze()
        if was_enabled:
            gc.enable()


def project_of(files: Mapping[str, bytes], *, name: str = "") -> Project:
    """The index of these files; for tests and for looking at a few files by hand."""
    records = {
        path: syntax.lower(content) for path, content in files.items() if path.endswith(".py")
    }
    return Project(module_scopes(records, every_path=files, name=name))


def module_scopes(
    records: Mapping[str, syntax.Record], *, every_path: Iterable[str], name: str
) -> list[ModuleScope]:
    """A module for each record, named by where the import roots are."""
    vendored = vendored_folders(tuple(every_path))
    names = name_modules(tuple(records), imported_names(records.values()), fallback=name)
    return [
        ModuleScope(
            id=one.id,
            path=one.path,
            is_package=one.is_package,
            role=role_of(one.path, vendored),
            load=partial(records.__getitem__, one.path),
        )
        for one in names
    ]


def imported_names(records: Iterable[syntax.Record]) -> dict[str, int]:
    """How often each dotted name, and each of its leading parts, is imported absolutely."""
    whole: dict[str, int] = {}
    for one in records:
        for target, imported, _, level, *_ in one[record.IMPORTS]:
            if not level:
                path = f"{target}.{imported}" if imported else target
                whole[path] = whole.get(path, 0) + 1
    counts: dict[str, int] = {}
    for path, count in whole.items():
        while path:
            counts[path] = counts.get(path, 0) + count
            path = path.rpartition(".")[0]
    return counts


def diagnostics_of(module: ModuleScope) -> Iterable[Diagnostic]:
    """What its record says could not be read."""
    for line, severity, code, message in module.record[record.NOTES]:
        yield Diagnostic(module.path, line, severity, code, message)
