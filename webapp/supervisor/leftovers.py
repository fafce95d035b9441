"""What a supervisor that was killed left running, and the note by which the next one finds it."""

import json
from collections.abc import Iterable
from pathlib import Path

import psutil

from webapp.supervisor.child import Child, kill_group


def note(path: Path, children: Iterable[Child]) -> None:
    """Write down which processes run."""
    rows = [row for child in children if (row := child.identity())]
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(rows, indent=1), encoding="utf-8")
    fresh.replace(path)


def end(path: Path) -> list[str]:
    """End the noted processes that still run; their names."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    names = [row["name"] for row in rows if _end_group(row["pid"], row["created"])]
    path.unlink(missing_ok=True)
    return names


def _end_group(leader: int, created: float) -> bool:
    """End the group, unless its number belongs to somebody else by now."""
    try:
        if abs(psutil.Process(leader).create_time() - created) > 1:
            return False
        ended = True
    except psutil.NoSuchProcess:
        # The leader is gone; what it started may live on, and keeps the group's number in use.
        ended = False
    kill_group(leader)
    return ended
