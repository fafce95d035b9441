"""Processes are killed in the middle of the work; no analysis is lost and none is done twice."""

import os
import signal
from collections.abc import Iterator

import psutil
import pytest

from tests.fakes import small_shop
from tests.journeys.installation import Installation, Program, finished, wait_until

KILLS = 10
SLOW_ARCHIVE = small_shop.zipped(small_shop.large(60))
PATIENCE = 240


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installed = Installation(tmp_path_factory.mktemp("kill") / "data")
    installed.start("--no-sample", "--port", "18765")
    yield installed
    installed.stop()
    assert installed.everything() == []


@pytest.fixture(scope="module")
def programs(installation: Installation) -> list[Program]:
    return [installation.user(name) for name in ("ann", "ben", "cat")]


def assert_all_finished_once(installation: Installation, runs: list[int]) -> None:
    """Every run has exactly one report, and there are no runs that nobody asked for."""
    wait_until(finished(installation, runs), PATIENCE)
    by_id = {run["id"]: run for run in installation.runs()}
    assert {run: by_id[run]["failure"] for run in runs if by_id[run]["failure"]} == {}
    reports = installation.rows("select run_id from analyses_storedreport order by run_id")
    assert [row["run_id"] for row in reports] == sorted(by_id)


def busy_worker(installation: Installation) -> tuple[psutil.Process, psutil.Process] | None:
    """A supervised worker in the middle of an analysis, and its process that computes."""
    supervised = installation.pids().values()
    for run in installation.claimed():
        try:
            computing = psutil.Process(int(run["claimed_by"].split("|")[1]))
            worker = computing.parent()
            alive = computing.status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            continue
        if worker is not None and worker.pid in supervised and alive:
            return worker, computing
    return None


def test_worker_killed_ten_times(installation: Installation, programs: list[Program]) -> None:
    runs = [program.analyse(SLOW_ARCHIVE) for program in programs]
    for number in range(KILLS):
        if finished(installation, runs)():
            runs.append(programs[number % len(programs)].analyse(SLOW_ARCHIVE))
        wait_until(lambda: busy_worker(installation) is not None, PATIENCE)
        busy = busy_worker(installation)
        if busy is None:  # it finished between the two looks
            runs.append(programs[number % len(programs)].analyse(SLOW_ARCHIVE))
            wait_until(lambda: busy_worker(installation) is not None, PATIENCE)
            busy = busy_worker(installation)
        assert busy is not None
        # By turns the process that computes, and the worker that it belongs to.
        busy[number % 2].kill()
    assert_all_finished_once(installation, runs)
    attempts = sum(run["attempts"] for run in installation.runs() if run["id"] in runs)
    assert attempts > len(runs), "no analysis was interrupted"


@pytest.mark.parametrize("name", ["redis", "web"])
def test_server_killed_ten_times(
    name: str, installation: Installation, programs: list[Program]
) -> None:
    runs: list[int] = []
    for number in range(KILLS):
        if number % 3 == 0:
            runs.append(programs[number % len(programs)].analyse(SLOW_ARCHIVE))
        pid = installation.pids()[name]
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda pid=pid: installation.pids().get(name, pid) != pid, 30)
        assert programs[0].get("/api/projects/")["projects"]
    assert_all_finished_once(installation, runs)
