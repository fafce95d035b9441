"""Strings with holes: what can be told of a text that is put together while the program runs."""

import re
from collections.abc import Callable

from analyzer.readers.python import record
from analyzer.readers.python.record import Expression

HOLE = "*"
_PERCENT = re.compile(r"%(?:\(\w+\))?[-#0 +]?\d*(?:\.\d+)?[sdrifxu]")
_BRACES = re.compile(r"\{[^{}]*\}")

Lookup = Callable[[str], str | None]


def text_with(expression: Expression, lookup: Lookup, depth: int = 0) -> str | None:
    """The text of an expression, `lookup` telling what names mean; holes as `*`; None if no text.

    >>> text_with(("op", "%", (("str", "stock:%s", 1), ("name", "sku", 1))), lambda name: None)
    'stock:*'
    """
    if expression is None or depth > 8:
        return None
    tag = expression[0]
    if tag == "str":
        return str(expression[1])
    if tag == "name":
        return lookup(expression[1])
    if tag == "fstr":
        return "".join(
            part if isinstance(part, str) else text_with(part, lookup, depth + 1) or HOLE
            for part in expression[1]
        )
    if tag == "op":
        return _operation(expression, lookup, depth)
    if tag == "call":
        return _call(expression, lookup, depth)
    if tag == "sub":
        return _character(text_with(expression[1], lookup, depth + 1), expression[2])
    if tag == "either":
        texts = (text_with(part, lookup, depth + 1) for part in expression[1])
        return next((text for text in texts if text), None)
    return None


def _character(text: str | None, index: Expression) -> str | None:
    is_number = index is not None and index[0] == "const" and type(index[1]) is int
    if text is None or not is_number or not 0 <= index[1] < len(text):
        return None
    return text[index[1]]


def _operation(expression: Expression, lookup: Lookup, depth: int) -> str | None:
    _, operator, operands = expression
    if operator == "+":
        texts = [text_with(part, lookup, depth + 1) for part in operands]
        return "".join(text or HOLE for text in texts) if any(texts) else None
    if operator != "%":
        return None
    pattern = text_with(operands[0], lookup, depth + 1)
    return _filled(_PERCENT, pattern, _items(operands[1]), lookup, depth)


def _call(call: Expression, lookup: Lookup, depth: int) -> str | None:
    callee = call[1]
    name = record.callee_name(call)
    if name == "format" and callee[0] == "attr":
        pattern = text_with(callee[1], lookup, depth + 1)
        for key, value in call[3] if pattern is not None else ():
            if key is not None:
                text = text_with(value, lookup, depth + 1)
                pattern = pattern.replace(f"{{{key}}}", HOLE if text is None else text)  # type: ignore[union-attr]
        return _filled(_BRACES, pattern, call[2], lookup, depth)
    if name in ("str", "rstrip", "lstrip", "strip", "lower") and callee is not None:
        inner = callee[1] if callee[0] == "attr" else record.argument(call, 0)
        return text_with(inner, lookup, depth + 1) if isinstance(inner, tuple) else None
    if name in ("join", "urljoin") and callee[0] != "attr":  # os.path.join, urljoin
        texts = [text_with(part, lookup, depth + 1) for part in call[2]]
        return "/".join((text or HOLE).strip("/") for text in texts) if any(texts) else None
    return None


def _items(values: Expression) -> tuple[Expression, ...]:
    return values[1] if values is not None and values[0] == "tuple" else (values,)


def _filled(
    holes: re.Pattern[str],
    pattern: str | None,
    values: tuple[Expression, ...],
    lookup: Lookup,
    depth: int,
) -> str | None:
    """The pattern with its holes filled one by one, as far as the values are known."""
    if pattern is None:
        return None
    found = [text_with(value, lookup, depth + 1) for value in values]
    texts = iter([HOLE if text is None else text for text in found])
    return holes.sub(lambda _: next(texts, HOLE), pattern)
