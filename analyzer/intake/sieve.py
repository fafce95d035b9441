"""Which entries of a source become files of the snapshot, and what is said about the others."""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from analyzer.facts.diagnostics import Diagnostic
from analyzer.intake.limits import Limits

# Folders that hold no code of the application itself, by name.
IGNORED_FOLDERS = {
    ".git": "version control",
    ".hg": "version control",
    ".svn": "version control",
    ".bzr": "version control",
    "CVS": "version control",
    "node_modules": "installed packages",
    "bower_components": "installed packages",
    "site-packages": "installed packages",
    ".venv": "virtual environments",
    ".tox": "virtual environments",
    ".nox": "virtual environments",
    "__pycache__": "caches",
    ".mypy_cache": "caches",
    ".pytest_cache": "caches",
    ".ruff_cache": "caches",
    ".hypothesis": "caches",
    ".cache": "caches",
    ".eggs": "installed packages",
    "__MACOSX": "archive metadata",
}
# A folder with one of these files in it is left out, whatever its name.
FOLDER_MARKS = {
    "pyvenv.cfg": "virtual environments",
    "CACHEDIR.TAG": "caches",  # also in every folder that Seamline itself writes
}

COMPILED_SUFFIXES = frozenset(
    {".pyc", ".pyo", ".pyd", ".so", ".dll", ".dylib", ".o", ".a", ".obj", ".lib", ".class"}
    | {".exe", ".wasm"}
)

# How many entries of one kind are named one by one; the others are counted.
NAMED_ENTRIES = 20

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_DRIVE = re.compile(r"^[A-Za-z]:[/\\]?")

# code of the diagnostic: (severity, words after the entry's name, words after their number)
LEFT_OUT = {
    "unsafe-path": (
        "warning",
        "points outside the source and was left out. Pack it again with relative paths.",
        "more entries point outside the source",
    ),
    "unusable-name": (
        "warning",
        "has a name that cannot be kept and was left out. Rename the file.",
        "more entries have names that cannot be kept",
    ),
    "not-a-file": (
        "info",
        "is a link or device and was left out. Only regular files are read.",
        "more entries are links or devices",
    ),
    "duplicate-name": (
        "warning",
        "stands in the source more than once; the first was kept. Pack the source again.",
        "more entries stand in the source more than once",
    ),
    "case-collision": (
        "warning",
        "differs from another file only in upper and lower case and was left out. Rename one.",
        "more entries differ only in upper and lower case",
    ),
    "file-too-large": (
        "warning",
        "is larger than a source file may be and was left out.",
        "more files are larger than a source file may be",
    ),
    "unreadable-file": (
        "warning",
        "could not be read and was left out. Check its permissions or pack it again.",
        "more files could not be read",
    ),
    "submodule": (
        "info",
        "is a git submodule and was left out. Analyse it on its own, or give a folder with it.",
        "more entries are git submodules",
    ),
}


@dataclass(slots=True)
class Sieve:
    """Judges entries by their path and remembers what was left out."""

    limits: Limits
    _left_out: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _folders: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    _compiled: int = 0
    _notes: list[Diagnostic] = field(default_factory=list)

    def accepts(self, path: str) -> bool:
        """Whether a file under this path is taken; remembers why not."""
        refusal = refusal_of(path, self.limits)
        if refusal:
            self.leave_out(path, code=refusal)
            return False
        if self.ignored_folder_of(path):
            return False
        if PurePosixPath(path).suffix.lower() in COMPILED_SUFFIXES:
            self._compiled += 1
            return False
        return True

    def ignored_folder_of(self, path: str) -> str | None:
        """The outermost folder on the path that is ignored by its name; it is counted."""
        parts = path.split("/")
        for index, part in enumerate(parts[:-1]):
            if part in IGNORED_FOLDERS:
                folder = "/".join(parts[: index + 1])
                self.ignore_folder(folder, reason=IGNORED_FOLDERS[part])
                return folder
        return None

    def ignore_folder(self, path: str, *, reason: str) -> None:
        """Remember that a folder was left out as a whole."""
        self._folders[reason].add(path)

    def leave_out(self, path: str, *, code: str) -> None:
        """Remember that one entry was left out, and why."""
        self._left_out[code].add(printable(path))

    def note(self, code: str, message: str) -> None:
        """Remember something that is said about the source as a whole."""
        self._notes.append(_diagnostic("", "warning", code, _escaped(message)))

    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What was left out, sorted; many of one kind become one line with their number."""
        found = [*self._notes, *self._named(), *self._ignored()]
        return tuple(sorted(found))

    def _named(self) -> list[Diagnostic]:
        found = []
        for code, paths in self._left_out.items():
            severity, one, many = LEFT_OUT[code]
            for path in sorted(paths)[:NAMED_ENTRIES]:
                found.append(_diagnostic(path, severity, code, f"{path} {one}"))
            if len(paths) > NAMED_ENTRIES:
                count = len(paths) - NAMED_ENTRIES
                found.append(_diagnostic("", severity, code, f"{count:,} {many}."))
        return found

    def _ignored(self) -> list[Diagnostic]:
        found = []
        for reason, folders in self._folders.items():
            if reason != "version control":
                text = _counted(len(folders), f"folder of {reason}", f"folders of {reason}")
                found.append(_diagnostic("", "info", "ignored-folders", text))
        if self._compiled:
            text = _counted(self._compiled, "compiled file", "compiled files")
            found.append(_diagnostic("", "info", "compiled-files", text))
        return found


def refusal_of(path: str, limits: Limits) -> str | None:
    """The code of the diagnostic for a path that cannot be taken, or None."""
    parts = path.split("/")
    if path.startswith("/") or _DRIVE.match(path) or ".." in parts:
        return "unsafe-path"
    if not path or _CONTROL.search(path) or "\\" in path or {"", "."} & set(parts):
        return "unusable-name"
    try:
        sizes = [len(part.encode("utf-8")) for part in parts]
    except UnicodeEncodeError:
        return "unusable-name"
    too_long = max(sizes) > limits.name_bytes or sum(sizes) + len(sizes) > limits.path_bytes
    return "unusable-name" if too_long or len(parts) > limits.depth else None


def printable(path: str) -> str:
    """The path with everything escaped that would break a line, a terminal or an encoding."""
    escaped = _escaped(path)
    return escaped if len(escaped) <= 200 else escaped[:120] + "…" + escaped[-60:]


def _escaped(text: str) -> str:
    safe = text.encode("utf-8", "backslashreplace").decode("utf-8")
    return _CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", safe)


def _counted(count: int, one: str, many: str) -> str:
    return f"1 {one} was left out." if count == 1 else f"{count:,} {many} were left out."


def _diagnostic(path: str, severity: str, code: str, message: str) -> Diagnostic:
    return Diagnostic(path=path, line=0, severity=severity, code=code, message=message)  # type: ignore[arg-type]
