"""Links again only what an edit of the inside of functions can have changed.

An edit that changes the shape of a module, what can be seen of it from outside, is answered by
linking everything: names, models and receivers may then lead elsewhere, anywhere.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from functools import partial
from typing import Any, cast

from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.evidence import Evidence
from analyzer.facts.rows import Rows, facts_in, rows_of
from analyzer.intake.snapshot import Snapshot
from analyzer.readers.language_reader import ReadingTools
from analyzer.readers.python import record
from analyzer.readers.python.catalogue import Catalogue
from analyzer.readers.python.changes import Change, Lines, change_between
from analyzer.readers.python.inference import Inference
from analyzer.readers.python.linked_project import Foundation, LinkedProject, Said
from analyzer.readers.python.other_files import OtherFiles, other_files
from analyzer.readers.python.peewee.semantics import semantics_for
from analyzer.readers.python.project import Project, called_in
from analyzer.readers.python.providers import Provider, Shared
from analyzer.readers.python.reading import Records
from analyzer.readers.python.restoring import (
    Receivers,
    catalogue_in,
    indexes_in,
    restore_tables,
)
from analyzer.readers.python.scopes import ModuleScope
from analyzer.readers.python.suggestions import telling_of_module
from analyzer.readers.python.whole import linker_of, provided_by

MOST_CHANGED = 0.05  # of the files; beyond, linking everything is not much slower


def resume(
    snapshot: Snapshot, earlier: LinkedProject, providers: Sequence[Provider], tools: ReadingTools
) -> LinkedProject | None:
    """The project as it is now, by what it was; None where everything has to be linked."""
    records = Records(snapshot, tools.store)
    names = {path: name for name, path, *_ in earlier.foundation.modules}
    changed = [path for path, digest in records.digests.items() if digest != earlier.files[path]]
    if len(changed) > 1 + MOST_CHANGED * len(names):
        return None
    words = earlier.foundation.words
    changes: dict[str, Change] = {}
    for path in changed:
        old = records.of_digest(earlier.files[path])
        if old is None:
            return None
        change = change_between(old, records.of(path), module=names[path], words=words)
        if change is None:
            return None
        changes[names[path]] = change
    return _Resumption(earlier, providers, records, changes, other_files(snapshot)).linked()


@dataclass(slots=True)
class _Resumption:
    earlier: LinkedProject
    providers: Sequence[Provider]
    records: Records
    changes: Mapping[str, Change]  # by module
    other_files: OtherFiles

    def linked(self) -> LinkedProject | None:
        """The project as it is now; None where everything has to be linked."""
        earlier = self.earlier
        keys = {key for change in self.changes.values() for key in change.keys}
        if not keys.isdisjoint(earlier.foundation.consulted):
            return None
        project = self._project()
        catalogue = catalogue_in(earlier.foundation, project)
        foundation = _updated(earlier.foundation, project, catalogue, self.changes)
        if foundation is None:
            return None
        shared, knowledge = _restored(foundation, project, catalogue)
        linker = linker_of(knowledge, shared, self.providers)
        moved = self._moved()
        said = {
            name: linker.link(project.modules[name])
            if self._is_stale(name, one, keys, moved)
            else one
            for name, one in earlier.said.items()
        }
        provided = [
            (_moved_along(one, moved) if keys.isdisjoint(one.consulted) else None)
            or provided_by(provider, project, shared)
            for provider, one in zip(self.providers, earlier.provided, strict=True)
        ]
        return replace(
            earlier, foundation=foundation, said=said, provided=tuple(provided), earlier=earlier
        )

    def _project(self) -> Project:
        foundation = self.earlier.foundation
        modules = [
            ModuleScope(name, path, is_package, role, partial(self.records.of, path))  # type: ignore[arg-type]
            for name, path, is_package, role in foundation.modules
        ]
        project = Project(modules, foundation.aliases)
        project.other_files = self.other_files
        return project

    def _moved(self) -> dict[str, Lines]:
        """Where lines of changed files have gone, by path."""
        paths = {name: path for name, path, *_ in self.earlier.foundation.modules}
        return {paths[name]: one.lines for name, one in self.changes.items() if one.has_moved}

    def _is_stale(self, name: str, said: Said, keys: set[str], moved: Mapping[str, Lines]) -> bool:
        if name in self.changes or not keys.isdisjoint(said.consulted):
            return True
        return bool(said.elsewhere) and not moved.keys().isdisjoint(said.elsewhere)


def _restored(
    foundation: Foundation, project: Project, catalogue: Catalogue
) -> tuple[Shared, Inference]:
    restore_tables(foundation, project)
    project.remember_calling(foundation.calling)
    shared = Shared(catalogue, foundation.settings, foundation.thread_locks)
    receivers = Receivers(foundation, project)
    knowledge = Inference(
        project, catalogue, semantics_for(catalogue), receivers, indexes_in(foundation)
    )
    return shared, knowledge


def _updated(
    foundation: Foundation, project: Project, catalogue: Catalogue, changes: Mapping[str, Change]
) -> Foundation | None:
    """The foundation with what the inside of the changed modules' functions adds to it."""
    keys = {key for change in changes.values() for key in change.keys}
    modules = [project.modules[name] for name in changes]
    if any(key.startswith("self ") for key in keys):
        telling = dict(foundation.telling)
        for module in modules:
            telling[module.id] = tuple(sorted(telling_of_module(module, catalogue)))
        if set().union(*telling.values()) != set().union(*foundation.telling.values()):
            return None  # any path with the new attribute, anywhere, may now lead somewhere
        foundation = replace(foundation, telling=telling)
    names = {key.removeprefix("called ") for key in keys if key.startswith("called ")}
    if names:
        calling = _with_new(foundation.calling, names, modules, _calling)
        foundation = replace(foundation, calling=calling)
    names = {key.removeprefix("request ") for key in keys if key.startswith("request ")}
    if names:
        requested = _with_new(foundation.requested, names, modules, _requested)
        foundation = replace(foundation, requested=requested)
    return foundation


def _calling(module: ModuleScope) -> Iterator[tuple[str, Any]]:
    for number, names in called_in(module):
        for name in names:
            yield name, (module.id, number)


def _requested(module: ModuleScope) -> Iterator[tuple[str, Any]]:
    if module.role == "product":
        for name in dict.fromkeys(entry[0] for entry in module.record[record.REQUEST]):
            yield name, module.id


def _with_new(
    index: Mapping[str, Sequence[Any]],
    names: Iterable[str],
    modules: Sequence[ModuleScope],
    entries: Callable[[ModuleScope], Iterable[tuple[str, Any]]],
) -> dict[str, Sequence[Any]]:
    """An index over modules in which some modules have other entries under some names now."""
    ids = {module.id for module in modules}
    fresh: dict[str, list[Any]] = {}
    for module in modules:
        for name, entry in entries(module):
            fresh.setdefault(name, []).append(entry)
    updated = dict(index)
    for name in sorted(names):
        known = index.get(name, ())
        kept = [one for one in known if (one if type(one) is str else one[0]) not in ids]
        updated[name] = sorted([*kept, *fresh.get(name, ())])
    return updated


def _moved_along(said: Said, moved: Mapping[str, Lines]) -> Said | None:
    """The same facts at the places where they stand now; None where a place is gone."""
    if moved.keys().isdisjoint(said.elsewhere):
        return said
    try:
        rows: Rows = {}
        for name, found in said.rows.items():
            rows.update(rows_of(_moved_fact(fact, moved) for fact in facts_in(name, found)))
    except LookupError:
        return None
    return replace(said, rows=rows)


def _moved_fact(value: Any, moved: Mapping[str, Lines]) -> Any:
    if isinstance(value, Evidence):
        lines = moved.get(value.path)
        return value if lines is None else Evidence(value.path, lines[value.line])
    if isinstance(value, tuple):
        return tuple(_moved_fact(one, moved) for one in value)
    if isinstance(value, Diagnostic):
        lines = moved.get(value.path)
        return value if lines is None else replace(value, line=lines[value.line])
    if is_dataclass(value):
        found = {one.name: getattr(value, one.name) for one in fields(value)}
        return cast(Any, type(value))(
            **{name: _moved_fact(one, moved) for name, one in found.items()}
        )
    return value
