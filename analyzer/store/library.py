"""The digest of the library's own code, which keys of stored results contain."""

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def library() -> str:
    """Digest of the library's own code: a result is as good as the code that made it."""
    state = hashlib.sha256()
    for source in sorted(_sources(files("analyzer")), key=lambda pair: pair[0]):
        state.update(f"{source[0]}\0".encode())
        state.update(source[1])
    return state.hexdigest()


def _sources(folder: Any, prefix: str = "") -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _sources(entry, f"{prefix}{entry.name}/")
        elif entry.name.endswith((".py", ".json")):
            yield f"{prefix}{entry.name}", entry.read_bytes()
