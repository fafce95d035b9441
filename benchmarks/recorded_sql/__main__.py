"""Recorded SQL as an oracle for the facts: `python -m benchmarks.recorded_sql [--keep] [NAME …]`.

Builds each project's environment, runs its tests while recording, reads the same source with the
analyzer, and writes ../RECORDED_SQL.md, misses.md and hand_check.csv. `--keep` compares with the
recordings that are in the cache.
"""

import argparse
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from analyzer.api import DirectoryStore, take_snapshot
from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.pipeline import Options, Run, read
from analyzer.progress import SilentProgress
from benchmarks.analysis import machine
from benchmarks.corpus import CACHE
from benchmarks.recorded_sql.compare import bases_of, claims, compare, units_by_place
from benchmarks.recorded_sql.environments import (
    Recorded,
    build,
    fetch_source,
    outcome,
    record,
    recorded_projects,
)
from benchmarks.recorded_sql.hand_check import precision, read_sheet, sheet, write_sheet
from benchmarks.recorded_sql.recording import load, observe
from benchmarks.recorded_sql.tables import Measured, misses_page, results_page

HERE = Path(__file__).parent


def main(arguments: list[str]) -> int:
    """Measure the named projects, or all, and publish when all were measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recorded_sql")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--keep", action="store_true", help="use the recordings in the cache")
    options = parser.parse_args(arguments)
    wanted = [p for p in recorded_projects() if not options.names or p.name in options.names]
    measured = [measure(project, keep=options.keep) for project in wanted]
    for one in measured:
        print(one.line())
    if not options.names:
        publish(measured)
    return 0


def measure(project: Recorded, *, keep: bool) -> Measured:
    """Record unless that was done and is to be kept; then compare."""
    fetch_source(project)
    if not (keep and project.recording.is_file()):
        build(project)
        record(project)
    facts = facts_of(project.source)
    observed = observe(
        load(project.recording),
        unit_at=units_by_place(facts),
        bases=bases_of(facts),
        dialect=project.dialect,
    )
    return Measured(project, outcome(project), observed, compare(facts, observed), claims(facts))


def facts_of(source: Path) -> CodebaseFacts:
    """What the analyzer reads in a folder; it runs nothing of it."""
    with tempfile.TemporaryDirectory(prefix="recorded-sql-") as scratch:
        snapshot = take_snapshot(str(source), into=Path(scratch) / "snapshot")
        store = DirectoryStore(CACHE / "facts")
        return read(snapshot, Run(Options(), SilentProgress(), store))


def publish(measured: list[Measured]) -> None:
    """Write the pages and the sheet for the hand check."""
    unconfirmed = {
        (one.project.name, *touch): one.claimed[touch]
        for one in measured
        for touch in one.comparison.unconfirmed
    }
    rows = sheet(unconfirmed, read_sheet())
    write_sheet(rows)
    when = f"{datetime.now(tz=UTC).date().isoformat()}, {machine()}"
    results = results_page(measured, checked=precision(rows), when=when)
    (HERE.parent / "RECORDED_SQL.md").write_text(results, encoding="utf-8")
    (HERE / "misses.md").write_text(misses_page(measured), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
