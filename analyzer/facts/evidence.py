"""Where a fact stands in the source."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """A place in the snapshot: a path relative to its root, with `/`, and a line counted from 1."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"
