"""One immutable state of a codebase, named by its digest."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from analyzer.facts.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True, order=True)
class SourceFile:
    """A regular file of the snapshot; `path` is relative to its root, with `/`."""

    path: str
    digest: str  # sha256 of the content, hexadecimal
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The files of a codebase, in a folder that only Seamline writes to.

    `history` is the folder of a bare git repository with the snapshot's history, where there is
    one, and `history_commit` the commit that it ends with. They are not part of the digest: the
    same tree from an archive and from a repository is the same state.
    """

    name: str
    root: Path
    files: tuple[SourceFile, ...]
    digest: str
    history: Path | None = None
    diagnostics: tuple[Diagnostic, ...] = ()  # what intake left out, and why
    history_commit: str = ""

    def read(self, file: SourceFile) -> bytes:
        """The content of one file."""
        return (self.root / file.path).read_bytes()


def digest_of(files: Iterable[SourceFile]) -> str:
    """Name of the state that these files are: sha256 over their paths and digests, sorted."""
    state = hashlib.sha256()
    for file in sorted(files):
        state.update(f"{file.path}\0{file.digest}\n".encode("utf-8", "surrogateescape"))
    return state.hexdigest()
