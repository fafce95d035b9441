"""The online store that we analyse is a real one: its own tests pass, and it starts."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

SAMPLE = Path(__file__).parents[2] / "sample_monolith"


def run(*arguments: str, **environment: str) -> str:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "DJANGO_", "COV_"))}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=SAMPLE,
        env={**kept, "REDIS_URL": "", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        pytest.fail(f"{' '.join(arguments)}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}")
    return done.stdout


def test_its_own_tests_pass():
    output = run("-m", "pytest", "-q", "-p", "no:xdist")
    passed = re.search(r"^(\d+) passed", output, re.MULTILINE)
    assert passed is not None, output
    assert int(passed[1]) >= 80


def test_it_starts_with_its_data(tmp_path):
    database = {"DB_NAME": str(tmp_path / "shop.sqlite3")}
    run("manage.py", "migrate", "-v0", **database)
    assert "Installed" in run("manage.py", "loaddata", "demo", **database)
    assert (
        "no changes"
        in run("manage.py", "makemigrations", "--check", "--dry-run", **database).lower()
    )
    page = run(
        "manage.py",
        "shell",
        "-v0",
        "-c",
        "from django.test import Client; print(Client().get('/c/kitchen/').content.decode())",
        **database,
    )
    assert "Skillet" in page
