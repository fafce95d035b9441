"""Fetches the pinned corpus: `python -m benchmarks.corpus` fills benchmarks/cache/corpus/NAME."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
CACHE = HERE / "cache"
# A wheel's tags and Requires-Python do not matter for reading it; newest first.
PYTHONS = ("3.13", "3.12", "3.11")


@dataclass(frozen=True, slots=True)
class Project:
    """One pinned wheel; `half` is "tuning" or "reporting" (see corpus.toml)."""

    name: str
    version: str
    wheel: str
    sha256: str
    mapper: str
    half: str

    @property
    def folder(self) -> Path:
        """Where its source stands once fetched."""
        return CACHE / "corpus" / self.name

    @property
    def archive(self) -> Path:
        """Where its wheel stands once fetched."""
        return CACHE / "wheels" / self.wheel


def projects() -> tuple[Project, ...]:
    """The corpus, sorted by name."""
    listed = tomllib.loads((HERE / "corpus.toml").read_text())["project"]
    return tuple(sorted((Project(**entry) for entry in listed), key=lambda project: project.name))


def fetch(project: Project) -> Path:
    """Download, verify and unpack one project; nothing to do where that has been done."""
    if not _verified(project):
        _download(project)
    if not project.folder.is_dir():
        _unpack(project)
    return project.folder


def _verified(project: Project) -> bool:
    if not project.archive.is_file():
        return False
    return hashlib.sha256(project.archive.read_bytes()).hexdigest() == project.sha256


def _download(project: Project) -> None:
    project.archive.parent.mkdir(parents=True, exist_ok=True)
    for python in PYTHONS:
        if _pip_download(project, python) and _verified(project):
            return
    sys.exit(f"{project.wheel}: not to be had with sha256 {project.sha256}")


def _pip_download(project: Project, python: str) -> bool:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
    command += ["--only-binary=:all:", "--python-version", python]
    command += ["--dest", str(project.archive.parent), f"{project.name}=={project.version}"]
    return subprocess.run(command, check=False, stderr=subprocess.DEVNULL).returncode == 0


def _unpack(project: Project) -> None:
    project.folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=project.folder.parent))
    try:
        with zipfile.ZipFile(project.archive) as wheel:
            wheel.extractall(scratch)
        os.replace(scratch, project.folder)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise


if __name__ == "__main__":
    for wanted in projects():
        print(f"{wanted.name} {wanted.version}: {fetch(wanted)}")
