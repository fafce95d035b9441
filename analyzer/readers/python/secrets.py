"""Credentials: where they stand in the source and where they are read from outside.

A value is looked at and forgotten: a fact holds the name, the place and the reason alone.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from analyzer.facts.configuration import Secret
from analyzer.facts.credentials import FORMATS, OTHER_MEANING, SECRET_NAME
from analyzer.facts.evidence import Evidence
from analyzer.readers.python import record
from analyzer.readers.python.configuration import ENVIRONMENT_READERS, subscripted_settings
from analyzer.readers.python.makers import maker_of
from analyzer.readers.python.project import Project
from analyzer.readers.python.providers import CallSite, Fact, Shared
from analyzer.readers.python.record import Expression, Operation
from analyzer.readers.python.scopes import ClassScope, Function, ModuleScope

Reason = Literal["name", "entropy", "format"]

# Parts of such names and values, lower case, for finding function bodies worth reading as bytes.
BODY_MARKS = (
    b"passw", b"secret", b"token", b"api_key", b"apikey", b"access_key", b"private", b"credential",
    b"akia", b"asia", b"k_live_", b"k_test_", b"ghp_", b"github_pat", b"glpat-", b"xoxb-", b"xoxp-",
    b"hooks.slack", b"aiza", b"sg.", b"eyj", b"salt", b"dsn", b"auth",
)  # fmt: skip
_URL_PASSWORD = rb"://[^/\s:@]+:[^/\s:@]+@"
_WORTH_READING = re.compile(b"|".join((*map(re.escape, BODY_MARKS), _URL_PASSWORD)))
# A value of a credential has no blanks; these look like one and are none.
PLACEHOLDER = re.compile(
    r"(?i)^(?:x+|\*+|\.+|none|null|todo|change.?me.*|your.*|example.*|test|dummy|fake.*|<.*>|"
    r"\{.*\}|%.*|\$.*|insert.*|placeholder.*|redacted.*)$"
)
PLAIN_WORDS = re.compile(
    r"^[a-z]+(?:[ _./:-][a-z]+)*$|^[A-Z][a-z]+(?: [A-Za-z]+)*$|^[A-Z]+(?:_[A-Z]+)+$"
)
TOKEN_LIKE = re.compile(r"^[0-9A-Za-z+/=_.!@#$%^&*()~-]{20,200}$")
HASH_NAME = re.compile(
    r"(?i)hash|digest|checksum|sha\d|md5|integrity|uuid|guid|revision|migration|etag|alphabet|chars|fingerprint"
)
ENTROPY = {"hexadecimal": 3.2, "other": 4.2}  # bits a character
SETTINGS_NAME = re.compile(r"_KEY$")  # there, keys are those of other systems
SHORTEST_FORM = 10
_MAY_HAVE_FORM = re.compile(r"[0-9]|://|PRIVATE KEY|slack|AKIA|ASIA")
SETTINGS_SHORTEST = 3  # of a password in a settings module
SHORTEST = 8


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
        if not (is_secret_name(key) or (is_settings and _is_setting(key))):
            return
        path = maker_of(site, site.call[1]).path
        if path in ENVIRONMENT_READERS or path.rpartition(".")[0] in ENVIRONMENT_READERS:
            yield Secret(key, "name", site.evidence, in_source=False)


# `/etc/app/certs/x.key`: where a credential lies, not what it is.
_FILE_PATH = re.compile(
    r"(?:[.~]{0,2}/|[A-Za-z]:\\)(?:[\w.\-]+[/\\])*[\w\-]*\.?\w{0,8}|(?:[\w.\-]+/)+[\w\-]+\.\w{2,5}"
)


@lru_cache(maxsize=10_000)
def is_secret_name(name: str) -> bool:
    """Whether a name is one that credentials have.

    >>> is_secret_name("STRIPE_SECRET_KEY"), is_secret_name("PASSWORD_RESET_TIMEOUT")
    (True, False)
    """
    last = name.rpartition(".")[2]
    return bool(SECRET_NAME.search(last)) and not OTHER_MEANING.search(last)


def secret_reason(name: str, value: str, *, is_settings: bool) -> Reason | None:
    """Why a value that stands under a name is a credential; None where it is none."""
    if has_form(value):
        return "format"
    is_named = is_secret_name(name) or (is_settings and _is_setting(name))
    if is_named and _is_value(value, is_settings=is_settings):
        return "name"
    if (
        name
        and not HASH_NAME.search(name)
        and not OTHER_MEANING.search(name)
        and has_entropy(value)
    ):
        return "entropy"
    return None


def has_form(value: str) -> bool:
    """Whether a string has a form that only credentials have."""
    if len(value) < SHORTEST_FORM or not _MAY_HAVE_FORM.search(value):
        return False
    return any(form.search(value) for _, form in FORMATS)


def _is_setting(name: str) -> bool:
    return bool(SETTINGS_NAME.search(name)) and not OTHER_MEANING.search(name)


def _is_value(value: str, *, is_settings: bool) -> bool:
    if PLACEHOLDER.match(value) or any(character.isspace() for character in value):
        return False
    if _FILE_PATH.fullmatch(value) and not has_entropy(value.rpartition("/")[2]):
        return False
    if is_settings:
        return len(value) >= SETTINGS_SHORTEST and "://" not in value
    return len(value) >= SHORTEST and not PLAIN_WORDS.match(value) and "://" not in value


def has_entropy(value: str) -> bool:
    """Whether a string is as random as generated keys are."""
    if not TOKEN_LIKE.match(value):
        return False
    kinds = sum(bool(re.search(pattern, value)) for pattern in ("[a-z]", "[A-Z]", "[0-9]"))
    if re.fullmatch("[0-9a-fA-F]{32,}", value):
        return _entropy(value) >= ENTROPY["hexadecimal"]
    return kinds == 3 and value.count(".") < 3 and _entropy(value) >= ENTROPY["other"]


def _entropy(value: str) -> float:
    counts = Counter(value).values()
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts)


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
    for function in _worth_reading(functions):
        yield from _in_operations(module, function.operations, is_settings=is_settings)


def _named_by_call(call: Expression, under: str) -> str:
    """The name that later arguments stand under: the first one, if it looks like a key."""
    key = record.string_of(record.argument(call, 0)) or ""
    if key.isupper() or is_secret_name(key):
        return key
    return under if record.callee_name(call) == "str" else ""


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
            pending.extend((_password(value, key), key or "") for key, value in current[3])
            # `env("KEY", "default")`: a default is a value, the first argument is a name.
            named = _named_by_call(current, under)
            pending.extend(
                (value, named if index else "") for index, value in enumerate(current[2])
            )
            pending.append((current[1], ""))
        elif tag in ("either", "op"):
            pending.extend((value, under) for value in current[-1 if tag == "op" else 1])
        else:
            pending.extend((part, "") for part in current if type(part) is tuple)
