"""One project's failure is named on the page and does not keep the others from being measured."""

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

Thing = TypeVar("Thing")
Result = TypeVar("Result")
Failure = tuple[str, str]  # a project, and the last words of what went wrong
LONGEST = 200


def attempted(
    things: Mapping[str, Thing], measure: Callable[[Thing], Result]
) -> tuple[list[Result], list[Failure]]:
    """What was measured, and what failed, by name."""
    results: list[Result] = []
    failures: list[Failure] = []
    for name, thing in things.items():
        try:
            results.append(measure(thing))
        except Exception as error:  # whatever a project's environment does when it is run
            failures.append((name, words_of(error)))
            print(*failures[-1], sep=": ", file=sys.stderr, flush=True)
    return results, failures


def words_of(error: Exception) -> str:
    """One line for the page."""
    return f"{type(error).__name__}: {' '.join(str(error).split())[-LONGEST:]}"


def failed_lines(failures: Iterable[Failure]) -> list[str]:
    """What the page says of them; nothing if there are none."""
    named = [f"- {name}: `{words.replace('`', chr(39))}`" for name, words in failures]
    return ["", "## Not measured", "", *named] if named else []
