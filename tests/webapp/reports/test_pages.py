"""Every page of a finished report, and that text from the analysed code stays text."""

import json

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from tests.fakes import small_shop
from webapp.accounts import services as accounts
from webapp.accounts.models import User
from webapp.analyses.models import AnalysisRun
from webapp.reports.source_text import source_text

PAGES = (
    "overview", "graph", "services", "tables", "transactions", "foreign-keys", "queries", "locks",
    "entry-points", "modules", "roadmap", "diagnostics", "search", "exports",
)  # fmt: skip


def shown(page: HttpResponse) -> str:
    """The page without the marks at which long names may break."""
    return page.content.decode().replace("<wbr>", "")


def test_every_page_shows_what_the_report_says(finished: AnalysisRun, as_alice: Client) -> None:
    for name in PAGES:
        answer = as_alice.get(reverse(f"reports:{name}", args=[finished.pk]))
        assert answer.status_code == 200, name
        assert "<script>alert" not in answer.content.decode()
    tables = shown(as_alice.get(reverse("reports:tables", args=[finished.pk])))
    for table in ("customers_customer", "orders_order", "orders_line", "stock_article"):
        assert table in tables
    document = json.loads(_content(as_alice, "reports:export", finished.pk, "json"))
    for service in document["services"]:
        page = as_alice.get(reverse("reports:service", args=[finished.pk, service["id"]]))
        assert page.status_code == 200
    for boundary in document["boundaries"]:
        ends = [boundary["first"], boundary["second"]]
        assert (
            as_alice.get(reverse("reports:boundary", args=[finished.pk, *ends])).status_code == 200
        )
    for key, name in (("tables", "table"), ("transactions", "transaction")):
        for row in document[key]:
            page = as_alice.get(reverse(f"reports:{name}", args=[finished.pk, row["id"]]))
            assert page.status_code == 200
            assert row["path"] in shown(page)


def test_evidence_opens_the_source_at_its_line(finished: AnalysisRun, as_alice: Client) -> None:
    page = as_alice.get(reverse("reports:table", args=[finished.pk, "orders_order"]))
    address = reverse("reports:source", args=[finished.pk, "orders/views.py"])
    assert f'{address}?line=14#L14"' in page.content.decode()
    source = as_alice.get(f"{address}?line=14").content.decode()
    assert '<tr id="L14" class="marked">' in source
    assert "&lt;script&gt;alert" in source
    assert "<script>alert" not in source


@pytest.mark.parametrize(
    "path", ["../secret-key", "/etc/passwd", "orders", "orders/../x.py", "no.py"]
)
def test_only_files_of_the_snapshot_are_shown(
    path: str, finished: AnalysisRun, as_alice: Client
) -> None:
    assert as_alice.get(f"/analyses/{finished.pk}/source/{path}").status_code == 404


def test_a_secret_is_shown_nowhere(finished: AnalysisRun, as_alice: Client) -> None:
    source = _content(as_alice, "reports:source", finished.pk, "shop/settings.py")
    assert "SECRET_KEY" in source
    assert small_shop.SECRET not in source
    for name in ("json", "html", "md"):
        answer = as_alice.get(reverse("reports:export", args=[finished.pk, name]))
        assert small_shop.SECRET.encode() not in answer.content


def test_charts_graph_and_exports_are_served(finished: AnalysisRun, as_alice: Client) -> None:
    graph = json.loads(_content(as_alice, "reports:graph-data", finished.pk))
    assert {"t:orders_order", "t:stock_article"} <= {spot["id"] for spot in graph["spots"]}
    spots = {spot["id"] for spot in graph["spots"]}
    assert all({edge["source"], edge["target"]} <= spots for edge in graph["edges"])
    overview = _content(as_alice, "reports:overview", finished.pk)
    for key in ("curve", "sizes"):
        if f"/charts/{key}.json" in overview:
            assert "data" in json.loads(_content(as_alice, "reports:chart", finished.pk, key))
    exports = _content(as_alice, "reports:exports", finished.pk)
    for name in ("json", "html", "markdown"):
        address = reverse("reports:export", args=[finished.pk, name])
        if address in exports:
            answer = as_alice.get(address)
            assert answer.headers["Content-Disposition"].startswith("attachment")
            assert "sandbox" in answer.headers["Content-Security-Policy"]
    for name, rest in (("chart", "no"), ("export", "no"), ("table", "no"), ("service", "no")):
        assert as_alice.get(reverse(f"reports:{name}", args=[finished.pk, rest])).status_code == 404


def test_lists_are_filtered_and_searched(finished: AnalysisRun, as_alice: Client) -> None:
    tables = reverse("reports:tables", args=[finished.pk])
    page = as_alice.get(tables, {"q": "stock_art"}).content.decode()
    assert "1 found" in page
    assert "stock_<wbr>article" in as_alice.get(tables, {"q": "art stock"}).content.decode()
    assert "Nothing fits" in as_alice.get(tables, {"q": "zzz"}).content.decode()
    found = as_alice.get(reverse("reports:search", args=[finished.pk]), {"q": "place_order"})
    assert "orders.views:place_order" in shown(found)


@pytest.mark.usefixtures("redis")
def test_programs_get_the_same_report(finished: AnalysisRun, alice: User) -> None:
    secret = accounts.issue_token(user=alice, name="build")
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    newest = program.get(reverse("reports:api-projects")).json()["projects"][0]["newest_analysis"]
    assert newest["state"] == "finished"
    analysis = program.get(reverse("reports:api-analysis", args=[finished.pk])).json()
    assert analysis["over"]
    report = program.get(reverse("reports:api-report", args=[finished.pk])).json()
    assert report["schema"] == "seamline/report/1"
    address = reverse("reports:api-projects")
    assert program.post(address, {}).status_code == 400
    started = program.post(address, {"git_url": "https://example.org/x.git"})
    assert started.status_code == 202
    assert started.json()["state"] == "waiting"


def test_long_and_strange_sources_are_shown_in_part() -> None:
    content = b"\xff\x00<b>\n" * 20_000
    shown = source_text(content, path="a.py", first=15_000, last=15_002)
    assert shown.is_part
    assert [line.number for line in shown.lines if line.marked] == [15_000, 15_001, 15_002]
    assert all("<b>" not in line.html for line in shown.lines)
    assert source_text(b"", path="a.py", first=1, last=1).lines == ()
    assert source_text(b"x" * 10_000_000, path="a.unknown", first=9, last=9).total == 1


def _content(client: Client, name: str, *args: object) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200, (name, args)
    return answer.content.decode()
