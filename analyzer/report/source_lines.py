"""The lines that evidence points to, where the snapshot is at hand."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from analyzer.facts.credentials import without_credentials

_LARGEST = 4_000_000  # bytes; evidence in a larger file is shown without its line
_LONGEST = 180  # characters of a line
# Evidence leaps from file to file, and masking one costs milliseconds; 100 MB at the most likely.
_REMEMBERED = 4096


class SourceLines:
    """Looks up single lines below one folder, and nothing outside it.

    `secrets` are the report's own rows: where a credential stands, its value is masked.
    """

    def __init__(self, root: Path | None, secrets: Iterable[Mapping[str, Any]] = ()) -> None:
        self._root = root.resolve() if root is not None else None
        self._secret_lines: dict[str, set[int]] = {}
        for secret in secrets:
            if secret["in_source"]:
                self._secret_lines.setdefault(secret["path"], set()).add(secret["line"])
        self._lines = lru_cache(maxsize=_REMEMBERED)(self._read)

    def get(self, path: str, line: int) -> str:
        """The line without indentation and credentials, shortened; "" if it cannot be had."""
        lines = self._lines(path)
        if not 1 <= line <= len(lines):
            return ""
        text = lines[line - 1].strip()
        return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"

    def _read(self, path: str) -> list[str]:
        if self._root is None:
            return []
        try:
            # A link could lead out of the folder, and the report may be from anywhere.
            file = (self._root / path).resolve()
            if not file.is_relative_to(self._root) or file.stat().st_size > _LARGEST:
                return []
            text = file.read_text(encoding="utf-8", errors="replace")
            known = self._secret_lines.get(path, ())
            return without_credentials(text, lines=known, path=path).split("\n")
        except (OSError, ValueError):
            return []
