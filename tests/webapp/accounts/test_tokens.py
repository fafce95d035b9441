"""API tokens."""

from django.test import Client
from django.urls import reverse

from webapp.accounts import services
from webapp.accounts.models import ApiToken, User


def test_a_new_token_is_shown_once(as_alice: Client) -> None:
    shown = as_alice.post(reverse("accounts:create-token"), {"name": "build"}).content.decode()
    assert "seam_" in shown
    assert "seam_" not in as_alice.get(reverse("accounts:account")).content.decode()


def test_a_token_without_a_name_is_refused(as_alice: Client) -> None:
    assert as_alice.post(reverse("accounts:create-token"), {"name": " "}).status_code == 400
    assert not ApiToken.objects.exists()


def test_a_token_opens_the_api_until_it_is_revoked(alice: User, as_alice: Client) -> None:
    secret = services.issue_token(user=alice, name="build")
    headers = {"Authorization": f"Bearer {secret}"}
    program = Client(headers=headers)
    assert program.get(reverse("reports:api-projects")).json() == {"projects": []}
    as_alice.post(reverse("accounts:revoke-token", args=[ApiToken.objects.get().pk]))
    assert program.get(reverse("reports:api-projects")).status_code == 401


def test_a_stranger_cannot_revoke_a_token(alice: User, as_charlie: Client) -> None:
    services.issue_token(user=alice, name="build")
    as_charlie.post(reverse("accounts:revoke-token", args=[ApiToken.objects.get().pk]))
    assert ApiToken.objects.exists()


def test_a_session_is_no_token(as_alice: Client) -> None:
    assert as_alice.get(reverse("reports:api-projects")).status_code == 401
