"""From single observations to factors: same kind and same members become one factor."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from analyzer.coupling.factor import Factor
from analyzer.facts.evidence import Evidence

# A factor seen in a thousand places is not made clearer by listing them all.
EVIDENCE_KEPT = 20


@dataclass(frozen=True, slots=True)
class Reason:
    """Some nodes belong together, with a strength that the kind's weight multiplies."""

    kind: str  # listed in weights.py
    members: tuple[str, ...]  # node ids, in any order
    strength: float
    evidence: tuple[Evidence, ...] = ()


def factors_of(reasons: Iterable[Reason], *, weights: Mapping[str, float]) -> tuple[Factor, ...]:
    """One factor for each kind and set of members, strengths added up; sorted by id.

    Reasons with fewer than two distinct members hold nothing together and are dropped, and so are
    kinds whose weight is zero.
    """
    strength: dict[tuple[str, tuple[str, ...]], float] = {}
    places: dict[tuple[str, tuple[str, ...]], set[Evidence]] = {}
    for reason in reasons:
        key = (reason.kind, tuple(sorted(set(reason.members))))
        if len(key[1]) < 2 or weights.get(reason.kind, 0.0) <= 0 or reason.strength <= 0:
            continue
        strength[key] = strength.get(key, 0.0) + reason.strength
        places.setdefault(key, set()).update(reason.evidence)
    return tuple(
        sorted(
            Factor(
                id=_identity(kind, members),
                kind=kind,
                members=members,
                weight=round(weights[kind] * total, 6),
                evidence=tuple(sorted(places[kind, members])[:EVIDENCE_KEPT]),
            )
            for (kind, members), total in strength.items()
        )
    )


def _identity(kind: str, members: tuple[str, ...]) -> str:
    digest = hashlib.sha256("\0".join(members).encode("utf-8", "surrogateescape"))
    return f"{kind}-{digest.hexdigest()[:16]}"
