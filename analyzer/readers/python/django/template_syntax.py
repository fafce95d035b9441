"""What a template asks its context for: paths of names, loops, includes and blocks.

Tags are read by where they open and close, whatever library they come from: what is between the
tags, and what a tag does with its arguments, does not matter here. Nothing in a template can make
reading it cost more than in proportion to its size.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MOST_BYTES = 500_000  # of one template; a longer one asks for nothing
MOST_DEEP = 50  # blocks inside each other; what is deeper stands in the block around it

_TAGS = re.compile(r"\{\{([^{}]{1,2000})\}\}|\{%([^{}\n]{1,2000})%\}|\{#[^{}\n]*#\}")
_STRINGS = re.compile(r'"[^"]*"|' + r"'[^']*'")
_PATH = re.compile(r"(?<![\w.|])([A-Za-z_]\w*(?:\.\w+)*)(?!\s*=[^=])")
_PAIR = re.compile(r"([A-Za-z_]\w*)=([A-Za-z_]\w*(?:\.\w+)*)")
_AS = re.compile(r"([A-Za-z_][\w.]*)(?:\|\S+)?\s+as\s+([A-Za-z_]\w*)")
_FOR = re.compile(r"([\w\s,()]+?)\s+in\s+([A-Za-z_]\w*(?:\.\w+)*)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_WORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "in",
        "is",
        "as",
        "with",
        "only",
        "by",
        "from",
        "True",
        "False",
        "None",
        "if",
        "else",
    ]
)
_CLOSING = {"endfor": "for", "endwith": "with", "endblock": "block",
            "endblocktrans": "blocktrans", "endblocktranslate": "blocktranslate"}  # fmt: skip
_SILENT = {"comment": "endcomment", "verbatim": "endverbatim", "raw": "endraw"}
_WITHOUT_PATHS = frozenset(["load", "trans", "static", "csrf_token", "extends"])

Path = tuple[str, ...]


@dataclass(slots=True)
class Block:
    """Some of a template: what it asks for, and the blocks inside it that have names of their own.

    `kind` is "block" (`name` is its name), "for" (each of `names` is of the items of `paths[0]`),
    "with" (each of `names` is what stands at its place in `paths`) or "include", which is a "with"
    around the template of that name. `asked` are the paths, each once.
    """

    kind: str
    name: str = ""
    names: tuple[str, ...] = ()
    paths: tuple[Path, ...] = ()
    is_apart: bool = False  # an include that sees nothing of what is around it
    asked: dict[Path, None] = field(default_factory=dict)
    inside: list["Block"] = field(default_factory=list)


@dataclass(slots=True)
class Template:
    """A template: its text as a block, and the name of the one that it extends."""

    body: Block
    extends: str = ""
    roots: set[str] = field(default_factory=set)  # the names that its paths begin with
    includes: set[str] = field(default_factory=set)

    def blocks(self) -> Iterator[Block]:
        """Its named blocks, the outer ones first."""
        waiting = [self.body]
        while waiting:
            block = waiting.pop()
            if block.kind == "block":
                yield block
            waiting.extend(reversed(block.inside))


def read_template(content: bytes) -> Template:
    """The template in a file; one that asks for nothing where it is too long."""
    template = Template(Block("template"))
    if len(content) > MOST_BYTES or (b"{{" not in content and b"{%" not in content):
        return template
    _Reading(template).read(content.decode("utf-8", "replace"))
    return template


class _Reading:
    def __init__(self, template: Template) -> None:
        self.template = template
        self.open = [template.body]
        self.tags: list[str] = []  # that opened each block after the first
        self.until = ""  # the tag that ends what is not read

    def read(self, text: str) -> None:
        for variable, tag in _TAGS.findall(text):
            if tag:
                self._tag(tag)
            elif variable and not self.until:
                self._ask(variable)

    def _ask(self, text: str) -> None:
        asked = self.open[-1].asked
        if '"' in text or "'" in text:
            text = _STRINGS.sub('""', text)
        for path in _PATH.findall(text):
            if path not in _WORDS:
                names = tuple(path.split("."))
                asked[names] = None
                self.template.roots.add(names[0])

    def _tag(self, text: str) -> None:
        name, _, rest = text.strip("-+ \t\r").partition(" ")
        if self.until:
            self.until = "" if name == self.until else self.until
        elif name in _SILENT:
            self.until = _SILENT[name]
        elif name in _CLOSING:
            self._close(_CLOSING[name])
        elif name in _TAG:
            _TAG[name](self, name, rest)
        elif name not in _WITHOUT_PATHS and rest:
            self._ask(rest)

    def _open(self, tag: str, block: Block) -> None:
        if len(self.open) <= MOST_DEEP:
            self.open[-1].inside.append(block)
            self.open.append(block)
            self.tags.append(tag)

    def _close(self, tag: str) -> None:
        if self.tags and self.tags[-1] == tag:
            self.tags.pop()
            self.open.pop()

    def _for(self, tag: str, text: str) -> None:
        found = _FOR.match(text)
        names = tuple(_NAME.findall(found[1])) if found else ()
        paths: tuple[Path, ...] = (tuple(found[2].split(".")),) if found else ()
        self.template.roots.update(path[0] for path in paths)
        self._open(tag, Block("for", names=names, paths=paths))

    def _with(self, tag: str, text: str) -> None:
        pairs = _pairs(text)
        self.template.roots.update(path[0] for path in pairs.values())
        self._open(tag, Block("with", names=tuple(pairs), paths=tuple(pairs.values())))

    def _block(self, tag: str, text: str) -> None:
        name = _NAME.search(text)
        self._open(tag, Block("block", name[0] if name else ""))

    def _include(self, tag: str, text: str) -> None:
        name = _literal(text)
        pairs = _pairs(text)
        self.template.includes.add(name)
        self.template.roots.update(path[0] for path in pairs.values())
        is_apart = text.rstrip().endswith(" only")
        block = Block("include", name, tuple(pairs), tuple(pairs.values()), is_apart)
        self.open[-1].inside.append(block)

    def _extends(self, tag: str, text: str) -> None:
        self.template.extends = self.template.extends or _literal(text)


_TAG = {
    "for": _Reading._for,
    "with": _Reading._with,
    "blocktrans": _Reading._with,
    "blocktranslate": _Reading._with,
    "block": _Reading._block,
    "include": _Reading._include,
    "extends": _Reading._extends,
}


def _pairs(text: str) -> dict[str, Path]:
    """`a=b.c` and `b.c as a`."""
    found = {name: tuple(path.split(".")) for name, path in _PAIR.findall(text)}
    found.update((name, tuple(path.split("."))) for path, name in _AS.findall(text))
    return found


def _literal(text: str) -> str:
    found = _STRINGS.search(text)
    return found[0][1:-1] if found else ""
