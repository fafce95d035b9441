"""Which branches are guarded by `isinstance`."""

from collections.abc import Iterator

from analyzer.readers.python import record
from analyzer.readers.python.record import Expression, Operation

Tested = tuple[str, Expression]  # the variable, and the class or classes that it is one of


def tested(test: Expression, body: tuple[Operation, ...]) -> Tested | None:
    """`if isinstance(x, A):`; None of any other test, and where the branch gives `x` anew."""
    if test is None or test[0] != "call" or len(test[2]) != 2:
        return None
    callee, given = test[1], test[2][0]
    if callee is None or callee[:2] != ("name", "isinstance"):
        return None
    if given is None or given[0] != "name" or "." in given[1]:
        return None
    return None if given[1] in _assigned(body) else (given[1], test[2][1])


def _assigned(body: tuple[Operation, ...]) -> Iterator[str]:
    for operation in record.walk_operations(body):
        if operation[0] in ("assign", "augment", "for"):
            targets = operation[1] if operation[0] == "assign" else (operation[1],)
            for target in targets:
                for part in record.walk_expressions(target):
                    if part[0] == "name":
                        yield part[1]
