"""The files of a snapshot that are not Python: what code names and reads when it runs."""

from collections.abc import Callable, Iterable

from analyzer.intake.snapshot import Snapshot

MOST_BYTES = 1_000_000  # of one file; more is read as nothing


class OtherFiles:
    """Paths, and the content of each when it is asked for."""

    def __init__(
        self, paths: Iterable[str] = (), read: Callable[[str], bytes] | None = None
    ) -> None:
        self.paths = tuple(path for path in paths if not path.endswith(".py"))
        self._read = read

    def content(self, path: str) -> bytes:
        """The content of one of the paths; nothing where it is gone or too long."""
        if self._read is None:
            return b""
        try:
            content = self._read(path)
        except OSError:
            return b""
        return content if len(content) <= MOST_BYTES else b""


def other_files(snapshot: Snapshot) -> OtherFiles:
    """Those of a snapshot."""
    root = snapshot.root
    return OtherFiles(
        (file.path for file in snapshot.files), lambda path: (root / path).read_bytes()
    )
