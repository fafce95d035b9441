"""Deciding, changing one's mind, asking for a price, cutting again.

Loading the analyzer takes seconds; only a price needs it, and loads it when it is first asked for.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from webapp.accounts.models import User
from webapp.analyses import selectors as analyses
from webapp.analyses.models import AnalysisRun
from webapp.analyses.services import asking
from webapp.review import selectors
from webapp.review.models import Constraint, Edit

if TYPE_CHECKING:
    from analyzer import api


class BadDecision(Exception):
    """What was decided makes no sense for this cut; the text says why."""


def price(*, run: AnalysisRun, node: str, service: str) -> "api.Price":
    """What moving the node would cost; nothing is moved.

    Raises `BadDecision` where there is no such node.
    """
    from analyzer import api

    report = api.Report(document=analyses.document_of(run))
    try:
        return api.what_if(report, moves={node: service})
    except api.UnusableInput as error:
        raise BadDecision(str(error)) from error


def pin(*, run: AnalysisRun, by: User, node: str, service: str) -> Edit:
    """Decide that the node belongs to the service.

    Raises `BadDecision` where there is no such node.
    """
    if node not in selectors.homes_of(analyses.document_of(run)):
        raise BadDecision(f"There is no class, function or table called {node}.")
    if not service.strip():
        raise BadDecision("Say which service it belongs to.")
    return _change(run, by, f"pin:{node}", {"kind": "pin", "node": node, "service": service})


def set_service_count(*, run: AnalysisRun, by: User, least: int, most: int) -> Edit:
    """Decide how many services there are to be."""
    row = {"kind": "services", "at_least": min(least, most), "at_most": max(least, most)}
    return _change(run, by, "services", row)


def withdraw(*, run: AnalysisRun, by: User, subject: str) -> Edit:
    """Decide nothing about the subject any more."""
    return _change(run, by, subject, None)


def undo(*, run: AnalysisRun) -> Edit | None:
    """Take the last edit back by its inverse; the edit, if there was one."""
    with transaction.atomic():
        edit = selectors.last_edit(run)
        if edit is not None:
            inverse = edit.inverse()
            _put(run, inverse.subject, inverse.after)
            Edit.objects.filter(pk=edit.pk).update(undone_at=timezone.now())
        return edit


def cut_again(*, run: AnalysisRun, by: User, then: Callable[[], None]) -> AnalysisRun:
    """A run that finds the services anew under the decisions in force, without reading again."""
    _start(run)
    rows = [decision.row for decision in selectors.decisions_of(run)]
    return asking.request_run(
        source=run.source, by=by, then=then, options={"constraints": rows}, based_on=run
    )


def _change(run: AnalysisRun, by: User, subject: str, row: Mapping[str, Any] | None) -> Edit:
    """Put the row in force and write down what it was before."""
    with transaction.atomic():
        _start(run)
        present = Constraint.objects.filter(run=run, subject=subject).first()
        before = present.row if present else None
        _put(run, subject, row)
        return Edit.objects.create(run=run, subject=subject, before=before, after=row, made_by=by)


def _put(run: AnalysisRun, subject: str, row: Mapping[str, Any] | None) -> None:
    if row is None:
        Constraint.objects.filter(run=run, subject=subject).delete()
    else:
        Constraint.objects.update_or_create(run=run, subject=subject, defaults={"row": row})


def _start(run: AnalysisRun) -> None:
    """The decisions that the report was made under are in force until somebody changes them."""
    if run.edits.exists() or run.constraints.exists():
        return
    for number, row in enumerate(analyses.document_of(run).get("constraints", ())):
        subject = {"pin": f"pin:{row.get('node')}", "services": "services"}.get(row["kind"])
        _put(run, subject or f"{row['kind']}:{number}", row)
