"""Packs a tree given as a picture (path → content) in every way that a source can come."""

import io
import os
import subprocess
import tarfile
import zipfile
from pathlib import Path

Picture = dict[str, bytes]

GIT_IDENTITY = {
    "GIT_AUTHOR_NAME": "A",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "A",
    "GIT_COMMITTER_EMAIL": "a@example.org",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


def as_folder(picture: Picture, folder: Path) -> Path:
    for path, content in picture.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder


def as_zip(picture: Picture, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path, content in picture.items():
            out.writestr(path, content)
    return archive


def as_tar(picture: Picture, archive: Path, *, mode: str = "w") -> Path:
    with tarfile.open(archive, mode) as out:  # type: ignore[call-overload]
        for path, content in picture.items():
            out.addfile(regular(path, content), io.BytesIO(content))
    return archive


def regular(path: str, content: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(path)
    entry.size = len(content)
    return entry


def as_git(picture: Picture, folder: Path) -> Path:
    as_folder(picture, folder)
    git(folder, "init", "-q", "-b", "main")
    commit(folder, "first")
    return folder


def commit(folder: Path, message: str) -> None:
    git(folder, "add", "-A", "-f")
    git(folder, "commit", "-q", "-m", message)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        env={**os.environ, **GIT_IDENTITY},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
