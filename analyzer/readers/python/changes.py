"""What an edit of a file has changed, by its records before and after.

Only the inside of functions may have changed; anything else, all that can be seen of a module from
outside, is its shape. Lines may move: they are the only numbers that are compared by where they
lead rather than by what they are.
"""

import marshal
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from analyzer.readers.python import record

Lines = dict[int, int]  # where a line was -> where it is


@dataclass(slots=True)
class Change:
    """What has changed in one module, as `consulted` names it, and how lines have moved."""

    keys: set[str] = field(default_factory=set)
    lines: Lines = field(default_factory=dict)

    @property
    def has_moved(self) -> bool:
        """Whether any line that stayed is another one now."""
        return any(old != new for old, new in self.lines.items())


def change_between(
    old: record.Operation, new: record.Operation, *, module: str, words: Iterable[str]
) -> Change | None:
    """What has changed inside functions; None where the shape of the module has changed."""
    change = _Comparison(module, tuple(words))
    is_same_shape = (
        _same_imports(old[record.IMPORTS], new[record.IMPORTS], change.lines)
        and old[record.BOUND] == new[record.BOUND]
        and change.same(old[record.OPERATIONS], new[record.OPERATIONS])
    )
    if not is_same_shape:
        return None
    before, after = old[record.REQUEST], new[record.REQUEST]
    if not same(before, after, {}):
        change.keys.update(f"request {entry[0]}" for entry in (*before, *after))
    return Change(change.keys, change.lines)


def _same_imports(old: tuple[Any, ...], new: tuple[Any, ...], lines: Lines) -> bool:
    if len(old) != len(new):
        return False
    for before, after in zip(old, new, strict=True):
        if before[:4] != after[:4] or before[5:] != after[5:]:
            return False
        if lines.setdefault(before[4], after[4]) != after[4]:
            return False
    return True


def same(old: Any, new: Any, lines: Lines) -> bool:
    """Whether two parts of records say the same, apart from where they stand."""
    kind = type(old)
    if kind is not type(new):
        return False
    if kind is tuple:
        if len(old) != len(new):
            return False
        if old and (old[0] == "const" or old[0] == "import"):
            return bool(old == new)  # numbers that are no lines
        if len(old) == 2 and old[0] == "def":
            return _same_function(old[1], new[1], lines)
        return all(same(one, other, lines) for one, other in zip(old, new, strict=True))
    if kind is int:
        return bool(lines.setdefault(old, new) == new)
    return bool(old == new)


def _same_function(old: tuple[Any, ...], new: tuple[Any, ...], lines: Lines) -> bool:
    inside = record.F_FLAGS
    if not same(old[:inside], new[:inside], lines):
        return False
    return _same_inside(old, new, lines)


def _same_inside(old: tuple[Any, ...], new: tuple[Any, ...], lines: Lines) -> bool:
    """Whether two functions do the same; lines are noted only if they do."""
    before, after = old[record.F_BODY], new[record.F_BODY]
    if (*old[record.F_FLAGS : record.F_BODY], *old[record.F_BOUND :]) != (
        *new[record.F_FLAGS : record.F_BODY],
        *new[record.F_BOUND :],
    ):
        return False
    if before == after:
        for line in range(old[record.F_LINE], old[record.F_END] + 1):
            lines.setdefault(line, line)
        return True
    tried = dict(lines)
    if not same(marshal.loads(before)[0], marshal.loads(after)[0], tried):  # noqa: S302 - our own
        return False
    lines.update(tried)
    return True


class _Comparison:
    """A walk along the statements outside functions, in both records at once."""

    def __init__(self, module: str, words: tuple[str, ...]) -> None:
        self.keys: set[str] = set()
        self.lines: Lines = {}
        self._module = module
        self._words = words
        self._inside: list[str] = []  # names of the classes around

    def same(self, old: Any, new: Any) -> bool:
        """Whether the shape is the same; notes the functions that are not."""
        if type(old) is not tuple or type(new) is not tuple:
            return same(old, new, self.lines)
        if len(old) != len(new):
            return False
        if len(old) == 2 and old[0] == new[0] == "def":
            return self._same_signature(old[1], new[1])
        if len(old) == 2 and old[0] == new[0] == "class":
            return self._same_class(old[1], new[1])
        if old and old[0] in ("const", "import"):
            return bool(old == new)
        return all(self.same(one, other) for one, other in zip(old, new, strict=True))

    def _same_class(self, old: tuple[Any, ...], new: tuple[Any, ...]) -> bool:
        rest = record.C_OPERATIONS
        if not same(old[:rest], new[:rest], self.lines):
            return False
        if old[record.C_BOUND] != new[record.C_BOUND]:
            return False
        self._inside.append(old[record.C_NAME])
        is_same = self.same(old[rest], new[rest])
        if not same(old[record.C_SELF], new[record.C_SELF], {}):
            self.keys.add(f"self {self._name()}")
        self._inside.pop()
        return is_same

    def _same_signature(self, old: tuple[Any, ...], new: tuple[Any, ...]) -> bool:
        if not same(old[: record.F_FLAGS], new[: record.F_FLAGS], self.lines):
            return False
        if not _same_inside(old, new, self.lines):
            self._note(old, new)
        return True

    def _note(self, old: tuple[Any, ...], new: tuple[Any, ...]) -> None:
        self.keys.add(self._name(old[record.F_NAME]))
        called = set(old[record.F_CALLED]) ^ set(new[record.F_CALLED])
        self.keys.update(f"called {name}" for name in called)
        if old[record.F_OWN] != new[record.F_OWN]:
            self.keys.add(f"own {self._name()}")
        for word in self._words:
            held = [word.encode() in one[record.F_BODY] for one in (old, new)]
            if held[0] != held[1]:
                self.keys.add(f"word {word}")

    def _name(self, *names: str) -> str:
        return f"{self._module}:{'.'.join([*self._inside, *names])}"
