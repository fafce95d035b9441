"""Credentials are found, and their values never told."""

import pytest

from analyzer.facts.credentials import (
    has_entropy,
    is_secret_name,
    redacted,
    without_credentials,
)
from analyzer.readers.python.outbound import Outbound
from analyzer.readers.python.resources import Resources
from analyzer.readers.python.secrets import Secrets
from tests.fakes.python_facts import said

AWS = "AKIA" + "ABCDEFGHIJKLMNOP"
STRIPE = "sk_" + "live_4eC39HqLyjWDarjtT1zdp7dc"


def test_credentials_are_found_by_name_format_and_entropy() -> None:
    lines = said(
        Secrets(),
        f"""
### site/settings.py
import os
INSTALLED_APPS = ["shop"]
SECRET_KEY = "insecure"
DATABASES = {{"default": {{"PASSWORD": "postgres", "NAME": "shop"}}}}
AUTH_PASSWORD_VALIDATORS = "django.contrib.auth.password_validation.X"
MAIL_PASSWORD = os.environ["MAIL_PASSWORD"]
PAY_TOKEN = os.getenv("PAY_TOKEN", "")
BROKER = "amqp://shop:pa55word@queue/"
SIGNING_KEY = "/etc/shop/certs/signing.key"
### shop/pay.py
import os
key = "{STRIPE}"
salt = "Zm9vYmFyMTIzNDU2Nzg5MGFi"
table = "q7Rk2Vx9Lp4Ws8Tz1Nc6Hb3Jd5Gf0MyA"
password_label = "Your password"
token = "token"
print("q7Rk2Vx9Lp4Ws8Tz1Nc6Hb3Jd5Gf0MyA", [None])
sha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
def go(client):
    client.login(password="hunter2-hunter2", aws="{AWS}")
    return os.environ.get("API_KEY", "f4llb4ck-value")
""",
    )
    assert lines == [
        "secret API_KEY by name from outside @shop/pay.py:11",
        "secret API_KEY by name in source @shop/pay.py:11",
        "secret BROKER by format in source @site/settings.py:8",
        "secret MAIL_PASSWORD by name from outside @site/settings.py:6",
        "secret PASSWORD by name in source @site/settings.py:4",
        "secret PAY_TOKEN by name from outside @site/settings.py:7",
        "secret SECRET_KEY by name in source @site/settings.py:3",
        "secret aws by format in source @shop/pay.py:10",
        "secret key by format in source @shop/pay.py:2",
        "secret password by name in source @shop/pay.py:10",
        "secret salt by name in source @shop/pay.py:3",
        "secret table by entropy in source @shop/pay.py:4",
    ]


def test_credentials_stand_in_lists_defaults_comparisons_headers_and_brokers() -> None:
    lines = said(
        Secrets(),
        """
### site/settings.py
import os
from pydantic import SecretStr
INSTALLED_APPS = ["shop"]
SECRET_KEY_FALLBACKS = ["0ld-insecure-key"]
MAIL_PASSWORD = os.environ.get("MAIL_SENDER", "f4llb4ck")
DB_PASS = "p0stgres"
CACHES = {"default": {"LOCATION": "redis://:pa55word@cache:6379/0"}}
API = SecretStr("s3cr3t-v4lue")
### shop/pay.py
class Row:
    api_token = Column(default="d3fault-v4lue")
def go(user, client, password, token="d3fault-t0ken"):
    client.login("shop", "m4il-p4ssword")
    if password == "m4ster-p4ssword":
        user.set_password("ch4nge-me-l8er")
    client.get("/x", headers={"Authorization": "Bearer 0123456789abcdef0123"})
    return ["not-a-secret-1"], user.tokens == ["w0rd-of-gramm4r"]
""",
    )
    assert lines == [
        "secret Authorization by format in source @shop/pay.py:7",
        "secret DB_PASS by name in source @site/settings.py:6",
        "secret LOCATION by format in source @site/settings.py:7",
        "secret MAIL_PASSWORD by name in source @site/settings.py:5",
        "secret SECRET_KEY_FALLBACKS by name in source @site/settings.py:4",
        "secret api_token by name in source @shop/pay.py:2",
        "secret password by name in source @shop/pay.py:4",
        "secret password by name in source @shop/pay.py:5",
        "secret password by name in source @shop/pay.py:6",
        "secret password by name in source @site/settings.py:8",
        "secret token by name in source @shop/pay.py:3",
    ]


def test_names_of_other_facts_are_told_without_the_credentials_in_them() -> None:
    picture = """
### shop/pay.py
import redis, requests
r = redis.Redis()
TOKEN = "12ab-34cd-56ef"
LINE = "pay:{}:open"
def go(order):
    requests.get("https://pay.example.org/bot%s/send" % TOKEN)
    requests.get("https://pay.example.org/" + TOKEN)
    requests.get("https://pay.example.org/q7Rk2Vx9Lp4Ws8Tz1Nc6Hb3Jd5/x")
    r.get("pay:" + TOKEN)
    r.get(LINE.format(order))
"""
    assert said(Outbound(), picture) == [
        "shop.pay:go sends http https://pay.example.org/* to None @shop/pay.py:7",
        "shop.pay:go sends http https://pay.example.org/*/x to None @shop/pay.py:8",
        "shop.pay:go sends http https://pay.example.org/bot*/send to None @shop/pay.py:6",
    ]
    assert said(Resources(), picture) == [
        "shop.pay:go reads redis pay:* @shop/pay.py:9",
        "shop.pay:go reads redis pay:*:open @shop/pay.py:10",
    ]
    assert redacted("/hooks/q7Rk2Vx9Lp4Ws8Tz1Nc6Hb3Jd5/") == "/hooks/*/"


@pytest.mark.parametrize(
    "name",
    ["SECRET_KEY", "STRIPE_API_KEY", "password", "EMAIL_HOST_PASSWORD", "client_secret",
     "SENTRY_DSN", "AWS_SECRET_ACCESS_KEY", "auth_token", "TOKEN"],
)  # fmt: skip
def test_names_of_credentials(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["PASSWORD_RESET_TIMEOUT", "token_url", "password_field", "AUTH_PASSWORD_VALIDATORS",
     "tokenize", "secretary", "api_key_header", "PASSWORD_HASHERS", "monkey", "public_key"],
)  # fmt: skip
def test_names_that_only_sound_alike(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "value",
    ["django.contrib.auth.models.User", "order_confirmation_email_template", "Aa1" * 10,
     "a sentence with Words and 3 numbers", "/static/js/app.min.js", "0" * 40],
)  # fmt: skip
def test_ordinary_strings_have_no_entropy(value: str) -> None:
    assert not has_entropy(value)


@pytest.mark.parametrize(
    "text",
    [
        'PASSWORD = "canary"',
        'login(password="canary", user="b")',
        '{"SECRET_KEY": "canary"}',
        'os.environ.get("API_KEY", "canary")',
        "SECRET = os.getenv('X', 'canary')",
        'token: str | None = "canary"',
        'SECRET_KEY = (\n    "canary"\n)',
        "self.password = 'a\\'canary'",
        "url = 'postgres://shop:canary@host/db'",
        'PRIVATE_KEY = """canary"""',
        "path('hook/q7Rk2Vx9Lp4canaryWs8Tz1Nc6Hb3/', hook)",
        'connect("host=db user=shop password=canary")',
        'secret = f"canary"',
        'password = ("first" \n    "canary")',
        "CACHE = 'redis://:canary@host/0'",
        'DB_PASS = "canary"',
        'pw = b"canary"',
        'if password == "canary": pass',
        'password = "canary',
        'KEY_PASSPHRASE = """\nfirst\ncanary\n"""',
        "ALTER USER shop WITH PASSWORD 'canary'",
        "CREATE USER shop IDENTIFIED BY 'canary'",
        '{"X-Api-Key": "canary"}',
        "login()  # password: canary1",
        "x = -----BEGIN RSA PRIVATE KEY-----\\ncanary\\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_a_text_can_be_told_without_its_credentials(text: str) -> None:
    assert "canary" not in without_credentials(text)


def test_everything_else_in_the_text_stays() -> None:
    text = 'order.token = 1\npassenger = "Ann"\nname = "customer"  # the key: "orders"\nurl = "https://shop/stock"'

    assert without_credentials(text) == text


def test_lines_known_to_hold_a_credential_are_masked_and_stay_where_they_are() -> None:
    text = "a = 1\nx = f('canary', \"canary\")\nb = 'kept'\n"

    masked = without_credentials(text, lines={2, 99})

    assert masked == "a = 1\nx = f('•••', \"•••\")\nb = 'kept'\n"


def test_values_in_files_of_settings_need_no_quotes() -> None:
    text = "DB_PASSWORD=canary one\n  - API_KEY: canary\nNAME=kept\npassword:\n  x: kept\n"

    masked = without_credentials(text, path="deploy/.env.example")

    assert masked == "DB_PASSWORD=•••\n  - API_KEY: •••\nNAME=kept\npassword:\n  x: kept\n"
    assert without_credentials("password = given\n", path="shop/views.py") == "password = given\n"
