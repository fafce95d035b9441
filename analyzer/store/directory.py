"""Stage results as files in a folder, shared by any number of processes."""

import contextlib
import os
import re
import tempfile
from pathlib import Path

_KIND = re.compile(r"[a-z0-9][a-z0-9._/-]*")
_DIGEST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class DirectoryStore:
    """A `ResultStore` in a folder: `KIND/ab/abcdef…`, each file complete once it is there.

    Two writers of the same digest write the same bytes, so the last one wins and nothing is lost.
    A result that cannot be read counts as absent: it is only a result and will be made again.
    """

    def __init__(self, root: Path | str) -> None:
        self._root = Path(root)

    def get(self, *, kind: str, digest: str) -> bytes | None:
        """The stored bytes, or None."""
        try:
            return self._path(kind, digest).read_bytes()
        except OSError:
            return None

    def get_many(self, *, kind: str, digests: list[str]) -> dict[str, bytes]:
        """Those of the digests that are stored."""
        found = {digest: self.get(kind=kind, digest=digest) for digest in digests}
        return {digest: content for digest, content in found.items() if content is not None}

    def put(self, *, kind: str, digest: str, content: bytes) -> None:
        """Store the bytes: written beside their place and renamed into it."""
        path = self._path(kind, digest)
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(descriptor, "wb") as out:
                out.write(content)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise

    def put_many(self, *, kind: str, contents: dict[str, bytes]) -> None:
        """Store several results of one kind."""
        for digest, content in contents.items():
            self.put(kind=kind, digest=digest, content=content)

    def _path(self, kind: str, digest: str) -> Path:
        # Keys never come from the analysed code; a wrong one is a programming error.
        if not _KIND.fullmatch(kind) or ".." in kind or not _DIGEST.fullmatch(digest):
            raise ValueError(f"not a key of a stored result: {kind!r} {digest!r}")
        return self._root / kind / digest[:2] / digest
