"""One process that the supervisor starts, watches and stops."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

LOG_LIMIT_BYTES = 5 * 2**20
# How long a process must have lived for its end not to count as a failed start.
SETTLED_AFTER_SECONDS = 10.0
PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 15.0
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, and how to ask it to end."""

    name: str
    arguments: Sequence[str]
    log: Path
    environment: Mapping[str, str]
    stop_signal: signal.Signals = signal.SIGTERM
    descriptors: tuple[int, ...] = ()


@dataclass(slots=True)
class Child:
    """A running program, in a process group of its own."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    restart_at: float = 0.0
    started_at: float = field(default=0.0)

    def start(self) -> None:
        """Run the program, its output going to its log."""
        _rotate(self.program.log)
        with self.program.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(self.program.arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=dict(self.program.environment),
                pass_fds=self.program.descriptors,
                start_new_session=True,
                preexec_fn=_end_with_parent(self.program.stop_signal),
            )
        self.started_at = time.monotonic()

    def has_ended(self) -> bool:
        """Whether it was started and runs no more."""
        return self.process is not None and self.process.poll() is not None

    def clear_away(self) -> str:
        """End what is left of its group and plan the restart; says how it ended."""
        assert self.process is not None
        code = self.process.returncode
        kill_group(self.process.pid)
        self.process = None
        killed = code < 0
        settled = time.monotonic() - self.started_at > SETTLED_AFTER_SECONDS
        self.failures = 0 if killed or settled else self.failures + 1
        pause = min(PAUSE_SECONDS * 2**self.failures, LONGEST_PAUSE_SECONDS)
        self.restart_at = time.monotonic() + pause
        return f"was killed by signal {-code}" if killed else f"ended with code {code}"

    def ask_to_stop(self) -> None:
        """Send the signal by which the program ends in order."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(self.program.stop_signal)

    def wait_and_kill(self, *, seconds: float) -> None:
        """Give it the time to end, then end it and all it started."""
        if self.process is None:
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        kill_group(self.process.pid)
        self.process.wait()
        self.process = None

    def identity(self) -> dict[str, object] | None:
        """What tells this process from a later one with the same number."""
        if self.process is None:
            return None
        try:
            created = psutil.Process(self.process.pid).create_time()
        except psutil.NoSuchProcess:
            return None
        return {"name": self.program.name, "pid": self.process.pid, "created": created}


def kill_group(leader: int) -> None:
    """End every process of the group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def _end_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """On Linux, what makes the kernel stop the process when the supervisor is killed."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return lambda: libc.prctl(PR_SET_PDEATHSIG, int(stop_signal))


def _rotate(log: Path) -> None:
    """Keep one older log beside the present one."""
    if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
        log.replace(log.with_suffix(".1.log"))
