"""Runs the whole analysis on every project of the corpus: `python -m benchmarks.analysis [NAME …]`.

Each run is a process of its own, so that seconds and peak memory are those of a whole command; the
peak is that of the largest process. Writes benchmarks/RESULTS.md as it goes on, of everything that
was measured on this machine, so that a long run can be taken up where it was left.
"""

import json
import os
import platform
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from benchmarks.attempts import attempted
from benchmarks.corpus import CACHE, HERE, Project, fetch, projects

ROWS = CACHE / "analysis"
QUIET = [(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)]
COLUMNS = ("files", "lines", "seconds", "lines/s", "peak MB", "tables", "services", "cost", "gap")


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run of `seamline analyze` took and found."""

    project: Project
    exit_code: int
    seconds: float
    peak_megabytes: float
    report: dict[str, object] | None


def measure(project: Project) -> Measured:
    """Analyse one project's folder with default options."""
    source = fetch(project)
    out = Path(tempfile.mkdtemp(prefix="seamline-bench-"))
    command = [sys.executable, "-m", "analyzer", "analyze", str(source), "--out", str(out / "o")]
    try:
        started = time.perf_counter()
        process = os.posix_spawn(sys.executable, command, os.environ, file_actions=QUIET)
        _, status, usage = os.wait4(process, 0)
        seconds = time.perf_counter() - started
        written = out / "o" / "report.json"
        report = json.loads(written.read_bytes()) if written.is_file() else None
    finally:
        shutil.rmtree(out, ignore_errors=True)
    code = os.waitstatus_to_exitcode(status)
    return Measured(project, code, seconds, usage.ru_maxrss / 1024, report)


def row(measured: Measured) -> str:
    """One line of the table."""
    label = f"{measured.project.name} {measured.project.version}"
    if measured.report is None:
        return f"| {label} | failed with exit code {measured.exit_code} |" + " |" * 8
    report = measured.report
    lines = report["codebase"]["lines"]
    cells = (
        f"{report['codebase']['files']:,}",
        f"{lines:,}",
        f"{measured.seconds:.1f}",
        f"{lines / measured.seconds:,.0f}",
        f"{measured.peak_megabytes:,.0f}",
        f"{len(report['tables']):,}",
        f"{len(report['services']):,}",
        f"{report['optimality']['cost']:,.1f}",
        f"{report['optimality']['gap']:.1%}",
    )
    return f"| {label} | " + " | ".join(cells) + " |"


def machine() -> str:
    """The machine in words: processor, cores, memory, interpreter."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    model = next(
        (
            line.split(":", 1)[1].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def main(names: list[str]) -> int:
    """Measure the named projects, or all; print the table as it grows."""
    ROWS.mkdir(parents=True, exist_ok=True)
    wanted = {one.name: one for one in projects() if not names or one.name in names}
    results, failures = attempted(wanted, _apart)
    return 0 if all(results) and not failures else 1


def _apart(project: Project) -> bool:
    # Memory is counted from what started the command: that must not have read reports before.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
        return fresh.submit(_run, project).result()


def _run(project: Project) -> bool:
    """Measure one project and put it on the page; whether there is a report."""
    measured = measure(project)
    (ROWS / f"{project.name}.txt").write_text(row(measured))
    print(row(measured), flush=True)
    _publish()
    return measured.report is not None


def _publish() -> None:
    today = datetime.now(tz=UTC).date().isoformat()
    rows = {path.stem: path.read_text() for path in ROWS.glob("*.txt")}
    table = [
        "| project | " + " | ".join(COLUMNS) + " |",
        "| --- |" + " ---: |" * len(COLUMNS),
        *(rows[one.name] for one in projects() if one.name in rows),
    ]
    missing = [one.name for one in projects() if one.name not in rows]
    text = (
        "# The analysis on real code\n\n"
        "`make bench` wrote this: `seamline analyze` with default options on each project of\n"
        "`corpus.toml`, one whole process each, nothing cached. Lines are of all files read.\n\n"
        + (f"Not measured: {', '.join(missing)}.\n\n" if missing else "")
        + f"{today}, {machine()}; load at the end {os.getloadavg()[1]:.1f}.\n\n"
        + "\n".join(table)
        + "\n"
    )
    (HERE / "RESULTS.md").write_text(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
