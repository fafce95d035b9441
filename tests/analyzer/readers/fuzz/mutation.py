"""Damages source files in the ways that editors, merges, encodings and attackers do."""

import random
import re
from collections.abc import Callable

# Pieces that are put in, separated by "¦"; escapes are Python's.
_PIECES = r"""(¦)¦[¦]¦{¦}¦:¦,¦'¦"¦\"\"\"¦\\¦#¦@¦*¦=¦\n¦\t¦    ¦\r¦\r\n¦\x0c¦\x00¦\xff\xfe
¦\xef\xbb\xbf¦\xc3¦\xe2\x80\x8b¦def ¦class ¦async ¦await ¦lambda ¦yield ¦return ¦import ¦from
¦with ¦try:¦except ¦finally:¦match x:\n¦case ¦global x\n¦nonlocal x\n¦print 'x'\n¦exec 'x'\n
¦raise A, 'x'\n¦`x`¦<>¦0777¦ur'x'¦f'{x!r:{y}}'¦<<<<<<< HEAD\n¦=======\n¦>>>>>>> other\n
¦type X = int\n¦def f[T](x: T): ...\n¦-*- coding: utf-7 -*-¦\xe5\x90\x8d¦objects.filter(
¦select_for_update()¦Meta¦self.¦super()."""
_LONG = (b"1" * 5000, b"(" * 300, b"-" * 3000, b"[" * 120 + b"]" * 120, b"%s" * 50, b"{}" * 50)
TOKENS = (
    *(
        piece.strip("\n").encode("latin-1").decode("unicode_escape").encode("latin-1")
        for piece in _PIECES.split("¦")
    ),
    *_LONG,
)
_NAME = re.compile(rb"\b[A-Za-z_]\w+\b")


def mutated(content: bytes, seed: int) -> bytes:
    """The content with one to six damages, the same ones for the same seed."""
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 6)):
        content = chance.choice(_DAMAGES)(content, chance)
    return content[:400_000]


def _insert(content: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(content))
    return content[:at] + chance.choice(TOKENS) + content[at:]


def _delete(content: bytes, chance: random.Random) -> bytes:
    at = chance.randint(0, len(content))
    return content[:at] + content[at + chance.randint(1, 80) :]


def _flip(content: bytes, chance: random.Random) -> bytes:
    if not content:
        return content
    at = chance.randrange(len(content))
    return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]


def _lines(content: bytes, chance: random.Random) -> bytes:
    """Swap, repeat, drop or re-indent lines."""
    lines = content.split(b"\n")
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    kind = chance.randrange(4)
    if kind == 0:
        lines[one], lines[other] = lines[other], lines[one]
    elif kind == 1:
        lines[one:one] = lines[one:other] or [lines[one]] * 3
    elif kind == 2:
        del lines[one : one + chance.randint(1, 12)]
    else:
        lines[one] = b" " * chance.randint(1, 9) + lines[one].lstrip()
    return b"\n".join(lines)


def _names(content: bytes, chance: random.Random) -> bytes:
    """Let one name take the place of another, everywhere: cycles and clashes come of it."""
    words = sorted(set(_NAME.findall(content)))
    if len(words) < 2:
        return content
    return content.replace(chance.choice(words), chance.choice(words))


def _truncate(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randint(0, len(content))]


def _nest(content: bytes, chance: random.Random) -> bytes:
    depth = chance.choice((20, 90, 400))
    kind = chance.randrange(4)
    if kind == 0:
        body = b"".join(b" " * n + b"if x:\n" for n in range(min(depth, 95))) + b" " * 95 + b"y\n"
    elif kind == 1:
        body = b"x = " + b"f(" * depth + b")" * depth + b"\n"
    elif kind == 2:
        body = b"x = a" + b".b" * depth * 10 + b"\n"
    else:
        body = b"x = " + b" + ".join([b"'a'"] * depth * 10) + b"\n"
    at = content.rfind(b"\n", 0, chance.randint(0, len(content)) + 1) + 1
    return content[:at] + body + content[at:]


_DAMAGES: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _insert, _insert, _insert, _delete, _flip, _lines, _lines, _names, _names, _truncate, _nest,
)  # fmt: skip
