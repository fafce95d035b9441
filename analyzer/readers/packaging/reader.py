"""Reads the scripts that installing the code makes: commands as ways in.

Sources: `[project.scripts]` and `[project.gui-scripts]` of pyproject.toml (the packaging
specifications' "entry points"), `[tool.poetry.scripts]`, `[options.entry_points]` of setup.cfg, a
literal `entry_points` of setup.py, and entry_points.txt of a wheel or an installed package.
"""

import ast
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from configparser import ConfigParser
from configparser import Error as ConfigError
from typing import Any

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.entry_points import EntryPoint
from analyzer.facts.evidence import Evidence
from analyzer.intake.snapshot import Snapshot, SourceFile
from analyzer.readers.language_reader import ReadingTools

GROUPS = ("console_scripts", "gui_scripts")
SIZE_LIMIT = 1_000_000  # bytes; such a file is not a package's
_TARGET = re.compile(r"\s*([\w.]+)\s*(?::\s*([\w.]+))?\s*(?:\[.*\])?\s*")
_PAIR = re.compile(r"\s*([^=]+?)\s*=\s*(.+?)\s*")

Script = tuple[str, str]  # (name, "package.module:function")


class PackagingReader:
    """The reader for what a package tells installers."""

    name = "packaging"

    def files(self, snapshot: Snapshot) -> Sequence[SourceFile]:
        """Every file that may name scripts."""
        return tuple(file for file in snapshot.files if _kind(file.path) is not None)

    def read(self, snapshot: Snapshot, tools: ReadingTools) -> CodebaseFacts:
        """A command for each script whose target is written down."""
        entries: dict[tuple[str, str, str], EntryPoint] = {}
        diagnostics: list[Diagnostic] = []
        for file in sorted(self.files(snapshot)):
            if file.size <= SIZE_LIMIT:
                text = snapshot.read(file).decode("utf-8", "replace")
                try:
                    for entry in read_scripts(file.path, text):
                        entries.setdefault((entry.name, entry.unit, entry.handler), entry)
                except _UNREADABLE as error:
                    diagnostics.append(_unreadable(file.path, error))
            tools.advance(1)
        return CodebaseFacts(
            entry_points=tuple(sorted(entries.values())), diagnostics=tuple(sorted(diagnostics))
        )


def read_scripts(path: str, text: str) -> Iterator[EntryPoint]:
    """The scripts in one file. Raises one of `_UNREADABLE` where it cannot be parsed."""
    kind = _kind(path)
    for name, target in kind(text) if kind else ():
        if found := _TARGET.fullmatch(target):
            module, attribute = found[1], found[2] or ""
            unit, _, handler = attribute.partition(".")
            where = Evidence(path, _line_of(text, name, module))
            yield EntryPoint(
                "command", name, f"{module}:{unit}" if unit else module, where, handler
            )


def _kind(path: str) -> Callable[[str], Iterable[Script]] | None:
    folder, _, file = path.rpartition("/")
    if file == "entry_points.txt":
        return _in_sections if folder.endswith((".dist-info", ".egg-info")) else None
    return _KINDS.get(file)


def _in_pyproject(text: str) -> Iterator[Script]:
    document = tomllib.loads(text)
    poetry = _table(_table(document, "tool"), "poetry")
    for table in (_table(document, "project"), poetry):
        for key in ("scripts", "gui-scripts"):
            for name, target in _table(table, key).items():
                if isinstance(target, str):
                    yield name, target


def _table(table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = table.get(key)
    return found if isinstance(found, dict) else {}


def _in_setup_cfg(text: str) -> Iterator[Script]:
    sections = _Sections(text)
    for group in GROUPS:
        for line in sections.get("options.entry_points", group, fallback="").splitlines():
            yield from _pair(line)


def _in_sections(text: str) -> Iterator[Script]:
    sections = _Sections(text)
    for group in GROUPS:
        if sections.has_section(group):
            yield from sections.items(group)


class _Sections(ConfigParser):
    """Sections of `name = value` lines, as they are written."""

    def __init__(self, text: str) -> None:
        super().__init__(delimiters=("=",), interpolation=None, strict=False, default_section="")
        self.read_string(text)

    def optionxform(self, optionstr: str) -> str:
        """Names of scripts keep their case."""
        return optionstr


def _in_setup_py(text: str) -> Iterator[Script]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.keyword) and node.arg == "entry_points":
            try:
                groups = ast.literal_eval(node.value)
            except (ValueError, TypeError):
                continue  # computed; nothing is run to learn it
            if isinstance(groups, dict):
                for group in GROUPS:
                    for line in _lines(groups.get(group)):
                        yield from _pair(line)


def _lines(group: object) -> Iterable[str]:
    if isinstance(group, str):
        return group.splitlines()
    return [one for one in group if isinstance(one, str)] if isinstance(group, list | tuple) else ()


def _pair(line: str) -> Iterator[Script]:
    if found := _PAIR.fullmatch(line):
        yield found[1], found[2]


def _line_of(text: str, name: str, module: str) -> int:
    """The first line that has both the script's name and its module."""
    numbered = enumerate(text.splitlines(), start=1)
    return next((number for number, line in numbered if name in line and module in line), 1)


def _unreadable(path: str, error: Exception) -> Diagnostic:
    said = str(error).partition("\n")[0]
    return Diagnostic(path, 0, "warning", "unreadable-packaging", f"scripts are not known: {said}")


_KINDS: Mapping[str, Callable[[str], Iterable[Script]]] = {
    "pyproject.toml": _in_pyproject,
    "setup.cfg": _in_setup_cfg,
    "setup.py": _in_setup_py,
}
_UNREADABLE = (tomllib.TOMLDecodeError, ConfigError, SyntaxError, RecursionError, MemoryError)
