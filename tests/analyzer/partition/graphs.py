"""Random factor graphs and constraints, and the brute force that judges answers on them."""

from collections.abc import Iterator

import numpy as np
from hypothesis import strategies as st

from analyzer.coupling.factor import Factor, Node
from analyzer.coupling.factor_graph import FactorGraph
from analyzer.partition.problem import Constraints, Prices


def graph_of(sizes: list[float], factors: list[tuple[float, tuple[int, ...]]]) -> FactorGraph:
    """A factor graph over nodes n00, n01 …"""
    nodes = tuple(Node(f"n{i:02}", "unit", size) for i, size in enumerate(sizes))
    return FactorGraph(
        nodes=nodes,
        factors=tuple(
            Factor(f"f{i:03}", "call", tuple(f"n{m:02}" for m in sorted(members)), weight)
            for i, (weight, members) in enumerate(factors)
        ),
    )


def planted(nodes: int, services: int, *, seed: int, factors_per_node: int = 5) -> FactorGraph:
    """A random graph with services in it, a fifth of its factors across them."""
    rng = np.random.default_rng(seed)
    home = np.arange(nodes) % services
    factors = []
    for _ in range(nodes * factors_per_node):
        arity = int(rng.choice([2, 2, 2, 3, 4]))
        inside = np.flatnonzero(home == rng.integers(services))
        among = np.arange(nodes) if rng.random() < 0.2 else inside
        members = rng.choice(among, min(arity, len(among)), replace=False)
        factors.append((float(rng.uniform(0.5, 1.5)), tuple(int(m) for m in members)))
    return graph_of([1.0] * nodes, [f for f in factors if len(f[1]) > 1])


@st.composite
def graphs(draw: st.DrawFn, most_nodes: int = 9) -> FactorGraph:
    count = draw(st.integers(1, most_nodes))
    sizes = draw(st.lists(st.sampled_from([0.5, 1.0, 2.0, 3.7]), min_size=count, max_size=count))
    node = st.integers(0, count - 1)
    members = st.frozensets(node, min_size=2, max_size=4).map(lambda m: tuple(sorted(m)))
    factor = st.tuples(st.sampled_from([0.3, 1.0, 2.5, 4.1]), members)
    factors = draw(st.lists(factor, max_size=14)) if count > 1 else []
    return graph_of(sizes, factors)


prices = st.builds(
    Prices, load=st.sampled_from([0.0, 0.1, 0.45, 1.3]), service=st.sampled_from([0.0, 0.7, 2.0])
)


@st.composite
def constraints_on(draw: st.DrawFn, graph: FactorGraph) -> Constraints:
    ids = st.sampled_from([node.id for node in graph.nodes])
    total = sum(node.size for node in graph.nodes)
    fewest = draw(st.integers(1, len(graph.nodes)))
    most = draw(st.integers(fewest, len(graph.nodes)))
    return Constraints(
        pins=tuple(draw(st.lists(st.tuples(ids, st.sampled_from(["A", "B"])), max_size=3))),
        must_link=tuple(draw(st.lists(st.tuples(ids, ids), max_size=2))),
        cannot_link=tuple(draw(st.lists(st.tuples(ids, ids), max_size=3))),
        services=draw(st.sampled_from([None, (fewest, most)])),
        size_limit=draw(st.sampled_from([None, total * 0.4 + 1.0])),
    )


def partitions(count: int) -> Iterator[tuple[int, ...]]:
    """Every way to partition `count` nodes, as restricted growth strings."""

    def grow(prefix: tuple[int, ...], used: int) -> Iterator[tuple[int, ...]]:
        if len(prefix) == count:
            yield prefix
            return
        for cluster in range(used + 1):
            yield from grow((*prefix, cluster), max(used, cluster + 1))

    yield from grow((), 0)


def plain_cost(graph: FactorGraph, assignment: tuple[int, ...], prices: Prices) -> float:
    """The objective, written out as its definition reads."""
    home = {node.id: cluster for node, cluster in zip(graph.nodes, assignment, strict=True)}
    sizes: dict[int, float] = {}
    for node in graph.nodes:
        sizes[home[node.id]] = sizes.get(home[node.id], 0.0) + node.size
    coupling = sum(f.weight * (len({home[m] for m in f.members}) - 1) for f in graph.factors)
    load = sum(size**2 / 2 for size in sizes.values())
    return coupling + prices.load * load + prices.service * len(sizes)


def honours(graph: FactorGraph, assignment: tuple[int, ...], constraints: Constraints) -> bool:
    """Whether an assignment keeps to all constraints."""
    home = {node.id: cluster for node, cluster in zip(graph.nodes, assignment, strict=True)}
    places: dict[str, set[int]] = {}
    for node, service in constraints.pins:
        places.setdefault(service, set()).add(home[node])
    pinned = [place for places_of in places.values() for place in places_of]
    sizes: dict[int, float] = {}
    for node in graph.nodes:
        sizes[home[node.id]] = sizes.get(home[node.id], 0.0) + node.size
    fewest, most = constraints.services or (1, len(graph.nodes))
    limit = constraints.size_limit
    return (
        all(len(places_of) == 1 for places_of in places.values())
        and len(set(pinned)) == len(pinned)
        and all(len({home[node] for node in group}) == 1 for group in constraints.must_link)
        and all(home[a] != home[b] for a, b in constraints.cannot_link)
        and fewest <= len(sizes) <= most
        and (limit is None or max(sizes.values()) <= limit * (1 + 1e-9))
    )


def brute_force(graph: FactorGraph, constraints: Constraints, prices: Prices) -> float | None:
    """The cheapest cost of all partitions that honour the constraints; none if there is none."""
    costs = [
        plain_cost(graph, assignment, prices)
        for assignment in partitions(len(graph.nodes))
        if honours(graph, assignment, constraints)
    ]
    return min(costs, default=None)
