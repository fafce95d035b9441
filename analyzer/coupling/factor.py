"""One reason for some nodes to stay together."""

from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence

NodeKind = Literal["unit", "table"]


@dataclass(frozen=True, slots=True, order=True)
class Node:
    """Something that is assigned to a service; `size` is its load on a team (see weights.py)."""

    id: str  # a unit's id or a table's name; a table whose name is also a unit's id: "table:<name>"
    kind: NodeKind
    size: float


@dataclass(frozen=True, slots=True, order=True)
class Factor:
    """Two or more nodes and what it costs, in weight, for each further service that they touch."""

    id: str  # stable between runs: kind and a digest of the members
    kind: str  # listed in weights.py
    members: tuple[str, ...]  # sorted, two or more
    weight: float
    evidence: tuple[Evidence, ...] = ()
