"""From whatever a person points at to a snapshot on disk, complete or not there at all."""

import glob
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from analyzer.errors import AnalyzerError, UnusableInput
from analyzer.facts.diagnostics import Diagnostic
from analyzer.intake import git
from analyzer.intake.archive import KINDS, SUFFIXES, fill_from_archive
from analyzer.intake.folder import fill_from_folder
from analyzer.intake.limits import Limits, Meter
from analyzer.intake.sieve import Sieve
from analyzer.intake.snapshot import Snapshot, SourceFile, digest_of
from analyzer.intake.tree import Tree
from analyzer.progress import Progress, SilentProgress

SCHEMA = "seamline/snapshot/1"
STAGE = "intake"
# Tells other tools, and a later intake of a folder around this one, that here is no source.
CACHE_TAG = "CACHEDIR.TAG"
_TAG_CONTENT = "Signature: 8a477f597d28d172789f06886806bc55\n"

_MANIFEST = "snapshot.json"
_FILES = "files"
_HISTORY = "history.git"
_EXCHANGES = 10  # tries, where others put snapshots in the same place at the same time
# What a killed intake left beside its target is removed by a later one, once it is this old.
_LEFTOVER_SECONDS = 24 * 3600.0


def take_snapshot(
    source: str,
    *,
    into: Path,
    progress: Progress | None = None,
    limits: Limits | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Snapshot:
    """Take a folder, an archive or a git URL into the folder `into`, all of it or nothing.

    A snapshot that is already there is replaced. Raises `UnusableInput` if the source cannot be
    used or passes a limit, or if `into` holds something else.
    """
    progress = SilentProgress() if progress is None else progress
    meter = Meter(limits=limits or Limits(), clock=clock)
    progress.started(stage=STAGE, total=None)
    with _filled_beside(into) as folder:
        tree = Tree(
            root=folder / _FILES,
            sieve=Sieve(meter.limits),
            meter=meter,
            advance=lambda done: progress.advanced(stage=STAGE, done=done),
        )
        tree.root.mkdir()
        name = _fill(tree, source, history=folder / _HISTORY)
        files = tree.files()
        if not files:
            raise UnusableInput(f"There are no files to read in {git.without_credentials(source)}.")
        manifest = _manifest(folder, name=name, files=files, found=tree.sieve.diagnostics())
        _write_manifest(folder, manifest)
    progress.advanced(stage=STAGE, done=len(files))
    progress.finished(stage=STAGE)
    return _from_manifest(into, manifest)


def open_snapshot(into: Path) -> Snapshot:
    """The snapshot that was taken into this folder. Raises `UnusableInput` if there is none."""
    try:
        manifest = json.loads((into / _MANIFEST).read_bytes())
        if manifest["schema"] != SCHEMA:
            raise UnusableInput(f"The snapshot in {into} is of another version. Take it again.")
        return _from_manifest(into, manifest)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UnusableInput(f"There is no snapshot in {into}. Take one first.") from error


def _fill(tree: Tree, source: str, *, history: Path) -> str:
    """Fill the tree from the source; returns the codebase's name."""
    path = Path(source)
    if not source or not _exists(path):
        repository = git.git_url(source)
        if repository is None:
            raise UnusableInput(
                f"There is nothing at {printable_source(source)}. Give a folder, an archive "
                f"({KINDS}) or a git URL (https://… or git@host:path)."
            )
        return _fill_from_git(tree, repository, history)
    if repository := git.local_repository(path):
        return _fill_from_git(tree, repository, history)
    if path.is_dir():
        fill_from_folder(tree, path)
        _keep_history(tree, path, history)
        return path.resolve().name or "codebase"
    if not path.is_file():
        raise UnusableInput(f"{source} is neither a folder nor a regular file.")
    fill_from_archive(tree, path)
    return _stem(path.name)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except (OSError, ValueError):  # too long, or a NUL in it
        return False


def printable_source(source: str) -> str:
    """The source as it may be shown: without credentials and line breaks."""
    return re.sub(r"[\x00-\x1f\x7f]", "?", git.without_credentials(source))[:300]


def _fill_from_git(tree: Tree, repository: git.GitSource, history: Path) -> str:
    git.clone(repository, into=history, meter=tree.meter)
    git.newest_commit(history)
    git.fill_from_repository(tree, history)
    return repository.name


def _keep_history(tree: Tree, folder: Path, history: Path) -> None:
    """Copy the history of a work tree; without it the snapshot is still complete."""
    store = folder / ".git"
    if store.is_symlink() or not store.is_dir() or not tree.meter.limits.history_commits:
        return
    repository = git.GitSource(location=f"file://{folder.resolve()}")
    try:
        git.clone(repository, into=history, meter=tree.meter)
        git.newest_commit(history)
    except UnusableInput as error:
        shutil.rmtree(history, ignore_errors=True)
        tree.sieve.note("history-unreadable", f"The git history was left out. {error}")


def _stem(name: str) -> str:
    suffix = next((known for known in SUFFIXES if name.lower().endswith(known)), "")
    return name[: len(name) - len(suffix)] or name


@contextmanager
def _filled_beside(into: Path) -> Iterator[Path]:
    """A new folder beside `into` that takes its place at the end, or vanishes on any error."""
    into = into.absolute()
    _check_target(into)
    try:
        into.parent.mkdir(parents=True, exist_ok=True)
        _remove_leftovers(into)
        folder = Path(tempfile.mkdtemp(prefix=f".{into.name}.", suffix=".part", dir=into.parent))
    except OSError as error:
        raise AnalyzerError(
            f"Nothing can be written to {into.parent}: {error.strerror}."
        ) from error
    try:
        (folder / CACHE_TAG).write_text(_TAG_CONTENT)
        yield folder
        _exchange(folder, into)
    except OSError as error:
        raise AnalyzerError(f"The snapshot could not be written: {error}.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _check_target(into: Path) -> None:
    if not into.exists() or (into / _MANIFEST).is_file():
        return
    if not into.is_dir() or any(into.iterdir()):
        raise UnusableInput(f"{into} holds something else. Give an empty or new folder.")


def _exchange(folder: Path, into: Path) -> None:
    """Put the folder in the place of `into`. Two at once: the later one stays, whole."""
    folder.chmod(0o755)
    with tempfile.TemporaryDirectory(
        prefix=f".{into.name}.", suffix=".part", dir=into.parent, ignore_cleanup_errors=True
    ) as old:
        for attempt in range(_EXCHANGES):
            if into.exists():
                with suppress(FileNotFoundError):
                    into.rename(Path(old, str(attempt)))
            try:
                folder.rename(into)
            except OSError:
                if attempt == _EXCHANGES - 1:
                    raise
            else:
                return


def _remove_leftovers(into: Path) -> None:
    for leftover in into.parent.glob(f".{glob.escape(into.name)}.*.part"):
        with suppress(FileNotFoundError):  # another intake is just finishing
            if time.time() - leftover.stat().st_mtime > _LEFTOVER_SECONDS:
                shutil.rmtree(leftover, ignore_errors=True)


def _manifest(
    folder: Path, *, name: str, files: tuple[SourceFile, ...], found: tuple[Diagnostic, ...]
) -> dict[str, Any]:
    history = folder / _HISTORY
    return {
        "schema": SCHEMA,
        "name": name,
        "digest": digest_of(files),
        "history_commit": git.newest_commit(history) if history.exists() else "",
        "files": [[file.path, file.digest, file.size] for file in files],
        "diagnostics": [asdict(diagnostic) for diagnostic in found],
    }


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    with (folder / _MANIFEST).open("wb") as out:
        out.write(json.dumps(manifest, ensure_ascii=False, indent=0).encode("utf-8"))
        out.flush()
        os.fsync(out.fileno())


def _from_manifest(into: Path, manifest: dict[str, Any]) -> Snapshot:
    history = into / _HISTORY
    return Snapshot(
        name=manifest["name"],
        root=into / _FILES,
        files=tuple(
            SourceFile(path=path, digest=digest, size=size)
            for path, digest, size in manifest["files"]
        ),
        digest=manifest["digest"],
        history=history if manifest["history_commit"] else None,
        diagnostics=tuple(Diagnostic(**said) for said in manifest["diagnostics"]),
        history_commit=manifest["history_commit"],
    )
