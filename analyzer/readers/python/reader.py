"""Reads the Python of a snapshot: records per file, then one linking pass over all of them."""

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.modules import ModuleRole
from analyzer.facts.rows import collected_rows, facts_in
from analyzer.intake.snapshot import Snapshot, SourceFile
from analyzer.readers.language_reader import ReadingTools
from analyzer.readers.python import record, syntax
from analyzer.readers.python.commands import Commands
from analyzer.readers.python.configuration import Configuration
from analyzer.readers.python.django.commands import DjangoCommands
from analyzer.readers.python.django.signals import DjangoSignals
from analyzer.readers.python.django.tables import DjangoTables
from analyzer.readers.python.django.urls import DjangoUrls
from analyzer.readers.python.earlier import EarlierRuns
from analyzer.readers.python.following import everything
from analyzer.readers.python.graphql import GraphQl
from analyzer.readers.python.layout import name_modules, role_of, vendored_folders
from analyzer.readers.python.linked_project import LinkedProject
from analyzer.readers.python.locks import Locks
from analyzer.readers.python.named_imports import NamedImports
from analyzer.readers.python.other_files import OtherFiles, other_files
from analyzer.readers.python.outbound import Outbound
from analyzer.readers.python.peewee.tables import PeeweeTables
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import Fact, Provider
from analyzer.readers.python.reading import Readings, read_records, warm_records
from analyzer.readers.python.resources import Resources
from analyzer.readers.python.resuming import resume
from analyzer.readers.python.route_lists import RouteLists
from analyzer.readers.python.routes import Routes
from analyzer.readers.python.scopes import ModuleScope
from analyzer.readers.python.secrets import Secrets
from analyzer.readers.python.sql import SqlStrings
from analyzer.readers.python.sqlalchemy.tables import SqlAlchemyTables
from analyzer.readers.python.tasks import Tasks
from analyzer.readers.python.whole import link_all

TEST_RUNNERS = frozenset({"pytest", "_pytest", "pytest_django", "pytest_asyncio"})
# One provider, one kind of fact.
PROVIDERS: tuple[Provider, ...] = (
    DjangoTables(),
    SqlStrings(),
    SqlAlchemyTables(),
    PeeweeTables(),
    DjangoUrls(),
    DjangoCommands(),
    DjangoSignals(),
    Commands(),
    NamedImports(),
    Tasks(),
    Routes(),
    RouteLists(),
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
        with _collector_paused(), syntax.deep_recursion():
            runs = EarlierRuns(tools.store, snapshot)
            earlier = runs.nearest()
            linked = earlier and resume(snapshot, earlier, PROVIDERS, tools)
            if linked is not None:
                tools.advance(len(self.files(snapshot)))
                return collected_rows(*everything(linked), digest=snapshot.digest)
            linked = self._linked_anew(snapshot, tools)
            rows, facts = everything(linked)
            runs.keep(linked)
            return collected_rows(rows, facts, digest=snapshot.digest)

    def _linked_anew(self, snapshot: Snapshot, tools: ReadingTools) -> LinkedProject:
        read = read_records(snapshot, self.files(snapshot), tools)
        paths = [file.path for file in snapshot.files]
        project = Project(module_scopes(read, every_path=paths, name=snapshot.name))
        project.other_files = other_files(snapshot)
        return link_all(project, PROVIDERS, jobs=tools.jobs)


def facts_of(
    project: Project, providers: Sequence[Provider] | None = None, *, jobs: int = 1
) -> list[Fact]:
    """Everything that the modules of a project say, in no particular order."""
    linked = link_all(project, PROVIDERS if providers is None else providers, jobs=jobs)
    rows, facts = everything(linked)
    return [*facts, *(fact for name, found in rows.items() for fact in facts_in(name, found))]


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
    python = {path: content for path, content in files.items() if path.endswith(".py")}
    read = Readings({path: syntax.lower(content) for path, content in python.items()})
    project = Project(module_scopes(read, every_path=files, name=name))
    project.other_files = OtherFiles(files, files.__getitem__)
    return project


def module_scopes(read: Readings, *, every_path: Iterable[str], name: str) -> list[ModuleScope]:
    """A module for each record, named by where the import roots are."""
    records = read.records
    vendored = vendored_folders(frozenset(every_path))
    imported = imported_names(records.values())
    relative = relative_folders(records)
    names = name_modules(tuple(records), imported, fallback=name, relative=relative)
    return [
        ModuleScope(
            id=one.id,
            path=one.path,
            is_package=one.is_package,
            role=_role(one.path, vendored, records[one.path]),
            load=partial(records.__getitem__, one.path),
            opened=read.opened.get(one.path, ()),
        )
        for one in names
    ]


def _role(path: str, vendored: Collection[str], content: syntax.Record) -> ModuleRole:
    """What a module is for: one that imports a test runner is a test's, wherever it lies."""
    role = role_of(path, vendored)
    if role != "product":
        return role
    runs_tests = any(
        one[0].partition(".")[0] in TEST_RUNNERS and not one[5] for one in content[record.IMPORTS]
    )
    return "test" if runs_tests else role


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


def relative_folders(records: Mapping[str, syntax.Record]) -> frozenset[str]:
    """The folders that relative imports take for packages: `from ..x import y` takes two."""
    found: set[str] = set()
    for path, one in records.items():
        for level in {entry[3] for entry in one[record.IMPORTS] if entry[3]}:
            parts = path.split("/")[:-1]
            found.update("/".join(parts[:end]) for end in range(len(parts), len(parts) - level, -1))
    return frozenset(found)
