"""What every store of stage results can do."""

from typing import Protocol


class ResultStore(Protocol):
    """Maps a key (kind and digest) to bytes; content-addressed, so writing twice is harmless."""

    def get(self, *, kind: str, digest: str) -> bytes | None:
        """The stored bytes, or None."""

    def get_many(self, *, kind: str, digests: list[str]) -> dict[str, bytes]:
        """Those of the digests that are stored."""

    def put(self, *, kind: str, digest: str, content: bytes) -> None:
        """Store the bytes, atomically."""

    def put_many(self, *, kind: str, contents: dict[str, bytes]) -> None:
        """Store several results of one kind."""
