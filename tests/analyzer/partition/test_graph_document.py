"""GRAPH.json in, PARTITION.json out."""

from typing import Any

import pytest

from analyzer.errors import UnusableInput
from analyzer.partition.graph_document import (
    graph_document,
    graph_from_document,
    partition_graph,
)
from analyzer.partition.problem import Constraints

from .graphs import planted

TWO = {
    "nodes": [{"id": "b", "kind": "unit", "size": 1.0}, {"id": "a", "kind": "table", "size": 2}],
    "factors": [{"kind": "call", "weight": 3.0, "members": ["b", "a"]}],
}


def test_a_partition_document_says_cost_bound_and_prices() -> None:
    result = partition_graph(TWO)
    assert set(result["assignment"]) == {"a", "b"}
    assert result["lower_bound"] <= result["cost"]
    assert result["proven_optimal"]
    assert result["gap"] < 1e-9
    assert result["prices"]["load"] >= 0.0


def test_the_number_of_services_is_honoured_and_pins_name_them() -> None:
    document = graph_document(planted(30, 3, seed=2))
    constraints = Constraints(services=(5, 5), pins=(("n03", "Billing"),))
    result = partition_graph(document, constraints=constraints)
    assert len(set(result["assignment"].values())) == 5
    assert result["assignment"]["n03"] == "Billing"


def test_a_search_that_is_stopped_answers_with_the_best_so_far() -> None:
    document = graph_document(planted(300, 20, seed=2))
    whole = partition_graph(document)
    asked = iter(range(1000))
    part = partition_graph(document, stopped=lambda: next(asked) > 3)
    assert part["cut_short"]
    assert not whole["cut_short"]
    assert set(part["assignment"]) == set(whole["assignment"])
    assert part["lower_bound"] <= part["cost"]
    assert next(asked) < 1000  # nobody asks again once it is stopped


def test_a_graph_survives_the_round_trip_with_repeated_factors() -> None:
    document = {**TWO, "factors": TWO["factors"] * 3}
    graph = graph_from_document(document)
    assert len({factor.id for factor in graph.factors}) == 3
    assert graph_from_document(graph_document(graph)) == graph


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ([], "a graph is an object"),
        ({"nodes": []}, "factors: a list was expected, not nothing"),
        ({"nodes": {}, "factors": []}, "nodes: a list was expected, not an object"),
        ({"nodes": [1], "factors": []}, r"nodes\[0\]: an object was expected"),
        ({"nodes": [{"size": 1}], "factors": []}, r"nodes\[0\].id: a text was expected"),
        ({"nodes": [{"id": "a"}, {"id": "a"}], "factors": []}, "'a' stands there more than once"),
        ({"nodes": [{"id": "a", "kind": "x"}], "factors": []}, r"nodes\[0\].kind: 'unit' or"),
        ({"nodes": [{"id": "a", "size": -1}], "factors": []}, r"nodes\[0\].size: a finite"),
        ({"nodes": [{"id": "a", "size": True}], "factors": []}, r"nodes\[0\].size: a number"),
        ({**TWO, "factors": [{"members": ["a"]}]}, r"factors\[0\].members: a list of two"),
        ({**TWO, "factors": [{"members": ["a", "c"]}]}, "'c' is not the id of a node"),
        ({**TWO, "factors": [{"members": ["a", "a"]}]}, "more than once"),
        (
            {**TWO, "factors": [{"members": ["a", "b"], "weight": float("nan")}]},
            r"factors\[0\].weight: a finite",
        ),
    ],
)
def test_a_malformed_graph_is_refused_with_the_place(document: Any, said: str) -> None:
    with pytest.raises(UnusableInput, match=said):
        partition_graph(document)
