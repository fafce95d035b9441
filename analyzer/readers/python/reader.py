"""Reads the Python of a snapshot: records per file, then one linking pass over all of them."""

from collections.abc import Iterable, Mapping

from analyzer.facts.diagnostics import Diagnostic
from analyzer.readers.python import record, syntax
from analyzer.readers.python.layout import name_modules, role_of, vendored_folders
from analyzer.readers.python.project import Project
from analyzer.readers.python.scopes import ModuleScope


def project_of(files: Mapping[str, bytes], *, name: str = "") -> Project:
    """The index of these files; for tests and for looking at a few files by hand."""
    records = {path: syntax.lower(content) for path, content in files.items()}
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
            record=records[one.path],
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
