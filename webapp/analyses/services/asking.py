"""What happens to a run from outside: asked for, sent, stopped, reconciled."""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from webapp.accounts.models import User
from webapp.analyses import claims, selectors
from webapp.analyses.models import AnalysisRun
from webapp.codebases.models import Project, Source
from webapp.codebases.services import projects as codebases

logger = logging.getLogger(__name__)

Send = Callable[[int, str], None]  # run id, lane
QueueLength = Callable[[str], int | None]

# A message that was sent this long ago and is in no queue is taken for lost.
LOST_AFTER = timedelta(seconds=3)


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
