"""Environments of projects, made from locks with hashes and kept in benchmarks/cache/oracle."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.corpus import HERE

CACHE = HERE / "cache" / "oracle"
UV = Path(sys.executable).parent / "uv"
MARK = "@@DUMP@@"


def lock(
    name: str,
    *,
    requires: Sequence[str],
    without: Sequence[str],
    also: Sequence[str] = (),
    python: str,
    to: Path,
) -> None:
    """Pin everything that the requirements need, with hashes.

    What is in `without` is left out; what is in `also` replaces what the project asks for.
    """
    CACHE.mkdir(parents=True, exist_ok=True)
    wanted, left_out = CACHE / f"{name}.in", CACHE / f"{name}.without"
    wanted.write_text("\n".join(requires) + "\n")
    overridden = [*(f"{one} ; python_version < '3'" for one in without), *also]
    left_out.write_text("\n".join(overridden) + "\n")
    arguments = ["--generate-hashes", "--python-version", python, "--no-header", "--no-annotate"]
    overriding = ["--override", str(left_out)] if overridden else []
    _run(UV, "pip", "compile", "-q", *arguments, *overriding, str(wanted), "-o", str(to))


def environment(name: str, *, lock: Path, python: str) -> Path:
    """The interpreter of the project's environment; it is made if it is not there."""
    folder = CACHE / name
    interpreter = folder / "bin" / "python"
    done = folder / ".done"
    if not done.is_file():
        _run(UV, "venv", "-q", "--clear", "--python", python, str(folder))
        options = ["--no-deps", "--require-hashes", "--python", str(interpreter)]
        _run(UV, "pip", "install", "-q", *options, "-r", str(lock))
        done.touch()
    return interpreter


def dumped(command: Sequence[str | Path], *, environment: Mapping[str, str]) -> str:
    """What a dump script prints after its mark; whatever else the project prints is left aside."""
    home = CACHE / "home"
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


def _run(*command: object) -> None:
    subprocess.run(["nice", *[str(part) for part in command]], check=True)
