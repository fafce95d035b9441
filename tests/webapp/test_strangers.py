"""A stranger sees nothing of what belongs to somebody else, at any address there is."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from webapp.accounts import services
from webapp.accounts.models import User
from webapp.analyses.models import AnalysisRun

# Pages without anything of anybody's, and signing in.
OPEN = {"accounts:sign-in", "accounts:sign-in-by-link", "analyses:health"}
FILLED_IN = {
    "key": "curve",
    "service_id": "orders",
    "first": "orders",
    "second": "stock",
    "table_id": "orders_order",
    "transaction_id": "orders/views.py:11",
    "path": "orders/views.py",
    "name": "json",
    "secret": "x",
    "token_id": 1,
}


def addresses(
    resolver: URLResolver, space: str = "", outer: frozenset[str] = frozenset()
) -> Iterator[tuple[str, frozenset[str]]]:
    """Every named address of the product, and what is to be filled in there."""
    for entry in resolver.url_patterns:
        inner = outer | entry.pattern.converters.keys()
        if isinstance(entry, URLResolver):
            yield from addresses(entry, entry.namespace or space, inner)
        elif entry.name:
            yield f"{space}:{entry.name}", inner


ALL = dict(addresses(get_resolver()))
OWNED = sorted(name for name, blanks in ALL.items() if {"run_id", "project_id"} & blanks)


def address(name: str, run: AnalysisRun) -> str:
    known = {**FILLED_IN, "run_id": run.pk, "other_id": run.pk, "project_id": run.project_id}
    return reverse(name, kwargs={key: known[key] for key in ALL[name]})


@pytest.mark.parametrize("name", OWNED)
def test_a_stranger_finds_nothing(name: str, request: pytest.FixtureRequest) -> None:
    run: AnalysisRun = request.getfixturevalue("report_of_alice")
    charlie: User = request.getfixturevalue("charlie")
    client = Client(
        headers={"Authorization": f"Bearer {services.issue_token(user=charlie, name='x')}"}
    )
    client.force_login(charlie)
    codes = {
        client.get(address(name, run)).status_code,
        client.post(address(name, run)).status_code,
    }
    assert codes <= {404, 405}
    assert 404 in codes


@pytest.mark.parametrize("name", sorted(set(ALL) - OPEN))
def test_nobody_sees_anything_without_signing_in(
    name: str, report_of_alice: AnalysisRun, client: Client
) -> None:
    answer = client.get(address(name, report_of_alice))
    if answer.status_code == 302:
        assert answer.headers["Location"].startswith("/sign-in/")
    else:
        assert answer.status_code in {401, 405}


def test_a_stranger_cannot_compare_with_a_run_of_another(
    report_of_alice: AnalysisRun, as_charlie: Client, charlie: User
) -> None:
    own = AnalysisRun.objects.get(pk=report_of_alice.pk)
    assert as_charlie.get(reverse("review:compare", args=[own.pk, own.pk])).status_code == 404


def test_strangers_have_lists_of_their_own(
    report_of_alice: AnalysisRun, as_charlie: Client
) -> None:
    assert "Shop" not in as_charlie.get("/").content.decode()
