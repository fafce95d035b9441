"""`python -m webapp up`: from a folder and a Python to a page in the browser."""

import argparse
import fcntl
import http.client
import json
import subprocess
import sys
import time
from typing import IO

from webapp import environment, places
from webapp.places import DataDirectory
from webapp.supervisor import leftovers, ports, programs
from webapp.supervisor.child import Child
from webapp.supervisor.watch import Watch

WEB_START_SECONDS = 120.0


class CannotStart(Exception):
    """The installation cannot be started; the text says why."""


def up(arguments: list[str]) -> int:
    """Start the installation and keep it running until it is told to stop."""
    options = _parse(arguments)
    try:
        data = places.data_directory()
        data.make()
        with _only_one(data) as lock:
            return _run(data, options, lock)
    except (CannotStart, environment.BadSetting, ports.NoFreePort) as error:
        print(f"seamline: {error}", file=sys.stderr)
        return 2


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="seamline up", description="Start Seamline on this machine: open the link it prints."
    )
    default_port = environment.whole_number("SEAMLINE_PORT", 8765, least=1)
    parser.add_argument("--port", type=int, default=default_port, help="first port to try")
    parser.add_argument(
        "--host",
        default=environment.text("SEAMLINE_HOST", "127.0.0.1"),
        help="address to listen on",
    )
    parser.add_argument("--no-sample", action="store_true", help="do not analyse the sample")
    return parser.parse_args(arguments)


def _run(data: DataDirectory, options: argparse.Namespace, lock: IO[str]) -> int:
    for name in leftovers.end(data.processes):
        _say(f"ended {name}, left over from an earlier start")
    listener, taken = ports.listen(host=options.host, port=options.port)
    address, port = listener.getsockname()[:2]
    if taken:
        _say(f"port {taken[0]} is taken; using {port}")
    url = f"http://{f'[{address}]' if ':' in address else address}:{port}"
    _write_lock(lock, url)
    watch = Watch(note=data.processes, say=_say)
    try:
        if not environment.text("REDIS_URL"):
            _say("starting Redis")
            watch.add([Child(programs.redis(data))])
        first_steps = _prepare(sample=not options.no_sample)
        _say("starting the web server")
        watch.add([Child(programs.web(data, listener))])
        _wait_for_web(watch, address, port)
        watch.add([Child(p) for p in (programs.reconciler(data), *programs.workers(data))])
        if not watch.stopping:
            print(f"Seamline is ready: {url}{first_steps['sign_in']}", flush=True)
            follower = _follow(first_steps["run"])
            watch.run()
            _end(follower)
    finally:
        print("Stopping", flush=True)
        watch.stop()
        listener.close()
    return 0


def _only_one(data: DataDirectory) -> IO[str]:
    """The lock file, held as long as it is open.

    Raises `CannotStart` where another supervisor holds it.
    """
    file = data.lock.open("a+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        url = file.read().strip()
        file.close()
        raise CannotStart(f"it already runs on {data.root}, at {url}") from error
    return file


def _write_lock(lock: IO[str], url: str) -> None:
    lock.truncate(0)
    lock.write(url)
    lock.flush()


def _prepare(*, sample: bool) -> dict[str, str]:
    """Migrate the database and make what a first visitor needs; the link's path, the first run.

    Raises `CannotStart` where that fails.
    """
    _say("preparing the database")
    command = [sys.executable, "-m", "webapp", "prepare", *([] if sample else ["--no-sample"])]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise CannotStart(f"the database cannot be prepared:\n{done.stderr.strip()}")
    return json.loads(done.stdout)


def _wait_for_web(watch: Watch, address: str, port: int) -> None:
    """Look after the children until the web server answers.

    Raises `CannotStart` where it does not.
    """
    end = time.monotonic() + WEB_START_SECONDS
    while not watch.stopping and time.monotonic() < end:
        if _answers(address, port):
            return
        watch.run(seconds=0.2)
    if not watch.stopping:
        raise CannotStart("the web server does not answer; see web.log in the data directory")


def _answers(address: str, port: int) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(address, address)  # noqa: S104
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/health/", headers={"Host": "localhost"})
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _follow(run: str) -> subprocess.Popen[bytes] | None:
    """Show on this terminal how the first analysis gets on."""
    if not run:
        return None
    command = [sys.executable, "-m", "webapp", "follow", str(run)]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)


def _end(follower: subprocess.Popen[bytes] | None) -> None:
    if follower is not None:
        follower.terminate()
        follower.wait()


def _say(text: str) -> None:
    print(f"  {text}", flush=True)
