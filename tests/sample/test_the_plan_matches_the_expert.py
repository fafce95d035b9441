"""Given the expert's services, the plan for the sample says what the expert says."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from analyzer import api

HERE = Path(__file__).parent
SAMPLE = HERE.parents[1] / "sample_monolith"
DECOMPOSITION = tomllib.loads((HERE / "expected_decomposition.toml").read_text())
FINDINGS = tomllib.loads((HERE / "expected_findings.toml").read_text())


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> api.Report:
    snapshot = api.take_snapshot(str(SAMPLE), into=tmp_path_factory.mktemp("kept") / "snapshot")
    quick = api.Options(time_limit=2.0)
    first = api.analyze(snapshot, options=quick)
    nodes = {node["id"] for node in first.document["nodes"]}
    pins = tuple(
        (node, service)
        for service, members in DECOMPOSITION["services"].items()
        for node in (*members["tables"], *members["units"])
        if node in nodes
    )
    number = len(DECOMPOSITION["services"])
    constraints = api.Constraints(pins=pins, services=(number, number))
    return api.repartition(first, constraints=constraints, options=quick)


@pytest.fixture(scope="module")
def sagas(report: api.Report) -> dict[str, dict[str, Any]]:
    return {saga["unit"]: saga for saga in report.document["plan"]["sagas"][::-1]}


def test_every_saga_of_the_expert_is_found(sagas: dict[str, dict[str, Any]]) -> None:
    assert {saga["unit"] for saga in FINDINGS["sagas"]} <= set(sagas)


def test_sagas_span_the_services_that_the_expert_names(sagas: dict[str, dict[str, Any]]) -> None:
    right = [s["unit"] for s in FINDINGS["sagas"] if sagas[s["unit"]]["services"] == s["services"]]
    assert len(right) >= 11, right  # of 15
    for saga in FINDINGS["sagas"]:
        assert set(saga["services"]) <= set(sagas[saga["unit"]]["services"])


def test_most_sagas_turn_where_the_expert_turns_them(sagas: dict[str, dict[str, Any]]) -> None:
    def pivot(saga: dict[str, Any]) -> str:
        return next(str(s["service"]) for s in saga["steps"] if s["kind"] == "pivot")

    right = [s["unit"] for s in FINDINGS["sagas"] if pivot(sagas[s["unit"]]) == s["pivot"]]
    assert len(right) >= 11, right  # of 15


def test_transactions_of_one_service_stay_local(report: api.Report) -> None:
    found = {t["unit"]: t["disposition"] for t in report.document["transactions"]}
    for local in FINDINGS["local_transactions"]:
        assert found[local["unit"]] == "local", local["unit"]


def test_http_calls_inside_transactions_are_told(sagas: dict[str, dict[str, Any]]) -> None:
    for unit in ("place_order", "refund_order", "ship_order"):
        effects = sagas[f"store.services:{unit}"]["side_effects"]
        assert any(effect["statement"].startswith("http") for effect in effects), unit
    assert sagas["store.services:merge_customers"]["side_effects"] == []
