"""The commits of a repository, newest first, as they are printed."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from analyzer.intake.git import output_of

_COMMIT = b"\x01"
_CHUNK = 256 * 1024
# A path longer than this is not one of the snapshot's; the rest of it is not kept.
_TOKEN_LIMIT = 16 * 1024


@dataclass(frozen=True, slots=True)
class Change:
    """One commit changed one file."""

    path: str
    churn: int  # lines added and removed; 0 for a binary file
    old_path: str = ""  # where the file was before, if the commit moved it


@dataclass(frozen=True, slots=True)
class Commit:
    """One commit that is no merge."""

    author: str  # a digest: who it was is nobody's business
    changes: tuple[Change, ...]


def commits_of(repository: Path, *, limit: int) -> Iterator[Commit]:
    """The newest `limit` commits of the history, read as a stream."""
    arguments = [
        "log", "-z", "--numstat", "--no-merges", "--find-renames", "-l200", "--no-color",
        "--no-ext-diff", "--no-textconv", "--no-show-signature", f"--max-count={limit}",
        "--format=%x01%aE", "HEAD",
    ]  # fmt: skip
    with output_of(arguments, repository=repository) as stream:
        yield from parsed(_tokens(iter(lambda: stream.read(_CHUNK), b"")))


def parsed(tokens: Iterable[bytes]) -> Iterator[Commit]:
    """The commits in what `git log -z --numstat` prints, given its parts between NULs."""
    author: str | None = None
    changes: list[Change] = []
    stream = iter(tokens)
    for token in stream:
        if token.startswith(_COMMIT):
            if author is not None:
                yield Commit(author, tuple(changes))
            author, changes = author_digest(token[1:]), []
        elif change := _change(token, stream):
            changes.append(change)
    if author is not None:
        yield Commit(author, tuple(changes))


def author_digest(email: bytes) -> str:
    """A short name for an author that tells no one who it is."""
    return hashlib.sha256(b"author\0" + email.strip().lower()).hexdigest()[:12]


def _change(token: bytes, following: Iterator[bytes]) -> Change | None:
    added, _, rest = token.lstrip(b"\n").partition(b"\t")
    removed, _, path = rest.partition(b"\t")
    churn = int(added) + int(removed) if added.isdigit() and removed.isdigit() else 0
    if path:
        return Change(_text(path), churn)
    if not rest:
        return None
    old, new = next(following, b""), next(following, b"")
    return Change(_text(new), churn, old_path=_text(old))


def _text(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")


def _tokens(chunks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\0")
        rest = rest[:_TOKEN_LIMIT]
        yield from whole
    if rest:
        yield rest
