"""The JSON API: bring code, ask how far it is, fetch the report."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods, require_safe

from webapp.accounts.bearer import for_programs
from webapp.analyses import selectors as runs
from webapp.analyses import tasks
from webapp.analyses.services import asking
from webapp.analyses.services.stages import stages
from webapp.codebases import selectors as codebases
from webapp.codebases.forms import ProjectForm, SourceForm
from webapp.codebases.services.projects import BadSource
from webapp.reports import selectors, services


@for_programs
@require_http_methods(["GET", "POST"])
def projects(request: HttpRequest) -> HttpResponse:
    """GET: the projects. POST `archive` or `git_url` (and `name`): a new one, analysed at once."""
    if request.method == "GET":
        return JsonResponse({"projects": [*map(_project, runs.overview_of(request.user))]})
    form = ProjectForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"error": form.errors.get_json_data()}, status=400)
    try:
        run = asking.analyse_new_project(
            owner=request.user, then=tasks.dispatch_due_runs, **form.cleaned_data
        )
    except BadSource as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse(_run(run), status=202)


@for_programs
@require_http_methods(["GET", "POST"])
def analyses(request: HttpRequest, project_id: int) -> HttpResponse:
    """GET: the project's analyses. POST `archive` or `git_url`: one of a newer state."""
    project = codebases.project_for(request.user, project_id)
    if request.method == "GET":
        return JsonResponse({"analyses": [*map(_run, runs.runs_of(project))]})
    form = SourceForm(request.POST, request.FILES)
    if not form.is_valid():
        return JsonResponse({"error": form.errors.get_json_data()}, status=400)
    try:
        run = asking.analyse_new_source(
            project=project, by=request.user, then=tasks.dispatch_due_runs, **form.cleaned_data
        )
    except BadSource as error:
        return JsonResponse({"error": str(error)}, status=400)
    return JsonResponse(_run(run), status=202)


@for_programs
@require_safe
def analysis(request: HttpRequest, run_id: int) -> HttpResponse:
    """How far an analysis is."""
    run = runs.run_for(request.user, run_id)
    return JsonResponse({**_run(run), **runs.progress_figures(run, stages())})


@for_programs
@require_safe
def report(request: HttpRequest, run_id: int) -> HttpResponse:
    """The report as it stands in report.json."""
    run = runs.run_for(request.user, run_id)
    return HttpResponse(runs.report_content(run), content_type="application/json")


@for_programs
@require_safe
def export(request: HttpRequest, run_id: int, name: str) -> HttpResponse:
    """The report in another notation."""
    run, _ = selectors.report_for(request.user, run_id)
    made = services.export(run=run, name=name)
    return HttpResponse(made.content, content_type=made.media_type)


def _project(overview: runs.ProjectOverview) -> dict[str, object]:
    newest = _run(overview.run) if overview.run else None
    return {"id": overview.project.pk, "name": overview.project.name, "newest_analysis": newest}


def _run(run: runs.AnalysisRun) -> dict[str, object]:
    return {
        "id": run.pk,
        "project": run.project_id,
        "source": run.source.label,
        "state": run.state,
        "queued_at": run.queued_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "failure": run.failure,
        "summary": run.summary,
    }
