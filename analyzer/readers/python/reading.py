"""Phase one: files to module records, through the store, in one process or several."""

import marshal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from analyzer.intake.snapshot import Snapshot, SourceFile
from analyzer.readers.language_reader import ReadingTools
from analyzer.readers.python import syntax
from analyzer.readers.python.processes import may_fork
from analyzer.store.result_store import ResultStore

# A record depends on the interpreter too: on its grammar and on its marshal format.
KIND = f"python-module/{syntax.FORMAT}-{sys.version_info[0]}.{sys.version_info[1]}"
SHARD_BYTES = 1_000_000


def read_records(
    snapshot: Snapshot, files: Sequence[SourceFile], tools: ReadingTools
) -> dict[str, syntax.Record]:
    """The record of each file by path; what the store does not have is read and put there."""
    stored = tools.store.get_many(kind=KIND, digests=sorted({file.digest for file in files}))
    tools.advance(sum(file.digest in stored for file in files))
    missing = {file.digest: file for file in files if file.digest not in stored}
    for shard in _lowered(snapshot, list(missing.values()), tools.jobs):
        tools.store.put_many(kind=KIND, contents=shard)
        stored.update(shard)
        tools.advance(len(shard))
    loaded: dict[str, syntax.Record] = {}
    for file in files:
        loaded[file.path] = marshal.loads(stored[file.digest])  # noqa: S302 - our own bytes
    return loaded


def warm_records(snapshot: Snapshot, files: Sequence[SourceFile], tools: ReadingTools) -> None:
    """Put the records of these files into the store, where they are not there yet."""
    stored = tools.store.get_many(kind=KIND, digests=sorted({file.digest for file in files}))
    missing = {file.digest: file for file in files if file.digest not in stored}
    for shard in _lowered(snapshot, list(missing.values()), tools.jobs):
        tools.store.put_many(kind=KIND, contents=shard)
    tools.advance(len(files))


def _lowered(snapshot: Snapshot, files: list[SourceFile], jobs: int) -> Iterator[dict[str, bytes]]:
    shards = list(_shards(files))
    if jobs <= 1 or len(shards) <= 1 or not may_fork():
        for shard in shards:
            yield lower_shard(snapshot.root, shard)
        return
    with ProcessPoolExecutor(min(jobs, len(shards)), get_context("fork")) as pool:
        yield from pool.map(lower_shard, [snapshot.root] * len(shards), shards)


def _shards(files: list[SourceFile]) -> Iterator[tuple[SourceFile, ...]]:
    shard: list[SourceFile] = []
    size = 0
    for file in files:
        shard.append(file)
        size += file.size
        if size >= SHARD_BYTES:
            yield tuple(shard)
            shard, size = [], 0
    if shard:
        yield tuple(shard)


def lower_shard(root: Path, files: Sequence[SourceFile]) -> dict[str, bytes]:
    """The records of some files, as bytes by digest."""
    return {
        file.digest: marshal.dumps(syntax.lower((root / file.path).read_bytes())) for file in files
    }


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
        return None if content is None else marshal.loads(content)  # noqa: S302 - our own bytes

    def _lowered(self, path: str) -> syntax.Record:
        shard = lower_shard(self._snapshot.root, (self._files[path],))
        self._store.put_many(kind=KIND, contents=shard)
        record: syntax.Record = marshal.loads(shard[self.digests[path]])  # noqa: S302 - our own
        return record
