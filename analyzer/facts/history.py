"""What the version history says: what changes together, and whose it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class ModuleHistory:
    """How one module changed; authors are counted by commits and named by a digest."""

    module: str
    commits: int
    churn: int  # lines added and removed
    authors: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True, order=True)
class CoChange:
    """Two modules changed in the same commits; modules sorted, commits of huge size left out."""

    first: str
    second: str
    commits: int
    weight: float  # each commit counts 1 / (modules it touches - 1)
