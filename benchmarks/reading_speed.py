"""How fast Python is read, beside bare `ast.parse` of the same files in the same process.

    python -m benchmarks.reading_speed pretix weblate … --into benchmarks/READING.md

Processor time is compared, not the clock, so that a busy machine changes little; only the column of
two processes is by the clock. Each measurement runs in a process of its own.
"""

import argparse
import ast
import gc
import hashlib
import json
import math
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from analyzer.intake.snapshot import Snapshot, SourceFile, digest_of
from analyzer.readers.language_reader import ReadingTools
from analyzer.readers.python.reader import PythonReader
from analyzer.store.memory import MemoryStore

CORPUS = Path(__file__).parent / "cache" / "corpus"
GOALS = {"ratio": 2.5, "two": 1.8, "changed": 0.05, "memory": 1.5, "exponent": 1.05}


def snapshot_of(root: Path) -> Snapshot:
    """The files of a folder, as intake would give them."""
    files = []
    for path in sorted(root.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            name = path.relative_to(root).as_posix()
            files.append(SourceFile(name, hashlib.sha256(content).hexdigest(), len(content)))
    return Snapshot(root.name, root, tuple(files), digest_of(files))


def measure_one_core(root: Path) -> dict[str, float]:
    """Parsing alone, reading all facts cold, and again after one file has changed."""
    snapshot = snapshot_of(root)
    reader = PythonReader()
    contents = [snapshot.read(file) for file in reader.files(snapshot)]
    parsing = min(_processor(lambda: _parse_all(contents)) for _ in range(2))
    store = MemoryStore()
    cold = _processor(lambda: reader.read(snapshot, _tools(store)))
    changed = _with_one_change(snapshot)
    again = _processor(lambda: reader.read(changed, _tools(store)))
    return {
        "files": len(contents),
        "lines": sum(content.count(b"\n") for content in contents),
        "parsing": parsing,
        "cold": cold,
        "again": again,
    }


def measure_processes(root: Path, jobs: int) -> dict[str, float]:
    """Reading cold with some processes, by the clock; and the peak memory of this process."""
    snapshot = snapshot_of(root)
    begun = time.perf_counter()
    PythonReader().read(snapshot, ReadingTools(MemoryStore(), lambda count: None, jobs))
    took = time.perf_counter() - begun
    return {"clock": took, "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6}


def _tools(store: MemoryStore) -> ReadingTools:
    return ReadingTools(store, lambda count: None, 1)


def _processor(work: Callable[[], object]) -> float:
    gc.collect()
    begun = time.process_time()
    work()
    return time.process_time() - begun


def _parse_all(contents: list[bytes]) -> None:
    gc.disable()
    for content in contents:
        try:
            ast.parse(content)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # the reader goes on where the parser stops
    gc.enable()


def _with_one_change(snapshot: Snapshot) -> Snapshot:
    """The snapshot as if the middle one of its Python files had a new digest."""
    python = [file for file in snapshot.files if file.path.endswith(".py")]
    middle = python[len(python) // 2]
    other = SourceFile(middle.path, hashlib.sha256(b"changed").hexdigest(), middle.size)
    files = tuple(other if file == middle else file for file in snapshot.files)
    return Snapshot(snapshot.name, snapshot.root, files, digest_of(files))


def _in_a_process(name: str, *what: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.reading_speed", "--measure", name, *what]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(name: str) -> dict[str, float]:
    """All figures of one project."""
    row = _in_a_process(name, "core")
    alone, pair = _in_a_process(name, "1"), _in_a_process(name, "2")
    row["memory"] = alone["memory"]
    row["two"] = alone["clock"] / pair["clock"]
    return row


def table(rows: dict[str, dict[str, float]]) -> str:
    """The figures as Markdown."""
    lines = [
        "| project | files | lines | `ast.parse` s | facts s | ratio | two processes | "
        "one file changed | peak GB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, row in rows.items():
        lines.append(
            f"| {name} | {row['files']:,.0f} | {row['lines']:,.0f} | {row['parsing']:.2f} | "
            f"{row['cold']:.2f} | {row['cold'] / row['parsing']:.2f} | {row['two']:.2f} × | "
            f"{row['again'] / row['cold']:.0%} | {row['memory']:.2f} |"
        )
    return "\n".join(lines)


def growth_exponent(rows: dict[str, dict[str, float]]) -> float:
    """Slope of log(seconds) over log(lines): 1 is linear."""
    points = [(math.log(row["lines"]), math.log(row["cold"])) for row in rows.values()]
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def verdicts(rows: dict[str, dict[str, float]]) -> str:
    """Which goals are met, project by project."""
    met = {
        f"ratio ≤ {GOALS['ratio']}": lambda row: row["cold"] / row["parsing"] <= GOALS["ratio"],
        f"two processes ≥ {GOALS['two']} ×": lambda row: row["two"] >= GOALS["two"],
        f"one file changed ≤ {GOALS['changed']:.0%}": (
            lambda row: row["again"] / row["cold"] <= GOALS["changed"]
        ),
        f"peak ≤ {GOALS['memory']} GB": lambda row: row["memory"] <= GOALS["memory"],
    }
    lines = []
    for goal, is_met in met.items():
        names = [name for name, row in rows.items() if is_met(row)]
        lines.append(
            f"- {goal}: met on {len(names)} of {len(rows)} ({', '.join(names) or 'none'})."
        )
    return "\n".join(lines)


def page(rows: dict[str, dict[str, float]]) -> str:
    """The whole page."""
    exponent = growth_exponent(rows) if len(rows) > 1 else float("nan")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"""# Reading speed

Measured {datetime.now(UTC):%Y-%m-%d} on {machine}; load at the end {os.getloadavg()[1]:.1f}.
`python -m benchmarks.reading_speed {" ".join(rows)} --into benchmarks/READING.md`

{table(rows)}

- *facts s*: everything that the Python reader says, cold, on one core, in processor seconds.
- *ratio*: to bare `ast.parse` of the same files in the same process. Goal ≤ {GOALS["ratio"]}.
- *two processes*: the clock with one process over the clock with two. Goal ≥ {GOALS["two"]} ×; only
  meaningful on an idle machine.
- *one file changed*: reading again with the store of the first run. Goal ≤ {GOALS["changed"]:.0%}.
- *peak GB*: resident memory of the reading process. Goal ≤ {GOALS["memory"]}.
- Growth exponent over these projects: {exponent:.2f}. Goal ≤ {GOALS["exponent"]}.

{verdicts(rows)}

Where the time goes: lowering files to records takes about as long as parsing them once more; the
rest is linking, which evaluates every expression of product code as far as tables and calls can
depend on it. Vendored code is lowered but not followed: that is why a project that carries much of
it has a low ratio, and why the exponent over projects of both sorts says little about growth. After
a change only the records of unchanged files are saved, not the linking (docs/decisions/0020).
"""


def main() -> None:
    """Measure the projects that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("projects", nargs="*")
    parser.add_argument("--measure", nargs=2, metavar=("PROJECT", "WHAT"))
    parser.add_argument("--into", type=Path)
    options = parser.parse_args()
    if options.measure:
        name, what = options.measure
        root = CORPUS / name
        found = measure_one_core(root) if what == "core" else measure_processes(root, int(what))
        print(json.dumps(found))
        return
    rows = {name: measure(name) for name in options.projects}
    text = page(rows)
    if options.into:
        options.into.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
