"""The report as one web page that needs nothing else: it opens offline and prints."""

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup
from plotly.offline import get_plotlyjs
from plotly.utils import PlotlyJSONEncoder

from analyzer.report.charts import CHARTS, Chart
from analyzer.report.reading import Reading
from analyzer.report.report import Document, Report
from analyzer.report.source_lines import SourceLines

_TEMPLATES = Path(__file__).parent / "templates"
_ROW_LIMIT = 1500  # rows of any one table; more would make the page slow and is in report.json
_SAGA_LIMIT = 120


@dataclass(frozen=True, slots=True)
class DrawnChart:
    """A chart with its figure as JSON that is safe inside a script element."""

    key: str
    title: str
    says: str
    json: Markup


def render(report: Report, sources: SourceLines) -> bytes:
    """`report.html`, with the scripts it needs inlined and no others allowed to run."""
    document = report.document
    reading = Reading(document)
    plotly, script = Markup(get_plotlyjs()), Markup(_asset("page.js"))  # noqa: S704 - our own
    page = _environment(sources).get_template("report.html")
    text = page.render(
        d=document,
        r=reading,
        headline=headline(document),
        contents=_contents(reading),
        charts={chart.key: _drawn(chart, document) for chart in CHARTS},
        orders={step["id"]: step["order"] for step in document["plan"]["roadmap"]},
        row_limit=_ROW_LIMIT,
        saga_limit=_SAGA_LIMIT,
        css=Markup(_asset("page.css")),  # noqa: S704 - our own
        js=script,
        plotly=plotly,
        policy=_policy(plotly, script),
    )
    return text.encode("utf-8", "backslashreplace")


def headline(document: Document) -> str:
    """What was found, in three sentences."""
    units = sum(1 for unit in document["units"] if unit["service"])
    tables = sum(1 for table in document["tables"] if table["service"])
    shared = len(document["shared"])
    sentences = [
        f"{document['codebase']['files']:,} files with {document['codebase']['lines']:,} lines "
        f"were read.",
        f"{units:,} units and {tables:,} tables fall into {len(document['services']):,} service "
        f"candidates.",
    ]
    if shared:
        become = (
            "unit that nearly everything uses becomes"
            if shared == 1
            else ("units that nearly everything uses become")
        )
        sentences.append(f"{shared:,} {become} a shared library.")
    return " ".join(sentences)


def _contents(reading: Reading) -> tuple[tuple[str, str, int | None], ...]:
    document, plan = reading.document, reading.plan
    return (
        ("overview", "Overview", None),
        ("map", "Map", None),
        ("services", "Services", len(document["services"])),
        ("boundaries", "What the cut costs", len(document["boundaries"])),
        ("tables", "Tables and owners", sum(len(b["tables"]) for b in plan["databases"])),
        ("keys", "Foreign keys", len(reading.crossing_keys)),
        ("transactions", "Transactions", len(document["transactions"])),
        ("queries", "Queries", len(plan["queries"])),
        ("locks", "Locks", len(plan["locks"])),
        ("apis", "APIs and events", len(plan["events"])),
        ("roadmap", "Roadmap", len(plan["roadmap"])),
        ("split", "Modules to be split", len(reading.split_modules)),
        ("unsure", "Placements in doubt", len(reading.unsure)),
        ("numbers", "Numbers", len(document["metrics"])),
        ("decisions", "Decisions", len(document["constraints"])),
        ("diagnostics", "Not understood", len(document["diagnostics"])),
    )


def _environment(sources: SourceLines) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["source"] = lambda place: sources.get(place["path"], place["line"])
    environment.filters["foreign_accessors"] = _foreign_accessors
    return environment


def _foreign_accessors(ownership: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Writers, then readers, that are not in the owner's service."""
    accessors = [*ownership["writers"], *ownership["readers"]]
    return [a for a in accessors if a["service"] != ownership["owner"]]


def _drawn(chart: Chart, document: Document) -> DrawnChart:
    figure = chart.draw(document).to_plotly_json()
    text = json.dumps(figure, cls=PlotlyJSONEncoder, separators=(",", ":"))
    # Inside a script element only these could end it or open a comment.
    safe = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return DrawnChart(chart.key, chart.title, chart.says, Markup(safe))  # noqa: S704 - just escaped


def _policy(*scripts: str) -> str:
    """Names in analysed code are hostile: should one get past the escaping, it still cannot run."""
    digests = (base64.b64encode(hashlib.sha256(s.encode()).digest()).decode() for s in scripts)
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    return (
        f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; "
        f"img-src data: blob:; base-uri 'none'; form-action 'none'"
    )


@cache
def _asset(name: str) -> str:
    return (_TEMPLATES / name).read_text(encoding="utf-8")
