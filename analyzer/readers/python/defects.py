"""Where the reader itself fails on somebody's code: told, and the rest goes on."""

import traceback
from collections.abc import Callable, Iterable
from typing import TypeVar

from analyzer.errors import Cancelled
from analyzer.facts.diagnostics import Diagnostic
from analyzer.readers.python.providers import Fact

Made = TypeVar("Made")


def guarded(answer: Callable[[], Iterable[Fact]], *, path: str, line: int = 0) -> list[Fact]:
    """All facts of an answer; where it fails, a diagnostic that names the place in this reader.

    Nothing of the analysed source is repeated in it.
    """
    facts: list[Fact] = []
    try:
        facts.extend(answer())
    except Cancelled:
        raise
    except Exception as problem:
        facts.append(_diagnostic(problem, path, line))
    return facts


def attempted(make: Callable[[], Made], otherwise: Made, facts: list[Fact]) -> Made:
    """What `make` makes; where it fails, something else, and a diagnostic among the facts."""
    try:
        return make()
    except Cancelled:
        raise
    except Exception as problem:
        facts.append(_diagnostic(problem, "", 0))
        return otherwise


def _diagnostic(problem: Exception, path: str, line: int) -> Diagnostic:
    frames = traceback.extract_tb(problem.__traceback__)
    where = frames[-1]
    place = f"{where.filename.rpartition('/')[2]}:{where.lineno} {where.name}"
    message = f"The reader failed here ({type(problem).__name__} in {place}); facts are missing."
    return Diagnostic(path, line, "error", "reader-defect", message)
