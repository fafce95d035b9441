"""A partition's cost as a constant and a sum over pairs of nodes that share a service."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzer.coupling.factor_graph import Floats, Hypergraph, Indices
from analyzer.partition.cycles import (
    Pairs,
    pair_attractions,
    service_share,
    symmetric,
    tangent_constant,
)
from analyzer.partition.problem import Prices

Singles = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class PairCosts:
    """What the cost is as a constant plus a sum over pairs; see `matrix`."""

    constant: float
    pairs: Pairs  # attractions
    sizes: Floats
    spread: Floats  # α/T² of the node's service
    load: float

    def half(self) -> Floats:
        """A node's part of what a pair repels, for each unit of the two sizes' product."""
        half: Floats = self.load / 4 - self.spread / 2
        return half

    def matrix(self) -> Floats:
        """What a pair costs for each unit of x, both ways round."""
        half = self.half()
        matrix: Floats = np.add.outer(half, half)
        matrix *= self.sizes[:, None]
        matrix *= self.sizes[None, :]
        owner = np.repeat(np.arange(len(self.sizes)), np.diff(self.pairs.offsets))
        matrix[owner, self.pairs.others] -= self.pairs.weights / 2
        return matrix


def costs_of(graph: Hypergraph, labels: Indices, prices: Prices) -> PairCosts:
    """The cost in terms of pairs, exact at the given partition but for some large factors."""
    pairs, extras = pair_attractions(graph, labels)
    owner = np.repeat(np.arange(graph.node_count), np.diff(pairs.offsets))
    upper = owner < pairs.others
    pairs = symmetric(
        np.concatenate((owner[upper], extras.first)),
        np.concatenate((pairs.others[upper], extras.second)),
        np.concatenate((pairs.weights[upper], extras.amounts)),
        graph.node_count,
    )
    spread = service_share(graph, labels, prices)
    constant = float(pairs.weights.sum()) / 2 - float(extras.owed.sum())
    constant += prices.service * tangent_constant(graph, spread, prices)
    # What `tangent_constant` leaves to pairs of a node with itself is on the diagonal here.
    constant += float(np.sum(spread * graph.sizes**2))
    return PairCosts(constant, pairs, graph.sizes, spread, prices.load)
