"""The files of a snapshot while they are being written."""

import hashlib
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from analyzer.intake.limits import Meter
from analyzer.intake.sieve import FOLDER_MARKS, Sieve, refusal_of
from analyzer.intake.snapshot import SourceFile

FILES_PER_STEP = 100


class UnreadableEntry(Exception):
    """The content of one entry cannot be read; raised by the chunks given to `Tree.add`."""


@dataclass(slots=True)
class Tree:
    """Writes accepted entries below `root`, counts them, and names each by its digest."""

    root: Path
    sieve: Sieve
    meter: Meter
    advance: Callable[[int], None]  # called with the number of files written so far
    _files: dict[str, SourceFile] = field(default_factory=dict)
    _by_folded_name: dict[str, str] = field(default_factory=dict)

    def add(self, path: str, chunks: Iterable[bytes], *, size: int | None = None) -> None:
        """Write one file, unless the sieve or the files already there speak against it.

        `size` is what the source says before its content is read, where it says so.
        """
        self.meter.count_entry()
        if not self.sieve.accepts(path):
            return
        if size is not None and size > self.meter.limits.file_bytes:
            self.sieve.leave_out(path, code="file-too-large")
        elif self._has_room_for(path):
            self._keep(path, chunks)

    def leave_out(self, path: str, *, code: str) -> None:
        """Count an entry that is no regular file and remember why it is not taken."""
        self.meter.count_entry()
        if not self.sieve.ignored_folder_of(path):
            self.sieve.leave_out(path, code=refusal_of(path, self.meter.limits) or code)

    def files(self) -> tuple[SourceFile, ...]:
        """What was written, sorted."""
        return tuple(sorted(self._files.values()))

    def drop_top_folder(self) -> None:
        """Make the one folder that holds everything the root, if it is only a wrapper."""
        top = wrapper_of(self._files)
        if top is None:
            return
        lifted = self.root.with_name(self.root.name + ".lifted")
        (self.root / top).rename(lifted)
        self.root.rmdir()
        lifted.rename(self.root)
        start = len(top) + 1
        self._files = {
            path[start:]: SourceFile(path=path[start:], digest=file.digest, size=file.size)
            for path, file in self._files.items()
        }

    def drop_marked_folders(self) -> None:
        """Remove each folder whose content says that it holds no source."""
        for mark, reason in FOLDER_MARKS.items():
            homes = {path[: -len(mark)] for path in self._files if path.endswith("/" + mark)}
            for home in sorted(homes):
                self._drop(home)
                self.sieve.ignore_folder(home.rstrip("/"), reason=reason)

    def _drop(self, folder: str) -> None:
        for path in [path for path in self._files if path.startswith(folder)]:
            (self.root / path).unlink()
            del self._files[path]

    def _keep(self, path: str, chunks: Iterable[bytes]) -> None:
        try:
            file = self._write(path, chunks)
        except UnreadableEntry:
            (self.root / path).unlink()
            self.sieve.leave_out(path, code="unreadable-file")
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            # A file where another entry has a folder, or the other way round.
            self.sieve.leave_out(path, code="duplicate-name")
        else:
            if file:
                self._files[path] = file
                self._by_folded_name[path.casefold()] = path
                if len(self._files) % FILES_PER_STEP == 0:
                    self.advance(len(self._files))

    def _has_room_for(self, path: str) -> bool:
        kept = self._by_folded_name.get(path.casefold())
        if kept is None:
            return True
        if kept == path:
            self.sieve.leave_out(path, code="duplicate-name")
            return False
        # The smaller name stays, so that the order of an archive does not matter.
        loser = max(kept, path)
        self.sieve.leave_out(loser, code="case-collision")
        if loser == kept:
            (self.root / kept).unlink()
            del self._files[kept]
        return loser == kept

    def _write(self, path: str, chunks: Iterable[bytes]) -> SourceFile | None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        digest = hashlib.sha256()
        size = 0
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        with os.fdopen(descriptor, "wb") as out:
            for chunk in chunks:
                size += len(chunk)
                self.meter.count_bytes(len(chunk))
                if size > self.meter.limits.file_bytes:
                    break
                digest.update(chunk)
                out.write(chunk)
        if size > self.meter.limits.file_bytes:
            target.unlink()
            self.sieve.leave_out(path, code="file-too-large")
            return None
        return SourceFile(path=path, digest=digest.hexdigest(), size=size)


# Files that stand at the root of a project, beside its packages.
_ROOT_FILES = frozenset(
    {"setup.py", "manage.py", "conftest.py", "noxfile.py", "wsgi.py", "fabfile.py"}
)


def wrapper_of(paths: Iterable[str]) -> str | None:
    """The single top folder of all paths, unless it is a package itself and must keep its name.

    >>> wrapper_of(["shop-1.0/setup.py", "shop-1.0/shop/__init__.py"])
    'shop-1.0'
    >>> wrapper_of(["shop/__init__.py", "shop/models.py"])
    """
    paths = list(paths)
    tops = {path.partition("/")[0] for path in paths}
    if len(tops) != 1 or any("/" not in path for path in paths):
        return None
    (top,) = tops
    if top == "src":
        return None
    direct = {path[len(top) + 1 :] for path in paths if path.count("/") == 1}
    return None if top.isidentifier() and _is_package(direct) else top


def _is_package(direct: set[str]) -> bool:
    if "__init__.py" in direct:
        return True
    # Modules and nothing else beside them: a package without `__init__`.
    return bool(direct) and all(name.endswith(".py") and name not in _ROOT_FILES for name in direct)
