"""Settings, secrets and the systems outside. A secret's value is never kept."""

from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence


@dataclass(frozen=True, slots=True, order=True)
class Setting:
    """A setting or environment variable is defined or read by a unit."""

    key: str
    unit: str
    mode: Literal["define", "read"]
    source: Literal["settings", "environment"]
    evidence: Evidence


@dataclass(frozen=True, slots=True, order=True)
class Secret:
    """A credential: known by its name or by the entropy of its value, which is not kept."""

    name: str
    reason: Literal["name", "entropy", "format"]
    evidence: Evidence
    in_source: bool  # its value stands in the source, rather than being read from outside


@dataclass(frozen=True, slots=True, order=True)
class ResourceUse:
    """A unit uses a shared resource that is not a table: a cache key, a Redis key, a file store."""

    kind: Literal["cache", "redis", "file", "search", "queue"]
    name: str  # key or path as a pattern, `*` for what is computed
    unit: str
    mode: Literal["read", "write"]
    evidence: Evidence
