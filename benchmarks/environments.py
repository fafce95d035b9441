"""Environments of projects, made from locks with hashes and kept in benchmarks/cache."""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from benchmarks.corpus import CACHE, HERE

ORACLE = CACHE / "oracle"
UV_LOCK = HERE / "uv.txt"
MARK = "@@DUMP@@"

Entry = Mapping[str, object]  # a [[project]] of a projects.toml


def main(
    arguments: Sequence[str],
    projects: Sequence[Entry],
    *,
    locks: Path,
    measured: Callable[[Sequence[Entry], bool], bool],
) -> int:
    """Measure the named projects, or all; with `--lock`, pin their environments anew instead.

    `measured` gets the projects and whether they are all; it says whether all is as it should be.
    """
    names = [name for name in arguments if not name.startswith("--")]
    chosen = [project for project in projects if not names or project["name"] in names]
    if "--lock" in arguments:
        for project in chosen:
            lock(project, to=locks / f"{project['name']}.txt")
        return 0
    return 0 if measured(chosen, not names) else 1


def lock(project: Entry, *, to: Path) -> None:
    """Pin everything that a project requires, with hashes.

    What is in its `without` is left out; what is in `also` replaces what the project asks for.
    """
    name = str(project["name"])
    ORACLE.mkdir(parents=True, exist_ok=True)
    wanted, overrides = ORACLE / f"{name}.in", ORACLE / f"{name}.without"
    wanted.write_text("\n".join(project["requires"]) + "\n")
    left_out = [f"{one} ; python_version < '3'" for one in project.get("without", ())]
    overridden = [*left_out, *project.get("also", ())]
    overrides.write_text("\n".join(overridden) + "\n")
    arguments = ["--generate-hashes", "--no-header", "--no-annotate"]
    arguments += ["--python-version", str(project["python"])]
    overriding = ["--override", str(overrides)] if overridden else []
    _run(uv(), "pip", "compile", "-q", *arguments, *overriding, wanted, "-o", to)


def environment(folder: Path, *, lock: Path, python: str) -> Path:
    """The interpreter of an environment; it is made unless it is there and as its lock says."""
    interpreter = folder / "bin" / "python"
    stamp = folder / ".installed"
    if not stamp.is_file() or stamp.read_text() != lock.read_text():
        _run(uv(), "venv", "-q", "--clear", "--python", _version(python), folder)
        # --no-deps: the lock is complete, and leaves out what only a server of another kind needs.
        options = ["--no-deps", "--require-hashes", "--python", interpreter]
        _run(uv(), "pip", "install", "-q", *options, "-r", lock)
        stamp.write_text(lock.read_text())
    return interpreter


@cache
def uv() -> Path:
    """The installer: the one beside this interpreter, or one that is put into the cache."""
    beside = Path(sys.executable).parent / "uv"
    if beside.is_file():
        return beside
    home = CACHE / "uv"
    if not (home / "bin" / "uv").is_file():
        shutil.rmtree(home, ignore_errors=True)
        venv.create(home, with_pip=True)
        pip = [home / "bin" / "python", "-m", "pip", "install", "-q"]
        _run(*pip, "--disable-pip-version-check", "--require-hashes", "-r", UV_LOCK)
    return home / "bin" / "uv"


def dumped(command: Sequence[str | Path], *, environment: Mapping[str, str]) -> str:
    """What a dump script prints after its mark; whatever else the project prints is left aside."""
    home = ORACLE / "home"
    home.mkdir(parents=True, exist_ok=True)
    given = {"PATH": os.environ["PATH"], "HOME": str(home), **environment}
    result = subprocess.run(
        [str(part) for part in command],
        env=given,
        cwd=home,
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    for line in result.stdout.splitlines():
        if line.startswith(MARK):
            return line.removeprefix(MARK)
    raise RuntimeError(f"{command[1:]} printed no dump: {result.stderr[-2000:]}")


def _version(python: str) -> str:
    """An interpreter of that version; where none is at hand, the version itself."""
    managed = sorted(Path.home().glob(f".pyenv/versions/{python}.*/bin/python"))
    return str(managed[-1]) if managed else python


def _run(*command: object) -> None:
    # Where a proxy stands before the registry, the machine trusts it, and uv's own list does not.
    trusting = {"UV_SYSTEM_CERTS": "1", **os.environ}
    subprocess.run(["nice", *[str(part) for part in command]], check=True, env=trusting)
