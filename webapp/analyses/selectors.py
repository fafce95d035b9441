"""Which runs there are, how far they are, and whose turn it is."""

import gzip
import json
import time
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from webapp.accounts.models import User
from webapp.analyses.models import AnalysisRun, StoredReport
from webapp.codebases import selectors as codebases
from webapp.codebases.models import Project


@dataclass(frozen=True, slots=True)
class StageProgress:
    """One row of the progress list."""

    name: str
    title: str
    state: str  # waiting, running, done
    done: int
    total: int | None
    percent: int
    seconds: float
    rate: float | None  # items a second
    seconds_left: float | None


@dataclass(frozen=True, slots=True)
class ProjectOverview:
    """One project in the list, with its newest run."""

    project: Project
    run: AnalysisRun | None
    runs: int


def run_for(user: User, run_id: int) -> AnalysisRun:
    """A run of one of the user's own projects.

    Raises `Http404` for any other.
    """
    runs = AnalysisRun.objects.select_related("project", "source")
    return get_object_or_404(runs, pk=run_id, project__owner=user)


def finished_run_for(user: User, run_id: int) -> AnalysisRun:
    """A run of the user's own that has a report.

    Raises `Http404` for any other.
    """
    run = run_for(user, run_id)
    if run.state != "finished":
        raise Http404("This analysis has no report.")
    return run


def runs_of(project: Project) -> QuerySet[AnalysisRun]:
    """The project's runs, newest first."""
    return project.runs.select_related("source")


def finished_runs_of(project: Project) -> QuerySet[AnalysisRun]:
    """The project's runs that have a report, newest first."""
    return runs_of(project).filter(report__isnull=False)


def overview_of(user: User) -> list[ProjectOverview]:
    """The user's projects, each with its newest run."""
    runs = Prefetch("runs", queryset=AnalysisRun.objects.select_related("source"))
    return [
        ProjectOverview(
            project=project, run=next(iter(project.runs.all()), None), runs=len(project.runs.all())
        )
        for project in codebases.projects_of(user).prefetch_related(runs)
    ]


def report_content(run: AnalysisRun) -> bytes:
    """The bytes of the run's report.json.

    Raises `Http404` where it has none.
    """
    stored = StoredReport.objects.filter(run=run).values_list("content", flat=True).first()
    if stored is None:
        raise Http404("This analysis has no report.")
    return gzip.decompress(stored)


def document_of(run: AnalysisRun) -> dict[str, Any]:
    """The run's report as its dictionary; callers do not change it.

    Raises `Http404` where it has none.
    """
    return _document(run.pk)


@lru_cache(maxsize=3)
def _document(run_id: int) -> dict[str, Any]:
    """Reports never change; the few that people look at are kept parsed, large as they are."""
    return json.loads(report_content(AnalysisRun(pk=run_id)))


def unfinished_runs() -> QuerySet[AnalysisRun]:
    """Those that somebody still waits for, the oldest first."""
    return AnalysisRun.objects.filter(finished_at=None).order_by("queued_at", "pk")


def due_runs(unfinished: Iterable[AnalysisRun]) -> list[AnalysisRun]:
    """Those whose turn it is: per user and lane the oldest, as many as may run at once."""
    active: dict[tuple[int, str], int] = {}
    waiting: list[AnalysisRun] = []
    for run in unfinished:
        if run.sent_at or run.claimed_by:
            active[run.asked_by_id, run.lane] = active.get((run.asked_by_id, run.lane), 0) + 1
        elif not run.cancel_requested_at:
            waiting.append(run)
    due = []
    for run in waiting:
        turn = active.get((run.asked_by_id, run.lane), 0)
        if turn < settings.RUNS_PER_USER_AND_LANE:
            active[run.asked_by_id, run.lane] = turn + 1
            due.append(run)
    return due


def stage_progress(
    run: AnalysisRun, stages: Sequence[tuple[str, str]], *, now: float | None = None
) -> list[StageProgress]:
    """The progress list: every stage (name and title) of the pipeline, in its order."""
    now = time.time() if now is None else now
    rows = {row["stage"]: row for row in run.stages}
    return [_stage(name, title, rows.get(name), now) for name, title in stages]


def _stage(name: str, title: str, row: dict[str, Any] | None, now: float) -> StageProgress:
    if row is None:
        return StageProgress(name, title, "waiting", 0, None, 0, 0.0, None, None)
    seconds = max(0.0, (row["finished"] or now) - row["started"])
    done, total = row["done"], row["total"]
    rate = done / seconds if done and seconds else None
    running = row["finished"] is None
    left = (total - done) / rate if running and rate and total else None
    percent = 100 if not running else min(99, 100 * done // total) if total else 0
    state = "running" if running else "done"
    return StageProgress(name, title, state, done, total, percent, seconds, rate, left)


def latest_heartbeat(run: AnalysisRun) -> datetime:
    """When the run was last known to be worked on."""
    return run.heartbeat_at or run.claimed_at or run.queued_at


def progress_figures(run: AnalysisRun, stages: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """What the progress page shows, as plain values."""
    return {
        "state": run.state,
        "over": run.is_over,
        "failure": run.failure,
        "attempts": run.attempts,
        "ahead": runs_ahead_of(run),
        "stages": [asdict(stage) for stage in stage_progress(run, stages)],
    }


def runs_ahead_of(run: AnalysisRun) -> int:
    """How many unfinished runs of the same lane were queued before this one."""
    if run.is_over or run.claimed_by:
        return 0
    return unfinished_runs().filter(lane=run.lane, queued_at__lt=run.queued_at).count()
