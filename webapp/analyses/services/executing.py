"""What a worker does with a run: claims it, carries it out, stores what comes of it."""

import gzip
import hashlib
import logging
from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from analyzer import api
from analyzer.errors import AnalyzerError, Cancelled
from webapp.analyses import claims, selectors
from webapp.analyses.models import AnalysisRun, StoredReport
from webapp.analyses.result_store import DatabaseStore
from webapp.analyses.run_progress import ClaimLost, Heartbeat, RunProgress
from webapp.codebases.services import snapshots

logger = logging.getLogger(__name__)

SendShard = Callable[[int, int], None]  # run id, number of the shard

SHARD_DONE = "web-shard-done/1"


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
    snapshot = snapshots.kept_snapshot(source=run.source)
    if snapshot is not None:
        shards = api.shards_of(snapshot, size=settings.FILES_PER_SHARD)
        if shard < len(shards):
            _read_shard(snapshot, shards[shard])


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
    snapshot = snapshots.take_snapshot(source=run.source, progress=progress)
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
