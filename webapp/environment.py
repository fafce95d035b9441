"""Typed reading of environment variables; a value that cannot be used stops the start."""

import os
from urllib.parse import unquote, urlsplit


class BadSetting(Exception):
    """An environment variable holds something that cannot be used."""


def text(name: str, default: str = "") -> str:
    """The variable's text, or the default where it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def whole_number(name: str, default: int, *, least: int = 0) -> int:
    """The variable as an integer.

    Raises `BadSetting` where it is none, or below `least`.
    """
    raw = text(name)
    if not raw:
        return default
    if not raw.isdigit() or int(raw) < least:
        raise BadSetting(f"{name} must be a whole number of at least {least}, not {raw!r}")
    return int(raw)


def switch(name: str, default: bool) -> bool:
    """The variable as yes or no.

    Raises `BadSetting` for any other word.
    """
    words = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}
    raw = text(name).lower()
    if not raw:
        return default
    if raw not in words:
        raise BadSetting(f"{name} must be yes or no, not {raw!r}")
    return words[raw]


def names(name: str) -> list[str]:
    """The variable as a list, separated by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()]


def database(name: str) -> dict[str, object] | None:
    """Django's settings of the PostgreSQL database that the variable's URL names, if it is set.

    Raises `BadSetting` for any other kind of database.
    """
    raw = text(name)
    if not raw:
        return None
    url = urlsplit(raw)
    if url.scheme not in {"postgres", "postgresql"} or not url.path.strip("/"):
        raise BadSetting(f"{name} must look like postgresql://user:password@host:5432/name")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": url.hostname or "",
        "PORT": str(url.port or ""),
        "CONN_HEALTH_CHECKS": True,
    }
