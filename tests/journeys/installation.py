"""A whole installation, started as a person starts it, in a data directory of its own."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import psutil

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120


class Installation:
    """`python -m webapp up` in a process; what it prints, its processes, its API."""

    def __init__(self, data: Path, *, environment: dict[str, str] | None = None) -> None:
        self.data = data
        self.environment = {
            **os.environ,
            "SEAMLINE_DATA": str(data),
            "SEAMLINE_SOLVER_SECONDS": "1",
            "DJANGO_SETTINGS_MODULE": "webapp.settings",
            **(environment or {}),
        }
        self.printed = data.with_name(f"{data.name}.out")
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *arguments: str) -> "Installation":
        """Start it and wait for the line with the link."""
        with self.printed.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "webapp", "up", *arguments],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        wait_until(lambda: self.link is not None or self.process.poll() is not None, START_SECONDS)  # type: ignore[union-attr]
        assert self.link, self.printed.read_text()
        return self

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to end; the exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return self.process.wait(60)

    @property
    def text(self) -> str:
        return self.printed.read_text(encoding="utf-8")

    @property
    def link(self) -> str | None:
        """The one-time sign-in link, once it is printed."""
        lines = [line for line in self.text.splitlines() if "ready: http" in line]
        return lines[0].split()[-1] if lines else None

    @property
    def url(self) -> str:
        assert self.link is not None
        return self.link.split("/sign-in/")[0]

    def pids(self) -> dict[str, int]:
        """The number of each supervised process, by its name."""
        rows = json.loads((self.data / "processes.json").read_text())
        return {row["name"]: row["pid"] for row in rows}

    def everything(self) -> list[psutil.Process]:
        """Every process of this installation, found by the environment it was given."""
        found = []
        for process in psutil.process_iter():
            try:
                environment = process.environ()
                if environment.get("SEAMLINE_DATA") == str(self.data) or str(self.data) in " ".join(
                    process.cmdline()
                ):
                    found.append(process)
            except psutil.Error:
                continue
        return [one for one in found if one.pid != os.getpid() and one.is_running()]

    def manage(self, *arguments: str) -> str:
        """Run a management command; the last word it prints."""
        done = subprocess.run(
            [sys.executable, "-m", "webapp", *arguments],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.split()[-1]

    def user(self, name: str) -> "Program":
        """A new user's program."""
        self.manage("create_user", name, "--no-password")
        return Program(self, self.manage("api_token", name, "tests"))

    def rows(self, query: str) -> list[dict[str, Any]]:
        """What stands in the database."""
        file = self.data / "seamline.sqlite3"
        connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=20)
        connection.row_factory = sqlite3.Row
        try:
            return [dict(row) for row in connection.execute(query)]
        finally:
            connection.close()

    def runs(self) -> list[dict[str, Any]]:
        """Every run, the oldest first."""
        return self.rows("select * from analyses_analysisrun order by id")

    def claimed(self) -> list[dict[str, Any]]:
        """The runs that somebody works on."""
        return [run for run in self.runs() if run["claimed_by"] and not run["finished_at"]]


class Program:
    """Somebody who speaks to the API."""

    def __init__(self, installation: Installation, token: str) -> None:
        self.installation = installation
        self.token = token

    def get(self, path: str) -> Any:
        """The JSON at the path."""
        return json.loads(self._ask(path))

    def analyse(self, archive: bytes) -> int:
        """Send an archive; the number of its run."""
        boundary = uuid.uuid4().hex
        part = "Content-Disposition: form-data; name=archive; filename=shop.zip"
        body = f"--{boundary}\r\n{part}\r\n\r\n".encode() + archive
        body += f"\r\n--{boundary}--\r\n".encode()
        kind = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
        return int(json.loads(self._ask("/api/projects/", body, kind))["id"])

    def _ask(self, path: str, body: bytes | None = None, more: dict[str, str] | None = None) -> str:
        """Ask until there is an answer: a server that restarts loses connections, not work."""
        headers = {"Authorization": f"Bearer {self.token}", **(more or {})}
        end = time.monotonic() + 60
        while True:
            try:
                request = Request(self.installation.url + path, data=body, headers=headers)
                with urlopen(request, timeout=30) as answer:
                    return str(answer.read().decode())
            except (URLError, ConnectionError, TimeoutError):
                if body is not None or time.monotonic() > end:
                    raise
                time.sleep(0.1)


def wait_until(condition: Callable[[], object], seconds: float) -> None:
    """Wait for the condition, and fail where it does not come true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.03)


def finished(installation: Installation, numbers: Iterable[int]) -> Callable[[], bool]:
    """Whether all of these runs are over."""
    wanted = set(numbers)
    return lambda: wanted <= {run["id"] for run in installation.runs() if run["finished_at"]}
