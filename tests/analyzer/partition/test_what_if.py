"""Changes are priced before they are made, and the rest is solved anew around them."""

from time import perf_counter

import numpy as np
import pytest

from analyzer.errors import UnusableInput
from analyzer.partition.problem import Constraints, Prices
from analyzer.partition.solve import solve
from analyzer.partition.what_if import Sketch, price_of_moves, solved_around

from .graphs import graph_of, plain_cost, planted

PRICES = Prices(load=0.05, service=2.0)
GRAPH = planted(60, 4, seed=9)
SERVICES = ["Catalogue", "Orders", "Payments", "Stock"]
HOMES = {node.id: SERVICES[place % 4] for place, node in enumerate(GRAPH.nodes)}


def costs(homes: dict[str, str]) -> float:
    names = sorted(set(homes.values()))
    return plain_cost(GRAPH, tuple(names.index(homes[n.id]) for n in GRAPH.nodes), PRICES)


def test_the_price_of_moves_is_the_difference_in_cost() -> None:
    moves = {"n00": "Orders", "n01": "Shipping", "n05": "Shipping"}
    difference = price_of_moves(GRAPH, HOMES, PRICES, moves)
    assert difference.cost == pytest.approx(costs({**HOMES, **moves}) - costs(HOMES))
    parts = difference.coupling + difference.load + difference.services
    assert difference.cost == pytest.approx(parts)
    paid = sum(change for _, change in difference.paid_more + difference.paid_less)
    assert difference.coupling == pytest.approx(paid)


def test_merging_and_splitting_are_priced_alike() -> None:
    sketch = Sketch(GRAPH, HOMES, PRICES)
    merged = {n: "Orders" if s == "Stock" else s for n, s in HOMES.items()}
    assert sketch.if_merged(["Orders", "Stock"]).cost == pytest.approx(costs(merged) - costs(HOMES))
    apart = [node for node, service in HOMES.items() if service == "Orders"][:7]
    split = {**HOMES, **dict.fromkeys(apart, "New")}
    assert sketch.if_split("Orders", apart).cost == pytest.approx(costs(split) - costs(HOMES))


def test_alternatives_are_the_prices_of_single_moves() -> None:
    sketch = Sketch(GRAPH, HOMES, PRICES)
    for service, price in sketch.alternatives("n07"):
        assert price == pytest.approx(sketch.if_moved({"n07": service}).cost)


def test_unknown_names_are_refused() -> None:
    sketch = Sketch(GRAPH, HOMES, PRICES)
    with pytest.raises(UnusableInput, match="'nowhere' is not in the graph"):
        sketch.if_moved({"nowhere": "Orders"})
    with pytest.raises(UnusableInput, match="no service 'Nothing'"):
        sketch.if_merged(["Orders", "Nothing"])


def test_the_rest_is_solved_around_decisions_and_stays_where_it_was() -> None:
    pins = (("n00", "Stock"), ("n04", "Stock"))
    constraints = Constraints(pins=pins, cannot_link=(("n03", "n07"),))
    solution = solved_around(GRAPH, HOMES, constraints=constraints, prices=PRICES)
    found = {n.id: s for n, s in zip(GRAPH.nodes, solution.assignment, strict=True)}
    stock = dict(solution.pinned)["Stock"]
    assert found["n00"] == found["n04"] == stock
    assert found["n03"] != found["n07"]
    stayed = [n for n, s in HOMES.items() if s == "Stock" and found[n] == stock]
    assert len(stayed) >= 12
    fresh = solve(GRAPH, constraints=constraints, prices=PRICES)
    assert solution.optimality.cost <= fresh.optimality.cost * 1.01


def test_a_what_if_on_5000_nodes_and_50000_factors_takes_less_than_50_milliseconds() -> None:
    rng = np.random.default_rng(1)
    factors = [(1.0, tuple(map(int, rng.choice(5_000, 3, replace=False)))) for _ in range(50_000)]
    graph = graph_of([1.0] * 5_000, factors)
    homes = {node.id: f"s{place % 30}" for place, node in enumerate(graph.nodes)}
    sketch = Sketch(graph, homes, PRICES)
    sketch.if_moved({"n00": "s5"})
    times = []
    for place in range(1, 10):
        began = perf_counter()
        sketch.if_moved({graph.nodes[place].id: "s5", graph.nodes[place + 50].id: "new"})
        sketch.if_merged(["s1", "s2"])
        times.append((perf_counter() - began) / 2)
    assert min(times) < 0.05
