"""Regular expressions of URL patterns, as routes that people can read."""

import re


def readable_regex(pattern: str) -> str:
    r"""A route as people write it, from a regular expression.

    >>> readable_regex(r"^orders/(?P<pk>[0-9]+)/lines/(\d+)\.json$")
    'orders/<pk>/lines/<*>.json'
    """
    out: list[str] = []
    rest = pattern.removeprefix("^").removesuffix("$").removesuffix("\\Z")
    while rest:
        if rest[0] == "(":
            end = _closing(rest)
            found = re.match(r"\(\?P<(\w+)>", rest)
            optional = rest.startswith("(?:")
            out.append(f"<{found[1]}>" if found else "" if optional else "<*>")
            rest = rest[end + 1 :].lstrip("?*+")
        elif rest[0] == "\\" and len(rest) > 1:
            out.append(rest[1] if not rest[1].isalnum() else "*")
            rest = rest[2:]
        else:
            out.append("" if rest[0] in "?^$" else rest[0])
            rest = rest[1:]
    return "".join(out)


def _closing(text: str) -> int:
    """Where the parenthesis that the text begins with is closed."""
    depth = 0
    escaped = False
    for index, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
            if not depth:
                return index
    return len(text) - 1
