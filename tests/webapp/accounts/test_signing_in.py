"""Sign-in by link and by password."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from webapp.accounts import services
from webapp.accounts.models import SignInLink, User


def test_a_link_signs_its_user_in_once(alice: User, client: Client) -> None:
    address = reverse("accounts:sign-in-by-link", args=[services.issue_sign_in_link(user=alice)])
    assert client.get(address).headers["Location"] == "/"
    assert client.get("/").status_code == 200
    again = Client().get(address)
    assert again.status_code == 403
    assert "no longer good" in again.content.decode()


def test_a_used_link_does_not_bother_who_is_signed_in(alice: User, client: Client) -> None:
    address = reverse("accounts:sign-in-by-link", args=[services.issue_sign_in_link(user=alice)])
    client.get(address)
    assert client.get(address).headers["Location"] == "/"


def test_a_link_expires(alice: User, client: Client) -> None:
    secret = services.issue_sign_in_link(user=alice)
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(reverse("accounts:sign-in-by-link", args=[secret])).status_code == 403


def test_a_link_of_somebody_who_left_is_no_good(alice: User) -> None:
    secret = services.issue_sign_in_link(user=alice)
    User.objects.update(is_active=False)
    assert services.redeem_sign_in_link(secret=secret) is None


def test_the_database_does_not_hold_the_secret_of_a_link(alice: User) -> None:
    secret = services.issue_sign_in_link(user=alice)
    assert secret not in str(list(SignInLink.objects.values()))


def test_a_password_signs_in_and_a_wrong_one_is_told(alice: User, client: Client) -> None:
    address = reverse("accounts:sign-in")
    wrong = client.post(address, {"username": "alice", "password": "no"})
    assert "do not match" in wrong.content.decode()
    right = client.post(address, {"username": "alice", "password": "a long enough phrase"})
    assert right.headers["Location"] == "/"


def test_every_page_sends_a_policy_that_allows_no_foreign_script(client: Client) -> None:
    policy = client.get(reverse("accounts:sign-in")).headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy


@pytest.mark.django_db
def test_the_command_line_makes_users_and_links(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_user", "bob", "--no-password")
    call_command("sign_in_link", "bob")
    address = capsys.readouterr().out.split()[-1]
    client = Client()
    client.get(address)
    assert "bob" in client.get("/").content.decode()
