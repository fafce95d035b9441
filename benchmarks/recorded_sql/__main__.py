"""Recorded SQL as an oracle for the facts: `python -m benchmarks.recorded_sql [--keep] [NAME …]`.

Builds each project's environment, runs its tests while recording, reads the same source with the
analyzer, and writes ../RECORDED_SQL.md, misses.md and the sheets of claims to check by hand.
`--keep` compares with the recordings that are in the cache; `--mapper sqlalchemy` measures only the
projects of one mapper, and publishes their part of the page.
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
from benchmarks.attempts import Failure, attempted, failed_lines
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
from benchmarks.recorded_sql.flushes import observe_session
from benchmarks.recorded_sql.hand_check import (
    HELD_OUT,
    IMPROVED_ON,
    PEEWEE,
    PEEWEE_HELD_OUT,
    SQLALCHEMY,
    SQLALCHEMY_HELD_OUT,
    Sheet,
    precision,
    read_sheet,
    sheet,
    write_sheet,
)
from benchmarks.recorded_sql.recording import Observed, load, observe
from benchmarks.recorded_sql.tables import (
    TEMPLATES,
    Group,
    Measured,
    misses_page,
    results_page,
    with_part,
)

HERE = Path(__file__).parent
SHEETS = {
    "django": (IMPROVED_ON, HELD_OUT),
    "sqlalchemy": (SQLALCHEMY, SQLALCHEMY_HELD_OUT),
    "peewee": (PEEWEE, PEEWEE_HELD_OUT),
}
MISSES = {
    "django": "misses.md",
    "sqlalchemy": "misses_sqlalchemy.md",
    "peewee": "misses_peewee.md",
}


def main(arguments: list[str]) -> int:
    """Measure the named projects, or all, and publish when all were measured."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recorded_sql")
    parser.add_argument("names", nargs="*")
    parser.add_argument("--keep", action="store_true", help="use the recordings in the cache")
    parser.add_argument("--mapper", choices=sorted(TEMPLATES))
    options = parser.parse_args(arguments)
    mappers = [options.mapper] if options.mapper else list(TEMPLATES)
    known = {one.name: one for one in recorded_projects() if one.mapper in mappers}
    wanted = {name: known[name] for name in options.names or known}
    measured, failures = attempted(wanted, lambda one: measure(one, keep=options.keep))
    if not options.names:
        for mapper in mappers:
            publish(mapper, [one for one in measured if one.project.mapper == mapper], failures)
    return 1 if failures else 0


def measure(project: Recorded, *, keep: bool) -> Measured:
    """Record unless that was done and is to be kept; then compare and print the figures."""
    fetch_source(project)
    if not (keep and project.recording.is_file()):
        build(project)
        record(project)
    facts = facts_of(project.source)
    observed = observed_in(project, facts)
    main = observed.pop("")
    beside = {name: compare(facts, one) for name, one in observed.items()}
    comparison = compare(facts, main)
    found = Measured(project, outcome(project), main, comparison, claims(facts), beside)
    print(found.line(), flush=True)
    return found


def observed_in(project: Recorded, facts: CodebaseFacts) -> dict[str, Observed]:
    """What the recording says; "" is what counts, what else there is is compared beside it."""
    known = {
        "unit_at": units_by_place(facts),
        "bases": bases_of(facts),
        "dialect": project.dialect,
    }
    if project.mapper == "sqlalchemy":
        return observe_session(load(project.recording), **known)  # type: ignore[arg-type]
    return {"": observe(load(project.recording), **known)}  # type: ignore[arg-type]


def facts_of(source: Path) -> CodebaseFacts:
    """What the analyzer reads in a folder; it runs nothing of it."""
    with tempfile.TemporaryDirectory(prefix="recorded-sql-") as scratch:
        snapshot = take_snapshot(str(source), into=Path(scratch) / "snapshot")
        store = DirectoryStore(CACHE / "facts")
        return read(snapshot, Run(Options(), SilentProgress(), store))


def publish(mapper: str, measured: list[Measured], failures: list[Failure]) -> None:
    """Write a part of the page, and the sheets for the hand check."""
    improving, holding = SHEETS[mapper]
    improved_on = [one for one in measured if not one.project.held_out]
    held_out = [one for one in measured if one.project.held_out]
    groups = {
        "improved": Group(improved_on, checked(improved_on, improving)),
        "held": Group(held_out, checked(held_out, holding)),
    }
    when = f"{datetime.now(tz=UTC).date().isoformat()}, {machine()}"
    part = results_page(groups, template=TEMPLATES[mapper], when=when)
    part += "\n".join([*failed_lines(failures), ""])
    page = HERE.parent / "RECORDED_SQL.md"
    page.write_text(with_part(page.read_text("utf-8"), mapper, part), encoding="utf-8")
    (HERE / MISSES[mapper]).write_text(misses_page(measured), encoding="utf-8")


def checked(measured: list[Measured], wanted: Sheet) -> tuple[int, int]:
    """Draw the sheet anew, with the verdicts that it has; how many are right, of how many."""
    unconfirmed = {
        (one.project.name, *touch): one.claimed[touch]
        for one in measured
        for touch in one.comparison.unconfirmed
    }
    rows = sheet(unconfirmed, read_sheet(wanted.path), wanted.size)
    write_sheet(rows, wanted.path)
    return precision(rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
