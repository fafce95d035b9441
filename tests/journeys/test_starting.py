"""Starting, stopping and starting again, as a person does."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from tests.fakes import small_shop
from tests.journeys.installation import ROOT, Installation, finished, wait_until


def test_an_installation_starts_stops_and_starts_again(tmp_path: Path) -> None:
    data = tmp_path / ("a-long-name-" * 12) / "data"  # too long for the path of a socket
    data.parent.mkdir()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        installation = Installation(data).start("--no-sample", "--port", str(port))
        assert f"port {port} is taken" in installation.text
    second = subprocess.run(
        [sys.executable, "-m", "webapp", "up"],
        cwd=ROOT,
        env=installation.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 2
    assert f"already runs on {data}, at {installation.url}" in second.stderr

    ann = installation.user("ann")
    run = ann.analyse(small_shop.zipped(small_shop.large(60)))
    wait_until(installation.claimed, 120)
    # Stopped in the middle of the analysis: it ends at once, and the work goes on afterwards.
    assert installation.stop(signal.SIGTERM) == 0
    assert installation.everything() == []

    installation.start("--no-sample", "--port", "18965")
    wait_until(finished(installation, [run]), 120)
    assert ann.get(f"/api/analyses/{run}/")["state"] == "finished"

    # Killed: what it started is ended by the kernel or by the next start, and nothing is lost.
    assert installation.process is not None
    os.kill(installation.process.pid, signal.SIGKILL)
    installation.process.wait()
    installation.start("--no-sample", "--port", "18965")
    assert ann.get(f"/api/analyses/{run}/")["state"] == "finished"
    assert len(installation.pids()) == 5
    assert urlopen(f"{installation.url}/health/").read() == b"ok"
    assert installation.stop() == 0
    assert installation.everything() == []
    assert "Traceback" not in "".join(log.read_text() for log in (data / "logs").iterdir())
