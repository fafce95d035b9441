"""The document itself."""

from analyzer.report.report import Report
from analyzer.report.source_lines import SourceLines


def render(report: Report, sources: SourceLines) -> bytes:
    """`report.json`; its schema stands in analyzer/report/schema.json."""
    return report.to_bytes()
