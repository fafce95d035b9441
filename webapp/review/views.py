"""Changing a cut: prices, decisions, undo, cutting again, comparison."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from webapp.analyses import selectors as analyses
from webapp.analyses import tasks
from webapp.analyses.models import AnalysisRun
from webapp.review import selectors, services
from webapp.review.forms import CountForm, MoveForm
from webapp.review.services import BadDecision


@require_safe
def review(request: HttpRequest, run_id: int) -> HttpResponse:
    """The decisions in force, a form for more, and a price for what one is thinking of."""
    run = analyses.finished_run_for(request.user, run_id)
    form = MoveForm(request.GET if "service" in request.GET else None)
    page = {"form": form, "asked": request.GET}
    if form.is_valid():
        try:
            page["price"] = services.price(run=run, **form.cleaned_data)
        except BadDecision as error:
            page["refusal"] = str(error)
    return render(request, "review/review.html", _page(run) | page)


@require_POST
def pin(request: HttpRequest, run_id: int) -> HttpResponse:
    """Decide where a unit or table belongs."""
    run = analyses.finished_run_for(request.user, run_id)
    form = MoveForm(request.POST)
    try:
        if not form.is_valid():
            raise BadDecision("Choose what to move, and where.")
        services.pin(run=run, by=request.user, **form.cleaned_data)
    except BadDecision as error:
        messages.error(request, str(error))
    return redirect("review:review", run_id=run.pk)


@require_POST
def count(request: HttpRequest, run_id: int) -> HttpResponse:
    """Decide how many services there are to be."""
    run = analyses.finished_run_for(request.user, run_id)
    form = CountForm(request.POST)
    if form.is_valid():
        services.set_service_count(run=run, by=request.user, **form.cleaned_data)
    else:
        messages.error(request, "Give two numbers from 1 to 500.")
    return redirect("review:review", run_id=run.pk)


@require_POST
def withdraw(request: HttpRequest, run_id: int) -> HttpResponse:
    """Decide nothing about a subject any more."""
    run = analyses.finished_run_for(request.user, run_id)
    services.withdraw(run=run, by=request.user, subject=request.POST.get("subject", ""))
    return redirect("review:review", run_id=run.pk)


@require_POST
def undo(request: HttpRequest, run_id: int) -> HttpResponse:
    """Take the last edit back."""
    run = analyses.finished_run_for(request.user, run_id)
    services.undo(run=run)
    return redirect("review:review", run_id=run.pk)


@require_POST
def cut_again(request: HttpRequest, run_id: int) -> HttpResponse:
    """Find the services anew under the decisions."""
    run = analyses.finished_run_for(request.user, run_id)
    again = services.cut_again(run=run, by=request.user, then=tasks.dispatch_due_runs)
    return redirect("analyses:run", run_id=again.pk)


@require_safe
def nodes(request: HttpRequest, run_id: int) -> HttpResponse:
    """Names that have what was typed so far."""
    run = analyses.finished_run_for(request.user, run_id)
    return JsonResponse({"nodes": selectors.nodes_named(run, request.GET.get("q", ""))})


@require_safe
def compare(request: HttpRequest, run_id: int, other_id: int) -> HttpResponse:
    """How one cut differs from another of the same project."""
    run = analyses.finished_run_for(request.user, run_id)
    other = analyses.finished_run_for(request.user, other_id)
    moves = selectors.moves(other, run)
    page = {
        "other": other,
        "differences": selectors.differences(other, run),
        "moves": moves[: selectors.MOVES_SHOWN],
        "move_count": len(moves),
    }
    return render(request, "review/compare.html", _page(run) | page)


def _page(run: AnalysisRun) -> dict[str, object]:
    return {
        "run": run,
        "services": analyses.document_of(run)["services"],
        "decisions": selectors.decisions_of(run),
        "last_edit": selectors.last_edit(run),
        "others": analyses.finished_runs_of(run.project).exclude(pk=run.pk)[:20],
    }
