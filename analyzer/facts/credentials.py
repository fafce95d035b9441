"""What credentials look like in source text: by the name they stand under, or by their form."""

import re
from collections.abc import Collection

# Names of credentials, and words that make such a name mean something else.
SECRET_NAME = re.compile(
    r"(?i)(?:^|_|\b)(?:passw(?:or)?d|passphrase|pwd|secret|secret_?key|api_?key|apikey|auth_?token|"
    r"access_?key|private_?key|signing_?key|encryption_?key|client_?secret|access_?token|token|"
    r"credentials?|dsn|license_?key|salt)(?:$|_(?:id|key|value|\d+|test|live|prod\w*|dev\w*)$)"
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
    ("URL with a password", re.compile(r"\b[a-z][a-z0-9+.-]*://[^/\s:@{}*]+:[^/\s:@{}*%<]{3,}@")),
    (
        "URL with a key",
        re.compile(
            r"(?i)[?&](?:api_?)?(?:key|token|secret|password|access_token|signature)=[\w.+/-]{8,}"
        ),
    ),
)

MASK = "•••"
_MASKED = rf"\1\2{MASK}\2"
_STRING = re.compile(r"(\"\"\"|'''|\"|')(?:(?!\1)[^\\\n]|\\.)+\1")
_KEY_BLOCK = re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:(?!-----END)[\s\S])*")
# Parts that a text has if there is anything for `without_credentials` to do in it.
_MARKS = (
    "assw", "ASSW", "ecret", "ECRET", "oken", "OKEN", "_key", "_KEY", "apikey", "APIKEY",
    "redential", "REDENTIAL", "salt", "SALT", "dsn", "DSN", "pwd", "PWD", "AKIA", "ASIA",
    "k_live_", "k_test_", "ghp_", "github_pat", "glpat-", "xox", "hooks.slack", "AIza", "SG.",
    "auth", "Auth", "npm_", "pypi-", "eyJ", "PRIVATE KEY", "://",
)  # fmt: skip
_URL_CREDENTIALS = re.compile(r"//[^/@\s]*@")
# User and password given to an HTTP client.
_PAIR = re.compile(
    r"((?:\bauth\s*=\s*|BasicAuth|DigestAuth)\(\s*[^,()\n]*,\s*)([\"'])(?:(?!\2)[^\\\n]|\\.)*\2"
)
# A string behind a name of a credential: assigned, as a keyword, as a value or default.
_NAMED = re.compile(
    r"(?i)((?:passw(?:or)?d|passphrase|pwd|secret|token|api_?key|\w_key|credentials?|salt|dsn)\w*"
    r"[\"']?\]?\s*(?::\s*[\w.\[\]| ]+)?[=:,(]\s*(?:[\w.]*\(\s*)?(?:[\"']\w*[\"']\s*,\s*)?"
    r"[rbuRBU]{0,2})"
    r"(\"\"\"|'''|\"|')(?:(?!\2)[^\\\n]|\\.)*\2"
)


def without_credentials(text: str, *, lines: Collection[int] = ()) -> str:
    """The text with the values of credentials masked, for whatever is told of it to others.

    `lines` are lines known to hold one, counted from 1: there, every string is masked. Lines stay
    where they are.
    """
    if lines:
        text = _masked_strings(text, frozenset(lines))
    if not any(mark in text for mark in _MARKS):
        return text
    text = _KEY_BLOCK.sub(lambda found: MASK + "\n" * found.group().count("\n"), text)
    text = _PAIR.sub(_MASKED, _NAMED.sub(_MASKED, text))
    for _, form in FORMATS:
        text = form.sub(MASK, text)
    return text


def _masked_strings(text: str, lines: frozenset[int]) -> str:
    plain = text.split("\n")
    for line in lines:
        if 1 <= line <= len(plain):
            plain[line - 1] = _STRING.sub(rf"\1{MASK}\1", plain[line - 1])
    return "\n".join(plain)


def redacted(text: str) -> str:
    """A name of something, with `*` for what has the form of a credential."""
    text = _URL_CREDENTIALS.sub("//", text)
    for _, form in FORMATS:
        if form.search(text):
            text = form.sub("*", text)
    return text
