"""What reports need of the analyzer: exports, charts, and the source that they speak of.

Loading the analyzer takes seconds, so each function does it when it is first called, and the web
server starts without it.
"""

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.http import Http404

from webapp.analyses import selectors as analyses
from webapp.analyses.models import AnalysisRun
from webapp.reports.source_text import SourceText, source_text


@dataclass(frozen=True, slots=True)
class Export:
    """A report in one notation, as a file."""

    content: bytes
    media_type: str
    name: str


def formats() -> tuple[Any, ...]:
    """Every notation in which a report can be had."""
    from analyzer import api

    return api.FORMATS


def export(*, run: AnalysisRun, name: str) -> Export:
    """The run's report in the notation of that name.

    Raises `Http404` where there is none.
    """
    from analyzer import api

    known = {notation.name: notation for notation in api.FORMATS}
    if name not in known:
        raise Http404("There is no such format.")
    report = api.Report(document=analyses.document_of(run))
    root = _root_of(run)
    content = api.export(report, format=name, root=root)
    file_name = f"{run.project.name}-{run.pk}{known[name].suffix}"
    return Export(content, known[name].media_type, file_name)


def charts() -> tuple[Any, ...]:
    """Every chart that can be drawn of a report."""
    from analyzer import api

    return api.CHARTS


@lru_cache(maxsize=64)
def chart(*, run_id: int, key: str) -> str:
    """One chart of a run's report, as plotly's JSON; kept, as reports never change.

    Raises `Http404` where there is none of that key.
    """
    from analyzer import api

    if key not in {chart.key for chart in api.CHARTS}:
        raise Http404("There is no such chart.")
    report = api.Report(document=analyses.document_of(AnalysisRun(pk=run_id)))
    return json.dumps(api.chart(report, key=key))


def source_of(*, run: AnalysisRun, path: str, first: int, last: int) -> SourceText:
    """A file of the run's snapshot, with lines marked and credentials masked.

    Raises `Http404` where the snapshot has no such file.
    """
    from analyzer import api
    from webapp.codebases.services.snapshots import kept_snapshot

    snapshot = kept_snapshot(source=run.source)
    file = next((file for file in snapshot.files if file.path == path), None) if snapshot else None
    if snapshot is None or file is None:
        raise Http404("The snapshot has no such file.")
    secrets = analyses.document_of(run)["secrets"]
    content = api.without_credentials(
        snapshot.read(file).decode("utf-8", "replace"),
        lines={one["line"] for one in secrets if one["path"] == path and one["in_source"]},
        path=path,
    )
    return source_text(content.encode(), path=path, first=first, last=last)


def _root_of(run: AnalysisRun) -> Path | None:
    """Where the run's snapshot lies, if it is still there."""
    from webapp.codebases.services.snapshots import kept_snapshot

    snapshot = kept_snapshot(source=run.source)
    return snapshot.root if snapshot else None
