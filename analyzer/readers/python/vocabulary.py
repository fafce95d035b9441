"""Words of the domain in a piece of source text."""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from itertools import chain

from analyzer.facts.credentials import without_credentials
from analyzer.words import singular

# Pieces of identifiers and words of prose alike: `OrderLine_id` is Order, Line, id.
_PIECE = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{3,}(?![a-z])")

# Words of the language and of programming at large; they say nothing about a domain.
_NOISE = frozenset(
    [
        "and",
        "any",
        "are",
        "arg",
        "args",
        "async",
        "attr",
        "await",
        "bool",
        "but",
        "call",
        "callable",
        "can",
        "class",
        "classmethod",
        "cls",
        "code",
        "context",
        "data",
        "def",
        "default",
        "del",
        "dict",
        "elif",
        "else",
        "error",
        "except",
        "exception",
        "false",
        "filter",
        "finally",
        "first",
        "for",
        "format",
        "from",
        "func",
        "function",
        "get",
        "getattr",
        "global",
        "has",
        "hasattr",
        "helper",
        "impl",
        "import",
        "index",
        "info",
        "init",
        "instance",
        "int",
        "isinstance",
        "item",
        "items",
        "iter",
        "key",
        "keys",
        "kwargs",
        "lambda",
        "len",
        "list",
        "log",
        "logger",
        "logging",
        "main",
        "meta",
        "method",
        "mixin",
        "mode",
        "module",
        "name",
        "none",
        "not",
        "obj",
        "object",
        "objects",
        "op",
        "open",
        "optional",
        "pass",
        "path",
        "print",
        "property",
        "raise",
        "range",
        "repr",
        "request",
        "response",
        "result",
        "return",
        "returns",
        "self",
        "set",
        "setattr",
        "should",
        "static",
        "staticmethod",
        "str",
        "string",
        "sub",
        "super",
        "test",
        "text",
        "that",
        "the",
        "this",
        "true",
        "try",
        "tuple",
        "type",
        "types",
        "typing",
        "unicode",
        "update",
        "utf",
        "util",
        "utils",
        "val",
        "value",
        "values",
        "var",
        "verbose",
        "was",
        "when",
        "which",
        "while",
        "will",
        "with",
        "yield",
        "you",
    ]
)


def terms_of(names: Iterable[str], texts: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Each word in dotted names and in docstrings and how often it stands there, sorted by word.

    Other strings are left out: they say less, and some are secrets.
    """
    counts = Counter(chain.from_iterable(map(words_of, names)))
    for text in texts:
        pieces = _PIECE.findall(without_credentials(text))
        counts.update(filter(None, map(_word, pieces)))
    return tuple(sorted(counts.items()))


@lru_cache(maxsize=200_000)
def words_of(name: str) -> tuple[str, ...]:
    """The words of the domain in a dotted name."""
    return tuple(filter(None, map(_word, _PIECE.findall(name))))


@lru_cache(maxsize=200_000)
def _word(piece: str) -> str:
    """The piece as a word: lower case, without a plural s; empty where it says nothing."""
    word = piece.lower()
    if len(word) < 3 or word in _NOISE:
        return ""
    return singular(word)
