"""A solved assignment with its services, their names and the price list of every boundary."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations

from analyzer.coupling.factor_graph import FactorGraph
from analyzer.partition.partition import Boundary, Service


def services_of(
    graph: FactorGraph,
    homes: Mapping[str, str],
    *,
    names: Mapping[str, str],
    terms: Mapping[str, Sequence[str]],
) -> tuple[Service, ...]:
    """The services that nodes are assigned to, sorted by id, with everything that is in them."""
    members: dict[str, list[str]] = defaultdict(list)
    sizes: dict[str, float] = defaultdict(float)
    for node in graph.nodes:
        members[homes[node.id]].append(node.id)
        sizes[homes[node.id]] += node.size
    return tuple(
        Service(
            id=service,
            name=names[service],
            terms=tuple(terms.get(service, ())),
            members=tuple(sorted(members[service])),
            size=sizes[service],
        )
        for service in sorted(members)
    )


def boundaries_of(graph: FactorGraph, homes: Mapping[str, str]) -> tuple[Boundary, ...]:
    """Every two services that a factor touches together, dearest boundary first.

    A factor of weight w over k services pays w · (k - 1). Each of its k · (k - 1) / 2 pairs of
    services bears an equal part of that, 2 w / k, so that all boundaries add up to the coupling
    that the partition pays.
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
