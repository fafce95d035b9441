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
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.intake.snapshot import Snapshot, SourceFile, digest_of
from analyzer.readers.language_reader import ReadingTools
from analyzer.readers.python.layout import role_of
from analyzer.readers.python.reader import PythonReader
from analyzer.store.memory import MemoryStore

CORPUS = Path(__file__).parent / "cache" / "corpus"
EDITS = 15  # files that are edited, one at a time
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
    read: list[CodebaseFacts] = []
    cold = _processor(lambda: read.append(reader.read(snapshot, _tools(store))))
    again = sorted(after_edits(snapshot, store))
    return {
        "files": len(contents),
        "lines": sum(content.count(b"\n") for content in contents),
        "product": product_lines(read[0]),
        "parsing": parsing,
        "cold": cold,
        "again": again[len(again) // 2] if again else math.nan,
        "worst": again[-1] if again else math.nan,
        "edits": len(again),
    }


def after_edits(snapshot: Snapshot, store: MemoryStore) -> Iterator[float]:
    """Processor seconds of reading again after each of some edits, one file changed at a time.

    The files are product files at even distances; each gets one more statement, at the beginning of
    the middle one of its functions, so that every line after it moves.
    """
    product = [one for one in snapshot.files if is_product(one)]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for file in snapshot.files:
            (root / file.path).parent.mkdir(parents=True, exist_ok=True)
            os.symlink((snapshot.root / file.path).resolve(), root / file.path)
        for file in product[EDITS // 2 :: max(1, len(product) // EDITS)][:EDITS]:
            content = with_statement(snapshot.read(file))
            if content is None:
                continue
            (root / file.path).unlink()
            (root / file.path).write_bytes(content)
            edited = SourceFile(file.path, hashlib.sha256(content).hexdigest(), len(content))
            files = tuple(edited if one is file else one for one in snapshot.files)
            changed = Snapshot(snapshot.name, root, files, digest_of(files))
            ours = MemoryStore(store.contents())
            yield _processor(lambda: PythonReader().read(changed, _tools(ours)))  # noqa: B023
            (root / file.path).unlink()
            os.symlink((snapshot.root / file.path).resolve(), root / file.path)


def product_lines(facts: CodebaseFacts) -> int:
    """Lines of code, neither blank nor only comments, in the modules of the product itself."""
    product = {one.id for one in facts.modules if one.role == "product"}
    return sum(unit.lines for unit in facts.units if unit.module in product)


def is_product(file: SourceFile) -> bool:
    """Whether a file is product code of some size."""
    return file.path.endswith(".py") and role_of(file.path) == "product" and file.size > 300


def with_statement(content: bytes) -> bytes | None:
    """The file with one more statement in a function; None where it has no function for it."""
    try:
        text = content.decode()
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    functions = [
        one
        for one in ast.walk(tree)
        if isinstance(one, ast.FunctionDef) and one.body[0].lineno > one.lineno
    ]
    if not functions:
        return None
    first = functions[len(functions) // 2].body[0]
    lines = text.split("\n")
    lines.insert(first.lineno - 1, " " * first.col_offset + "measured = len(str(0))")
    return "\n".join(lines).encode()


def measure_growth(root: Path) -> dict[str, float]:
    """Slope of log(seconds) over log(lines) for an eighth, a quarter, half and all of a project.

    By all lines, and by those of product code: the first files of a project may be lighter or
    heavier than the others.
    """
    whole = snapshot_of(root)
    python = [file for file in whole.files if file.path.endswith(".py")]
    lines = [whole.read(file).count(b"\n") + 1 for file in python]
    by_lines, by_code = [], []
    for share in (0.125, 0.25, 0.5, 1.0):
        chosen = [
            file for index, file in enumerate(python) if sum(lines[:index]) < share * sum(lines)
        ]
        part = Snapshot(whole.name, root, tuple(chosen), digest_of(chosen))
        read: list[CodebaseFacts] = []
        taken = _processor(lambda: read.append(PythonReader().read(part, _tools(MemoryStore()))))  # noqa: B023
        by_lines.append((math.log(sum(lines[: len(chosen)])), math.log(taken)))
        by_code.append((math.log(product_lines(read[0]) or 1), math.log(taken)))
    return {"exponent": slope(by_lines), "by_code": slope(by_code)}


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
    _given = work()  # to throw it away again is no part of it
    return time.process_time() - begun


def _parse_all(contents: list[bytes]) -> None:
    gc.disable()
    for content in contents:
        try:
            ast.parse(content)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue  # the reader goes on where the parser stops
    gc.enable()


def _in_a_process(name: str, *what: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.reading_speed", "--measure", name, *what]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def measure(name: str) -> dict[str, float]:
    """All figures of one project."""
    row = _in_a_process(name, "core")
    row["load"] = os.getloadavg()[0]
    alone, pair = _in_a_process(name, "1"), _in_a_process(name, "2")
    row["memory"] = alone["memory"]
    row["two"] = alone["clock"] / pair["clock"]
    return row | _in_a_process(name, "growth")


def table(rows: dict[str, dict[str, float]]) -> str:
    """The figures as Markdown."""
    lines = [
        "| project | files | lines | product code | `ast.parse` s | facts s | ratio | "
        "two processes | one file changed: median | worst | exponent | by product code | peak GB |",
        "| --- |" + " ---: |" * 12,
    ]
    for name, row in rows.items():
        lines.append(
            f"| {name} | {row['files']:,.0f} | {row['lines']:,.0f} | {row['product']:,.0f} | "
            f"{row['parsing']:.2f} | {row['cold']:.2f} | {row['cold'] / row['parsing']:.2f} | "
            f"{_times(row['two'])} | "
            f"{row['again'] / row['cold']:.1%} | {row['worst'] / row['cold']:.1%} | "
            f"{row['exponent']:.2f} | {row['by_code']:.2f} | {row['memory']:.2f} |"
        )
    return "\n".join(lines)


def _times(speedup: float) -> str:
    return "not measured" if math.isnan(speedup) else f"{speedup:.2f} ×"


def slope(points: list[tuple[float, float]]) -> float:
    """Of the straight line that fits the points best."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0


def over_projects(rows: dict[str, dict[str, float]], size: str) -> float:
    """Slope of log(seconds) over log(lines), each project one point."""
    return slope([(math.log(row[size]), math.log(row["cold"])) for row in rows.values()])


def verdicts(rows: dict[str, dict[str, float]]) -> str:
    """Which goals are met, project by project."""
    met = {
        f"ratio ≤ {GOALS['ratio']}": lambda row: row["cold"] / row["parsing"] <= GOALS["ratio"],
        f"two processes ≥ {GOALS['two']} ×": lambda row: row["two"] >= GOALS["two"],
        f"one file changed ≤ {GOALS['changed']:.0%}": (
            lambda row: row["again"] / row["cold"] <= GOALS["changed"]
        ),
        f"growth exponent ≤ {GOALS['exponent']}": (
            lambda row: row["exponent"] <= GOALS["exponent"]
        ),
        f"peak ≤ {GOALS['memory']} GB": lambda row: row["memory"] <= GOALS["memory"],
    }
    lines = []
    for goal, is_met in met.items():
        names = [name for name, row in rows.items() if is_met(row)]
        if goal.startswith("two") and all(math.isnan(row["two"]) for row in rows.values()):
            lines.append(f"- {goal}: not measured, as the machine was never idle.")
            continue
        lines.append(
            f"- {goal}: met on {len(names)} of {len(rows)} ({', '.join(names) or 'none'})."
        )
    return "\n".join(lines)


def _loads(rows: dict[str, dict[str, float]]) -> str:
    return f"{min(row['load'] for row in rows.values()):.1f} to " + (
        f"{max(row['load'] for row in rows.values()):.1f}, this process included"
    )


def page(rows: dict[str, dict[str, float]]) -> str:
    """The whole page."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    return f"""# Reading speed

Measured {datetime.now(UTC):%Y-%m-%d} on {machine}; load while measuring {_loads(rows)}.
`python -m benchmarks.reading_speed {" ".join(rows)} --into benchmarks/READING.md`

{table(rows)}

- *product code*: lines, neither blank nor only comments, outside tests, migrations and vendored
  copies.
- *facts s*: everything that the Python reader says, cold, on one core, in processor seconds.
- *ratio*: to bare `ast.parse` of the same files in the same process. Goal ≤ {GOALS["ratio"]}.
- *two processes*: the clock with one process over the clock with two. Goal ≥ {GOALS["two"]} ×; only
  meaningful on an idle machine.
- *one file changed*: reading again with the store of the first run, after a statement was added to
  a function of one product file; over up to {EDITS} files at even distances, each edited alone.
  Goal ≤ {GOALS["changed"]:.0%} (of the median).
- *exponent*: slope of log(seconds) over log(lines) for the first eighth, quarter, half and all of
  the project's files in the order of paths. Goal ≤ {GOALS["exponent"]}. *By product code*: the same
  seconds over lines of product code. Over these projects, each one point, the slope is
  {over_projects(rows, "lines"):.2f} by all lines and {over_projects(rows, "product"):.2f} by those
  of product code.
- *peak GB*: resident memory of the reading process. Goal ≤ {GOALS["memory"]}.

{verdicts(rows)}

Where the time goes: lowering files to records takes about as long as parsing them once more; the
rest is linking, which evaluates every expression of product code as far as tables and calls can
depend on it. Both processes lower and link whatever is next; settings, models, what follows from
calls and the order of facts are for one of them alone, and each has to open what both of them need.
After an edit inside functions, only the modules that had looked at what changed are linked again
(docs/decisions/0084); most of what remains is to make the facts, and to put them in order. An edit
that can be seen from outside a module has everything linked, from stored records.

Why the exponent is above 1 where a project is nearly all product code: in an eighth of a project,
most of what its code imports is missing, so that there is less to follow for each line. Lowering
alone grows with 0.96 to 1.00, whatever the order of files. Lines of product code alone mislead the
other way where later files hold more tests, migrations and data than the first: all is lowered,
product or not. See docs/decisions/0102.
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
        if what == "core":
            found = measure_one_core(root)
        else:
            found = measure_growth(root) if what == "growth" else measure_processes(root, int(what))
        print(json.dumps(found))
        return
    rows = {name: measure(name) for name in options.projects}
    text = page(rows)
    if options.into:
        options.into.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
