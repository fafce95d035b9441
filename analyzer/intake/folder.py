"""A folder on this machine as a source."""

import os
from collections.abc import Iterator
from pathlib import Path

from analyzer.errors import UnusableInput
from analyzer.intake.limits import MIB
from analyzer.intake.sieve import FOLDER_MARKS, IGNORED_FOLDERS, refusal_of
from analyzer.intake.tree import Tree, UnreadableEntry


def fill_from_folder(tree: Tree, folder: Path) -> None:
    """Copy the regular files of a folder; no link is followed, nothing but files is opened.

    Raises `UnusableInput` if the folder cannot be listed or a limit is passed.
    """
    try:
        os.scandir(folder).close()
    except OSError as error:
        raise UnusableInput(f"The folder {folder} cannot be read: {error.strerror}.") from error
    pending = [""]
    while pending:
        pending.extend(_take_listing(tree, folder, pending.pop()))


def _take_listing(tree: Tree, folder: Path, prefix: str) -> list[str]:
    """Take the files of one folder below `folder`; returns the folders in it, last one first."""
    try:
        with os.scandir(folder / prefix) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        tree.leave_out(prefix, code="unreadable-file")
        return []
    below = []
    for entry in entries:
        path = f"{prefix}{entry.name}"
        if entry.is_symlink() or not (entry.is_file() or entry.is_dir()):
            tree.leave_out(path, code="not-a-file")
        elif entry.is_file():
            tree.add(
                path, _chunks(Path(entry.path)), size=entry.stat(follow_symlinks=False).st_size
            )
        elif _enters(tree, entry, path):
            below.append(f"{path}/")
    return below[::-1]


def _enters(tree: Tree, entry: os.DirEntry[str], path: str) -> bool:
    if entry.name in IGNORED_FOLDERS:
        tree.sieve.ignore_folder(path, reason=IGNORED_FOLDERS[entry.name])
        return False
    for mark, reason in FOLDER_MARKS.items():
        if os.path.lexists(os.path.join(entry.path, mark)):
            tree.sieve.ignore_folder(path, reason=reason)
            return False
    if refusal := refusal_of(path, tree.meter.limits):
        tree.leave_out(path, code=refusal)
        return False
    return True


def _chunks(path: Path) -> Iterator[bytes]:
    # O_NOFOLLOW and O_NONBLOCK: the file may have been exchanged for a link or a pipe since the
    # listing, and neither may be followed or waited for.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
    try:
        descriptor = os.open(path, flags)
        with os.fdopen(descriptor, "rb") as content:
            while chunk := content.read(MIB):
                yield chunk
    except OSError as error:
        raise UnreadableEntry(str(path)) from error
