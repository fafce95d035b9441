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
