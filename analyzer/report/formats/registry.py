"""The table of formats."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from jinja2 import UndefinedError

from analyzer.errors import UnusableInput
from analyzer.report.formats import graph_json, graphml, html, json, markdown, mermaid
from analyzer.report.report import Report
from analyzer.report.source_lines import SourceLines


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write a report."""

    name: str
    title: str
    media_type: str
    suffix: str
    render: Callable[[Report, SourceLines], bytes]


FORMATS = (
    Format("json", "Report as data", "application/json", ".json", json.render),
    Format("html", "Report as one web page", "text/html", ".html", html.render),
    Format("md", "Report as Markdown", "text/markdown", ".md", markdown.render),
    Format("graphml", "Coupling graph", "application/graphml+xml", ".graphml", graphml.render),
    Format("graph", "Factor graph", "application/json", ".graph.json", graph_json.render),
    Format("mermaid", "Context map", "text/plain", ".mmd", mermaid.render),
)


def rendered(report: Report, *, format: str, root: Path | None) -> bytes:
    """The report in the format of this name. Raises `UnusableInput` if there is none."""
    for one in FORMATS:
        if one.name == format:
            return _written(one, report, root)
    names = ", ".join(one.name for one in FORMATS)
    raise UnusableInput(f"There is no format {format!r}; there are {names}.")


def _written(one: Format, report: Report, root: Path | None) -> bytes:
    try:
        return one.render(report, SourceLines(root, report.document["secrets"]))
    except (KeyError, IndexError, TypeError, AttributeError, UndefinedError) as error:
        raise UnusableInput(f"This report is damaged: {error!r}.") from error
