"""A source file as numbered, highlighted lines."""

from dataclasses import dataclass

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_for_filename
from pygments.util import ClassNotFound

LARGEST_HIGHLIGHTED_BYTES = 400_000
LONGEST_LINE = 2_000
LINES_SHOWN = 3_000


@dataclass(frozen=True, slots=True)
class SourceLine:
    """One line; `html` is escaped."""

    number: int
    html: SafeString
    marked: bool


@dataclass(frozen=True, slots=True)
class SourceText:
    """The part of a file around the line of interest."""

    lines: tuple[SourceLine, ...]
    total: int

    @property
    def is_part(self) -> bool:
        return len(self.lines) < self.total


def source_text(content: bytes, *, path: str, first: int, last: int) -> SourceText:
    """The lines to show, the ones from `first` to `last` marked."""
    text = content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    plain = text.split("\n")
    if plain and plain[-1] == "":
        plain.pop()
    begin = max(0, min(first - LINES_SHOWN // 3, len(plain) - LINES_SHOWN))
    end = min(len(plain), begin + LINES_SHOWN)
    html = _highlighted(text, plain, path)[begin:end]
    lines = tuple(
        SourceLine(number, line, first <= number <= last)
        for number, line in enumerate(html, start=begin + 1)
    )
    return SourceText(lines, len(plain))


def _highlighted(text: str, plain: list[str], path: str) -> list[SafeString]:
    """Every line as HTML; plainly escaped where highlighting would cost too much."""
    if len(text) <= LARGEST_HIGHLIGHTED_BYTES and max(map(len, plain), default=0) <= LONGEST_LINE:
        try:
            lexer = get_lexer_for_filename(path, stripnl=False, ensurenl=False)
        except ClassNotFound:
            pass
        else:
            # Pygments escapes what it is given; a line break never falls inside one of its tags.
            marked = highlight(text, lexer, HtmlFormatter(nowrap=True)).split("\n")
            return [mark_safe(line) for line in marked[: len(plain)]]  # noqa: S308
    return [escape(line[:LONGEST_LINE]) for line in plain]
