"""The report as Markdown, for wikis and pull requests."""

import re
from pathlib import Path

import jinja2

from analyzer.report.formats.html import headline
from analyzer.report.reading import Reading
from analyzer.report.report import Report
from analyzer.report.source_lines import SourceLines

_TEMPLATES = Path(__file__).parent / "templates"
_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~])")
_SPACE = re.compile(r"\s+")


def render(report: Report, sources: SourceLines) -> bytes:
    """`report.md`: the same as the page, without charts and long lists."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=False,  # noqa: S701 - not HTML; the filters below escape what Markdown means
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["text"] = _text
    environment.filters["code"] = _code
    environment.filters["capitalize_first"] = lambda text: text[:1].upper() + text[1:]
    page = environment.get_template("report.md.jinja")
    text = page.render(
        d=report.document, r=Reading(report.document), headline=headline(report.document)
    )
    return text.encode("utf-8", "backslashreplace")


def _text(text: str) -> str:
    """Text that Markdown shows as it is."""
    return _SPECIAL.sub(r"\\\1", _SPACE.sub(" ", text))


def _code(text: str) -> str:
    """Text for between backticks, in a table's cell."""
    return _SPACE.sub(" ", text).replace("`", "'").replace("|", "\\|")
