"""The plan for a small shop, sentence by sentence."""

import pytest

from analyzer.facts.evidence import Evidence
from analyzer.plan.landscape import Landscape, landscape_of
from analyzer.plan.migration_plan import MigrationPlan, migration_plan
from tests.fakes.shop import MODELS, TASKS, VIEWS, shop_facts, shop_partition


@pytest.fixture(scope="module")
def plan() -> MigrationPlan:
    return migration_plan(shop_facts(), shop_partition())


@pytest.fixture(scope="module")
def landscape() -> Landscape:
    return landscape_of(shop_facts(), shop_partition())


def test_every_table_has_one_owner_and_a_reason_with_figures(plan: MigrationPlan) -> None:
    owners = {t.table: (t.owner, t.reason) for d in plan.databases for t in d.tables}
    assert owners == {
        "shop_line": ("ordering", "the only line that writes it stands in Ordering"),
        "shop_order": ("ordering", "the only line that writes it stands in Ordering"),
        "shop_payment": ("payments", "the only line that writes it stands in Payments"),
        "shop_item": (
            "stock",
            "1 of 2 lines that write it stands in Stock; the others: Ordering 1",
        ),
    }


def test_tables_written_in_one_transaction_are_one_aggregate(plan: MigrationPlan) -> None:
    found = {a.root: a.tables for d in plan.databases for a in d.aggregates}
    assert found["shop_order"] == ("shop_line", "shop_order")
    assert found["shop_payment"] == ("shop_payment",)


def test_a_caller_through_another_service_is_no_foreign_access(plan: MigrationPlan) -> None:
    payment = next(t for d in plan.databases for t in d.tables if t.table == "shop_payment")
    assert [(w.unit, w.evidence) for w in payment.writers] == [
        ("shop.views:pay", Evidence(VIEWS, 55))
    ]


def test_foreign_keys_are_kept_referenced_or_cascaded(plan: MigrationPlan) -> None:
    found = {(r.source, r.column): r.disposition for r in plan.references}
    assert found == {
        ("shop_line", "order_id"): "keep",
        ("shop_line", "item_id"): "identifier",
        ("shop_payment", "order_id"): "cascade-by-event",
    }


def test_a_transaction_over_three_services_becomes_a_saga(plan: MigrationPlan) -> None:
    by_id = {t.id: t for t in plan.transactions}
    assert by_id["tasks:3"].disposition == "local"
    assert by_id["views:12"].disposition == "saga"
    assert by_id["views:12"].remote_reads == ("shop_item",)
    assert [saga.transaction for saga in plan.sagas] == ["views:12"]


def test_a_sagas_steps_follow_the_text_with_pivot_and_compensations(plan: MigrationPlan) -> None:
    (saga,) = plan.sagas
    assert [(s.service, s.kind, s.writes) for s in saga.steps] == [
        ("stock", "compensatable", ("shop_item",)),
        ("ordering", "compensatable", ("shop_line", "shop_order")),
        ("payments", "pivot", ("shop_payment",)),
    ]
    assert saga.pivot_reason.startswith("shop/views.py:18 reaches another system")
    assert saga.steps[0].compensation == (
        "write the former values of shop_item back, or book the opposite change"
    )
    assert saga.steps[2].compensation == ""
    assert saga.style == "orchestration"


def test_a_row_lock_and_a_state_column_become_countermeasures(plan: MigrationPlan) -> None:
    places = {measure.evidence for measure in plan.sagas[0].countermeasures}
    assert {Evidence(VIEWS, 14), Evidence(MODELS, 7)} <= places


def test_a_join_over_three_services_gets_a_read_model(plan: MigrationPlan) -> None:
    (query,) = plan.queries
    assert query.evidence == Evidence(VIEWS, 44)
    assert query.replacement == "read-model"
    assert query.services == ("ordering", "payments", "stock")


def test_foreign_row_locks_and_shared_keys_must_go(plan: MigrationPlan) -> None:
    found = {(c.kind, c.target): (c.owner, c.remedy) for c in plan.locks}
    assert found == {
        ("row", "shop_item"): ("stock", "owner-operation"),
        ("cache", "stock:*"): ("stock", "one-owner"),
    }


def test_services_offer_what_others_call_and_what_others_take_from_tables(
    plan: MigrationPlan,
) -> None:
    offered = {
        (api.service, operation.name): (operation.kind, operation.consumers)
        for api in plan.apis
        for operation in api.operations
    }
    assert offered[("payments", "pay")] == ("command", ("ordering",))
    assert offered[("ordering", "order_report")] == ("query", ("payments",))
    assert offered[("stock", "change shop_item")] == ("data", ("ordering",))
    assert offered[("ordering", "POST /orders/")] == ("public", ())


def test_a_task_sent_inside_a_transaction_goes_through_an_outbox(plan: MigrationPlan) -> None:
    events = {(e.name, e.kind): e for e in plan.events}
    sent = events[("remind", "message")]
    assert (sent.producer, sent.consumers, sent.outbox) == ("ordering", ("payments",), True)
    assert events[("shop_order deleted", "deletion")].consumers == ("payments",)
    assert events[("shop_item changed", "change")].consumers == ("ordering",)


def test_relations_count_what_one_service_uses_of_another(plan: MigrationPlan) -> None:
    relation = next(
        r for r in plan.context_map if (r.downstream, r.upstream) == ("ordering", "stock")
    )
    assert (relation.reads, relation.writes, relation.foreign_keys) == (1, 1, 1)


def test_evidence_is_never_missing_from_what_the_plan_claims(plan: MigrationPlan) -> None:
    assert all(saga.steps[i].changes for saga in plan.sagas for i in range(len(saga.steps)))
    assert all(e.grounds for e in plan.events)
    assert all(c.uses for c in plan.locks)
    assert all(o.evidence for api in plan.apis for o in api.operations)
    assert all(r.evidence for r in plan.context_map)


def test_the_schedule_asks_for_a_scheduler(plan: MigrationPlan) -> None:
    assert ("a scheduler", "1 schedule starts work") in {(n.what, n.reason) for n in plan.platform}
    assert TASKS in {s.evidence.path for s in plan.transactions}
