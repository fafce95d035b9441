"""The environment of each project: pinned, apart from ours, and the only place its code runs in."""

import os
import re
import subprocess
import sys
import tomllib
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.corpus import CACHE, fetch, projects
from benchmarks.recorded_sql.servers import postgres, redis

HERE = Path(__file__).parent
SERVERS = {"postgres": postgres, "redis": redis}
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry of projects.toml."""

    name: str
    python: str
    settings: str
    dialect: str
    seconds: int
    command: list[str]
    servers: list[str]
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def source(self) -> Path:
        """The unpacked wheel: what is analysed, and what the tests run on."""
        return CACHE / "corpus" / self.name

    @property
    def folder(self) -> Path:
        """Environment, recording and log."""
        return CACHE / "recorded_sql" / self.name

    @property
    def recording(self) -> Path:
        """What was recorded last."""
        return self.folder / "recording.json.gz"

    @property
    def lock(self) -> Path:
        """Everything that the tests need, by hash."""
        return HERE / "locks" / f"{self.name}.txt"


def recorded_projects() -> tuple[Recorded, ...]:
    """All of projects.toml."""
    listed = tomllib.loads((HERE / "projects.toml").read_text())["project"]
    return tuple(Recorded(**entry) for entry in listed)


def fetch_source(project: Recorded) -> Path:
    """The project's own wheel, unpacked, as pinned in the corpus."""
    pinned = next(entry for entry in projects() if entry.name == project.name)
    return fetch(pinned)


def build(project: Recorded) -> None:
    """Make the environment unless it is there and as the lock says."""
    stamp = project.folder / "installed"
    if stamp.is_file() and stamp.read_text() == project.lock.read_text():
        return
    python = project.folder / "env" / "bin" / "python"
    _uv("venv", "--clear", "--python", _interpreter(project.python), str(python.parents[1]))
    # --no-deps: the lock is complete, and leaves out what only a server of another kind would need.
    wanted = ("--no-deps", "--require-hashes", "--requirement", str(project.lock))
    _uv("pip", "install", "--python", str(python), *wanted)
    stamp.write_text(project.lock.read_text())


def record(project: Recorded) -> None:
    """Run the project's tests, and keep what they asked of the database."""
    with ExitStack() as stack:
        places = {name: stack.enter_context(SERVERS[name]()) for name in project.servers}
        command = [
            str(project.folder / "env" / "bin" / "python"),
            *("-W", "ignore", str(HERE / "record.py"), str(project.recording)),
            *(str(project.source), str(project.seconds), *_with_configuration(project)),
        ]
        with (project.folder / "tests.log").open("w") as log:
            subprocess.run(
                command,
                check=False,
                cwd=project.source,
                env=_environment(project, places),
                stdout=log,
                stderr=subprocess.STDOUT,
            )


def outcome(project: Recorded) -> str:
    """How the tests ended, in the words of the test runner."""
    log = (project.folder / "tests.log").read_text(errors="replace")
    pytest = re.findall(r"^(?=.*\b(?:passed|failed)\b).* in [\d.]+s.*$", log, re.MULTILINE)
    unittest = re.findall(r"^Ran \d+ tests? in .*$|^(?:OK|FAILED).*$", log, re.MULTILINE)
    ended = re.findall(r"^recorded \d+ statements; (.*)$", log, re.MULTILINE)
    words = [line.strip("= ") for line in (pytest[-1:] or unittest[-2:])]
    if "time is up" in log or "KeyboardInterrupt" in log:
        words.append(f"ended at the limit of {project.seconds} s")
    return ", ".join(words) or "; ".join(ended) or "did not end"


def _with_configuration(project: Recorded) -> list[str]:
    runner, *arguments = project.command
    if runner != "pytest":
        return project.command
    ini = str(HERE / "settings" / "pytest.ini")
    return [runner, "-c", ini, "--rootdir", str(project.source), *arguments]


def _environment(project: Recorded, places: dict[str, str]) -> dict[str, str]:
    ours = ("PYTEST_", "DJANGO_", "PYTHON", "VIRTUAL_ENV")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return {
        **kept,
        "DJANGO_SETTINGS_MODULE": project.settings,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join([str(project.source), str(HERE / "settings")]),
        **{f"RECORDED_{name.upper()}": place for name, place in places.items()},
        **{key: value.format(**places) for key, value in project.environment.items()},
    }


def _interpreter(version: str) -> str:
    managed = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    return str(managed[-1]) if managed else version


def _uv(*arguments: str) -> None:
    subprocess.run([str(BIN / "uv"), *arguments, "--quiet"], check=True)
