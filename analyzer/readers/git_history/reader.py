"""What the version history says about the files of a snapshot."""

import hashlib
import time
from collections.abc import Sequence
from pathlib import PurePosixPath

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.diagnostics import Diagnostic
from analyzer.intake.snapshot import Snapshot, SourceFile
from analyzer.readers.git_history.log import commits_of
from analyzer.readers.git_history.tally import LARGE_COMMIT, Tally
from analyzer.readers.language_reader import ReadingTools
from analyzer.store.codec import decode, encode

# Bounds of the cost: the newest commits, and a time that only a pathological history reaches.
COMMITS = 10_000
SECONDS = 180.0

KIND = "git-history/1"
SOURCE_SUFFIXES = frozenset({".py", ".java", ".kt", ".php", ".js", ".jsx", ".ts", ".tsx", ".rb"})


class GitHistoryReader:
    """Reads co-change, churn and authorship. Modules are given by their path."""

    name = "git history"

    def files(self, snapshot: Snapshot) -> Sequence[SourceFile]:
        """None: the history is not a file of the snapshot."""
        return ()

    def read(self, snapshot: Snapshot, tools: ReadingTools) -> CodebaseFacts:
        """The facts of the history, where the snapshot has one."""
        if snapshot.history is None:
            return CodebaseFacts()
        key = f"{snapshot.digest}\0{snapshot.history_commit}\0{COMMITS}".encode()
        digest = hashlib.sha256(key).hexdigest()
        stored = tools.store.get(kind=KIND, digest=digest)
        if stored is not None:
            return decode(CodebaseFacts, stored)
        facts, complete = _facts_of(snapshot)
        if complete:  # how far a history cut by time was read depends on the machine
            tools.store.put(kind=KIND, digest=digest, content=encode(facts))
        return facts


def _facts_of(snapshot: Snapshot) -> tuple[CodebaseFacts, bool]:
    assert snapshot.history is not None
    tally = Tally(paths=frozenset(_source_paths(snapshot)))
    started = time.monotonic()
    complete = True
    for commit in commits_of(snapshot.history, limit=COMMITS):
        tally.add(commit)
        if time.monotonic() - started > SECONDS:
            complete = False
            break
    facts = CodebaseFacts(
        module_histories=tally.histories(),
        co_changes=tally.co_changes(),
        diagnostics=tuple(_said_about(tally, complete=complete)),
    )
    return facts, complete


def _source_paths(snapshot: Snapshot) -> list[str]:
    return [
        file.path for file in snapshot.files if PurePosixPath(file.path).suffix in SOURCE_SUFFIXES
    ]


def _said_about(tally: Tally, *, complete: bool) -> list[Diagnostic]:
    found = []
    if tally.large:
        text = (
            f"{tally.large:,} of {tally.commits:,} commits change more than {LARGE_COMMIT} source "
            "files each and were left out of the history."
        )
        found.append(Diagnostic("", 0, "info", "large-commits", text))
    if tally.commits >= COMMITS or not complete:
        text = f"Of the history, only the newest {tally.commits:,} commits were read."
        found.append(Diagnostic("", 0, "info" if complete else "warning", "history-cut", text))
    return found
