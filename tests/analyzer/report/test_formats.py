"""What people see: every format, with names that want to do harm."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from analyzer import api
from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.diagnostics import Diagnostic
from analyzer.report.report import Report
from tests.analyzer.report.test_report_document import shop_report
from tests.fakes.shop import shop_facts

HOSTILE = "</script><img src=x onerror=alert(1)>{{7*7}}[x](javascript:alert(1))"


def _hostile_facts() -> CodebaseFacts:
    facts = shop_facts()
    entry = replace(facts.entry_points[0], name=HOSTILE)
    join = replace(facts.joins[0], how=HOSTILE)
    lock = replace(facts.locks[0], kind="redis", target=HOSTILE)
    return replace(
        facts,
        entry_points=tuple(sorted((entry, *facts.entry_points[1:]))),
        joins=(join, *facts.joins[1:]),
        locks=(lock,),
        diagnostics=(Diagnostic(f"{HOSTILE}.py", 3, "warning", "odd", HOSTILE),),
    )


@pytest.fixture(scope="module")
def report() -> Report:
    return shop_report()


@pytest.fixture(scope="module")
def page(report: Report) -> str:
    return api.export(report, format="html").decode()


@pytest.fixture(scope="module")
def hostile_page() -> str:
    return api.export(shop_report(_hostile_facts()), format="html").decode()


class _Elements(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


def _elements(page: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = _Elements()
    parser.feed(page)
    return parser.tags


def test_every_format_writes_something(report: Report) -> None:
    sizes = {one.name: len(api.export(report, format=one.name)) for one in api.FORMATS}
    assert min(sizes.values()) > 100


def test_the_page_needs_nothing_from_outside(page: str) -> None:
    elements = _elements(page)
    assert not [tag for tag, _ in elements if tag in ("link", "iframe", "object", "img")]
    assert not [a for tag, a in elements if tag == "script" and "src" in a]
    links = [a["href"] or "" for tag, a in elements if tag == "a" and "href" in a]
    assert links
    assert all(link.startswith("#") for link in links)


def test_every_link_of_the_page_leads_somewhere(page: str) -> None:
    elements = _elements(page)
    ids = {a["id"] for _, a in elements if a.get("id")}
    links = {(a["href"] or "")[1:] for tag, a in elements if tag == "a" and "href" in a}
    assert links <= ids
    assert len(ids) == len([a["id"] for _, a in elements if a.get("id")])


def test_hostile_names_stay_text(hostile_page: str) -> None:
    elements = _elements(hostile_page)
    assert not [tag for tag, _ in elements if tag == "img"]
    assert not [a for _, a in elements if any(key.startswith("on") for key in a)]
    assert "onerror=alert(1)&gt;" in hostile_page
    assert "<img src=x" not in hostile_page
    assert "{{7*7}}" in hostile_page


def test_only_our_own_scripts_may_run(hostile_page: str) -> None:
    policy = next(a for tag, a in _elements(hostile_page) if tag == "meta" and "content" in a)
    content = policy["content"] or ""
    assert "default-src 'none'" in content
    assert len(re.findall("'sha256-", content)) == 2
    assert "unsafe-inline" not in content.split("script-src")[1].split(";")[0]


def test_hostile_names_stay_text_in_markdown_and_graphs() -> None:
    report = shop_report(_hostile_facts())
    markdown = api.export(report, format="md").decode()
    assert "](javascript" not in re.sub(r"`[^`]*`", "", markdown)
    ElementTree.fromstring(api.export(report, format="graphml"))
    assert "<img" not in api.export(report, format="mermaid").decode()


def test_evidence_shows_the_line_where_the_source_is_at_hand(
    report: Report, tmp_path: Path
) -> None:
    (tmp_path / "shop").mkdir()
    lines = [f"    line_{n} = '<b>'" for n in range(1, 70)]
    (tmp_path / "shop" / "views.py").write_text("\n".join(lines))
    page = api.export(report, format="html", root=tmp_path).decode()
    assert "line_44 = &#39;&lt;b&gt;&#39;" in page


def test_evidence_never_shows_a_file_outside_the_source(report: Report, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("password\n" * 70)
    root = tmp_path / "source"
    (root / "shop").mkdir(parents=True)
    (root / "shop" / "views.py").symlink_to(tmp_path / "secret.txt")
    assert "password" not in api.export(report, format="html", root=root).decode()


def test_an_unknown_format_is_refused_with_the_known_ones(report: Report) -> None:
    with pytest.raises(api.UnusableInput, match="json, html, md"):
        api.export(report, format="docx")


def test_every_chart_draws(report: Report) -> None:
    for one in api.CHARTS:
        figure = api.chart(report, key=one.key)
        assert figure["data"], one.key
