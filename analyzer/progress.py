"""How a running stage tells the outside how far it is, and learns that it should stop."""

from typing import Protocol


class Progress(Protocol):
    """Receives what a pipeline does, as it does it.

    An implementation may raise `analyzer.errors.Cancelled` from any method to stop the run.
    """

    def started(self, *, stage: str, total: int | None) -> None:
        """A stage begins; `total` is the number of items it will work through, if known."""

    def advanced(self, *, stage: str, done: int) -> None:
        """`done` items of the stage are finished, counted from its start."""

    def finished(self, *, stage: str) -> None:
        """The stage is complete."""


class SilentProgress:
    """Tells nobody and never cancels."""

    def started(self, *, stage: str, total: int | None) -> None:
        pass

    def advanced(self, *, stage: str, done: int) -> None:
        pass

    def finished(self, *, stage: str) -> None:
        pass
