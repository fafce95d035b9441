"""The environment of each project: pinned, apart from ours, and the only place its code runs in."""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tomllib
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.corpus import CACHE, Project, fetch, projects
from benchmarks.environments import environment
from benchmarks.recorded_sql.servers import postgres, redis

HERE = Path(__file__).parent
SERVERS = {"postgres": postgres, "redis": redis}
RECORDERS = {
    "django": "record.py",
    "sqlalchemy": "record_sqlalchemy.py",
    "peewee": "record_peewee.py",
}
SDISTS = CACHE / "recorded_sql" / "sdists"


@dataclass(frozen=True, slots=True)
class Recorded:
    """One entry of projects.toml."""

    name: str
    python: str
    dialect: str
    seconds: int
    command: list[str]
    servers: list[str]
    settings: str = ""  # module of Django's settings
    mapper: str = "django"  # or "sqlalchemy", "peewee"
    environment: dict[str, str] = field(default_factory=dict)
    # Of a project that is not in the corpus: version, wheel, sha256.
    wheel: dict[str, str] = field(default_factory=dict)
    # Of a project whose wheel lacks its tests: archive, sha256, and the folder and package in it;
    # `beside` is a package of the wheel that they want to find beside them: a copy is put there.
    tests: dict[str, str] = field(default_factory=dict)
    # Nobody had looked at its misses when it was first measured.
    held_out: bool = False

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
    def working_folder(self) -> Path:
        """Where the tests start."""
        return self.folder / "tests" / self.tests["folder"] if self.tests else self.source

    @property
    def root(self) -> Path:
        """Where the code stands that the tests run on."""
        return self.working_folder if "beside" in self.tests else self.source

    @property
    def lock(self) -> Path:
        """Everything that the tests need, by hash."""
        return HERE / "locks" / f"{self.name}.txt"


def recorded_projects() -> tuple[Recorded, ...]:
    """All of projects.toml."""
    listed = tomllib.loads((HERE / "projects.toml").read_text())["project"]
    return tuple(Recorded(**entry) for entry in listed)


def fetch_source(project: Recorded) -> Path:
    """The project's own wheel, unpacked, as it is pinned, and its tests if they are apart."""
    source = fetch(_pinned(project))
    if project.tests:
        _fetch_tests(project)
    return source


def build(project: Recorded) -> None:
    """Make the environment unless it is there and as the lock says."""
    environment(project.folder / "env", lock=project.lock, python=project.python)


def record(project: Recorded) -> None:
    """Run the project's tests, and keep what they asked of the database."""
    with ExitStack() as stack:
        places = {name: stack.enter_context(SERVERS[name]()) for name in project.servers}
        command = [
            str(project.folder / "env" / "bin" / "python"),
            *("-W", "ignore", str(HERE / RECORDERS[project.mapper]), str(project.recording)),
            *(str(project.root), str(project.seconds), *_with_configuration(project)),
        ]
        with (project.folder / "tests.log").open("w") as log:
            subprocess.run(
                command,
                check=False,
                cwd=project.working_folder,
                env=_environment(project, places),
                stdout=log,
                stderr=subprocess.STDOUT,
            )


def outcome(project: Recorded) -> str:
    """How the tests ended, in the words of the test runner."""
    log = (project.folder / "tests.log").read_text(errors="replace")
    pytest = re.findall(r"^(?=.*\b(?:passed|failed)\b).* in [\d.]+ ?s.*$", log, re.MULTILINE)
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
    return [runner, "-c", ini, "--rootdir", str(project.working_folder), *arguments]


def _environment(project: Recorded, places: dict[str, str]) -> dict[str, str]:
    ours = ("PYTEST_", "DJANGO_", "PYTHON", "VIRTUAL_ENV")
    paths = dict.fromkeys((project.root, project.working_folder, HERE / "settings"))
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    settings = {"DJANGO_SETTINGS_MODULE": project.settings} if project.settings else {}
    return {
        **kept,
        **settings,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": os.pathsep.join([str(path) for path in paths]),
        **{f"RECORDED_{name.upper()}": place for name, place in places.items()},
        **{key: value.format(**places) for key, value in project.environment.items()},
    }


def _pinned(project: Recorded) -> Project:
    if project.wheel:
        return Project(project.name, mapper="django", half="reporting", **project.wheel)
    return next(entry for entry in projects() if entry.name == project.name)


def _fetch_tests(project: Recorded) -> None:
    archive = SDISTS / project.tests["archive"]
    if not archive.is_file():
        wanted = f"{project.name}=={_pinned(project).version}"
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        pip += [f"--no-binary={project.name}", "--dest", str(SDISTS), wanted]
        subprocess.run(pip, check=True, stderr=subprocess.DEVNULL)
    if hashlib.sha256(archive.read_bytes()).hexdigest() != project.tests["sha256"]:
        raise RuntimeError(f"{archive.name} is not the one that was pinned")
    if not project.working_folder.is_dir():
        with tarfile.open(archive) as sdist:
            wanted = "/".join((project.tests["folder"], project.tests["package"], ""))
            members = [one for one in sdist.getmembers() if one.name.startswith(wanted)]
            sdist.extractall(project.folder / "tests", members, filter="data")
    beside = project.tests.get("beside", "")
    if beside and not (project.working_folder / beside).is_dir():
        shutil.copytree(project.source / beside, project.working_folder / beside)
