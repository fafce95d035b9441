"""Placeholders and computed parts → text that a parser of SQL accepts."""

import re
from collections.abc import Iterator

from analyzer.sql.names import HOLE_NAME
from analyzer.sql.splitting import HOLE

_LITERAL = re.compile(r"'(?:[^'\\]|''|\\.)*'", re.DOTALL)
_PERCENT = re.compile(r"%%|%(?:\((?P<name>\w+)\))?[sdif]")
_BRACES = re.compile(r"\{(?:\w*(?:[.\[]\w+\]?)*(?:![rsa])?(?::[^{}\n]*)?)\}")
_COLON_NAME = re.compile(r"(?<![:\w]):(?P<name>[A-Za-z_]\w*)")
# Before these a placeholder names a table or a column, elsewhere it is a value.
_NAME_COMES = re.compile(
    r"(?:\b(?:from|join|into|update|table|exists|on|only|truncate|column|by|select|references)\s+"
    r"|[\"`\[.])\Z",
    re.IGNORECASE,
)
_VALUE = "0"


def fillings(text: str) -> Iterator[str]:
    """The statement with its holes filled, most likely way first; later ones drop what is odd."""
    plain = _fill_placeholders(text)
    if HOLE not in plain:
        yield plain
        return
    for lone in (f" {HOLE_NAME} ", f" AND {HOLE_NAME} ", " ", f" , {HOLE_NAME} "):
        yield _fill_holes(plain, lone)


def _fill_placeholders(text: str) -> str:
    """`%s`, `%(x)s`, `{x}` and `:x` → a value, or a hole where a name must stand."""
    out: list[str] = []
    end = 0
    for literal in _LITERAL.finditer(text):
        out.append(_fill_plain(text[end : literal.start()], before=out))
        out.append(_fill_literal(literal.group()))
        end = literal.end()
    out.append(_fill_plain(text[end:], before=out))
    return "".join(out)


def _fill_literal(literal: str) -> str:
    return literal.replace(HOLE, "*")


def _fill_plain(text: str, *, before: list[str]) -> str:
    lead = before[-1][-20:] if before else ""

    def value_or_name(match: re.Match[str]) -> str:
        if match.group() == "%%":
            return "%"
        preceding = lead + text[max(0, match.start() - 20) : match.start()]
        following = text[match.end() : match.end() + 1]
        names = _NAME_COMES.search(preceding) or following in ('"', "`", "]", ".", "_")
        return HOLE if names or preceding[-1:] == "_" else _VALUE

    text = _PERCENT.sub(value_or_name, text)
    text = _BRACES.sub(HOLE, text)
    return _COLON_NAME.sub(_VALUE, text)


def _fill_holes(text: str, lone: str) -> str:
    """Every hole becomes a name; one that stands alone is tried as `lone`."""
    out: list[str] = []
    for index, character in enumerate(text):
        if character != HOLE:
            out.append(character)
            continue
        before, after = text[index - 1 : index], text[index + 1 : index + 2]
        glued = _is_name_part(before) or _is_name_part(after)
        must_name = _NAME_COMES.search(text[max(0, index - 20) : index]) or after in {"(", "."}
        operand = _OPERAND_COMES.search(text[max(0, index - 10) : index])
        out.append(HOLE_NAME if glued or must_name or operand else lone)
    return "".join(out)


_OPERAND_COMES = re.compile(r"(?:[=<>(,+*/-]|\b(?:where|and|or|in|limit|set|as|values))\s*\Z", re.I)


def _is_name_part(character: str) -> bool:
    return bool(character) and (character.isalnum() or character in '_"`[]$.')
