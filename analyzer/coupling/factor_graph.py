"""Nodes and factors together: the hypergraph that is cut."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzer.coupling.factor import Factor, Node

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
Offsets = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FactorGraph:
    """Nodes sorted by id, factors sorted by id; each member of a factor is a node."""

    nodes: tuple[Node, ...]
    factors: tuple[Factor, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Hypergraph:
    """The same in compact arrays: who is in which factor, both ways round.

    Members of factor `f` are `members[factor_offsets[f]:factor_offsets[f + 1]]`, ascending;
    factors of node `v` are `incident[node_offsets[v]:node_offsets[v + 1]]`, ascending.
    """

    sizes: Floats
    weights: Floats
    factor_offsets: Offsets
    members: Indices
    node_offsets: Offsets
    incident: Indices

    @property
    def node_count(self) -> int:
        return len(self.sizes)

    @property
    def factor_count(self) -> int:
        return len(self.weights)


def compact(graph: FactorGraph) -> Hypergraph:
    """Lay a factor graph out in arrays, nodes and factors in the graph's own order."""
    position = {node.id: index for index, node in enumerate(graph.nodes)}
    lengths = np.fromiter((len(f.members) for f in graph.factors), np.int64, len(graph.factors))
    members = np.fromiter(
        (position[member] for factor in graph.factors for member in factor.members),
        np.int32,
        int(lengths.sum()),
    )
    sizes = np.fromiter((node.size for node in graph.nodes), np.float64, len(graph.nodes))
    weights = np.fromiter((f.weight for f in graph.factors), np.float64, len(graph.factors))
    return hypergraph(sizes=sizes, weights=weights, lengths=lengths, members=members)


def hypergraph(
    *, sizes: Floats, weights: Floats, lengths: npt.ArrayLike, members: Sequence[int] | Indices
) -> Hypergraph:
    """Build a hypergraph from factors laid end to end: their lengths, and their members."""
    counts = np.asarray(lengths, np.int64)
    factor_offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
    flat = np.asarray(members, np.int32)
    owner = np.repeat(np.arange(len(counts), dtype=np.int32), counts)
    flat = flat[np.lexsort((flat, owner))]
    by_node = np.argsort(flat, kind="stable")
    degrees = np.bincount(flat, minlength=len(sizes)) if len(flat) else np.zeros(len(sizes), int)
    return Hypergraph(
        sizes=np.asarray(sizes, np.float64),
        weights=np.asarray(weights, np.float64),
        factor_offsets=factor_offsets,
        members=flat,
        node_offsets=np.concatenate((np.zeros(1, np.int64), np.cumsum(degrees, dtype=np.int64))),
        incident=owner[by_node],
    )
