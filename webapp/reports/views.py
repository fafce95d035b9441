"""The pages of a finished analysis."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from webapp.reports import selectors, services
from webapp.reports.index import Row


@require_safe
def overview(request: HttpRequest, run_id: int) -> HttpResponse:
    """The whole in figures and charts."""
    run, index = selectors.report_for(request.user, run_id)
    charts = services.charts()
    page = {"run": run, "index": index, "charts": charts, **selectors.overview(index)}
    return render(request, "reports/overview.html", page)


@require_safe
def chart(request: HttpRequest, run_id: int, key: str) -> HttpResponse:
    """One chart, for plotly to draw."""
    run, _ = selectors.report_for(request.user, run_id)
    content = services.chart(run_id=run.pk, key=key)
    return HttpResponse(content, content_type="application/json", headers=_CACHED)


@require_safe
def graph(request: HttpRequest, run_id: int) -> HttpResponse:
    """The clustered graph of modules and tables."""
    run, index = selectors.report_for(request.user, run_id)
    return render(request, "reports/graph.html", {"run": run, "index": index})


@require_safe
def graph_data(request: HttpRequest, run_id: int) -> HttpResponse:
    """The same as data, for cytoscape to draw."""
    run, _ = selectors.report_for(request.user, run_id)
    return JsonResponse(selectors.graph(run.pk), headers=_CACHED)


@require_safe
def service_list(request: HttpRequest, run_id: int) -> HttpResponse:
    """All services and the boundaries between them."""
    run, index = selectors.report_for(request.user, run_id)
    page = {
        "run": run,
        "index": index,
        "services": selectors.service_rows(index),
        "boundaries": selectors.boundary_rows(index),
        "relations": index.planned("context_map"),
    }
    return render(request, "reports/services.html", page)


@require_safe
def service(request: HttpRequest, run_id: int, service_id: str) -> HttpResponse:
    """One service."""
    run, index = selectors.report_for(request.user, run_id)
    page = {"run": run, "index": index, **selectors.service_page(index, service_id)}
    return render(request, "reports/service.html", page)


@require_safe
def boundary(request: HttpRequest, run_id: int, first: str, second: str) -> HttpResponse:
    """The price list between two services."""
    run, index = selectors.report_for(request.user, run_id)
    page = {"run": run, "index": index, **selectors.boundary_page(index, first, second)}
    return render(request, "reports/boundary.html", page)


@require_safe
def table_list(request: HttpRequest, run_id: int) -> HttpResponse:
    """All tables with owner, readers and writers."""
    run, index = selectors.report_for(request.user, run_id)
    rows = [selectors.table_row(index, table) for table in index.tables.values()]
    filters = {"service": lambda row: index.name_of(row["service"]), "kind": _reading("kind")}
    return _list(request, "reports/tables.html", run, index, rows, filters)


@require_safe
def table(request: HttpRequest, run_id: int, table_id: str) -> HttpResponse:
    """One table."""
    run, index = selectors.report_for(request.user, run_id)
    page = {"run": run, "index": index, **selectors.table_page(index, table_id)}
    return render(request, "reports/table.html", page)


@require_safe
def transaction_list(request: HttpRequest, run_id: int) -> HttpResponse:
    """All transactions and what becomes of them."""
    run, index = selectors.report_for(request.user, run_id)
    filters = {"disposition": _reading("disposition"), "kind": _reading("kind")}
    rows = sorted(index.rows("transactions"), key=lambda row: (-len(row["services"]), row["id"]))
    return _list(request, "reports/transactions.html", run, index, rows, filters)


@require_safe
def transaction(request: HttpRequest, run_id: int, transaction_id: str) -> HttpResponse:
    """One transaction, and its saga."""
    run, index = selectors.report_for(request.user, run_id)
    page = {"run": run, "index": index, **selectors.transaction_page(index, transaction_id)}
    return render(request, "reports/transaction.html", page)


@require_safe
def query_list(request: HttpRequest, run_id: int) -> HttpResponse:
    """Queries that join tables of several services."""
    run, index = selectors.report_for(request.user, run_id)
    filters = {"replacement": _reading("replacement")}
    return _list(request, "reports/queries.html", run, index, index.planned("queries"), filters)


@require_safe
def foreign_key_list(request: HttpRequest, run_id: int) -> HttpResponse:
    """All foreign keys and what becomes of those that a boundary cuts."""
    run, index = selectors.report_for(request.user, run_id)
    rows = sorted(
        index.rows("foreign_keys"),
        key=lambda key: (key["from_service"] == key["to_service"], key["source"], key["column"]),
    )
    filters = {"disposition": _reading("disposition"), "kind": _reading("kind")}
    return _list(request, "reports/foreign_keys.html", run, index, rows, filters)


@require_safe
def lock_list(request: HttpRequest, run_id: int) -> HttpResponse:
    """Locks and other couplings at run time that must go."""
    run, index = selectors.report_for(request.user, run_id)
    filters = {"kind": _reading("kind"), "remedy": _reading("remedy")}
    return _list(request, "reports/locks.html", run, index, index.planned("locks"), filters)


@require_safe
def entry_point_list(request: HttpRequest, run_id: int) -> HttpResponse:
    """All ways in."""
    run, index = selectors.report_for(request.user, run_id)
    filters = {
        "kind": _reading("kind"),
        "service": lambda row: index.name_of(row["service"]),
    }
    rows = index.rows("entry_points")
    return _list(request, "reports/entry_points.html", run, index, rows, filters)


@require_safe
def module_list(request: HttpRequest, run_id: int) -> HttpResponse:
    """Modules to be split."""
    run, index = selectors.report_for(request.user, run_id)
    rows = selectors.split_modules(index)
    return _list(request, "reports/modules.html", run, index, rows, {})


@require_safe
def roadmap(request: HttpRequest, run_id: int) -> HttpResponse:
    """The steps from the monolith to the services, in order."""
    run, index = selectors.report_for(request.user, run_id)
    page = {
        "run": run,
        "index": index,
        "steps": index.planned("roadmap"),
        "needs": index.planned("platform"),
    }
    return render(request, "reports/roadmap.html", page)


@require_safe
def diagnostic_list(request: HttpRequest, run_id: int) -> HttpResponse:
    """What could not be read or resolved."""
    run, index = selectors.report_for(request.user, run_id)
    filters = {"severity": _reading("severity"), "code": _reading("code")}
    rows = index.rows("diagnostics")
    return _list(request, "reports/diagnostics.html", run, index, rows, filters)


@require_safe
def source(request: HttpRequest, run_id: int, path: str) -> HttpResponse:
    """A file of the snapshot, the lines of interest marked."""
    run, index = selectors.report_for(request.user, run_id)
    first, last = _lines(request.GET.get("line", ""))
    text = services.source_of(run=run, path=path, first=first, last=last)
    page = {"run": run, "index": index, "path": path, "text": text, "first": first}
    return render(request, "reports/source.html", page)


@require_safe
def search(request: HttpRequest, run_id: int) -> HttpResponse:
    """Tables, units and modules by name."""
    run, index = selectors.report_for(request.user, run_id)
    query = request.GET.get("q", "")
    page = {"run": run, "index": index, "query": query, "found": selectors.search(index, query)}
    return render(request, "reports/search.html", page)


@require_safe
def export_list(request: HttpRequest, run_id: int) -> HttpResponse:
    """Every notation in which the report can be had."""
    run, index = selectors.report_for(request.user, run_id)
    page = {"run": run, "index": index, "formats": services.formats()}
    return render(request, "reports/exports.html", page)


@require_safe
def export(request: HttpRequest, run_id: int, name: str) -> HttpResponse:
    """The report in one notation, as a file."""
    run, _ = selectors.report_for(request.user, run_id)
    made = services.export(run=run, name=name)
    response = HttpResponse(made.content, content_type=made.media_type, headers=_SEALED)
    response.headers["Content-Disposition"] = content_disposition_header(True, made.name)
    return response


_CACHED = {"Cache-Control": "private, max-age=86400"}
# What an exported file could contain must not act as a page of this server.
_SEALED = {"Content-Security-Policy": "sandbox; default-src 'none'"}


def _reading(key: str) -> Callable[[Row], Any]:
    return lambda row: row.get(key)


def _lines(asked: str) -> tuple[int, int]:
    """First and last line of `12` or `12-20`; the first of the file where that is no number."""
    first, _, last = asked.partition("-")
    if not first.isdecimal():
        return 1, 1
    start = max(1, int(first[:9]))
    return start, max(start, int(last[:9])) if last.isdecimal() else start


def _list(
    request: HttpRequest,
    template: str,
    run: object,
    index: object,
    rows: Iterable[Row],
    filters: Mapping[str, Callable[[Row], Any]],
) -> HttpResponse:
    """A filtered list, page by page."""
    found = selectors.listing(rows, request.GET, filters=filters)
    return render(request, template, {"run": run, "index": index, "listing": found})
