"""Measures everything that is published here: `python -m benchmarks [PART …]`, or `make bench`.

The parts run one after the other, each in a process of its own; one that fails does not keep the
others from running. README.md says of each when it ran last, how long, and how it ended.
"""

import json
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.corpus import CACHE, HERE
from benchmarks.environments import environment

PARTS = {  # modules of this package, with the page that each writes
    "corpus": "corpus.toml",
    "analysis": "RESULTS.md",
    "reading_speed": "READING.md",
    "oracle_django": "ORACLE_DJANGO.md",
    "oracle_sqlalchemy": "ORACLE_SQLALCHEMY.md",
    "oracle_grimp": "ORACLE_GRIMP.md",
    "oracle_urls": "ORACLE_URLS.md",
    "recorded_sql": "RECORDED_SQL.md",
    "recovery": "RECOVERY.md",
    "cut.optimality": "CUT.md",
    "cut.speed": "CUT.md",
}
ARGUMENTS = {
    "reading_speed": ["pretix", "netbox", "weblate", "kolibri", "--into", "benchmarks/READING.md"],
    "cut.speed": ["1000", "10000"],
}
PEERS = ("cut.optimality", "cut.speed")  # run beside other solvers, in the environment of those
LOG = CACHE / "bench"
HEAD = """# What is measured, and how to measure it again

`make bench` measures all of it (hours), `make bench PARTS="oracle_urls cut.speed"` some of it.
Whatever it needs, it puts into `cache/`. A part that fails does not stop the others; a project that
fails is named on the part's page. The tables of `cut.*` are printed; `CUT.md` has them with what is
to be said of them.

Projects that run in environments of their own want the Python that they were written for: 3.8, 3.9,
3.11 and 3.12. What is on the PATH (or in ~/.pyenv) is taken; what is not is downloaded by uv, from
GitHub.

| part | its page | last run here | minutes | ended |
| --- | --- | --- | ---: | --- |
"""


def main(names: list[str]) -> int:
    """Run the named parts, or all; exit code 1 where one did not end well."""
    unknown = [name for name in names if name not in PARTS]
    if unknown:
        sys.exit(f"no such part: {' '.join(unknown)}; there are: {' '.join(PARTS)}")
    LOG.mkdir(parents=True, exist_ok=True)
    peers = environment(CACHE / "bench-venv", lock=HERE / "peers.txt", python="3.11")
    codes = [run(name, peers) for name in names or PARTS]
    (HERE / "README.md").write_text(HEAD + "".join(row(name) for name in PARTS))
    return 1 if any(codes) else 0


def run(name: str, peers: Path) -> int:
    """Run one part and note how it went."""
    print(f"== {name}", flush=True)
    started = time.monotonic()
    python = str(peers) if name in PEERS else sys.executable
    command = [python, "-m", f"benchmarks.{name}", *ARGUMENTS.get(name, [])]
    code = subprocess.run(command, check=False, cwd=HERE.parent).returncode
    noted = {
        "when": datetime.now(tz=UTC).date().isoformat(),
        "minutes": round((time.monotonic() - started) / 60, 1),
        "ended": "well" if code == 0 else f"with exit code {code}",
    }
    (LOG / f"{name}.json").write_text(json.dumps(noted))
    return code


def row(name: str) -> str:
    """One line of the page."""
    path = LOG / f"{name}.json"
    noted = json.loads(path.read_text()) if path.is_file() else {}
    cells = [noted.get("when", "–"), str(noted.get("minutes", "–")), noted.get("ended", "–")]
    page = PARTS[name]
    return f"| `{name}` | [{page}]({page}) | {' | '.join(cells)} |\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
