"""How the plan counts and lists."""

from collections.abc import Iterable


def counted(number: int, noun: str, plural: str = "") -> str:
    """`1 line`, `2 lines`; `plural` where it is not the noun with an s."""
    return f"{number} {noun if number == 1 else plural or f'{noun}s'}"


def listed(items: Iterable[str], *, at_most: int | None = None) -> str:
    """`a, b, c`; what is left out is counted."""
    everything = list(items)
    shown = everything[:at_most]
    left = len(everything) - len(shown)
    return ", ".join(shown) + (f" and {left} more" if left else "")


def agreeing(number: int, singular: str, plural: str) -> str:
    """The form of a word that fits a number."""
    return singular if number == 1 else plural
