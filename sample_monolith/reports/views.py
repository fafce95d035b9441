import datetime

from django.contrib.admin.views.decorators import staff_member_required
from django.http import Http404, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from reports import figures, sql
from reports.models import SavedReport
from store import utils


def _period(request):
    end = utils.parse_date(request.GET.get("end")) or timezone.localdate()
    start = utils.parse_date(request.GET.get("start")) or end - datetime.timedelta(days=29)
    return (start, end) if start <= end else (end, start)


@staff_member_required
def dashboard(request):
    start, end = _period(request)
    return render(
        request,
        "reports/dashboard.html",
        {
            "figures": figures.dashboard(),
            "products": figures.top_products(start, end),
            "support": figures.support_load(start, end),
            "reports": sorted(sql.REPORTS),
            "saved": SavedReport.objects.filter(owner=request.user),
        },
    )


@staff_member_required
def report(request, name):
    if name not in sql.REPORTS:
        raise Http404
    start, end = _period(request)
    header, rows = sql.run(name, start, end)
    if request.GET.get("format") == "csv":
        return utils.csv_response("%s-%s.csv" % (name, end), header, rows)
    if request.GET.get("format") == "json":
        return JsonResponse({"header": header, "rows": [[str(value) for value in row] for row in rows]})
    return render(
        request,
        "reports/report.html",
        {"name": name, "header": header, "rows": rows, "start": start, "end": end},
    )


@staff_member_required
@require_POST
def save_report(request, name):
    if name not in sql.REPORTS:
        raise Http404
    SavedReport.objects.update_or_create(
        owner=request.user,
        report=name,
        defaults={
            "name": request.POST.get("name") or name,
            "recipients": request.POST.get("recipients", ""),
            "days": min(max(int(request.POST.get("days") or 7), 1), 366),
        },
    )
    return redirect("report", name=name)
