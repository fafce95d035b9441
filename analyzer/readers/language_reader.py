"""What every language reader can do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from analyzer.errors import AnalyzerError
from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.intake.snapshot import Snapshot, SourceFile
from analyzer.store.result_store import ResultStore


class ReaderError(AnalyzerError):
    """A reader cannot go on; what it cannot understand in a file is a diagnostic instead."""


@dataclass(frozen=True, slots=True)
class ReadingTools:
    """What a reader is given to work with.

    `map_shards` applies a picklable function to shards of files, in order, perhaps in other
    processes or on other machines; the default runs them here, one after the other.
    """

    store: ResultStore
    advance: Callable[[int], None]  # called with the number of files newly finished
    jobs: int = 1


class LanguageReader(Protocol):
    """Reads the files of one language, or of one kind."""

    name: str

    def files(self, snapshot: Snapshot) -> Sequence[SourceFile]:
        """Those files of the snapshot that this reader reads."""

    def read(self, snapshot: Snapshot, tools: ReadingTools) -> CodebaseFacts:
        """What they say. Never raises for what stands in a file."""


@runtime_checkable
class WarmingReader(Protocol):
    """A reader that can read single files ahead of the whole."""

    def files(self, snapshot: Snapshot) -> Sequence[SourceFile]:
        """Those files of the snapshot that this reader reads."""

    def warm(self, snapshot: Snapshot, files: Sequence[SourceFile], tools: ReadingTools) -> None:
        """Put what these files say into the store; harmless twice, and in any place."""
