"""Price lists: for each pair of services, the factors that are paid where they meet."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations

from analyzer.coupling.factor_graph import FactorGraph
from analyzer.partition.partition import Boundary


def boundaries_of(graph: FactorGraph, homes: Mapping[str, str]) -> tuple[Boundary, ...]:
    """The price list of each two services that a factor joins, dearest pair first.

    A factor of weight w over k services pays w · (k - 1) in all, shared evenly by its
    k · (k - 1) / 2 pairs of services: 2 w / k each. All boundaries together are therefore the
    coupling term of the objective. A transaction of weight 3 over three services, for example,
    pays 2 at each of three boundaries.
    """
    paid: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for factor in graph.factors:
        touched = sorted({homes[member] for member in factor.members})
        for pair in combinations(touched, 2):
            paid[pair].append((factor.id, 2 * factor.weight / len(touched)))
    boundaries = (
        Boundary(first, second, sum(price for _, price in factors), _dearest_first(factors))
        for (first, second), factors in paid.items()
    )
    return tuple(sorted(boundaries, key=lambda b: (-b.price, b.first, b.second)))


def _dearest_first(factors: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(factors, key=lambda factor: (-factor[1], factor[0])))
