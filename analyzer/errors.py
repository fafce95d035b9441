"""What can go wrong, in words for the person who asked."""


class AnalyzerError(Exception):
    """Base of everything the library raises on purpose; its text says what to do about it."""


class UnusableInput(AnalyzerError):
    """The source, graph, constraints or report that was given cannot be used."""


class Cancelled(AnalyzerError):
    """The run was asked to stop and did, leaving nothing half-written."""


class CheckFailed(AnalyzerError):
    """A check ran and its answer is no."""
