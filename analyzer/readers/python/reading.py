"""Phase one: files to module records, through the store, in one process or several."""

import marshal
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path

from analyzer.intake.snapshot import Snapshot, SourceFile
from analyzer.readers.language_reader import ReadingTools
from analyzer.readers.python import syntax
from analyzer.readers.python.layout import role_of, vendored_folders
from analyzer.readers.python.processes import in_pieces, shared_out
from analyzer.readers.python.record import OpenBody
from analyzer.store.result_store import ResultStore

# A record depends on the interpreter too: on its grammar and on its marshal format.
KIND = f"python-module/{syntax.FORMAT}-{sys.version_info[0]}.{sys.version_info[1]}"
SHARD_BYTES = 1_000_000  # at most read in one go
LEAST_BYTES = 100_000  # less is not worth a process


@dataclass(slots=True)
class Readings:
    """The record of each file by path, and bodies of functions that were open at hand."""

    records: dict[str, syntax.Record] = field(default_factory=dict)
    opened: dict[str, tuple[OpenBody, ...]] = field(default_factory=dict)


def read_records(snapshot: Snapshot, files: Sequence[SourceFile], tools: ReadingTools) -> Readings:
    """The records of the files; what the store does not have is read and put there."""
    stored = tools.store.get_many(kind=KIND, digests=sorted({file.digest for file in files}))
    tools.advance(sum(file.digest in stored for file in files))
    alike: dict[str, list[str]] = {}  # files by what stands in them
    for file in files:
        alike.setdefault(file.digest, []).append(file.path)
    found = Readings(_each_loaded(stored, alike))
    missing = {file.digest: file for file in files if file.digest not in stored}
    vendored = vendored_folders(frozenset(file.path for file in snapshot.files))
    for shard, own in _lowered(snapshot, list(missing.values()), tools.jobs):
        tools.store.put_many(kind=KIND, contents=shard)
        for digest, lowered in own.items():
            path = alike[digest].pop()
            found.records[path] = lowered.record
            if role_of(path, vendored) == "product":  # the others' are hardly ever opened
                found.opened[path] = lowered.opened
        found.records.update(_each_loaded(shard, alike))
        tools.advance(len(shard))
    found.records = {file.path: found.records[file.path] for file in files}
    return found


def _each_loaded(
    contents: dict[str, bytes], alike: dict[str, list[str]]
) -> dict[str, syntax.Record]:
    return {path: _loaded(content) for one, content in contents.items() for path in alike[one]}


def _loaded(content: bytes) -> syntax.Record:
    record: syntax.Record = marshal.loads(content)  # noqa: S302 - our own bytes
    return record


def warm_records(snapshot: Snapshot, files: Sequence[SourceFile], tools: ReadingTools) -> None:
    """Put the records of these files into the store, where they are not there yet."""
    stored = tools.store.get_many(kind=KIND, digests=sorted({file.digest for file in files}))
    missing = {file.digest: file for file in files if file.digest not in stored}
    for shard, _ in _lowered(snapshot, list(missing.values()), tools.jobs):
        tools.store.put_many(kind=KIND, contents=shard)
    tools.advance(len(files))


Shard = dict[str, syntax.Lowered]  # by digest


def _lowered(
    snapshot: Snapshot, files: list[SourceFile], jobs: int
) -> Iterator[tuple[dict[str, bytes], Shard]]:
    """Records as bytes by digest; and as they are, where this process has lowered them."""
    shards = in_pieces(files, attrgetter("size"), jobs=jobs, least=LEAST_BYTES, most=SHARD_BYTES)
    own: dict[int, Shard] = {}  # the last piece of the process that works

    def work(number: int) -> dict[str, bytes]:
        own.clear()
        own[number] = lower_shard(snapshot.root, shards[number])
        return {digest: one.content for digest, one in own[number].items()}

    for number, shard in shared_out(work, len(shards), jobs=jobs):
        yield shard, own.get(number, {})


def lower_shard(root: Path, files: Sequence[SourceFile]) -> Shard:
    """The records of some files."""
    return {file.digest: syntax.lowered((root / file.path).read_bytes()) for file in files}


class Records:
    """The records of a snapshot's files, each read from the store when it is asked for."""

    def __init__(self, snapshot: Snapshot, store: ResultStore) -> None:
        self._snapshot = snapshot
        self._store = store
        self._files = {file.path: file for file in snapshot.files if file.path.endswith(".py")}
        self.digests = {path: file.digest for path, file in self._files.items()}
        self._known: dict[str, syntax.Record] = {}

    def of(self, path: str) -> syntax.Record:
        """The record of a file, which is lowered if it never was."""
        if path not in self._known:
            found = self.of_digest(self.digests[path])
            self._known[path] = self._lowered(path) if found is None else found
        return self._known[path]

    def of_digest(self, digest: str) -> syntax.Record | None:
        """The record of a file with this digest, if it is in the store."""
        content = self._store.get(kind=KIND, digest=digest)
        return None if content is None else _loaded(content)

    def _lowered(self, path: str) -> syntax.Record:
        (lowered,) = lower_shard(self._snapshot.root, (self._files[path],)).values()
        self._store.put_many(kind=KIND, contents={self.digests[path]: lowered.content})
        return lowered.record
