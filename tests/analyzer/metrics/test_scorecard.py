"""Metrics of a small shop, from its facts."""

import pytest

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.metrics.scorecard import measure, measure_services, warning
from analyzer.metrics.use_cases import use_cases_of_services
from tests.fakes.codebase import Codebase

SERVICES = {
    "shop.orders:place": "ordering",
    "shop.orders:Order": "ordering",
    "shop.stock:reserve": "stock",
    "shop.stock:Stock": "stock",
    "orders": "ordering",
}


def shop() -> CodebaseFacts:
    return (
        Codebase()
        .units("shop.orders", "place", "Order")
        .units("shop.stock", "reserve", "Stock")
        .refers("shop.orders:place", "shop.orders:Order", "instantiation")
        .refers("shop.orders:place", "shop.stock:reserve")
        .refers("shop.stock:reserve", "shop.stock:Stock")
        .access("shop.orders:place", "orders", "write")
        .access("shop.stock:reserve", "stock", "write")
        .access("shop.orders:place", "stock")
        .entry("POST /orders/", "shop.orders:place")
        .entry("GET /stock/", "shop.stock:Stock")
        .facts()
    )


def test_every_metric_is_named_with_its_source() -> None:
    measured = measure(shop(), assignment=SERVICES)
    assert len({m.key for m in measured}) == len(measured)
    assert all(m.source and m.title for m in measured)
    assert {"bcp", "icp", "sm", "ifn", "ned", "smq", "cmq", "chm", "chd", "opn"} <= {
        m.key for m in measured
    }


def test_values_follow_from_the_facts() -> None:
    value = {m.key: m.value for m in measure(shop(), assignment=SERVICES)}
    assert value["icp"] == pytest.approx(1 / 3)
    assert value["ifn"] == 0.5
    assert value["opn"] == 1.0
    assert value["ifn_fosci"] == 0.5
    assert value["database_entropy"] == pytest.approx(100 * (1 - 0.693147 / 2), abs=1e-3)


def test_a_use_case_reaches_what_its_entry_point_calls() -> None:
    units = {unit: service for unit, service in SERVICES.items() if ":" in unit}
    assert use_cases_of_services(shop(), assignment=units) == {
        "ordering": frozenset({"POST /orders/"}),
        "stock": frozenset({"POST /orders/", "GET /stock/"}),
    }


def test_a_service_that_only_calls_others_is_unstable() -> None:
    coupling = measure_services(shop(), assignment=SERVICES)
    assert coupling["ordering"].instability == 1.0
    assert coupling["stock"].instability == 0.0


def test_nothing_is_measured_without_units_and_nothing_fails() -> None:
    assert {m.value for m in measure(CodebaseFacts(), assignment={})} <= {0.0, 1.0, 100.0}
    assert warning(CodebaseFacts(), assignment={}) is None
