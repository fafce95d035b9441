"""Which number of services is recommended, and how much that hangs on."""

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest

from analyzer.coupling.factor_graph import FactorGraph, compact
from analyzer.partition.hierarchy import Candidate, _degrees, modularity, recommended, swept
from analyzer.partition.objective import terms
from analyzer.partition.problem import Constraints, pose
from analyzer.partition.solve import sweep
from tests.analyzer.partition.graphs import graph_of, planted


def number_of(graph: FactorGraph) -> int:
    return next(point.services for point in sweep(graph) if point.recommended)


def curve_of(graph: FactorGraph) -> tuple[Candidate, ...]:
    return swept(pose(graph, Constraints()), 1.0, seed=0)


@pytest.mark.parametrize("services", [4, 9, 16])
def test_as_many_services_as_were_planted_are_recommended(services: int) -> None:
    assert number_of(planted(20 * services, services, seed=services)) == services


def test_a_twentieth_of_the_factors_hardly_changes_the_number() -> None:
    graph = planted(160, 8, seed=5)
    for seed in range(3):
        kept = np.random.default_rng(seed).random(len(graph.factors)) > 0.05
        thinned = tuple(f for f, keep in zip(graph.factors, kept, strict=True) if keep)
        assert abs(number_of(replace(graph, factors=thinned)) - 8) <= 1


def test_of_pairs_it_is_newman_s_modularity() -> None:
    graph = planted(40, 4, seed=1)
    pairs = tuple(f for f in graph.factors if len(f.members) == 2)
    small = compact(replace(graph, factors=pairs))
    labels = (np.arange(40) % 3).astype(np.int32)
    peer = nx.Graph()
    peer.add_nodes_from(range(40))
    for factor in pairs:
        one, other = (int(member[1:]) for member in factor.members)
        before = peer.get_edge_data(one, other, {"weight": 0.0})["weight"]
        peer.add_edge(one, other, weight=before + factor.weight)
    groups = [set(np.flatnonzero(labels == label).tolist()) for label in range(3)]
    found = modularity(labels, terms(small, labels).coupling, _degrees(small))
    assert found == pytest.approx(nx.community.modularity(peer, groups))


def test_numbers_that_are_never_the_cheapest_are_not_recommended() -> None:
    curve = curve_of(planted(120, 6, seed=2))
    best, _ = recommended(curve, services=None, tables=0)
    without = [replace(c, low=1.0, high=1.0) if c is curve[best] else c for c in curve]
    other, _ = recommended(tuple(without), services=None, tables=0)
    assert other != best
    assert curve[other].plateau > 0


def test_a_range_of_numbers_limits_what_is_recommended() -> None:
    curve = curve_of(planted(120, 6, seed=2))
    choice, reason = recommended(curve, services=(8, 12), tables=0)
    assert 8 <= curve[choice].terms.services <= 12
    assert "modularity" in reason


def test_without_any_factor_a_number_is_recommended_still() -> None:
    assert number_of(graph_of([1.0] * 6, [])) >= 1


def test_a_service_has_two_tables_on_average_where_there_are_any() -> None:
    graph = planted(120, 6, seed=2)
    nodes = tuple(replace(n, kind="table") if i < 8 else n for i, n in enumerate(graph.nodes))
    assert number_of(replace(graph, nodes=nodes)) <= 4
