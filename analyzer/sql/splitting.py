"""SQL text → single statements, with quotes, comments and dollar bodies respected."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

# Stands where the text is computed: an f-string's braces, a `%s` that names a table. One character
# of the private use area, so that no source has it by chance.
HOLE = "\ue000"

_PIECE = re.compile(
    r"""
      (?P<comment>--[^\n]*|/\*(?:[^*]|\*(?!/))*(?:\*/|\Z))
    | (?P<string>'(?:[^'\\]|''|\\.)*(?:'|\Z))
    | (?P<name>"(?:[^"]|"")*(?:"|\Z)|`[^`]*(?:`|\Z)|\[[A-Za-z_][^\]\n]*\])
    | (?P<dollar>\$(?P<tag>[A-Za-z_]*)\$.*?(?:\$(?P=tag)\$|\Z))
    | (?P<go>^[ \t]*GO[ \t]*$)
    | (?P<opens>\b(?:begin|case)\b)
    | (?P<closes>\bend\b(?!\s+(?:if|loop|while|repeat)\b))
    | (?P<end>;)
    """,
    re.VERBOSE | re.DOTALL | re.MULTILINE | re.IGNORECASE,
)
_BODY_OPENS = re.compile(r"\s*create\b.*\b(?:trigger|procedure|function|package)\b", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of one statement; `line` counts the lines before it."""

    text: str
    line: int


def split_statements(text: str) -> Iterator[Piece]:
    """The statements of a script in order, without empty ones."""
    start = 0
    line = 0
    for end, after in _ends(text):
        chunk = text[start:end]
        if chunk.strip():
            leading = len(chunk) - len(chunk.lstrip())
            yield Piece(text=chunk.strip(), line=line + chunk.count("\n", 0, leading))
        line += text.count("\n", start, after)
        start = after


def without_comments(text: str) -> str:
    """The text with every comment blanked out, line breaks kept."""

    def blank(match: re.Match[str]) -> str:
        piece = match.group()
        if match.lastgroup == "comment" and not piece.startswith("/*!"):
            return " " + "\n" * piece.count("\n")
        return piece

    return _PIECE.sub(blank, text)


def _ends(text: str) -> Iterator[tuple[int, int]]:
    """Where each statement ends and where the next one begins."""
    start = depth = 0
    for match in _PIECE.finditer(text):
        kind = match.lastgroup
        if kind == "opens" and _has_body(text, start):
            depth += 1
        elif kind == "closes":
            depth = max(0, depth - 1)
        elif kind == "go" or (kind == "end" and not depth):
            yield match.start(), match.end()
            start, depth = match.end(), 0
    yield len(text), len(text)


def _has_body(text: str, start: int) -> bool:
    """Whether the statement is a trigger or routine, so that semicolons stand inside it."""
    return _BODY_OPENS.match(text[start : start + 400]) is not None
