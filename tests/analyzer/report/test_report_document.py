"""The document of a report: valid, complete, and enough to start again from."""

import json

import pytest

from analyzer import api
from analyzer.errors import UnusableInput
from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.pipeline import Options, Run, decided
from analyzer.progress import SilentProgress
from analyzer.report.document import Codebase
from analyzer.report.report import Report, first_fault, load_report
from analyzer.report.restore import facts_of, graph_of
from analyzer.store.memory import MemoryStore
from tests.fakes.shop import shop_coupling, shop_facts

CONTRACT = {
    "schema", "codebase", "modules", "units", "tables", "foreign_keys", "factors", "transactions",
    "entry_points", "services", "constraints", "plan", "metrics", "optimality", "curve",
    "diagnostics",
}  # fmt: skip


def shop_report(facts: CodebaseFacts | None = None) -> Report:
    run = Run(Options(services=(3, 3)), SilentProgress(), MemoryStore())
    return decided(Codebase("shop", "5" * 64), facts or shop_facts(), shop_coupling(), run)


@pytest.fixture(scope="module")
def report() -> Report:
    return shop_report()


def test_the_document_is_valid_and_has_every_key_of_the_contract(report: Report) -> None:
    assert first_fault(report.document) == ""
    assert set(report.document) >= CONTRACT
    assert set(report.document["plan"]) >= {
        "databases", "sagas", "queries", "locks", "apis", "roadmap", "platform",
    }  # fmt: skip


def test_every_unit_and_table_has_a_service_unless_it_is_shared(report: Report) -> None:
    shared = {row["unit"] for row in report.document["shared"]}
    units = report.document["units"]
    assert {unit["id"] for unit in units if not unit["service"]} == shared
    assert {unit["id"] for unit in units if unit["role"] == "shared"} == shared
    assert all(table["service"] for table in report.document["tables"])


def test_what_boundaries_charge_is_what_factors_pay(report: Report) -> None:
    charged = sum(boundary["price"] for boundary in report.document["boundaries"])
    paid = sum(factor["paid"] for factor in report.document["factors"])
    assert charged == pytest.approx(paid, abs=1e-4)


def test_a_report_is_read_back_as_it_was_written(report: Report) -> None:
    assert load_report(report.to_bytes()).document == json.loads(report.to_bytes())
    assert load_report(report.to_bytes()).to_bytes() == report.to_bytes()


def test_facts_and_graph_are_restored_without_loss(report: Report) -> None:
    again = load_report(report.to_bytes())
    assert facts_of(again) == shop_facts()
    assert graph_of(again) == shop_coupling().graph


def test_cutting_again_under_the_same_constraints_changes_nothing(report: Report) -> None:
    again = api.repartition(report).document
    assert {**again, "generated": {}} == {**report.document, "generated": {}}


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"schema": "other"}', b'{"schema": "seamline/report/1"}']
)
def test_what_is_no_report_is_refused(content: bytes) -> None:
    with pytest.raises(UnusableInput, match="report"):
        load_report(content)


def test_a_damaged_report_is_refused_in_words(report: Report) -> None:
    broken = json.loads(report.to_bytes())
    broken["units"] = [{"id": 5}]
    with pytest.raises(UnusableInput, match=r"damaged: \$\.units"):
        load_report(json.dumps(broken).encode())
