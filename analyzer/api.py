"""The one door to the library: take in, analyse, change the cut, check and export."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from analyzer.coupling.build import Coupling
from analyzer.errors import AnalyzerError, Cancelled, CheckFailed, UnusableInput
from analyzer.facts.credentials import without_credentials
from analyzer.intake.limits import Limits
from analyzer.intake.snapshot import Snapshot
from analyzer.intake.taking import open_snapshot, take_snapshot
from analyzer.partition.graph_document import partition_graph
from analyzer.partition.problem import Constraints
from analyzer.pipeline import STAGES, Options, Run, Stage, analysed, decided, read_some, weighed
from analyzer.pipeline import files_to_read as _files_to_read
from analyzer.progress import Progress, SilentProgress
from analyzer.report.charts import CHARTS
from analyzer.report.comparison import CheckResult, NewCoupling, new_coupling
from analyzer.report.constraints import constraints_of_rows, read_constraints, rows_of_constraints
from analyzer.report.formats.registry import FORMATS, Format, rendered
from analyzer.report.report import Report, load_report, schema
from analyzer.report.restore import codebase_of, constraints_of, facts_of, graph_of, shared_of
from analyzer.report.what_if import Price, price_of_moves
from analyzer.store.directory import DirectoryStore
from analyzer.store.memory import MemoryStore
from analyzer.store.result_store import ResultStore

__all__ = [
    "CHARTS",
    "FORMATS",
    "STAGES",
    "AnalyzerError",
    "Cancelled",
    "CheckFailed",
    "CheckResult",
    "Constraints",
    "DirectoryStore",
    "Format",
    "Limits",
    "MemoryStore",
    "NewCoupling",
    "Options",
    "Price",
    "Progress",
    "Report",
    "ResultStore",
    "SilentProgress",
    "Snapshot",
    "Stage",
    "UnusableInput",
    "analyze",
    "chart",
    "check",
    "constraints_of",
    "constraints_of_rows",
    "export",
    "load_report",
    "open_snapshot",
    "partition_graph",
    "read_constraints",
    "read_shard",
    "repartition",
    "rows_of_constraints",
    "schema",
    "shards_of",
    "take_snapshot",
    "what_if",
    "without_credentials",
]


def analyze(
    snapshot: Snapshot,
    *,
    options: Options | None = None,
    progress: Progress | None = None,
    store: ResultStore | None = None,
) -> Report:
    """The report on a snapshot: every stage after intake, skipping what the store has already.

    Raises `Cancelled` if the progress asks for it, `UnusableInput` if the constraints name nodes
    that are not there or contradict each other.
    """
    return analysed(snapshot, _run(options, progress, store))


def shards_of(snapshot: Snapshot, *, size: int) -> tuple[tuple[str, ...], ...]:
    """The paths to be read, in shards of at most `size` files of one kind."""
    return tuple(
        paths[start : start + size]
        for paths in _files_to_read(snapshot)
        for start in range(0, len(paths), size)
    )


def read_shard(snapshot: Snapshot, *, paths: Sequence[str], store: ResultStore) -> None:
    """Read some files into the store, so that an analysis finds them there; harmless twice."""
    read_some(snapshot, frozenset(paths), _run(None, None, store))


def repartition(
    report: Report,
    *,
    constraints: Constraints | None = None,
    options: Options | None = None,
    progress: Progress | None = None,
    store: ResultStore | None = None,
) -> Report:
    """The report anew under other constraints, without reading the code again.

    Raises `UnusableInput` if the constraints name unknown nodes or contradict each other.
    """
    asked = constraints_of(report) if constraints is None else constraints
    run = _run(replace(options or Options(), constraints=asked), progress, store)
    coupling = Coupling(graph=graph_of(report), shared=shared_of(report))
    return decided(codebase_of(report), facts_of(report), coupling, run)


def what_if(report: Report, *, moves: Mapping[str, str]) -> Price:
    """What moving nodes to services would cost; nothing is moved.

    Raises `UnusableInput` if a node is not in the report. A service that is not there is new.
    """
    return price_of_moves(report, moves)


def check(
    current: Snapshot | Report,
    *,
    against: Report,
    progress: Progress | None = None,
    store: ResultStore | None = None,
) -> CheckResult:
    """The coupling across agreed boundaries that `against` does not have yet."""
    if isinstance(current, Report):
        return new_coupling(graph_of(current), facts_of(current), against)
    facts, coupling = weighed(current, _run(None, progress, store))
    return new_coupling(coupling.graph, facts, against)


def export(report: Report, *, format: str, root: Path | None = None) -> bytes:
    """The report in one of FORMATS; with the snapshot's root, evidence shows its source line.

    Raises `UnusableInput` if there is no such format.
    """
    return rendered(report, format=format, root=root)


def chart(report: Report, *, key: str) -> dict[str, Any]:
    """One of CHARTS as plotly JSON: `data` and `layout`. Raises `UnusableInput` for another key."""
    for one in CHARTS:
        if one.key == key:
            figure: dict[str, Any] = one.draw(report.document).to_plotly_json()
            return figure
    raise UnusableInput(f"There is no chart {key!r}; there are {', '.join(c.key for c in CHARTS)}.")


def _run(options: Options | None, progress: Progress | None, store: ResultStore | None) -> Run:
    return Run(options or Options(), progress or SilentProgress(), store or MemoryStore())
