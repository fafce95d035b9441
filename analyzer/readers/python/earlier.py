"""Finds in the store what an earlier run linked, by the files that both have in common.

A run is found under some of its files: those whose digests sort first. Which
ones does not depend on any name, and an edit rarely touches them all. What is found is only a
starting point: each of its parts is checked against the files as they are now.
"""

import hashlib
import marshal

from analyzer.intake.snapshot import Snapshot, SourceFile
from analyzer.readers.python.linked_project import (
    Followed,
    LinkedProject,
    encoded,
    encoded_many,
    followed_in,
    foundation_in,
    said_in,
)
from analyzer.readers.python.reading import KIND as RECORDS
from analyzer.store.library import library
from analyzer.store.result_store import ResultStore

ANCHORS = 3  # files that a run is found under
GENERATIONS = 32  # runs that are kept under one file
TELLING_SIZE = 100  # bytes; shorter files are in many projects


class EarlierRuns:
    """The runs that a snapshot can go on from."""

    def __init__(self, store: ResultStore, snapshot: Snapshot) -> None:
        self._store = store
        self._files = {file.path: file.digest for file in snapshot.files if _is_python(file)}
        others = (f"{one.path}\0{one.digest}" for one in snapshot.files if not _is_python(one))
        self._surroundings = _digest(snapshot.name, *sorted(others))
        self._anchors = _anchors(snapshot)
        self._kind = f"python-links/{library()[:32]}/{RECORDS.rpartition('/')[2]}"
        self._generation = 0

    def nearest(self) -> LinkedProject | None:
        """A run of the same files, whatever stands in those of Python; None where there is none."""
        keys = [_key(anchor, one) for anchor in self._anchors for one in range(GENERATIONS)]
        found = self._store.get_many(kind=f"{self._kind}/runs", digests=keys)
        last = [
            content
            for anchor in self._anchors
            for one in range(GENERATIONS - 1, -1, -1)
            if (content := found.get(_key(anchor, one))) is not None
        ]
        self._generation = max((int(key.rpartition(".")[2]) + 1 for key in found), default=0)
        runs = (self._linked(*content.decode().split()) for content in dict.fromkeys(last))
        return next((linked for linked in runs if linked is not None), None)

    def _linked(self, listed: str, *digests: str) -> LinkedProject | None:
        """A run, if it had the same files apart from what stands in those of Python."""
        kind = f"{self._kind}/parts"
        content = self._store.get(kind=kind, digest=listed)
        try:
            surroundings, files = marshal.loads(content or b"")  # noqa: S302 - our own bytes
            if surroundings != self._surroundings or files.keys() != self._files.keys():
                return None
            parts = self._store.get_many(kind=kind, digests=list(digests))
            head, followed, provided, *packs = [parts[digest] for digest in digests]
            foundation = foundation_in(head)
            said = [one for pack in packs for one in said_in(pack)]
            by_module = dict(zip((name for name, *_ in foundation.modules), said, strict=True))
            return LinkedProject(
                files,
                surroundings,
                foundation,
                by_module,
                tuple(packs),
                tuple(said_in(provided)),
                followed_in(followed),
            )
        except (EOFError, ValueError, KeyError, TypeError, AttributeError):
            return None  # damaged or gone: all will be linked and written again

    def keep(self, linked: LinkedProject) -> None:
        """Store what was linked, for later runs to go on from."""
        if self._generation >= GENERATIONS or not self._anchors:
            return
        contents = [
            marshal.dumps((self._surroundings, self._files)),
            encoded(linked.foundation),
            encoded(linked.followed or Followed()),
            encoded_many(linked.provided),
            *linked.packs,
        ]
        digests = [hashlib.sha256(content).hexdigest() for content in contents]
        parts = dict(zip(digests, contents, strict=True))
        self._store.put_many(kind=f"{self._kind}/parts", contents=parts)
        keys = [_key(anchor, self._generation) for anchor in self._anchors]
        listed = dict.fromkeys(keys, " ".join(digests).encode())
        self._store.put_many(kind=f"{self._kind}/runs", contents=listed)


def _is_python(file: SourceFile) -> bool:
    return file.path.endswith(".py")


def _anchors(snapshot: Snapshot) -> list[str]:
    telling = [one for one in snapshot.files if _is_python(one) and one.size >= TELLING_SIZE]
    return sorted(one.digest for one in telling)[:ANCHORS]


def _key(anchor: str, generation: int) -> str:
    return f"{anchor}.{generation}"


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
