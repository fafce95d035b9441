"""The command line: what it writes, what it prints, and how it ends."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from analyzer import api, cli
from analyzer.partition.graph_document import graph_document
from tests.analyzer.partition.graphs import planted
from tests.fakes.small_project import DECISIONS, small_project


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_project(tmp_path_factory.mktemp("source"))


@pytest.fixture(scope="module")
def written(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("reports")
    decisions = folder / "decisions.toml"
    decisions.write_text(DECISIONS)
    arguments = ["analyze", str(source), "--constraints", str(decisions), "--services", "2"]
    assert cli.main([*arguments, "--out", str(folder / "out")]) == 0
    return folder / "out"


def _bytes_outside_generated(report: Path) -> bytes:
    lines = report.read_bytes().split(b"\n")
    return b"\n".join(line for line in lines if not line.startswith(b'"generated"'))


def test_analyze_writes_the_report_in_every_format_asked_for(written: Path) -> None:
    assert sorted(file.name for file in written.iterdir()) == [
        "report.html",
        "report.json",
        "report.md",
    ]
    assert json.loads((written / "report.json").read_bytes())["schema"] == "seamline/report/1"


def test_the_same_input_gives_the_same_bytes(source: Path, tmp_path: Path) -> None:
    contents = set()
    for seed, jobs in (("1", "1"), ("2", "2")):
        out = tmp_path / seed
        command = [sys.executable, "-m", "analyzer", "analyze", str(source), "--out", str(out)]
        subprocess.run(
            [*command, "--format", "json", "--jobs", jobs],
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
        )
        contents.add(_bytes_outside_generated(out / "report.json"))
    assert len(contents) == 1


def test_a_cache_makes_the_second_run_the_same(source: Path, tmp_path: Path) -> None:
    arguments = ["analyze", str(source), "--format", "json", "--cache", str(tmp_path / "cache")]
    assert cli.main([*arguments, "--out", str(tmp_path / "a")]) == 0
    assert cli.main([*arguments, "--out", str(tmp_path / "b")]) == 0
    first, second = (_bytes_outside_generated(tmp_path / n / "report.json") for n in "ab")
    assert first == second


def test_check_ends_with_1_on_new_coupling_and_names_the_line(
    source: Path, written: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    against = ["--against", str(written / "report.json")]
    assert cli.main(["check", str(source), *against]) == 0
    more = "\nfrom shop.stock.models import Shelf\n\ndef f(request):\n    Shelf.objects.create()\n"
    changed = small_project(tmp_path / "changed", more={"shop/orders/extra.py": more})
    capsys.readouterr()
    assert cli.main(["check", str(changed), *against]) == 1
    assert "shop/orders/extra.py:5: new write between" in capsys.readouterr().out


def test_partition_cuts_a_graph_of_ones_own(tmp_path: Path) -> None:
    nodes = [{"id": name, "kind": "unit", "size": 1.0} for name in "abcd"]
    factors = [
        {"kind": "call", "weight": weight, "members": list(members)}
        for members, weight in (("ab", 5.0), ("cd", 5.0), ("bc", 1.0))
    ]
    graph, out = tmp_path / "graph.json", tmp_path / "partition.json"
    graph.write_text(json.dumps({"nodes": nodes, "factors": factors}))
    assert cli.main(["partition", str(graph), "--out", str(out), "--services", "2"]) == 0
    found = json.loads(out.read_bytes())
    homes = found["assignment"]
    assert homes["a"] == homes["b"] != homes["c"] == homes["d"]
    assert found["proven_optimal"] is True
    assert set(found) >= {
        "assignment", "cost", "lower_bound", "gap", "proven_optimal", "seconds",
    }  # fmt: skip


def test_partition_writes_the_best_so_far_when_it_is_interrupted(tmp_path: Path) -> None:
    graph, out = tmp_path / "graph.json", tmp_path / "partition.json"
    graph.write_text(json.dumps(graph_document(planted(3000, 20, seed=1))))
    command = [sys.executable, "-m", "analyzer", "partition", str(graph), "--out", str(out)]
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        assert run.stderr is not None
        assert "cost" in run.stderr.readline()
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=60)
    assert run.returncode == 0
    assert "best so far" in said
    found = json.loads(out.read_bytes())
    assert found["cut_short"]
    assert found["lower_bound"] <= found["cost"]


def test_export_writes_another_format(written: Path, tmp_path: Path) -> None:
    out = tmp_path / "map.mmd"
    report = str(written / "report.json")
    assert cli.main(["export", report, "--format", "mermaid", "--out", str(out)]) == 0
    assert out.read_text().startswith("flowchart LR")


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["analyze"],
        ["analyze", "no-such-folder", "--out", "OUT"],
        ["analyze", "SOURCE", "--out", "OUT", "--format", "docx"],
        ["analyze", "SOURCE", "--out", "OUT", "--services", "0"],
        ["analyze", "SOURCE", "--out", "OUT", "--services", "8-4"],
        ["analyze", "SOURCE", "--out", "OUT", "--time-limit", "nan"],
        ["analyze", "SOURCE", "--out", "OUT", "--constraints", "no-such-file"],
        ["analyze", "SOURCE", "--out", "SOURCE/shop/settings.py"],
        ["check", "SOURCE", "--against", "SOURCE/shop/settings.py"],
        ["partition", "SOURCE/shop/settings.py", "--out", "OUT"],
    ],
)
def test_bad_use_ends_with_2_in_one_line_and_writes_nothing(
    arguments: list[str], source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    filled = [
        a.replace("SOURCE", str(source)).replace("OUT", str(tmp_path / "o")) for a in arguments
    ]
    assert cli.main(filled) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_a_stopped_analysis_leaves_nothing_half_written(source: Path, tmp_path: Path) -> None:
    out, scratch = tmp_path / "out", tmp_path / "scratch"
    scratch.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "analyzer", "analyze", str(source), "--out", str(out)],
        env={**os.environ, "TMPDIR": str(scratch)},
        stderr=subprocess.PIPE,
        text=True,
        # A test run in the background of a shell ignores the signal, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert process.stderr is not None
    assert process.stderr.readline()  # the first stage runs
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "nothing half-written" in error
    assert not out.exists()
    assert list(scratch.iterdir()) == []


def test_help_is_there_for_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ([], ["analyze"], ["partition"], ["check"], ["export"]):
        assert cli.main([*command, "--help"]) == 0
    assert "--against" in capsys.readouterr().out


def test_the_formats_in_the_help_are_those_there_are() -> None:
    assert cli.FORMATS.split(", ") == [one.name for one in api.FORMATS]


def test_help_comes_at_once() -> None:
    code = (
        "import sys, analyzer.cli; print(sorted({'numba', 'ortools', 'plotly'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_the_web_application_is_started_with_the_arguments_that_follow(tmp_path: Path) -> None:
    started = time.monotonic()
    run = subprocess.run(
        [sys.executable, "-m", "analyzer", "up", "--help"],
        capture_output=True,
        text=True,
        timeout=60,
        cwd=tmp_path,
    )
    assert run.returncode == 0, run.stderr
    assert "seamline up" in run.stdout
    assert time.monotonic() - started < 60
