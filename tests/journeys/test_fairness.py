"""One user's huge work does not starve another's small one."""

import itertools
from pathlib import Path

from tests.fakes import small_shop
from tests.journeys.installation import Installation, finished, wait_until


def test_a_small_analysis_does_not_wait_for_somebody_elses_many(tmp_path: Path) -> None:
    environment = {"SEAMLINE_SMALL_SOURCE_KB": "20", "SEAMLINE_WORKERS": "1"}
    installation = Installation(tmp_path / "data", environment=environment)
    installation.start("--no-sample", "--port", "18865")
    try:
        greedy, modest = installation.user("greedy"), installation.user("modest")
        large = small_shop.zipped(small_shop.large(80))
        many = [greedy.analyse(large) for _ in range(3)]
        wait_until(installation.claimed, 120)
        small = modest.analyse(small_shop.zipped())
        wait_until(finished(installation, [small, *many]), 240)
        runs = {run["id"]: run for run in installation.runs()}
        assert {run["lane"] for run in runs.values()} == {"small", "large"}
        assert runs[small]["finished_at"] < runs[many[2]]["finished_at"]
        for before, after in itertools.pairwise(many):
            assert runs[after]["claimed_at"] >= runs[before]["finished_at"]
    finally:
        installation.stop()
