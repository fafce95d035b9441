"""No bound is ever above what the cheapest partition costs."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.partition.columns import by_columns
from analyzer.partition.cycles import by_cycles, pair_form
from analyzer.partition.exact import by_subsets
from analyzer.partition.multilevel import Effort, dense, search
from analyzer.partition.objective import cost
from analyzer.partition.one_thread import _library, one_thread
from analyzer.partition.problem import ConflictingConstraints, Constraints, Prices, pose
from analyzer.partition.proof import proven
from analyzer.partition.relaxation import MOST_ROUNDS, by_relaxation, certified, costs_of
from analyzer.partition.relaxation_kernels import settle
from analyzer.partition.solve import solve, with_proof

from .graphs import constraints_on, graphs, partitions, planted
from .graphs import prices as some_prices

unhurried = settings(deadline=None, derandomize=True, max_examples=40)


@unhurried
@given(st.data())
def test_cycles_never_promise_more_than_the_optimum(data: st.DataObject) -> None:
    graph, price = data.draw(graphs()), data.draw(some_prices)
    problem = pose(graph, Constraints())
    nodes = problem.graph.node_count
    guide = data.draw(st.lists(st.integers(0, nodes - 1), min_size=nodes, max_size=nodes))
    labels = dense(np.array(guide, np.int32))
    best = by_subsets(problem, price)
    assert best is not None
    optimum = cost(problem.graph, best, price)
    for guided_by in (labels, best):
        assert by_cycles(problem.graph, dense(guided_by), price) <= optimum * (1 + 1e-9) + 1e-12


@unhurried
@given(st.data())
def test_columns_never_promise_more_than_the_optimum(data: st.DataObject) -> None:
    graph, price = data.draw(graphs(7)), data.draw(some_prices)
    constraints = data.draw(constraints_on(graph))
    try:
        problem = pose(graph, constraints)
    except ConflictingConstraints:
        return
    best = by_subsets(problem, price)
    if best is None:
        return
    optimum = cost(problem.graph, best, price)
    proof = by_columns(problem, price, dense(best))
    assert proof.bound <= optimum * (1 + 1e-9) + 1e-12
    assert proven(problem, price, dense(best), seconds=1.0, stop=lambda: False).bound <= (
        optimum * (1 + 1e-9) + 1e-12
    )


@pytest.mark.parametrize("profile", [(1, 1, 1), (2, 1), (3,), (2, 1, 1), (4,), (2, 2), (1,) * 5])
@pytest.mark.parametrize("raised", [0.0, 0.4, 1.0])
def test_pairs_never_charge_more_than_their_factor(profile: tuple[int, ...], raised: float) -> None:
    home = [part for part, count in enumerate(profile) for _ in range(count)]
    form = pair_form(profile)
    for torn in partitions(len(home)):
        charged = -raised * form.owed + sum(
            form.shares[min(home[a], home[b])][max(home[a], home[b])]
            + raised * form.extra[min(home[a], home[b])][max(home[a], home[b])]
            for a in range(len(home))
            for b in range(a + 1, len(home))
            if torn[a] != torn[b]
        )
        assert charged <= max(torn) + 1e-9


def test_a_problem_of_sixty_nodes_is_solved_to_proven_optimality() -> None:
    solution = solve(planted(60, 5, seed=3))
    assert solution.optimality.proven_optimal
    assert solution.optimality.gap < 1e-6
    assert not solution.cut_short


def test_a_larger_problem_comes_with_a_bound_worth_having() -> None:
    prices = Prices(load=0.03, service=8.0)
    solution = solve(planted(600, 12, seed=5), prices=prices, time_limit=10.0)
    assert solution.optimality.gap < 0.25
    assert solution.optimality.lower_bound <= solution.optimality.cost


def test_a_fixed_number_of_services_has_a_bound_too() -> None:
    graph, price = planted(40, 4, seed=2), Prices(load=0.2, service=3.0)
    free = solve(graph, prices=price)
    three = solve(graph, prices=price, constraints=Constraints(services=(3, 3)))
    assert free.optimality.cost <= three.optimality.cost + 1e-9
    assert free.optimality.lower_bound <= three.optimality.cost
    assert three.optimality.gap < 0.2


def test_the_search_alone_finds_the_proven_optimum() -> None:
    graph, price = planted(60, 5, seed=6), Prices(load=0.1, service=4.0)
    problem = pose(graph, Constraints())
    labels = search(problem, price, effort=Effort(restarts=1, climbs=3, regions=10), seed=8)
    assert labels is not None
    value = cost(problem.graph, labels, price)
    assert solve(graph, prices=price).optimality.lower_bound == pytest.approx(value, rel=1e-5)


@unhurried
@given(st.data())
def test_the_relaxation_never_promises_more_than_the_optimum(data: st.DataObject) -> None:
    graph, price = data.draw(graphs()), data.draw(some_prices)
    problem = pose(graph, Constraints())
    nodes = problem.graph.node_count
    guide = data.draw(st.lists(st.integers(0, nodes - 1), min_size=nodes, max_size=nodes))
    best = by_subsets(problem, price)
    assert best is not None
    optimum = cost(problem.graph, best, price)
    for guided_by in (dense(np.array(guide, np.int32)), dense(best)):
        bound = by_relaxation(problem.graph, guided_by, price, work=1e7)
        assert bound <= optimum * (1 + 1e-9) + 1e-12


@unhurried
@given(st.data())
def test_any_multipliers_prove_a_bound(data: st.DataObject) -> None:
    graph, price = data.draw(graphs(6)), data.draw(some_prices)
    problem = pose(graph, Constraints())
    nodes = problem.graph.node_count
    best = by_subsets(problem, price)
    assert best is not None
    rng = np.random.default_rng(data.draw(st.integers(0, 1000)))
    triangles = rng.integers(nodes, size=(4, 3)).astype(np.int32)
    triangles = triangles[[len(set(row)) == 3 for row in triangles.tolist()]]
    bound = certified(
        costs_of(problem.graph, dense(best), price),
        3 * rng.random(nodes) - 1,
        rng.random((nodes, nodes)).astype(np.float32) * (1 - np.eye(nodes, dtype=np.float32)),
        triangles,
        rng.random(len(triangles)).astype(np.float32),
        -3 * rng.random(nodes),
    )
    assert bound <= cost(problem.graph, best, price) * (1 + 1e-9) + 1e-12


def test_the_relaxation_bounds_hundreds_of_nodes_closely_and_always_alike() -> None:
    graph = planted(600, 6, seed=1)
    problem = pose(graph, Constraints())
    price = Prices(load=0.03, service=10.0)
    labels = search(problem, price, effort=Effort(1, 2, 0), seed=0)
    assert labels is not None
    value = cost(problem.graph, labels, price)
    first, second = (by_relaxation(problem.graph, dense(labels), price, work=3e9) for _ in range(2))
    assert first == second
    assert value * 0.97 < first <= value


def test_a_relaxation_stopped_at_once_promises_nothing() -> None:
    graph = planted(60, 5, seed=3)
    problem = pose(graph, Constraints())
    labels = np.zeros(60, np.int32)
    price = Prices(1.0, 1.0)
    assert by_relaxation(problem.graph, labels, price, work=1e9, stop=lambda: True) == -np.inf


def test_a_relaxation_stopped_half_way_proves_what_it_has_reached() -> None:
    problem = pose(planted(60, 5, seed=3), Constraints())
    price = Prices(load=0.1, service=4.0)
    labels = search(problem, price, effort=Effort(1, 2, 0), seed=0)
    assert labels is not None
    asked = iter(range(10_000))
    bound = by_relaxation(problem.graph, labels, price, work=1e9, stop=lambda: next(asked) > 40)
    assert 0 < bound <= cost(problem.graph, labels, price)


def test_a_relaxation_ends_where_next_to_nothing_is_left_to_gain() -> None:
    problem = pose(planted(120, 3, seed=3), Constraints())
    price = Prices(load=0.02, service=6.0)
    labels = search(problem, price, effort=Effort(1, 2, 0), seed=0)
    assert labels is not None
    asked: list[int] = []

    def stop() -> bool:
        asked.append(1)
        return False

    bound = by_relaxation(problem.graph, labels, price, work=1e12, stop=stop)
    assert len(asked) < 0.8 * MOST_ROUNDS
    assert bound > 0.99 * cost(problem.graph, labels, price)


def test_vectors_turned_in_blocks_end_where_they_would_one_by_one() -> None:
    rng = np.random.default_rng(4)
    costs = rng.standard_normal((150, 150)).astype(np.float32)
    costs += costs.T
    np.fill_diagonal(costs, 0.0)
    vectors = rng.standard_normal((150, 5)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1)[:, None]
    one_by_one = vectors.astype(np.float64)
    for node in range(150):
        pull = costs[node] @ one_by_one
        one_by_one[node] = -pull / np.linalg.norm(pull)
    prices = settle(costs, vectors, 1)
    assert vectors == pytest.approx(one_by_one, abs=1e-4)
    assert prices[-1] == pytest.approx(-np.linalg.norm(pull), rel=1e-4)


def test_shares_that_add_up_to_one_charge_each_service_in_full() -> None:
    problem = pose(planted(60, 5, seed=3), Constraints())
    labels = dense(np.arange(60, dtype=np.int32) % 6)
    costs = costs_of(problem.graph, labels, Prices(load=1.0, service=4.0))
    together = (labels[:, None] == labels[None, :]).astype(float)
    free, charged = (
        costs.constant(shares) + float(np.sum(costs.matrix(shares) * together))
        for shares in (np.zeros(60), np.full(60, 0.1))
    )
    assert charged - free == pytest.approx(6 * 4.0)


def test_a_proof_can_be_made_up_for_later() -> None:
    graph = planted(60, 5, seed=3)
    at_once, first = solve(graph), solve(graph, proves=False)
    assert not first.optimality.proven_optimal
    later = with_proof(graph, first)
    assert later.optimality.proven_optimal
    assert (later.assignment, later.curve) == (at_once.assignment, at_once.curve)
    assert later.optimality.lower_bound == at_once.optimality.lower_bound


def test_threads_of_linear_algebra_are_given_back() -> None:
    library = _library()
    if library is None:
        pytest.skip("another library of linear algebra")
    count = library.scipy_openblas_get_num_threads64_
    before = count()
    with one_thread():
        assert count() == 1
    assert count() == before
