"""Projects, their analyses, and how those get on."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from webapp.analyses import selectors, tasks
from webapp.analyses.services import asking
from webapp.analyses.services.stages import stages
from webapp.codebases import selectors as codebases
from webapp.codebases.forms import ProjectForm, SourceForm
from webapp.codebases.services.projects import BadSource, delete_project


@login_not_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Whether the server and its database answer."""
    selectors.unfinished_runs().exists()
    return HttpResponse("ok", content_type="text/plain")


@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    """The user's projects, each with its newest analysis."""
    overview = selectors.overview_of(request.user)
    return render(request, "analyses/projects.html", {"overview": overview})


@require_http_methods(["GET", "HEAD", "POST"])
def new_project(request: HttpRequest) -> HttpResponse:
    """A form for an archive or an address; sending it starts the first analysis."""
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ProjectForm(*sent)
    if form.is_valid():
        try:
            run = asking.analyse_new_project(
                owner=request.user, then=tasks.dispatch_due_runs, **form.cleaned_data
            )
        except BadSource as error:
            form.add_error("archive", str(error))
        else:
            return _go_on(request, reverse("analyses:run", args=[run.pk]))
    return _ask_again(request, form, "analyses/new_project.html", {})


@require_safe
def project(request: HttpRequest, project_id: int) -> HttpResponse:
    """One project: its analyses, and a form for a newer state of its code."""
    project = codebases.project_for(request.user, project_id)
    page = {"project": project, "runs": selectors.runs_of(project), "form": SourceForm()}
    return render(request, "analyses/project.html", page)


@require_POST
def new_source(request: HttpRequest, project_id: int) -> HttpResponse:
    """A newer state of the project's code, analysed at once."""
    project = codebases.project_for(request.user, project_id)
    form = SourceForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            run = asking.analyse_new_source(
                project=project, by=request.user, then=tasks.dispatch_due_runs, **form.cleaned_data
            )
        except BadSource as error:
            form.add_error("archive", str(error))
        else:
            return _go_on(request, reverse("analyses:run", args=[run.pk]))
    page = {"project": project, "runs": selectors.runs_of(project)}
    return _ask_again(request, form, "analyses/project.html", page)


@require_POST
def delete(request: HttpRequest, project_id: int) -> HttpResponse:
    """The project is gone, with its analyses."""
    project = codebases.project_for(request.user, project_id)
    delete_project(project=project)
    messages.success(request, f"{project.name} is deleted.")
    return redirect("analyses:projects")


@never_cache
@require_safe
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """The progress of an analysis; its report once there is one."""
    run = selectors.run_for(request.user, run_id)
    if run.state == "finished":
        return redirect("reports:overview", run_id=run.pk)
    page = {"run": run, "stages": selectors.stage_progress(run, stages())}
    return render(request, "analyses/run.html", page)


@never_cache
@require_safe
def progress(request: HttpRequest, run_id: int) -> HttpResponse:
    """The same in figures, for the page to ask again and again."""
    run = selectors.run_for(request.user, run_id)
    return JsonResponse(selectors.progress_figures(run, stages()))


@require_POST
def cancel(request: HttpRequest, run_id: int) -> HttpResponse:
    """The analysis is to stop."""
    run = selectors.run_for(request.user, run_id)
    asking.cancel(run=run)
    return redirect("analyses:run", run_id=run.pk)


@require_POST
def retry(request: HttpRequest, run_id: int) -> HttpResponse:
    """The same analysis once more."""
    run = selectors.run_for(request.user, run_id)
    again = asking.retry(run=run, by=request.user, then=tasks.dispatch_due_runs)
    return redirect("analyses:run", run_id=again.pk)


def _go_on(request: HttpRequest, url: str) -> HttpResponse:
    """To the next page; a script that sent the form is told where that is."""
    return JsonResponse({"next": url}) if _from_script(request) else redirect(url)


def _ask_again(
    request: HttpRequest, form: SourceForm, template: str, page: dict[str, object]
) -> HttpResponse:
    """The form, with what is wrong about it if it was sent."""
    status = 400 if form.errors else 200
    if form.errors and _from_script(request):
        errors = [error for field in form.errors.values() for error in field]
        return JsonResponse({"errors": errors}, status=status)
    return render(request, template, {**page, "form": form}, status=status)


def _from_script(request: HttpRequest) -> bool:
    return request.headers.get("Accept") == "application/json"
