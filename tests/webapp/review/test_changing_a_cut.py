"""Prices, decisions, undo, cutting again, comparison."""

from django.test import Client
from django.urls import reverse

from webapp.accounts.models import User
from webapp.analyses import selectors as analyses
from webapp.analyses.models import AnalysisRun
from webapp.analyses.services import executing
from webapp.review import selectors, services
from webapp.review.models import Constraint

NODE = "stock_article"


def rows(run: AnalysisRun) -> list[dict[str, object]]:
    return [decision.row for decision in selectors.decisions_of(run)]


def test_a_price_is_given_and_nothing_moves(finished: AnalysisRun, as_alice: Client) -> None:
    address = reverse("review:review", args=[finished.pk])
    page = as_alice.get(address, {"node": NODE, "service": "a-new-one"}).content.decode()
    assert "data-price" in page
    assert rows(finished) == []
    unknown = as_alice.get(address, {"node": "nobody", "service": "x"}).content.decode()
    assert "no unit or table" in unknown


def test_a_price_is_what_cutting_so_costs(finished: AnalysisRun) -> None:
    home = analyses.document_of(finished)["tables"][0]
    nothing = services.price(run=finished, node=home["id"], service=home["service"])
    assert nothing.difference == 0


def test_edits_are_undone_by_their_inverse(finished: AnalysisRun, alice: User) -> None:
    services.pin(run=finished, by=alice, node=NODE, service="one")
    services.pin(run=finished, by=alice, node=NODE, service="two")
    services.set_service_count(run=finished, by=alice, least=3, most=2)
    assert len(rows(finished)) == 2
    services.undo(run=finished)
    assert rows(finished) == [{"kind": "pin", "node": NODE, "service": "two"}]
    services.undo(run=finished)
    assert rows(finished) == [{"kind": "pin", "node": NODE, "service": "one"}]
    services.withdraw(run=finished, by=alice, subject=f"pin:{NODE}")
    assert rows(finished) == []
    services.undo(run=finished)
    services.undo(run=finished)
    assert rows(finished) == []
    assert services.undo(run=finished) is None


def test_a_decision_about_nothing_is_refused(finished: AnalysisRun, as_alice: Client) -> None:
    address = reverse("review:pin", args=[finished.pk])
    answer = as_alice.post(address, {"node": "nobody", "service": "x"}, follow=True)
    assert "no class, function or table" in answer.content.decode()
    assert not Constraint.objects.exists()


def test_cutting_again_honours_the_decisions_and_is_compared(
    finished: AnalysisRun, as_alice: Client, alice: User
) -> None:
    services.pin(run=finished, by=alice, node=NODE, service="Storage")
    services.pin(run=finished, by=alice, node="customers_customer", service="People")
    again = services.cut_again(run=finished, by=alice, then=lambda: None)
    executing.execute(run_id=again.pk, send_shard=lambda run_id, shard: None)
    again.refresh_from_db()
    assert again.state == "finished", again.failure
    homes = selectors.homes_of(analyses.document_of(again))
    assert homes[NODE][1] != homes["customers_customer"][1]
    page = as_alice.get(reverse("review:compare", args=[again.pk, finished.pk]))
    assert page.status_code == 200
    carried = reverse("review:review", args=[again.pk])
    assert as_alice.get(carried).status_code == 200


def test_names_are_offered(finished: AnalysisRun, as_alice: Client) -> None:
    offered = as_alice.get(reverse("review:nodes", args=[finished.pk]), {"q": "stock art"}).json()
    assert NODE in offered["nodes"]
