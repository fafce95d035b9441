"""Keeping children alive until somebody asks to stop."""

import contextlib
import os
import select
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

from webapp.supervisor import leftovers
from webapp.supervisor.child import Child

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LOOK_AGAIN_SECONDS = 1.0
STOP_SECONDS = 8.0


class Watch:
    """Restarts what ends; stops everything, the last started first, when it is told to."""

    def __init__(self, *, note: Path, say: Callable[[str], None]) -> None:
        self._note = note
        self._say = say
        self._children: list[Child] = []
        self._stopping = False
        self._wake_read, wake_write = os.pipe()
        os.set_blocking(wake_write, False)
        os.set_blocking(self._wake_read, False)
        signal.set_wakeup_fd(wake_write, warn_on_full_buffer=False)
        for number in STOP_SIGNALS:
            signal.signal(number, self._on_stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)

    @property
    def stopping(self) -> bool:
        return self._stopping

    def add(self, children: Sequence[Child]) -> None:
        """Start the children and look after them from now on."""
        for child in children:
            child.start()
            self._children.append(child)
        leftovers.note(self._note, self._children)

    def run(self, *, seconds: float | None = None) -> None:
        """Look after the children for that long, or until told to stop."""
        end = None if seconds is None else time.monotonic() + seconds
        while not self._stopping and (end is None or time.monotonic() < end):
            self._restart_what_ended()
            pause = LOOK_AGAIN_SECONDS if end is None else max(0.0, end - time.monotonic())
            self._sleep(min(pause, *self._pauses(), LOOK_AGAIN_SECONDS))

    def stop(self) -> None:
        """End all children in order and leave nothing behind."""
        # Redis was started first and ends last: the others still speak to it.
        for part in (self._children[:0:-1], self._children[:1]):
            # Each is told once: a second signal has a worker end in disorder.
            for child in part:
                child.ask_to_stop()
            for child in part:
                child.wait_and_kill(seconds=STOP_SECONDS)
        self._note.unlink(missing_ok=True)

    def _restart_what_ended(self) -> None:
        changed = False
        for child in self._children:
            if child.has_ended():
                how = child.clear_away()
                if child.failures in {0, 1, 5}:
                    self._say(f"{child.program.name} {how}; starting it again")
                if child.failures == 5:
                    self._say(f"it keeps failing: see {child.program.log}")
            if child.process is None and time.monotonic() >= child.restart_at:
                child.start()
                changed = True
        if changed:
            leftovers.note(self._note, self._children)

    def _pauses(self) -> list[float]:
        now = time.monotonic()
        return [max(0.0, c.restart_at - now) for c in self._children if c.process is None]

    def _sleep(self, seconds: float) -> None:
        """Wait, but wake up for a signal."""
        if select.select([self._wake_read], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                os.read(self._wake_read, 4096)

    def _on_stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True
