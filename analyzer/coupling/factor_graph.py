"""Nodes and factors together: the hypergraph that is cut."""

from dataclasses import dataclass

from analyzer.coupling.factor import Factor, Node


@dataclass(frozen=True, slots=True)
class FactorGraph:
    """Nodes sorted by id, factors sorted by id; each member of a factor is a node."""

    nodes: tuple[Node, ...]
    factors: tuple[Factor, ...]
