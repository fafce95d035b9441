"""Everything that happens to a run: asked for, sent, claimed, carried out, stopped, reconciled."""

import gzip
import hashlib
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from analyzer import api
from analyzer.errors import AnalyzerError, Cancelled
from webapp.accounts.models import User
from webapp.analyses import claims, selectors
from webapp.analyses.models import AnalysisRun, StoredReport
from webapp.analyses.result_store import DatabaseStore
from webapp.analyses.run_progress import ClaimLost, Heartbeat, RunProgress
from webapp.codebases import services as codebases
from webapp.codebases.models import Project, Source

logger = logging.getLogger(__name__)

Send = Callable[[int, str], None]  # run id, lane
SendShard = Callable[[int, int], None]  # run id, number of the shard
QueueLength = Callable[[str], int | None]

# A message that was sent this long ago and is in no queue is taken for lost.
LOST_AFTER = timedelta(seconds=3)
SHARD_DONE = "web-shard-done/1"


def stages() -> tuple[tuple[str, str], ...]:
    """Name and title of each stage, in the pipeline's order."""
    return tuple((stage.name, stage.title) for stage in api.STAGES)


def analyse_new_project(
    *, owner: User, name: str, archive: UploadedFile | None, git_url: str, then: Callable[[], None]
) -> AnalysisRun:
    """A first run for a project that is created with it; `then` runs once all that is stored.

    Raises `BadSource` where the archive is none.
    """
    with transaction.atomic():
        if archive:
            source = codebases.create_project_from_archive(owner=owner, name=name, upload=archive)
        else:
            source = codebases.create_project_from_git(owner=owner, name=name, url=git_url)
        return request_run(source=source, by=owner, then=then)


def analyse_new_source(
    *,
    project: Project,
    by: User,
    archive: UploadedFile | None,
    git_url: str,
    then: Callable[[], None],
) -> AnalysisRun:
    """A run for a newer state of a project's code.

    Raises `BadSource` where the archive is none.
    """
    with transaction.atomic():
        if archive:
            source = codebases.add_archive(project=project, upload=archive)
        else:
            source = codebases.add_git(project=project, url=git_url)
        return request_run(source=source, by=by, then=then)


def analyse_sample(
    *, owner: User, folder: Path | None, then: Callable[[], None]
) -> AnalysisRun | None:
    """The first run of an installation without projects; its unfinished one if it was stopped."""
    if folder is None:
        return None
    run = AnalysisRun.objects.filter(asked_by=owner, source__kind=Source.Kind.FOLDER).last()
    if run is not None or Project.objects.filter(owner=owner).exists():
        return run if run and not run.is_over else None
    with transaction.atomic():
        source = codebases.create_project_from_folder(
            owner=owner, name="Sample: online store", folder=folder
        )
        return request_run(source=source, by=owner, then=then)


def request_run(
    *,
    source: Source,
    by: User,
    then: Callable[[], None],
    options: Mapping[str, Any] | None = None,
    based_on: AnalysisRun | None = None,
) -> AnalysisRun:
    """A run that waits for its turn; `then` is called after the commit."""
    run = AnalysisRun.objects.create(
        project=source.project,
        source=source,
        asked_by=by,
        based_on=based_on,
        options=dict(options or {}),
        lane=_lane_of(source, based_on),
        queued_at=timezone.now(),
    )
    transaction.on_commit(then)
    return run


def retry(*, run: AnalysisRun, by: User, then: Callable[[], None]) -> AnalysisRun:
    """The same analysis again, as a run of its own."""
    return request_run(
        source=run.source, by=by, then=then, options=run.options, based_on=run.based_on
    )


def cancel(*, run: AnalysisRun) -> None:
    """Stop the run: at once where nobody works on it, at the worker's next step otherwise."""
    now = timezone.now()
    open_runs = AnalysisRun.objects.filter(pk=run.pk, finished_at=None)
    open_runs.filter(cancel_requested_at=None).update(cancel_requested_at=now)
    open_runs.filter(claimed_by="").update(finished_at=now, cancelled=True)


def dispatch(*, send: Send) -> None:
    """Send every run whose turn it is to its lane."""
    with transaction.atomic():
        # Two dispatchers take turns, so that nobody gets two turns at once.
        users = User.objects.filter(runs__finished_at=None).values_list("pk", flat=True)
        list(User.objects.select_for_update().filter(pk__in=sorted(set(users))).order_by("pk"))
        due = selectors.due_runs(selectors.unfinished_runs())
        for run in due:
            AnalysisRun.objects.filter(pk=run.pk, sent_at=None).update(sent_at=timezone.now())
    for run in due:
        send(run.pk, run.lane)


def execute(*, run_id: int, send_shard: SendShard) -> None:
    """Carry the run out, unless somebody else does or it is over."""
    claim = claims.new_claim()
    if not _claim(run_id, claim):
        return
    run = AnalysisRun.objects.select_related("source", "project", "based_on").get(pk=run_id)
    held = AnalysisRun.objects.filter(pk=run_id, claimed_by=claim, finished_at=None)
    with Heartbeat(run_id=run_id, claim=claim):
        try:
            report = _report_of(run, RunProgress(run_id=run_id, claim=claim), send_shard)
        except ClaimLost:
            logger.warning("run %s was taken from this worker", run_id)
        except Cancelled:
            held.update(finished_at=timezone.now(), cancelled=True)
        except AnalyzerError as error:
            held.update(finished_at=timezone.now(), failure=str(error))
        except Exception:
            logger.exception("run %s failed", run_id)
            failure = (
                f"Seamline made a mistake here; the worker's log says more (analysis {run_id})."
            )
            held.update(finished_at=timezone.now(), failure=failure)
        else:
            _finish(run, claim, report)


def read_shard(*, run_id: int, shard: int) -> None:
    """Warm the shared store with one part of a run's files; harmless at any time, and twice."""
    run = AnalysisRun.objects.select_related("source").filter(pk=run_id).first()
    if run is None or run.is_over or not run.source.snapshot_digest:
        return
    snapshot = codebases.kept_snapshot(source=run.source)
    if snapshot is not None:
        shards = api.shards_of(snapshot, size=settings.FILES_PER_SHARD)
        if shard < len(shards):
            _read_shard(snapshot, shards[shard])


def reconcile(*, send: Send, queue_length: QueueLength) -> None:
    """Put right what a dead worker or a lost message left behind, and send what is due."""
    now = timezone.now()
    for run in selectors.unfinished_runs():
        if run.claimed_by:
            _release_if_dead(run)
        elif run.cancel_requested_at:
            cancel(run=run)
        elif run.sent_at and now - run.sent_at > LOST_AFTER and queue_length(run.lane) == 0:
            logger.warning("run %s: its message was lost", run.pk)
            _unsend(run)
    dispatch(send=send)


def _claim(run_id: int, claim: str) -> bool:
    """Take the run, if it is there to be taken."""
    now = timezone.now()
    free = AnalysisRun.objects.filter(
        pk=run_id, claimed_by="", finished_at=None, cancel_requested_at=None
    )
    return bool(
        free.update(
            claimed_by=claim,
            claimed_at=now,
            heartbeat_at=now,
            sent_at=now,
            attempts=F("attempts") + 1,
        )
    )


def _report_of(run: AnalysisRun, progress: RunProgress, send_shard: SendShard) -> api.Report:
    """Read, cut and plan; or cut and plan again what an earlier run has read."""
    options = _options(run)
    if run.based_on:
        earlier = api.load_report(selectors.report_content(run.based_on))
        return api.repartition(
            earlier, constraints=options.constraints, options=options, progress=progress
        )
    snapshot = codebases.take_snapshot(source=run.source, progress=progress)
    _read_together(run, snapshot, progress, send_shard)
    return api.analyze(snapshot, options=options, progress=progress, store=DatabaseStore())


def _options(run: AnalysisRun) -> api.Options:
    rows = run.options.get("constraints", ())
    constraints = api.constraints_of_rows(rows)
    return api.Options(constraints=constraints, time_limit=settings.SOLVER_SECONDS)


def _read_together(
    run: AnalysisRun, snapshot: api.Snapshot, progress: RunProgress, send_shard: SendShard
) -> None:
    """Warm the store from the first shard on, while idle workers begin at the last.

    Nothing waits for the others: a shard that they lose is read here when its turn comes.
    """
    shards = api.shards_of(snapshot, size=settings.FILES_PER_SHARD)
    if len(shards) < 2:
        return
    for number in reversed(range(1, len(shards))):
        send_shard(run.pk, number)
    progress.started(stage="reading", total=sum(map(len, shards)))
    done = 0
    for shard in shards:
        _read_shard(snapshot, shard)
        done += len(shard)
        progress.advanced(stage="reading", done=done)


def _read_shard(snapshot: api.Snapshot, paths: tuple[str, ...]) -> None:
    """Read the files, unless somebody has."""
    state = hashlib.sha256("\0".join((snapshot.digest, *paths)).encode("utf-8", "surrogateescape"))
    mark = {"kind": SHARD_DONE, "digest": state.hexdigest()}
    store = DatabaseStore()
    if store.get(**mark) is None:
        api.read_shard(snapshot, paths=paths, store=store)
        store.put(**mark, content=b"1")


def _finish(run: AnalysisRun, claim: str, report: api.Report) -> None:
    """Store the report and the finish together, if the run is still ours."""
    content = gzip.compress(api.export(report, format="json"), 5, mtime=0)
    with transaction.atomic():
        held = AnalysisRun.objects.filter(pk=run.pk, claimed_by=claim, finished_at=None)
        if held.update(finished_at=timezone.now(), summary=_summary(report.document)):
            StoredReport.objects.create(run=run, content=content)


def _summary(document: Mapping[str, Any]) -> dict[str, Any]:
    """The figures that lists of runs show."""
    return {
        "files": document["codebase"]["files"],
        "lines": document["codebase"]["lines"],
        "tables": len(document["tables"]),
        "services": len(document["services"]),
        "units": len(document["units"]),
    }


def _release_if_dead(run: AnalysisRun) -> None:
    """Free a run whose worker is gone, or give it up after too many attempts."""
    now = timezone.now()
    timeout = timedelta(seconds=settings.HEARTBEAT_TIMEOUT_SECONDS)
    heartbeat_at = selectors.latest_heartbeat(run)
    if claims.is_alive(run.claimed_by, heartbeat_at=heartbeat_at, now=now, timeout=timeout):
        return
    logger.warning("run %s: its worker died (attempt %s)", run.pk, run.attempts)
    held = AnalysisRun.objects.filter(pk=run.pk, claimed_by=run.claimed_by, finished_at=None)
    if run.cancel_requested_at:
        held.update(finished_at=now, cancelled=True)
    elif run.attempts >= settings.MOST_ATTEMPTS:
        failure = f"The worker died {run.attempts} times on this analysis; it is given up."
        held.update(finished_at=now, failure=failure)
    else:
        held.update(claimed_by="", claimed_at=None, sent_at=None, stages=[])


def _unsend(run: AnalysisRun) -> None:
    AnalysisRun.objects.filter(pk=run.pk, claimed_by="", sent_at=run.sent_at).update(sent_at=None)


def _lane_of(source: Source, based_on: AnalysisRun | None) -> str:
    """Small where the source is known to be; a repository's size is not known before it is here."""
    size = source.snapshot_bytes or source.size
    small = size is not None and size <= settings.SMALL_SOURCE_BYTES
    return AnalysisRun.Lane.SMALL if small else AnalysisRun.Lane.LARGE
