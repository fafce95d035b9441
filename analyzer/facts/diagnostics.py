"""What could not be read or resolved, and why."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, order=True)
class Diagnostic:
    """One thing the report must not be silent about; `line` is 0 for a whole file."""

    path: str
    line: int
    severity: Literal["error", "warning", "info"]
    code: str  # kebab-case, listed in docs/diagnostics.md
    message: str
