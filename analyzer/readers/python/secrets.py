"""Credentials: where they stand in the source and where they are read from outside.

A value is looked at and forgotten: a fact holds the name, the place and the reason alone.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from analyzer.facts.configuration import Secret
from analyzer.facts.credentials import (
    FORMATS,
    SETTINGS_SHORTEST,
    is_key_of_settings,
    is_secret_name,
    secret_reason,
)
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.configuration import ENVIRONMENT_READERS, subscripted_settings
from analyzer.readers.python.makers import maker_of
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression, Operation
from analyzer.readers.python.scopes import ClassScope, Function, ModuleScope

# Parts of such names and values, lower case, for finding function bodies worth reading as bytes.
BODY_MARKS = (
    b"passw", b"secret", b"token", b"api_key", b"apikey", b"access_key", b"private", b"credential",
    b"akia", b"asia", b"k_live_", b"k_test_", b"ghp_", b"github_pat", b"glpat-", b"xoxb-", b"xoxp-",
    b"hooks.slack", b"aiza", b"sg.", b"eyj", b"salt", b"dsn", b"auth", b"pwd", b"passphrase",
    b"_pass", b"pw", b"bearer",
)  # fmt: skip
_URL_PASSWORD = rb"://[^/\s:@]*:[^/\s:@]+@"
# Functions whose first argument is a credential in the clear.
TAKING_SECRETS = frozenset(
    {"set_password", "check_password", "make_password", "SecretStr", "SecretBytes"}
)
_WORTH_READING = re.compile(b"|".join((*map(re.escape, BODY_MARKS), _URL_PASSWORD)))


@dataclass(frozen=True, slots=True)
class Secrets:
    """Gives credentials, by their name, their format or their entropy."""

    calls: frozenset[str] = frozenset({"getenv", "get", "env", "config", "str", "pop"})

    def project_facts(self, project: Project, shared: Shared) -> Iterable[Fact]:
        """None: each module tells for itself."""
        return ()

    def module_facts(self, project: Project, shared: Shared, module: ModuleScope) -> Iterable[Fact]:
        """Credentials whose value stands in the source."""
        if module.role == "product":
            yield from _in_module(module, is_settings=module.id in shared.settings)
            yield from _from_environment(project, module)

    def call_facts(self, site: CallSite) -> Iterable[Fact]:
        """Credentials that come from the environment."""
        if site.module.role != "product" or not site.call[2]:
            return
        key = record.string_of(record.argument(site.call, 0))
        is_settings = site.module.id in site.shared.settings
        if not key or site.call[1] is None:
            return
        if not (is_secret_name(key) or (is_settings and is_key_of_settings(key))):
            return
        path = maker_of(site, site.call[1]).path
        if path in ENVIRONMENT_READERS or path.rpartition(".")[0] in ENVIRONMENT_READERS:
            yield Secret(key, "name", site.evidence, in_source=False)


def _in_module(module: ModuleScope, *, is_settings: bool) -> Iterator[Secret]:
    yield from _in_operations(module, module.operations, is_settings=is_settings)
    functions: list[Function] = []
    pending = [one for binding in module.names.values() for one in binding]
    while pending:
        found = pending.pop()
        if isinstance(found, ClassScope):
            yield from _in_operations(module, found.operations, is_settings=is_settings)
            pending += [one for binding in found.names.values() for one in binding]
        elif isinstance(found, Function):
            functions.append(found)
    for function in functions:
        for name, _, default in function.record[record.F_PARAMETERS]:
            assigned = ("assign", (("name", name, 0),), default, 0, None)
            yield from _in_operations(module, (assigned,), is_settings=is_settings)
    for function in _worth_reading(functions):
        yield from _in_operations(module, function.operations, is_settings=is_settings)


def _named_by_call(call: Expression, under: str) -> str:
    """The name that later arguments stand under: the first one, if it looks like a key.

    A default of `os.getenv("MAIL", …)` is a password too, if it is assigned to one.
    """
    if record.callee_name(call) == "login":  # login(user, password)
        return "password"
    key = record.string_of(record.argument(call, 0)) or ""
    if is_secret_name(key) or (key.isupper() and not is_secret_name(under)):
        return key
    return under if key.isupper() or record.callee_name(call) == "str" else ""


def _taken(callee: str) -> str:
    """The name that the first argument of a call stands under: `set_password("…")`."""
    return "password" if callee in TAKING_SECRETS else ""


def _compared(group: Expression) -> str:
    """The name of a credential that others are compared with: `password == "…"`."""
    names = (str(part[1]) for part in group[1] if part is not None and part[0] == "name")
    last = (name.rpartition(".")[2] for name in names)
    return next((name for name in last if is_secret_name(name)), "")


def _password(value: Expression, keyword: str | None) -> Expression:
    """Of `auth=(user, password)` the password as if it stood under that name."""
    if keyword == "auth" and value is not None and value[0] == "tuple" and len(value[1]) == 2:
        return ("dict", ((("str", "password", value[2]), value[1][1]),), value[2])
    return value


def _worth_reading(functions: list[Function]) -> list[Function]:
    """Those whose body holds a mark."""
    return [
        function
        for function in functions
        if _WORTH_READING.search(function.record[record.F_BODY].lower()) is not None
    ]


def _from_environment(project: Project, module: ModuleScope) -> Iterator[Secret]:
    """`os.environ["KEY"]`, which is no call."""
    for setting in subscripted_settings(project, module):
        if setting.source == "environment" and is_secret_name(setting.key):
            yield Secret(setting.key, "name", setting.evidence, in_source=False)


def _in_operations(
    module: ModuleScope, operations: tuple[Operation, ...], *, is_settings: bool
) -> Iterator[Secret]:
    for operation in record.walk_operations(operations):
        for name, value, line in _named_strings(operation):
            if len(value) < SETTINGS_SHORTEST:
                continue
            reason = secret_reason(name, value, is_settings=is_settings)
            if reason is not None:
                shown = name or next(kind for kind, form in FORMATS if form.search(value))
                yield Secret(shown, reason, Evidence(module.path, line), in_source=True)


def _named_strings(operation: Operation) -> Iterator[tuple[str, str, int]]:
    """(name, string, line) of every string in an operation; name "" where it has none."""
    name = _target_name(operation)
    for expression in record.expressions_of(operation):
        yield from _strings(expression, name)


def _target_name(operation: Operation) -> str:
    if operation[0] != "assign":
        return ""
    for target in operation[1]:
        if target is not None and target[0] == "name":
            return str(target[1]).rpartition(".")[2]
        if target is not None and target[0] == "sub":
            return record.string_of(target[2]) or ""
    return ""


def _strings(expression: Expression, name: str) -> Iterator[tuple[str, str, int]]:
    """Strings with the name of the target, keyword or key that they stand under."""
    pending: list[tuple[Expression, str]] = [(expression, name)]
    while pending:
        current, under = pending.pop()
        if type(current) is not tuple or not current:
            continue
        tag = current[0]
        if tag == "name" or tag == "const":
            continue
        if tag == "str":
            yield under, current[1], current[2]
        elif tag == "dict":
            for key, value in current[1]:
                pending.append((value, record.string_of(key) or ""))
                pending.append((key, ""))
        elif tag == "call":
            default = under if is_secret_name(under) else "default"  # of a column, say
            pending.extend(
                (_password(value, key), default if key == "default" else key or "")
                for key, value in current[3]
            )
            # `env("KEY", "default")`: a default is a value, the first argument is a name.
            named = _named_by_call(current, under)
            taken = _taken(record.callee_name(current))
            pending.extend(
                (value, named if index else taken) for index, value in enumerate(current[2])
            )
            pending.append((current[1], ""))
        elif tag in ("either", "op"):
            pending.extend((value, under) for value in current[-1 if tag == "op" else 1])
        elif tag in ("list", "tuple", "set"):
            inside = under if is_secret_name(under) else ""
            pending.extend((value, inside) for value in current[1])
        elif tag == "group":
            compared = _compared(current)
            pending.extend((value, compared) for value in current[1])
        else:
            pending.extend((part, "") for part in current if type(part) is tuple)
