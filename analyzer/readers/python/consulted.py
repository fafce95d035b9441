"""What was looked at of other modules, beyond what can be seen from outside them.

The outside of a module is its shape: names, imports, classes and their fields, signatures,
decorators, what is assigned outside functions. What only the inside of functions decides is noted
here whenever it is asked for, so that a later run knows what an edit of a body can change:

    Function            its body, and what follows from it alone (its locals, is it a generator)
    ("called", name)    which functions call something of this name
    ("own", class)      which attributes of `self` the methods of the class use
    ("self", class)     what the methods of the class assign to `self`
    ("request", name)   what is assigned to `request.name` anywhere
    ("word", bytes)     which bodies hold this word at all
"""

from typing import Any

WORD = "word "  # before a word that bodies were searched for
STRUCTURAL = "structural "  # before the name of a function that decides what classes there are


class Consulted:
    """The notes of the stage that is running; shared by all modules of a project."""

    __slots__ = ("add", "items")

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Start with nothing noted."""
        self.items: set[Any] = set()
        self.add = self.items.add


def keys_of(items: set[Any]) -> set[str]:
    """The notes as plain texts that mean the same in another run."""
    found: set[str] = set()
    for item in items:
        if type(item) is tuple:
            kind, what = item
            if kind == "word":
                found.add(f"{WORD}{what.decode()}")
            elif kind == "own":  # and those of all the classes that it inherits from
                found.update(f"own {base.id}" for base in what.mro or () if hasattr(base, "id"))
            else:
                found.add(f"{kind} {what if type(what) is str else what.id}")
        else:
            name = f"{item.module.id}:{item.qualname}"
            found.add(name)
            while name.rfind(".") > name.rfind(":"):  # a function inside it
                name = name[: name.rfind(".")]
                found.add(name)
    return found
