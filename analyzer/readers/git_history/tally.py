"""Counts commits: what changes together, how much, and by whose hand."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from itertools import combinations

from analyzer.facts.history import CoChange, ModuleHistory
from analyzer.readers.git_history.log import Change, Commit

# A commit that touches more source files than this says nothing about what belongs together: it is
# a move, a licence header, a formatter, an import of somebody else's code.
LARGE_COMMIT = 40
# Two files changed together only once may be chance; keeping all such pairs costs memory.
FEWEST_COMMON_COMMITS = 2


@dataclass(slots=True)
class Tally:
    """Takes commits newest first, so that a file that was moved is counted where it is today."""

    paths: Collection[str]
    commits: int = 0
    large: int = 0
    _today: dict[str, str] = field(default_factory=dict)
    _commits: Counter[str] = field(default_factory=Counter)
    _churn: Counter[str] = field(default_factory=Counter)
    _authors: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _together: Counter[tuple[str, str]] = field(default_factory=Counter)
    _weight: dict[tuple[str, str], float] = field(default_factory=lambda: defaultdict(float))

    def add(self, commit: Commit) -> None:
        """Count one commit, unless it is too large to mean anything."""
        self.commits += 1
        touched = self._touched(commit.changes)
        if len(touched) > LARGE_COMMIT:
            self.large += 1
            return
        for path, churn in touched.items():
            self._commits[path] += 1
            self._churn[path] += churn
            self._authors[path][commit.author] += 1
        for pair in combinations(sorted(touched), 2):
            self._together[pair] += 1
            self._weight[pair] += 1 / (len(touched) - 1)

    def histories(self) -> tuple[ModuleHistory, ...]:
        """One for each file that any counted commit touched; the module is still a path."""
        return tuple(
            ModuleHistory(
                module=path,
                commits=count,
                churn=self._churn[path],
                authors=tuple(sorted(self._authors[path].items())),
            )
            for path, count in sorted(self._commits.items())
        )

    def co_changes(self) -> tuple[CoChange, ...]:
        """One for each two files that changed together often enough."""
        return tuple(
            CoChange(first, second, count, round(self._weight[first, second], 6))
            for (first, second), count in sorted(self._together.items())
            if count >= FEWEST_COMMON_COMMITS
        )

    def _touched(self, changes: Iterable[Change]) -> dict[str, int]:
        """Churn of each file of today that the changes touch."""
        touched: dict[str, int] = {}
        for change in changes:
            path = self._today.get(change.path, change.path)
            if change.old_path and change.old_path not in self._today:
                self._today[change.old_path] = path
            if path in self.paths:
                touched[path] = touched.get(path, 0) + change.churn
        return touched
