"""What holds for every graph, every price and every constraint."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.coupling.factor import Factor, Node
from analyzer.coupling.factor_graph import FactorGraph, compact
from analyzer.partition.multilevel import Effort, search
from analyzer.partition.objective import Clustering, cost
from analyzer.partition.problem import ConflictingConstraints, Constraints, Prices, pose
from analyzer.partition.solve import solve

from .graphs import (
    brute_force,
    constraints_on,
    graphs,
    honours,
    plain_cost,
    planted,
    prices,
)

unhurried = settings(deadline=None, derandomize=True)


@unhurried
@given(st.data())
def test_cost_from_scratch_equals_incremental_cost(data: st.DataObject) -> None:
    graph, price = data.draw(graphs()), data.draw(prices)
    nodes = len(graph.nodes)
    start = data.draw(st.lists(st.integers(0, nodes - 1), min_size=nodes, max_size=nodes))
    clustering = Clustering(compact(graph), np.array(start, np.int32), price)
    for _ in range(data.draw(st.integers(0, 10))):
        node, target = data.draw(st.integers(0, nodes - 1)), data.draw(st.integers(0, nodes - 1))
        announced = clustering.cost + clustering.move_cost(node, target)
        clustering.move(node, target)
        labels = tuple(clustering.labels.tolist())
        assert clustering.cost == pytest.approx(announced)
        assert clustering.cost == pytest.approx(plain_cost(graph, labels, price))
        assert clustering.cost == pytest.approx(cost(compact(graph), clustering.labels, price))


@settings(unhurried, max_examples=60)
@given(st.data())
def test_the_answer_equals_brute_force_up_to_nine_nodes(data: st.DataObject) -> None:
    graph, price = data.draw(graphs()), data.draw(prices)
    constraints = data.draw(constraints_on(graph))
    best = brute_force(graph, constraints, price)
    try:
        solution = solve(graph, constraints=constraints, prices=price)
    except ConflictingConstraints:
        assert best is None
        return
    assert best is not None
    assert honours(graph, solution.assignment, constraints)
    assert solution.optimality.cost == pytest.approx(best)
    assert plain_cost(graph, solution.assignment, price) == pytest.approx(best)
    assert solution.optimality.lower_bound <= best * (1 + 1e-9)


@settings(unhurried, max_examples=60)
@given(st.data())
def test_the_search_honours_constraints_and_never_beats_brute_force(data: st.DataObject) -> None:
    graph, price = data.draw(graphs(7)), data.draw(prices)
    constraints = data.draw(constraints_on(graph))
    try:
        problem = pose(graph, constraints)
    except ConflictingConstraints:
        assert brute_force(graph, constraints, price) is None
        return
    labels = search(problem, price, effort=Effort(restarts=2, climbs=2, regions=4), seed=1)
    if labels is None:
        return
    assignment = tuple(labels[problem.home].tolist())
    assert honours(graph, assignment, constraints)
    best = brute_force(graph, constraints, price)
    assert best is not None
    assert plain_cost(graph, assignment, price) >= best * (1 - 1e-9)


@settings(unhurried, max_examples=40)
@given(st.data())
def test_adding_a_constraint_never_lowers_the_optimum(data: st.DataObject) -> None:
    graph, price = data.draw(graphs()), data.draw(prices)
    constraints = data.draw(constraints_on(graph))
    try:
        solution = solve(graph, constraints=constraints, prices=price)
    except ConflictingConstraints:
        return
    free = solve(graph, prices=price)
    assert free.optimality.cost <= solution.optimality.cost * (1 + 1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_renaming_and_reordering_change_nothing_but_names(seed: int) -> None:
    graph = planted(60, 5, seed=seed)
    rng = np.random.default_rng(seed)
    names = {
        node.id: f"x{rank:03}" for node, rank in zip(graph.nodes, rng.permutation(60), strict=True)
    }
    renamed = FactorGraph(
        nodes=tuple(sorted(Node(names[n.id], n.kind, n.size) for n in graph.nodes)),
        factors=tuple(
            sorted(
                Factor(f"g{rank:04}", "join", tuple(sorted(names[m] for m in f.members)), f.weight)
                for f, rank in zip(graph.factors, rng.permutation(len(graph.factors)), strict=True)
            )
        ),
    )
    before, after = solve(graph), solve(renamed)
    assert after.optimality.cost == pytest.approx(before.optimality.cost, rel=1e-12)
    assert after.prices.load == pytest.approx(before.prices.load, rel=1e-9)
    new_home = dict(zip((n.id for n in renamed.nodes), after.assignment, strict=True))
    pairs = {
        (s, new_home[names[n.id]]) for n, s in zip(graph.nodes, before.assignment, strict=True)
    }
    assert len(pairs) == len(set(before.assignment)) == len(set(after.assignment))


def test_the_same_seed_gives_the_same_partition_whatever_the_jobs() -> None:
    graph, price = planted(150, 6, seed=4), Prices(load=0.1, service=1.0)
    one = solve(graph, prices=price, seed=3, jobs=1)
    two = solve(graph, prices=price, seed=3, jobs=2)
    assert not one.cut_short
    assert one.assignment == two.assignment
    assert one.optimality.lower_bound == two.optimality.lower_bound


def test_the_planted_services_are_found_and_recommended() -> None:
    solution = solve(planted(120, 6, seed=1))
    assert len(set(solution.assignment)) == 6
    assert all(
        len({solution.assignment[node] for node in range(start, 120, 6)}) == 1 for start in range(6)
    )


def test_each_point_of_the_curve_costs_at_least_its_bound() -> None:
    graph = planted(60, 5, seed=2)
    solution = solve(graph)
    assert [point.services for point in solution.curve if point.recommended] == [5]
    for point in solution.curve:
        price = Prices(point.gamma, solution.prices.service)
        assert plain_cost(graph, point.assignment, price) == pytest.approx(point.cost)
        assert 0 < point.lower_bound <= point.cost
    middling = solution.curve[3]
    at_its_price = solve(graph, prices=Prices(middling.gamma, solution.prices.service))
    assert middling.lower_bound <= at_its_price.optimality.cost * (1 + 1e-9)


def test_an_empty_graph_has_an_empty_partition() -> None:
    solution = solve(FactorGraph((), ()), constraints=Constraints())
    assert solution.assignment == ()
    assert solution.optimality.proven_optimal
