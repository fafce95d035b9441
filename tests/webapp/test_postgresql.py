"""The same on PostgreSQL: the tests of runs and their reports, on a server that is named."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVER = os.environ.get("SEAMLINE_TEST_POSTGRESQL", "")


@pytest.mark.skipif(
    not SERVER and not os.environ.get("CI"), reason="SEAMLINE_TEST_POSTGRESQL names no server"
)
def test_the_web_application_works_on_postgresql() -> None:
    assert SERVER, "CI must name a PostgreSQL server in SEAMLINE_TEST_POSTGRESQL"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0"),
            *("tests/webapp/analyses", "tests/webapp/review", "tests/webapp/accounts"),
        ],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": SERVER},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
