"""The context map as a Mermaid flowchart, for pages that draw those."""

import re

from analyzer.report.report import Report
from analyzer.report.source_lines import SourceLines

_UNSAFE = re.compile(r"[^A-Za-z0-9 .,:;/()+_-]")


def render(report: Report, sources: SourceLines) -> bytes:
    """Services with their tables, and who depends on whom for what."""
    number = {s["id"]: f"s{i}" for i, s in enumerate(report.document["services"])}
    lines = ["flowchart LR"]
    for service in report.document["services"]:
        tables = len(service["tables"])
        lines.append(f'  {number[service["id"]]}["{_text(service["name"])}<br/>{tables} tables"]')
    for relation in report.document["plan"]["context_map"]:
        uses = ", ".join(
            f"{relation[key]} {label}"
            for key, label in (
                ("calls", "calls"), ("reads", "reads"), ("writes", "writes"),
                ("foreign_keys", "foreign keys"),
            )
            if relation[key]
        )  # fmt: skip
        ends = number[relation["downstream"]], number[relation["upstream"]]
        lines.append(f'  {ends[0]} -->|"{uses}"| {ends[1]}')
    return ("\n".join(lines) + "\n").encode()


def _text(name: str) -> str:
    return _UNSAFE.sub(" ", name)
