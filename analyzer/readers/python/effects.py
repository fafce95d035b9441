"""What the code of one function (or of a class or module body) does: collected, not yet linked."""

from dataclasses import dataclass, field

from analyzer.readers.python.branches import Conditions, Given
from analyzer.readers.python.scopes import ClassScope, Function

Called = tuple[Function, ClassScope | None, int, int]
Told = tuple[Conditions, Given | None]  # what must hold where the call stands; what it hands over


@dataclass(slots=True)
class Opened:
    """A transaction that the code opens; `parent` is the index of the one around it."""

    kind: str
    line: int
    end_line: int
    parent: int  # -1 where there is none


@dataclass(slots=True)
class Effects:
    """Everything one stretch of code does to tables, in the order in which it does it.

    `scope` in each is the index in `opened` of the innermost transaction around it, -1 without one.
    """

    opened: list[Opened] = field(default_factory=list)
    accesses: dict[tuple[str, str, str, int, int], Conditions | None] = field(default_factory=dict)
    # (table, mode, operation, line, scope): what must hold of the parameters; None: nothing
    joins: dict[tuple[tuple[str, ...], str, int], None] = field(default_factory=dict)
    # (function, class that inherits it, line, scope); the class where it is run as that class's own
    calls: dict[Called, Told | None] = field(default_factory=dict)
    deferred: dict[Called, Told | None] = field(default_factory=dict)  # run on commit
    row_locks: dict[tuple[str, int, int], None] = field(
        default_factory=dict
    )  # (table, line, scope)
    references: dict[tuple[str, str, str, int], None] = field(default_factory=dict)
    # (unit, kind, member, line) found through types rather than names
    noted: int = 0  # how often something was noted, also where it was known already
