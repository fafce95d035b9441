"""Telling an archive from another file, before it is kept."""

import tarfile
import zipfile
from pathlib import Path

ARCHIVE_SUFFIXES = (
    ".zip",
    ".whl",
    ".tar",
    ".tar.gz",
    ".tgz",
    ".tar.bz2",
    ".tbz2",
    ".tar.xz",
    ".txz",
)


def complaint_about(path: Path, *, name: str, limit: int) -> str:
    """Why the file cannot be analysed, in words for the person who sent it; empty if it can."""
    size = path.stat().st_size
    if not name.lower().endswith(ARCHIVE_SUFFIXES):
        return "This is not an archive. Send a .zip, a .whl or a .tar, plain or compressed."
    if size == 0:
        return "The file is empty."
    if size > limit:
        return f"The archive is larger than the {limit // 2**20} MB that this server takes."
    if not _opens(path):
        return "The archive is damaged or is not what its name says: it cannot be opened."
    return ""


def _opens(path: Path) -> bool:
    """Whether the directory of a zip, or the first entry of a tar, can be read."""
    try:
        return zipfile.is_zipfile(path) or tarfile.is_tarfile(path)
    except (OSError, EOFError, ValueError):
        return False
