"""What credentials look like in source text: by the name they stand under, or by their form."""

import math
import re
from collections import Counter
from collections.abc import Collection
from functools import lru_cache
from typing import Literal

Reason = Literal["name", "entropy", "format"]

# Names of credentials, and words that make such a name mean something else.
SECRET_NAME = re.compile(
    r"(?i)(?:^|_|\b)(?:passw(?:or)?d|passphrase|pass|pwd|pw|secret|secret_?key|api[_-]?key|"
    r"auth[_-]?token|access[_-]?key|private_?key|signing_?key|encryption_?key|fernet_?key|"
    r"client_?secret|access_?token|token(?!s)|credential|dsn|license_?key|salt)s?"
    r"(?:$|_(?:id|key|value|\d+|test|live|prod\w*|dev\w*|fallbacks?|default)$)"
)
OTHER_MEANING = re.compile(
    r"(?i)(?:_|^)(?:url|uri|field|fields|template|header|name|validators?|hashers?|pattern|regex|"
    r"form|prefix|suffix|length|type|model|path|view|label|help|text|message|error|timeout|expiry|"
    r"class|backend|param|parameter|file|column|length|max|min|reset|change|generator)(?:_|$)"
)
# Values with a form that only credentials have, and what they are called.
FORMATS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("AWS access key", re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b")),
    ("Stripe key", re.compile(r"\b[sr]k_(?:live|test)_[0-9A-Za-z]{10,}")),
    ("GitHub token", re.compile(r"\bgh[pousr]_[0-9A-Za-z]{30,}|\bgithub_pat_\w{20,}")),
    ("GitLab token", re.compile(r"\bglpat-[0-9A-Za-z_-]{20}")),
    ("Slack token", re.compile(r"\bxox[abprs]-[0-9A-Za-z-]{10,}")),
    ("Slack webhook", re.compile(r"hooks\.slack\.com/services/T\w+/B\w+/\w+")),
    ("Google API key", re.compile(r"\bAIza[0-9A-Za-z_-]{35}")),
    ("SendGrid key", re.compile(r"\bSG\.[\w-]{16,}\.[\w-]{16,}")),
    ("Twilio key", re.compile(r"\bSK[0-9a-f]{32}\b")),
    ("npm token", re.compile(r"\bnpm_[0-9A-Za-z]{36}")),
    ("PyPI token", re.compile(r"\bpypi-[\w-]{50,}")),
    ("JSON Web Token", re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{5,}")),
    ("private key", re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY")),
    ("URL with a password", re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@{}*]*:[^/\s:@{}*%<]{3,}@")),
    ("URL with a key", re.compile(r"\b[a-z][a-z0-9+.-]*://[0-9A-Za-z_-]{20,}@")),
    (
        "authorization header",
        re.compile(r"\b(?:Bearer|Basic|Token) (?=[^\s\"']*[0-9])[0-9A-Za-z._~+/=-]{16,}"),
    ),
    (
        "connection string with a password",
        re.compile(r"(?i)=[^\s,;()=]+[ ;](?:password|pwd)=[^\s,;()\"'{}%=]{3,}"),
    ),
    ("Telegram token", re.compile(r"\b[0-9]{8,10}:AA[0-9A-Za-z_-]{33}\b")),
    (
        "URL with a key",
        re.compile(
            r"(?i)(?<=[?&])(?:api_?)?(?:key|auth|token|secret|password|access_token|signature)=[\w.+/-]{8,}"
        ),
    ),
)

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
# `/etc/app/certs/x.key`: where a credential lies, not what it is.
_FILE_PATH = re.compile(
    r"(?:[.~]{0,2}/|[A-Za-z]:\\)(?:[\w.\-]+[/\\])*[\w\-]*\.?\w{0,8}|(?:[\w.\-]+/)+[\w\-]+\.\w{2,5}"
)

MASK = "•••"
_MASKED = rf"\1\2{MASK}\2"
_STRING = re.compile(r"(\"\"\"|'''|\"|')(?:(?!\1)[^\\\n]|\\.)+(?:\1|$)")
_KEY_BLOCK = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:(?!-----END)[\s\S])*")
# Parts that a text has if there is anything for `without_credentials` to do in it.
_MARKS = (
    "assw", "ASSW", "ecret", "ECRET", "oken", "OKEN", "_key", "_KEY", "apikey", "APIKEY",
    "redential", "REDENTIAL", "salt", "SALT", "dsn", "DSN", "pwd", "PWD", "AKIA", "ASIA",
    "k_live_", "k_test_", "ghp_", "github_pat", "glpat-", "xox", "hooks.slack", "AIza", "SG.",
    "auth", "Auth", "npm_", "pypi-", "eyJ", "PRIVATE KEY", "://", "pass", "PASS", "pw", "PW",
    "Bearer ", "Basic ", "Token ", ":AA", "dentified", "DENTIFIED", "api-key", "Api-Key",
)  # fmt: skip
_URL_CREDENTIALS = re.compile(r"//[^/@\s]*@")
# User and password given to an HTTP client.
_PAIR = re.compile(
    r"((?:\bauth\s*=\s*|BasicAuth|DigestAuth)\(\s*[^,()\n]*,\s*)([\"'])(?:(?!\2)[^\\\n]|\\.)*\2"
)
# A string behind a name of a credential: assigned, compared, as a keyword, as a value or default.
_BEHIND_NAME = (
    r"(?i)((?:passw(?:or)?d|passphrase|pwd|secret|token|api[_-]?key|\w_key|credentials?|salt|dsn"
    r"|(?<![a-z])(?:pass|pw)(?![a-z]))\w*"
    r"[\"']?\]?\s*(?::\s*[\w.\[\]| ]+)?(?:==?|!=|[:,(])\s*(?:[\w.]*\(\s*)?(?:[\"']\w*[\"']\s*,\s*)?"
    r"[rbufRBUF]{0,2})"
)
_NAMED_BLOCK = re.compile(_BEHIND_NAME + r"(\"\"\"|''')((?:(?!\2)[\s\S])*)\2")
# What is not closed on its line is no Python, and told of all the same.
_NAMED = re.compile(_BEHIND_NAME + r"(\"\"\"|'''|\"|')(?:(?!\2)[^\\\n]|\\.)*(?:\2|(?=\n|\Z))")
_IN_SQL = re.compile(
    r"(?i)(\b(?:password|identified\s+by(?:\s+password)?)\s+)(\\?')(?:(?!\2)[^\\\n])*\2"
)
_IN_COMMENT = re.compile(
    r"(?i)(#[^\n]*?\b(?:passw(?:or)?d|passphrase|secret|token|api[_ -]?key)\s*[:=]\s*)"
    r"(?=[^\s\"']*\d)[^\s\"']{6,}"
)
# Strings that go on with a masked one: `("first" "second")`.
_GOING_ON = re.compile(rf"({MASK}[\"']\s*[rbufRBUF]{{0,2}})([\"'])(?:(?!\2)[^\\\n]|\\.)+\2")
_GOES_ON = 20  # such strings at the most
# In files of settings, whose values need no quotes: `DB_PASSWORD=…`, `- API_KEY: …`.
SETTINGS_FILE = re.compile(
    r"(?i)(?:^|/)(?:\.env[^/]*|[^/]*\.(?:env|ya?ml|ini|cfg|conf|toml|properties|envrc|example))$"
)
_SETTING = re.compile(
    r"(?im)^([ \t]*(?:export[ \t]+|-[ \t]*)?[\"']?([\w.-]+)[\"']?[ \t]*[:=][ \t]*)"
    r"([^\s#{\[|>][^\n]*)$"
)
_WORD = re.compile(r"[0-9A-Za-z+=_-]{20,200}")
_WORD_IN_STRING = re.compile(r"(?<=[\"'/=:])[0-9A-Za-z+=_-]{20,200}(?=[\"'/&])")


def without_credentials(text: str, *, lines: Collection[int] = (), path: str = "") -> str:
    """The text with the values of credentials masked, for whatever is told of it to others.

    `lines` are lines known to hold one, counted from 1: there, every string is masked. In a file
    of settings, as its path tells, values count without quotes. Lines stay where they are.
    """
    if SETTINGS_FILE.search(path):
        text = _SETTING.sub(_masked_setting, text)
    if lines:
        text = _masked_strings(text, frozenset(lines))
    text = _WORD_IN_STRING.sub(lambda word: MASK if has_entropy(word[0]) else word[0], text)
    if not any(mark in text for mark in _MARKS):
        return text
    text = _KEY_BLOCK.sub(lambda found: MASK + "\n" * found.group().count("\n"), text)
    text = _NAMED_BLOCK.sub(_masked_block, text)
    for pattern in (_NAMED, _PAIR, _IN_SQL):
        text = pattern.sub(_MASKED, text)
    for _ in range(_GOES_ON):
        text, found = _GOING_ON.subn(_MASKED, text)
        if not found:
            break
    return _without_forms(_IN_COMMENT.sub(rf"\1{MASK}", text), mask=MASK)


def _without_forms(text: str, *, mask: str) -> str:
    """The text with a mask for all that has a form that only credentials have."""
    for _, form in FORMATS:
        text = form.sub(mask, text)
    return text


def _masked_setting(found: re.Match[str]) -> str:
    """`NAME=value` with its value masked, if it is the name of a credential."""
    name = found[2].replace("-", "_")
    return f"{found[1]}{MASK}" if is_secret_name(name) or is_key_of_settings(name) else found[0]


def _masked_block(found: re.Match[str]) -> str:
    """A string of several lines, which stay as many."""
    name, quote, value = found.groups()
    return f"{name}{quote}{MASK}" + "\n" * value.count("\n") + quote


def _masked_strings(text: str, lines: frozenset[int]) -> str:
    plain = text.split("\n")
    for line in lines:
        if 1 <= line <= len(plain):
            plain[line - 1] = _STRING.sub(rf"\1{MASK}\1", plain[line - 1])
    return "\n".join(plain)


def redacted(text: str) -> str:
    """A name of something, with `*` for what has the form or the entropy of a credential."""
    text = _without_forms(_URL_CREDENTIALS.sub("//", text), mask="*")
    return _WORD.sub(lambda word: "*" if has_entropy(word[0]) else word[0], text)


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
    is_named = is_secret_name(name) or (is_settings and is_key_of_settings(name))
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


def is_key_of_settings(name: str) -> bool:
    """Whether a name is that of another system's key, in a settings module."""
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


def untold(name: str, text: str) -> str:
    """A text that stands under this name, with `*` for the credential that it is or holds."""
    reason = secret_reason(name, text, is_settings=False)
    return text if reason is None else redacted(text) if reason == "format" else "*"
