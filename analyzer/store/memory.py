"""Stage results kept in memory, for one process and for tests."""

import threading
from collections.abc import Mapping


class MemoryStore:
    """A `ResultStore` that lasts as long as the object."""

    def __init__(self, contents: Mapping[tuple[str, str], bytes] | None = None) -> None:
        self._contents: dict[tuple[str, str], bytes] = dict(contents or {})
        self._lock = threading.Lock()

    def get(self, *, kind: str, digest: str) -> bytes | None:
        """The stored bytes, or None."""
        return self._contents.get((kind, digest))

    def get_many(self, *, kind: str, digests: list[str]) -> dict[str, bytes]:
        """Those of the digests that are stored."""
        found = {digest: self._contents.get((kind, digest)) for digest in digests}
        return {digest: content for digest, content in found.items() if content is not None}

    def put(self, *, kind: str, digest: str, content: bytes) -> None:
        """Store the bytes."""
        self.put_many(kind=kind, contents={digest: content})

    def put_many(self, *, kind: str, contents: dict[str, bytes]) -> None:
        """Store several results of one kind."""
        with self._lock:
            for digest, content in contents.items():
                self._contents[kind, digest] = content

    def contents(self) -> dict[tuple[str, str], bytes]:
        """All that is stored, by kind and digest."""
        return dict(self._contents)
