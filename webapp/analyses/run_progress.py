"""How a running analysis writes down how far it is, and learns that it should stop."""

import logging
import threading
import time
from types import TracebackType
from typing import Any

from django.db import DatabaseError, connection
from django.utils import timezone

from analyzer.errors import Cancelled
from webapp.analyses.models import AnalysisRun

logger = logging.getLogger(__name__)

SECONDS_BETWEEN_WRITES = 0.5
SECONDS_BETWEEN_HEARTBEATS = 5.0


class ClaimLost(Exception):
    """The run was taken from this worker, which must not write to it any more."""


class RunProgress:
    """An `analyzer.progress.Progress` that keeps the stages in the run's row."""

    def __init__(self, *, run_id: int, claim: str) -> None:
        self._held = AnalysisRun.objects.filter(pk=run_id, claimed_by=claim, finished_at=None)
        self._stages: list[dict[str, Any]] = []
        self._written = 0.0

    def started(self, *, stage: str, total: int | None) -> None:
        """A stage begins; one that begins again keeps its start and what it has done."""
        row = next((row for row in self._stages if row["stage"] == stage), None)
        if row is None:
            row = {"stage": stage, "started": time.time(), "done": 0}
            self._stages.append(row)
        row.update(total=total, finished=None)
        self._write()

    def advanced(self, *, stage: str, done: int) -> None:
        """`done` items are finished; written down now and then."""
        if self._stages and self._stages[-1]["stage"] == stage:
            self._stages[-1]["done"] = max(done, self._stages[-1]["done"])
        if time.monotonic() - self._written >= SECONDS_BETWEEN_WRITES:
            self._write()

    def finished(self, *, stage: str) -> None:
        """The stage is complete."""
        for row in self._stages:
            if row["stage"] == stage:
                row["finished"] = time.time()
                row["done"] = row["total"] if row["total"] is not None else row["done"]
        self._write()

    def _write(self) -> None:
        """Store the stages under the claim.

        Raises `ClaimLost` where it is not ours any more, and `Cancelled` where we are to stop.
        """
        self._written = time.monotonic()
        if not self._held.update(stages=self._stages, heartbeat_at=timezone.now()):
            raise ClaimLost
        if self._held.filter(cancel_requested_at__isnull=False).exists():
            raise Cancelled("Cancelled on request.")


class Heartbeat:
    """Keeps the claim fresh from a thread of its own, while a stage says nothing for long."""

    def __init__(self, *, run_id: int, claim: str) -> None:
        self._held = AnalysisRun.objects.filter(pk=run_id, claimed_by=claim, finished_at=None)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _beat_once(self) -> None:
        """A missed beat is no harm: the next one follows."""
        try:
            self._held.update(heartbeat_at=timezone.now())
        except DatabaseError as error:
            logger.warning("a heartbeat could not be written: %s", error)

    def _beat(self) -> None:
        try:
            while not self._stop.wait(SECONDS_BETWEEN_HEARTBEATS):
                self._beat_once()
        finally:
            connection.close()
