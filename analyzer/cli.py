"""The command line: arguments, one call of the library, what is printed, and the exit code."""

import argparse
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from analyzer import __version__
from analyzer.errors import AnalyzerError, CheckFailed, UnusableInput

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

    from analyzer import api
    from analyzer.partition.partition import Optimality

# The library brings compilers and solvers that take seconds to import. Commands import it when they
# run, so that help, mistakes and `seamline up` do not wait for it.

FORMATS = "json, html, md, graphml, graph, mermaid"
DONE, FAILED, UNUSABLE = 0, 1, 2
_DEFECT, _INTERRUPTED = 70, 130
_WEB_MODULES = ("webapp", "django", "celery", "redis", "waitress", "whitenoise")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command: 0 done, 1 a check failed, 2 bad use or unusable input."""
    try:
        asked = _asked(arguments)
        return int(asked.command(asked))
    except SystemExit as stop:  # argparse has said what is wrong, or printed help
        return stop.code if isinstance(stop.code, int) else UNUSABLE
    except CheckFailed as error:
        return _say(error, FAILED)
    except AnalyzerError as error:
        return _say(error, UNUSABLE)
    except OSError as error:
        return _say(f"{error.filename or 'A file'}: {error.strerror or error}", UNUSABLE)
    except Exception:
        # Not 1, which Python itself would end with: that says that a check failed.
        traceback.print_exc()
        return _say("This is a defect of Seamline; please report the lines above.", _DEFECT)
    except KeyboardInterrupt:
        return _say("Stopped; nothing half-written is left behind.", _INTERRUPTED)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The arguments, understood; those of `up` are the web application's own."""
    top = parser()
    asked, rest = top.parse_known_args(arguments)
    if rest and asked.command is not _up:
        top.error(f"unrecognized arguments: {' '.join(rest)}")
    asked.rest = rest
    return asked


def parser() -> argparse.ArgumentParser:
    """The commands and their arguments."""
    top = argparse.ArgumentParser(
        prog="seamline",
        description="Finds the services inside a codebase and plans how to get there.",
    )
    top.add_argument("--version", action="version", version=f"seamline {__version__}")
    commands = top.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_analyze(commands)
    _add_partition(commands)
    _add_check(commands)
    _add_export(commands)
    _add_up(commands)
    return top


def _add_analyze(commands: Any) -> None:
    command = commands.add_parser("analyze", help="analyse a codebase and write the report")
    command.add_argument("source", metavar="SOURCE", help="a folder, an archive or a git URL")
    command.add_argument(
        "--out", metavar="DIR", required=True, type=Path, help="folder for the report"
    )
    command.add_argument(
        "--format",
        metavar="NAMES",
        type=_formats,
        default=("json", "html", "md"),
        help=f"formats to write, separated by commas (default: json,html,md); there are {FORMATS}",
    )
    _add_search(command)
    command.add_argument("--jobs", metavar="N", type=_positive, default=1, help="processes to use")
    command.add_argument("--seed", metavar="N", type=int, default=0, help="of the search")
    _add_cache(command)
    command.set_defaults(command=_analyze)


def _add_partition(commands: Any) -> None:
    command = commands.add_parser("partition", help="partition a graph of your own")
    command.add_argument("graph", metavar="GRAPH.json", type=Path, help="nodes and factors")
    command.add_argument(
        "--out", metavar="PARTITION.json", required=True, type=Path, help="file for the answer"
    )
    _add_search(command)
    command.add_argument("--seed", metavar="N", type=int, default=0, help="of the search")
    command.set_defaults(command=_partition)


def _add_check(commands: Any) -> None:
    command = commands.add_parser(
        "check", help="refuse new coupling across the boundaries of a report"
    )
    command.add_argument("source", metavar="SOURCE", help="a folder, an archive or a git URL")
    command.add_argument(
        "--against", metavar="REPORT.json", required=True, type=Path, help="the agreed report"
    )
    _add_cache(command)
    command.set_defaults(command=_check)


def _add_export(commands: Any) -> None:
    command = commands.add_parser("export", help="write a report in another format")
    command.add_argument("report", metavar="REPORT.json", type=Path, help="a report")
    command.add_argument(
        "--format",
        metavar="NAME",
        required=True,
        choices=FORMATS.split(", "),
        help=f"one of {FORMATS}",
    )
    command.add_argument("--out", metavar="FILE", required=True, type=Path, help="file to write")
    command.add_argument(
        "--source-root", metavar="DIR", type=Path, help="the code, to show lines of evidence"
    )
    command.set_defaults(command=_export)


def _add_up(commands: Any) -> None:
    command = commands.add_parser(
        "up", help="start the web application on this machine", add_help=False
    )
    command.set_defaults(command=_up)


def _add_search(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--services", metavar="N", type=_range, help="number of services, or a range: 4-8"
    )
    command.add_argument(
        "--constraints", metavar="FILE", type=Path, help="decisions to honour, TOML or JSON"
    )
    command.add_argument(
        "--time-limit", metavar="S", type=_seconds, default=30.0, help="seconds for the search"
    )


def _add_cache(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--cache", metavar="DIR", type=Path, help="keep results of stages here, for the next run"
    )


def _analyze(asked: argparse.Namespace) -> int:
    from analyzer import api

    options = api.Options(
        constraints=_constraints(asked.constraints),
        services=asked.services,
        jobs=asked.jobs,
        seed=asked.seed,
        time_limit=asked.time_limit,
    )
    with _progress() as progress, _scratch() as folder:
        snapshot = api.take_snapshot(asked.source, into=folder / "snapshot", progress=progress)
        report = api.analyze(
            snapshot, options=options, progress=progress, store=_store(asked.cache)
        )
        contents = {
            f"report{one.suffix}": api.export(report, format=one.name, root=snapshot.root)
            for one in api.FORMATS
            if one.name in asked.format
        }
    _write_all(asked.out, contents)
    for line in _summary(report.document):
        print(line)
    print(f"Written to {asked.out}: {', '.join(contents)}")
    return DONE


def _summary(document: Mapping[str, Any]) -> Iterator[str]:
    owned: dict[str, int] = {s["id"]: len(s["tables"]) for s in document["services"]}
    for service in document["services"]:
        units, tables = len(service["units"]), owned[service["id"]]
        yield f"{service['name']}: {_counted(units, 'unit')}, {_counted(tables, 'table')}"
    optimality = document["optimality"]
    proof = "proven optimal" if optimality["proven_optimal"] else f"gap {optimality['gap']:.1%}"
    yield f"{_counted(len(owned), 'service')}, cost {optimality['cost']:.2f}, {proof}"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _partition(asked: argparse.Namespace) -> int:
    from analyzer import api

    constraints = _constraints(asked.constraints)
    options = api.Options(constraints=constraints, services=asked.services)
    graph = _json(asked.graph)
    with _interruptible() as stopped:
        document = api.partition_graph(
            graph,
            constraints=options.asked(),
            seed=asked.seed,
            time_limit=asked.time_limit,
            watcher=_tell_cost,
            stopped=stopped,
        )
    content = (json.dumps(document, indent=1, allow_nan=False) + "\n").encode()
    _write_all(asked.out.parent, {asked.out.name: content})
    proof = "proven optimal" if document["proven_optimal"] else f"gap {document['gap']:.2%}"
    services = len(set(document["assignment"].values()))
    print(f"{services} services, cost {document['cost']:.2f}, {proof}")
    return DONE


@contextmanager
def _interruptible() -> Iterator[Callable[[], bool]]:
    """Whether somebody has interrupted; the second time ends the command."""
    interrupts = 0
    told = False

    def count(number: int, frame: FrameType | None) -> None:
        # Says nothing: what it interrupts may be in the middle of a line.
        nonlocal interrupts
        interrupts += 1
        if interrupts > 1:
            raise KeyboardInterrupt

    def stopped() -> bool:
        nonlocal told
        if interrupts and not told:
            told = True
            _say("Stopping with the best so far; interrupt again to end without it.", DONE)
        return told

    former = signal.signal(signal.SIGINT, count)
    try:
        yield stopped
    finally:
        signal.signal(signal.SIGINT, former)


def _tell_cost(optimality: "Optimality") -> None:
    print(f"{optimality.seconds:.1f} s: cost {optimality.cost:.2f}", file=sys.stderr)


def _check(asked: argparse.Namespace) -> int:
    from analyzer import api

    agreed = api.load_report(asked.against.read_bytes())
    with _progress() as progress, _scratch() as folder:
        snapshot = api.take_snapshot(asked.source, into=folder / "snapshot", progress=progress)
        result = api.check(snapshot, against=agreed, progress=progress, store=_store(asked.cache))
    names = {service["id"]: service["name"] for service in agreed.document["services"]}
    for new in result.new:
        where = ", ".join(str(place) for place in new.evidence[:3])
        between = " and ".join(names.get(service, service) for service in new.services)
        kind = new.kind.replace("_", " ")
        print(f"{where}: new {kind} between {between}: {', '.join(new.members)}")
    for node in result.unplaced:
        print(f"not judged, as its service is not known: {node}")
    print(f"{len(result.new)} new, {result.gone} gone since the boundaries were agreed")
    return DONE if result.passed else FAILED


def _export(asked: argparse.Namespace) -> int:
    from analyzer import api

    report = api.load_report(asked.report.read_bytes())
    content = api.export(report, format=asked.format, root=asked.source_root)
    _write_all(asked.out.parent, {asked.out.name: content})
    return DONE


def _up(asked: argparse.Namespace) -> int:
    missing = [name for name in _WEB_MODULES if not _is_installed(name)]
    if missing:
        raise UnusableInput(
            "The web application is not installed: run `pip install 'seamline[web]'` "
            f"(missing: {', '.join(missing)})."
        )
    sys.stdout.flush()
    # It takes this process's place, so that every signal meant for it reaches it.
    os.execv(sys.executable, [sys.executable, "-m", "webapp", "up", *asked.rest])  # noqa: S606


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def _constraints(file: Path | None) -> "api.Constraints":
    from analyzer import api

    return api.read_constraints(file.read_bytes()) if file else api.Constraints()


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except ValueError as error:
        raise UnusableInput(f"{file} is not JSON: {error}.") from error


def _store(folder: Path | None) -> "api.ResultStore":
    from analyzer import api

    return api.DirectoryStore(folder) if folder else api.MemoryStore()


@contextmanager
def _scratch() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="seamline-") as folder:
        yield Path(folder)


def _write_all(folder: Path, contents: Mapping[str, bytes]) -> None:
    """Write every file beside its place and rename them only when all are complete."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".seamline-", dir=folder) as beside:
        for name, content in contents.items():
            (Path(beside) / name).write_bytes(content)
        for name in contents:
            os.replace(Path(beside) / name, folder / name)


def _say(text: object, code: int) -> int:
    print(f"seamline: {text}", file=sys.stderr)
    return code


def _formats(text: str) -> tuple[str, ...]:
    known = FORMATS.split(", ")
    names = tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        raise argparse.ArgumentTypeError(f"{text!r}: there are {', '.join(known)}")
    return names


def _range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    try:
        found = int(low), int(high or low)
    except ValueError:
        found = 0, 0
    if not 1 <= found[0] <= found[1]:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a number nor a range like 4-8")
    return found


def _positive(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 up")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds")
    return seconds


@contextmanager
def _progress() -> Iterator["api.Progress"]:
    """Bars on a terminal, a line for each stage elsewhere; both on the error stream."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines()
        return
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console) as bars:
        yield _BarPerStage(bars)


class _BarPerStage:
    """Progress as bars on a terminal."""

    def __init__(self, bars: "Bars") -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def started(self, *, stage: str, total: int | None) -> None:
        self._tasks[stage] = self._bars.add_task(_title(stage), total=total)

    def advanced(self, *, stage: str, done: int) -> None:
        self._bars.update(self._tasks[stage], completed=done)

    def finished(self, *, stage: str) -> None:
        task = self._tasks[stage]
        done = self._bars.tasks[task].completed or 1
        self._bars.update(task, total=done, completed=done)


class _Lines:
    """Progress as lines in a log."""

    def __init__(self) -> None:
        self._done: dict[str, int] = {}

    def started(self, *, stage: str, total: int | None) -> None:
        items = f" ({total:,} items)" if total and total > 1 else ""
        print(f"{_title(stage)}{items} …", file=sys.stderr, flush=True)

    def advanced(self, *, stage: str, done: int) -> None:
        self._done[stage] = done

    def finished(self, *, stage: str) -> None:
        done = self._done.get(stage, 0)
        counted = f", {done:,} items" if done > 1 else ""
        print(f"{_title(stage)}: done{counted}", file=sys.stderr, flush=True)


def _title(stage: str) -> str:
    from analyzer import api

    return next(one.title for one in api.STAGES if one.name == stage)
