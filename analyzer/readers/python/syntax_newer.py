"""Syntax of newer Pythons that the running one can parse once a few words are taken out.

Type parameters (`class Box[T]:`, `def first[T](…)`) and the `type` statement came with Python 3.12
(PEP 695) and say nothing that an older interpreter's `ast` could not hold. Taking them out is ten
times faster than the error-tolerant parser, and loses less. Lines stay where they are.
"""

import ast
import re
import sys

_HEADER = re.compile(r"^[ \t]*(?:class|(?:async[ \t]+)?def)[ \t]+\w+[ \t]*(?=\[)", re.MULTILINE)
_ALIAS = re.compile(r"^([ \t]*)type[ \t]+(?=\w+[ \t]*[\[=])")
_ALIAS_NAME = re.compile(r"^[ \t]*\w+[ \t]*(?=\[)")

_BRACKET = re.compile(r"[\[\]]")


class TypeAlias(ast.stmt):
    """`type Name = value`, for interpreters whose `ast` does not have it."""

    _fields = ("name", "value")
    name: ast.expr
    value: ast.expr


def parse_newer(text: str) -> ast.Module | None:
    """The tree of a text that is fine but for its type parameters; None where there is more."""
    if sys.version_info >= (3, 12):
        return None
    plain, aliases = _without_type_statements(text)
    plain = _without_parameters(plain, _HEADER)
    if plain == text:
        return None
    try:
        tree = ast.parse(plain)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    _mark_aliases(tree, aliases)
    return tree


def _without_type_statements(text: str) -> tuple[str, set[int]]:
    """The text with assignments in place of `type` statements, and the lines that they stand in."""
    lines: set[int] = set()
    parts = text.split("\n")
    for index, part in enumerate(parts):
        found = _ALIAS.match(part)
        if found is not None:
            rest = found.group(1) + part[found.end() :]
            parts[index] = _without_parameters(rest, _ALIAS_NAME)
            lines.add(index + 1)
    return "\n".join(parts), lines


def _without_parameters(text: str, before: re.Pattern[str]) -> str:
    """The text without what stands in brackets after each match; lines are continued instead.

    All of it where a bracket does not close: then there is more wrong than can be mended here.
    """
    parts: list[str] = []
    position = 0
    for found in before.finditer(text):
        if found.start() < position:
            continue
        end = _closing(text, found.end())
        if not end:
            return text
        breaks = text.count("\n", found.end(), end)
        parts += (text[position : found.end()], "\\\n" * breaks)
        position = end
    return "".join((*parts, text[position:]))


def _closing(text: str, start: int) -> int:
    """Where the bracket that opens at `start` has closed; 0 where it does not."""
    depth = 0
    for found in _BRACKET.finditer(text, start):
        depth += 1 if found.group() == "[" else -1
        if not depth:
            return found.end()
    return 0


def _mark_aliases(tree: ast.Module, lines: set[int]) -> None:
    """Put a statement of their own in the place of assignments that were `type` statements."""
    scopes: list[ast.Module | ast.ClassDef | ast.If] = [tree]
    while scopes:
        scope = scopes.pop()
        for index, node in enumerate(scope.body):
            if isinstance(node, ast.ClassDef | ast.If):
                scopes.append(node)
            elif isinstance(node, ast.Assign) and node.lineno in lines:
                scope.body[index] = alias = TypeAlias()
                alias.name, alias.value, alias.lineno = node.targets[0], node.value, node.lineno
