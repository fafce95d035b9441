"""What made the object that a call is made on: `boto3.client`, `redis.Redis` and the like."""

from collections.abc import Iterable

from analyzer.facts.credentials import redacted
from analyzer.readers.python import record
from analyzer.readers.python.callers import SETTINGS, resolve_in_function
from analyzer.readers.python.origins import origin, origin_of
from analyzer.readers.python.patterns import HOLE, Lookup, text_with
from analyzer.readers.python.plain_values import plain_value
from analyzer.readers.python.providers import CallSite
from analyzer.readers.python.record import Expression
from analyzer.readers.python.scopes import ClassScope, External, Function, Variable

DEPTH_LIMIT = 6


@plain_value
class Maker:
    """The dotted name outside the snapshot, and the call that made the object, if any."""

    path: str = ""
    call: Expression = None


NOBODY = Maker()


def receiver_of(call: Expression) -> Expression:
    """What a method is called on: `a.b` in `a.b.c()`; None for a plain function."""
    callee = call[1]
    if callee is None:
        return None
    if callee[0] == "attr":
        return callee[1]
    head = callee[1].rpartition(".")[0] if callee[0] == "name" else ""
    return ("name", head, callee[2]) if head else None


def maker_of(site: CallSite, expression: Expression, depth: int = 0) -> Maker:
    """Where an object comes from, through local variables, attributes of `self` and factories."""
    if expression is None or depth > DEPTH_LIMIT:
        return NOBODY
    tag = expression[0]
    if tag == "name":
        return _of_name(site, expression[1], depth)
    if tag == "call":
        return _of_call(site, expression, depth)
    if tag == "attr":
        made = maker_of(site, expression[1], depth + 1)
        return Maker(f"{made.path}.{expression[2]}", made.call) if made.path else NOBODY
    if tag == "sub":
        return maker_of(site, expression[1], depth + 1)
    if tag == "either":
        return _first(maker_of(site, part, depth + 1) for part in expression[1])
    return NOBODY


def _of_name(site: CallSite, path: str, depth: int) -> Maker:
    root, _, rest = path.partition(".")
    if root in ("self", "cls") and site.owner is not None:
        return _of_attribute(site, site.owner, rest, depth)
    local = _first(maker_of(site, value, depth + 1) for value in site.assigned(root))
    if local.path:
        return Maker(f"{local.path}.{rest}", local.call) if rest else local
    symbol = site.resolve(path)
    if isinstance(symbol, Variable):
        return _of_variable(site, symbol)
    if isinstance(symbol, External):
        return Maker(symbol.path)
    head, _, last = path.rpartition(".")
    owner = site.resolve(head) if head else None
    if isinstance(owner, Variable):
        made = _of_variable(site, owner)
        return Maker(f"{made.path}.{last}", made.call) if made.path else NOBODY
    return NOBODY


def _of_variable(site: CallSite, variable: Variable) -> Maker:
    value = variable.value
    call = value if value is not None and value[0] == "call" else None
    return Maker(origin_of(site.project, variable), call)


def _of_attribute(site: CallSite, owner: ClassScope, path: str, depth: int) -> Maker:
    """What the methods of a class assign to an attribute of `self`, or the class to its own."""
    name, _, rest = path.partition(".")
    values: list[tuple[ClassScope, Expression]] = []
    for base in site.project.mro(owner):
        if isinstance(base, ClassScope):
            values += [(base, one[1]) for one in base.assigned if one[0] == name]
            for definition in base.names.get(name, ()):
                if isinstance(definition, Variable):
                    values.append((base, definition.value))
    for base, value in values:
        made = _in_class(site, base, value, depth)
        if made.path:
            return Maker(f"{made.path}.{rest}", made.call) if rest else made
    return NOBODY


def _in_class(site: CallSite, cls: ClassScope, value: Expression, depth: int) -> Maker:
    if value is None or depth > DEPTH_LIMIT:
        return NOBODY
    tag = value[0]
    if tag == "call" and value[1] is not None:
        made = _in_class(site, cls, value[1], depth + 1)
        return Maker(made.path, made.call or value) if made.path else NOBODY
    if tag == "attr":
        made = _in_class(site, cls, value[1], depth + 1)
        return Maker(f"{made.path}.{value[2]}", made.call) if made.path else NOBODY
    if tag == "name" and not value[1].startswith("self."):
        return Maker(origin(site.project, cls.module, value[1]))
    if tag == "either":
        return _first(_in_class(site, cls, part, depth + 1) for part in value[1])
    return NOBODY


def _of_call(site: CallSite, call: Expression, depth: int) -> Maker:
    callee = call[1]
    if callee is None:
        return NOBODY
    if callee[0] == "attr":
        made = maker_of(site, callee[1], depth + 1)
        return Maker(f"{made.path}.{callee[2]}", made.call or call) if made.path else NOBODY
    if callee[0] != "name":
        return NOBODY
    symbol = site.resolve(callee[1])
    if isinstance(symbol, External):
        return Maker(symbol.path, call)
    if isinstance(symbol, ClassScope):
        return Maker(origin_of(site.project, symbol), call)
    if isinstance(symbol, Function):
        return _returned(site, symbol, depth)
    made = _of_name(site, callee[1], depth + 1)
    return Maker(made.path, made.call or call) if made.path else NOBODY


def _returned(site: CallSite, function: Function, depth: int) -> Maker:
    """What a factory of the snapshot returns."""
    made: dict[str, list[Expression]] = {}
    returned: list[Expression] = []
    for operation in record.walk_operations(function.operations):
        if operation[0] == "assign":
            for target in operation[1]:
                if target is not None and target[0] == "name":
                    made.setdefault(target[1], []).append(operation[2])
        elif operation[0] == "return" and operation[1] is not None:
            returned.append(operation[1])
    values = [
        value
        for one in returned
        for value in (made.get(one[1], [one]) if one[0] == "name" else [one])
    ]
    return _first(_in_function(site, function, value, depth) for value in values)


def _in_function(site: CallSite, function: Function, value: Expression, depth: int) -> Maker:
    path = record.callee_path(value) if value is not None and value[0] == "call" else ""
    if not path and value is not None and value[0] == "name":
        path = value[1]
    if not path or depth > DEPTH_LIMIT:
        return NOBODY
    symbol = resolve_in_function(site.project, function, path)
    if isinstance(symbol, External):
        found = symbol.path
    else:
        found = origin(site.project, function.module, path)
    return Maker(found, value if value[0] == "call" else None) if found else NOBODY


def _first(makers: Iterable[Maker]) -> Maker:
    return next((made for made in makers if made.path), NOBODY)


def pattern_of(site: CallSite, expression: Expression) -> str:
    """A string with `*` for what is computed, also through a function of the snapshot.

    A setting whose value is not known is given by its name, `{PAY_URL}`.
    """
    if expression is None:
        return HOLE
    text = site.text_of(expression)
    if text is None or not text.strip("*/"):
        text = text_with(expression, _named_setting(site)) or text
    if text is None and expression[0] == "call":
        text = _returned_text(site, expression)
    return redacted(text) if text else HOLE


def _named_setting(site: CallSite) -> Lookup:
    following: set[str] = set()  # a name may be assigned from itself

    def text(path: str) -> str | None:
        if path in following:
            return None
        for value in site.assigned(path) if "." not in path else ():
            following.add(path)
            try:
                return text_with(value, text)
            finally:
                following.discard(path)
        symbol = site.resolve(path) if "." in path else None
        if isinstance(symbol, External) and symbol.path.startswith(SETTINGS):
            return f"{{{symbol.path.removeprefix(SETTINGS)}}}"
        return None

    return text


def _returned_text(site: CallSite, call: Expression) -> str | None:
    callee = call[1]
    if callee is None or callee[0] != "name":
        return None
    path = callee[1]
    if path.startswith(("self.", "cls.")) and site.owner is not None:
        symbol: object = site.project.class_member(site.owner, path.partition(".")[2])
    else:
        symbol = site.resolve(path)
    if not isinstance(symbol, Function):
        return None
    for operation in record.walk_operations(symbol.operations):
        if operation[0] == "return" and operation[1] is not None:
            return text_with(operation[1], lambda name: None)
    return None
