"""Each metric against an example worked out by hand, and the example in its docstring."""

import doctest
import importlib
import pkgutil
from math import log

import pytest

import analyzer.metrics
from analyzer.metrics import independence, interfaces
from analyzer.metrics.agreement import adjusted_rand_index
from analyzer.metrics.architecture_distance import a2a
from analyzer.metrics.coupling import service_coupling
from analyzer.metrics.coverage import c2c_coverage
from analyzer.metrics.database_entropy import database_entropy
from analyzer.metrics.degeneracy import degeneracy_warning
from analyzer.metrics.interfaces import Operation
from analyzer.metrics.modularity import newman_girvan_modularity
from analyzer.metrics.mojofm import mojo_distance, mojo_fm
from analyzer.metrics.transactional_purity import transactional_purity
from analyzer.metrics.turbo_mq import mean_turbo_mq, turbo_mq

MODULES = sorted(module.name for module in pkgutil.iter_modules(analyzer.metrics.__path__))

# Two services of three and two classes; calls inside x, inside y, and twice across.
SERVICES = {"a": "x", "b": "x", "c": "x", "d": "y", "e": "y"}
CALLS = {
    ("a", "b"): 4.0,
    ("b", "c"): 1.0,
    ("c", "b"): 1.0,
    ("c", "d"): 2.0,
    ("e", "a"): 1.0,
    ("d", "e"): 1.0,
    ("a", "a"): 9.0,
}


@pytest.mark.parametrize("name", MODULES)
def test_the_example_in_every_docstring_holds(name: str) -> None:
    result = doctest.testmod(importlib.import_module(f"analyzer.metrics.{name}"))
    assert result.failed == 0


def test_business_context_purity_is_the_mean_logarithm_of_contexts() -> None:
    contexts = {
        "a": frozenset({"buy", "pay"}),
        "b": frozenset({"pay", "ship"}),
        "d": frozenset({"report"}),
    }
    found = independence.business_context_purity(contexts, assignment=SERVICES)
    assert found == pytest.approx((log(3) + log(1)) / 2)


def test_inter_call_percentage_damps_each_directed_volume() -> None:
    crossing = (log(2) + 1) + 1
    whole = (log(4) + 1) + 1 + 1 + crossing + 1
    found = independence.inter_call_percentage(CALLS, assignment=SERVICES)
    assert found == pytest.approx(crossing / whole)


def test_structural_modularity_of_mono2micro_counts_coupling_twice() -> None:
    # x: 2 linked pairs of 9; y: 1 of 4; between: 2 pairs of 2 * 3 * 2.
    found = independence.structural_modularity(CALLS, assignment=SERVICES)
    assert found == pytest.approx((2 / 9 + 1 / 4) / 2 - 2 / (2 * 1) * (2 * 2 / 12))


def test_structural_modularity_of_fosci_counts_coupling_once() -> None:
    found = interfaces.structural_modularity_quality(CALLS, assignment=SERVICES)
    assert found == pytest.approx((2 / 9 + 1 / 4) / 2 - 2 / 12)


def test_interface_number_of_mono2micro_counts_crossing_pairs() -> None:
    assert independence.interface_number(CALLS, assignment=SERVICES) == 1.0


def test_non_extreme_distribution_counts_classes_not_services() -> None:
    assignment = {f"m{i}": "middling" for i in range(6)} | {f"s{i}": "small" for i in range(4)}
    assert independence.non_extreme_distribution(assignment=assignment) == pytest.approx(0.4)
    giant = {f"m{i}": "giant" for i in range(21)}
    assert independence.non_extreme_distribution(assignment=giant) == 1.0


def test_one_service_has_no_coupling_term() -> None:
    together = dict.fromkeys(SERVICES, "x")
    assert independence.structural_modularity(CALLS, assignment=together) == pytest.approx(5 / 25)
    assert interfaces.structural_modularity_quality(CALLS, assignment=together) == 5 / 25


def test_cohesion_at_message_level_averages_over_interfaces() -> None:
    order, item = frozenset({"Order"}), frozenset({"Order", "Item"})
    operations = [
        Operation("a", "f", results=order, parameters=order),
        Operation("a", "g", results=order, parameters=item),
        Operation("d", "h", results=item),
    ]
    found = interfaces.cohesion_at_message_level(operations, assignment=SERVICES)
    assert found == pytest.approx(((1 + 0.5) / 2 + 1) / 2)
    assert interfaces.operation_number(operations, assignment=SERVICES) == 3
    assert interfaces.interface_number_of_services(operations, assignment=SERVICES) == 1.0


def test_transactional_purity_and_database_entropy_of_a_table_spread_evenly() -> None:
    accessors = {"shared": ["a", "d"], "own": ["a", "b"], "unused": []}
    assert transactional_purity(accessors, assignment=SERVICES) == pytest.approx(1 - log(2) / 2)
    assert database_entropy(accessors, assignment=SERVICES) == pytest.approx(100 * (1 - log(2) / 2))


def test_database_entropy_counts_a_table_at_most_once_where_purity_does_not() -> None:
    everywhere = {unit: unit for unit in SERVICES}
    accessors = {"shared": list(SERVICES)}
    assert database_entropy(accessors, assignment=everywhere) == 0.0
    assert transactional_purity(accessors, assignment=everywhere) == pytest.approx(1 - log(5))


def test_turbo_mq_counts_what_enters_and_leaves() -> None:
    # x: 6 inside, 3 crossing; y: 1 inside, 3 crossing.
    assert turbo_mq(CALLS, assignment=SERVICES) == pytest.approx(12 / 15 + 2 / 5)
    assert mean_turbo_mq(CALLS, assignment=SERVICES) == pytest.approx(60.0)


def test_modularity_of_everything_together_is_zero() -> None:
    found = newman_girvan_modularity(CALLS, assignment=dict.fromkeys(SERVICES, "x"))
    assert found == pytest.approx(0.0)


def test_instability_of_a_service_that_others_depend_on_is_low() -> None:
    coupling = service_coupling(CALLS, assignment=SERVICES)
    assert (coupling["x"].afferent, coupling["x"].efferent) == (1, 1)
    assert coupling["y"].instability == 0.5
    assert service_coupling({}, assignment={"a": "x"})["x"].instability == 0.0


def test_mojo_joins_two_halves_of_a_reference_cluster_for_one_operation() -> None:
    reference = dict.fromkeys("abcdef", "whole")
    found = dict(zip("abcdef", "xxxyyy", strict=True))
    assert mojo_distance(found=found, reference=reference) == 1
    # Farthest from one cluster of six: six singletons, five joins.
    assert mojo_fm(found=found, reference=reference) == pytest.approx(80.0)


def test_mojo_breaks_ties_so_that_fewest_joins_remain() -> None:
    # x is half p, half q; y is all p. Dedicating x to q saves the join.
    found = dict(zip("abcd", "xxyy", strict=True))
    reference = dict(zip("abcd", "pqpp", strict=True))
    assert mojo_distance(found=found, reference=reference) == 1


def test_a2a_counts_members_that_only_one_side_knows_twice() -> None:
    found = {"a": "x", "b": "x", "c": "y"}
    reference = {"a": "p", "b": "p", "d": "q"}
    assert a2a(found=found, reference=reference) == pytest.approx(100 * (1 - 4 / (2 + 6 + 2 + 6)))


def test_c2c_coverage_needs_more_than_the_threshold() -> None:
    found = dict(zip("abcd", "xxyy", strict=True))
    reference = dict(zip("abcd", "pppp", strict=True))
    assert c2c_coverage(found=found, reference=reference, threshold=0.5) == 0.0
    assert c2c_coverage(found=found, reference=reference, threshold=0.33) == 100.0


def test_equal_groupings_agree_fully_whatever_the_groups_are_called() -> None:
    renamed = {member: service.upper() for member, service in SERVICES.items()}
    assert adjusted_rand_index(found=SERVICES, reference=renamed) == 1.0
    assert mojo_fm(found=SERVICES, reference=renamed) == 100.0
    assert a2a(found=SERVICES, reference=renamed) == 100.0
    assert c2c_coverage(found=SERVICES, reference=renamed) == 100.0


def test_one_giant_and_dust_is_called_degenerate_and_an_even_cut_is_not() -> None:
    giant = {f"g{i}": "giant" for i in range(90)} | {f"d{i}": f"dust{i}" for i in range(10)}
    assert "90 %" in (degeneracy_warning(assignment=giant) or "")
    dust = {f"g{i}": f"big{i % 4}" for i in range(400)} | {f"d{i}": f"dust{i}" for i in range(8)}
    assert degeneracy_warning(assignment=dust) == (
        "8 of 12 services are smaller than a tenth of an even share"
    )
    assert degeneracy_warning(assignment=SERVICES) is None


def test_conceptual_modularity_links_classes_that_share_a_term() -> None:
    terms = {
        "a": frozenset({"order"}),
        "b": frozenset({"order", "item"}),
        "c": frozenset({"item"}),
        "d": frozenset({"item"}),
        "e": frozenset({"refund"}),
    }
    # x: a-b, b-c of 9; y: none of 4; between: b-d, c-d of 2 * 3 * 2.
    found = interfaces.conceptual_modularity_quality(terms, assignment=SERVICES)
    assert found == pytest.approx((2 / 9) / 2 - 2 / 12)
    assert interfaces.conceptual_modularity_quality({}, assignment={}) == 0.0
