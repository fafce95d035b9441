"""What a move would cost, and what a check refuses."""

from dataclasses import replace

import pytest

from analyzer import api
from analyzer.coupling.build import build_factor_graph
from analyzer.facts.codebase_facts import merged
from analyzer.facts.evidence import Evidence
from analyzer.facts.modules import Module, Unit
from analyzer.facts.references import Reference
from analyzer.partition.objective import cost
from analyzer.report.comparison import CheckResult, new_coupling
from analyzer.report.report import Report
from analyzer.report.restore import assignment_of, graph_of
from tests.analyzer.report.test_report_document import shop_report
from tests.fakes.shop import shop_facts


@pytest.fixture(scope="module")
def report() -> Report:
    return shop_report()


def _cost_from_scratch(report: Report, homes: dict[str, str]) -> float:
    import numpy as np

    from analyzer.coupling.factor_graph import compact
    from analyzer.partition.problem import Prices

    graph = graph_of(report)
    numbers = {service: n for n, service in enumerate(sorted(set(homes.values())))}
    labels = np.array([numbers[homes[node.id]] for node in graph.nodes], np.int32)
    prices = report.document["prices"]
    return cost(compact(graph), labels, Prices(prices["load"], prices["service"]))


def test_a_moves_price_is_the_difference_of_two_costs(report: Report) -> None:
    homes = assignment_of(report)
    for node in sorted(homes):
        for service in ("ordering", "payments", "brand-new"):
            price = api.what_if(report, moves={node: service})
            moved = _cost_from_scratch(report, {**homes, node: service})
            assert price.after == pytest.approx(moved, abs=1e-4)


def test_moving_an_unknown_node_is_refused(report: Report) -> None:
    with pytest.raises(api.UnusableInput, match="no unit or table 'nobody'"):
        api.what_if(report, moves={"nobody": "ordering"})


def _checked(report: Report, *references: Reference, unit: Unit | None = None) -> CheckResult:
    extra = replace(shop_facts(), references=references, units=(unit,) if unit else ())
    facts = merged(shop_facts(), extra)
    return new_coupling(build_factor_graph(facts).graph, facts, report)


def test_the_same_code_has_no_new_coupling(report: Report) -> None:
    result = _checked(report)
    assert (result.new, result.passed) == ((), True)


def test_a_new_call_across_a_boundary_is_refused_with_its_line(report: Report) -> None:
    line = Evidence("shop/tasks.py", 7)
    call = Reference("shop.tasks:restock", "shop.views:pay", "call", line)
    homes = assignment_of(report)
    assert homes[call.source] != homes[call.target]
    result = _checked(report, call)
    assert not result.passed
    assert [(new.kind, new.evidence) for new in result.new] == [("call", (line,))]


def test_a_new_unit_is_placed_with_its_module(report: Report) -> None:
    facts = shop_facts()
    module = Module("shop.models.extra", "shop/models/extra.py", 10, "python")
    unit = Unit("shop.models.extra:New", "shop.models.extra", "New", "class", 1, 9, 9)
    changed = merged(facts, replace(facts, modules=(module,), units=(unit,)))
    result = new_coupling(build_factor_graph(changed).graph, changed, report)
    assert result.unplaced == ("shop.models.extra:New",)
    assert result.passed
