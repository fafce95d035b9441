"""How sure a node's place is."""

from analyzer.coupling.factor import Factor, Node
from analyzer.coupling.factor_graph import FactorGraph
from analyzer.partition.confidence import STRONGEST, TABLES, UNITS, certainties
from analyzer.partition.partition import Certainty
from analyzer.partition.problem import Prices

HOMES = {"a": "left", "b": "left", "c": "right", "d": "right", "torn": "left", "alone": "right"}


def graph() -> FactorGraph:
    def tie(one: str, other: str, weight: float) -> Factor:
        return Factor(f"call-{one}{other}", "call", tuple(sorted((one, other))), weight)

    factors = [tie("a", "b", 5), tie("c", "d", 5), tie("b", "c", 1)]
    factors += [tie("a", "torn", 3), tie("c", "torn", 2.5)]
    nodes = tuple(Node(node, "unit", 1.0) for node in sorted(HOMES))
    return FactorGraph(nodes=nodes, factors=tuple(sorted(factors)))


def certainty(node: str, load: float = 0.0) -> Certainty:
    found = certainties(graph(), homes=HOMES, prices=Prices(load=load, service=0.0))
    return next(c for c in found if c.node == node)


def test_the_runner_up_is_the_service_that_pulls_most_and_regret_is_what_moving_costs() -> None:
    torn = certainty("torn")
    assert (torn.runner_up, torn.regret) == ("right", 0.5)


def test_regret_counts_the_load_of_the_team() -> None:
    # left: 3 nodes, right: 3; moving adds 1 * (3 - 3 + 1).
    assert certainty("torn", load=2.0).regret == 0.5 + 2.0


def test_a_node_torn_between_two_services_is_less_sure_and_says_who_pulls_by_what() -> None:
    assert certainty("torn").confidence < certainty("d").confidence
    assert certainty("torn").pulls == (
        ("left", "call-atorn", 3),
        ("right", "call-ctorn", 2.5),
    )


def test_a_node_without_ties_has_no_runner_up_and_little_confidence() -> None:
    alone = certainty("alone")
    assert (alone.runner_up, alone.regret, alone.pulls) == (None, 0.0, ())
    assert alone.confidence < 0.5


def test_beyond_some_strength_further_ties_make_nothing_surer() -> None:
    for curve in (UNITS, TABLES):
        at = [curve.of(margin=1.0, strength=strength) for strength in (2.0, STRONGEST, 9.0)]
        assert at[0] < at[1] == at[2] < 0.95
