"""Who defines and who reads each setting."""

from analyzer.readers.python.configuration import Configuration
from tests.fakes.python_facts import said


def test_settings_are_defined_in_their_module_and_read_everywhere() -> None:
    assert said(
        Configuration(),
        """
### site/settings.py
import os
INSTALLED_APPS = ["shop"]
CURRENCY = "EUR"
KEY = os.environ["PAY_KEY"]
lower = 1
### shop/views.py
from django.conf import settings
from site.settings import CURRENCY
def price(request):
    return settings.CURRENCY, settings.DATABASES["default"]
class Pay:
    url = getattr(settings, "PAY_URL", None)
    def go(self):
        from django.conf import settings as conf
        return conf.KEY
def direct():
    return CURRENCY
""",
    ) == [
        "shop.views:Pay reads settings KEY @shop/views.py:9",
        "shop.views:Pay reads settings PAY_URL @shop/views.py:6",
        "shop.views:direct reads settings CURRENCY @shop/views.py:11",
        "shop.views:price reads settings CURRENCY @shop/views.py:4",
        "shop.views:price reads settings DATABASES @shop/views.py:4",
        "site.settings defines settings CURRENCY @site/settings.py:3",
        "site.settings defines settings INSTALLED_APPS @site/settings.py:2",
        "site.settings defines settings KEY @site/settings.py:4",
        "site.settings reads environment PAY_KEY @site/settings.py:4",
    ]


def test_environment_variables_are_read_in_many_ways() -> None:
    assert said(
        Configuration(),
        """
### shop/config.py
import os
from os import environ, getenv
import environ as django_environ
from decouple import config
env = django_environ.Env(DEBUG=(bool, False))
A = os.getenv("A")
B = getenv("B", "x")
C = os.environ.get("C")
D = environ["D"]
E = config("E", default=1)
F = env("F")
G = env.bool("G")
os.environ.setdefault("H", "x")
os.environ["I"] = "x"
def later():
    return os.environ["J"]
NOT = {}.get("NOT")
""",
    ) == [
        "shop.config defines environment H @shop/config.py:13",
        "shop.config defines environment I @shop/config.py:14",
        *(f"shop.config reads environment {key} @shop/config.py:{5 + n}" for n, key in
          enumerate("ABCDEFG", 1)),
        "shop.config:later reads environment J @shop/config.py:16",
    ]  # fmt: skip


def test_pydantic_and_flask_settings_are_read() -> None:
    assert said(
        Configuration(),
        """
### shop/config.py
from pydantic_settings import BaseSettings
class Config(BaseSettings):
    database_url: str
    debug: bool = False
### shop/app.py
from flask import Flask, current_app
app = Flask("shop")
def go():
    return app.config["PAGE_SIZE"], current_app.config.get("MAIL_FROM")
""",
    ) == [
        "shop.app:go reads settings MAIL_FROM @shop/app.py:4",
        "shop.app:go reads settings PAGE_SIZE @shop/app.py:4",
        "shop.config:Config reads environment DATABASE_URL @shop/config.py:3",
        "shop.config:Config reads environment DEBUG @shop/config.py:4",
    ]


def test_asking_whether_a_variable_is_there_reads_it() -> None:
    assert said(
        Configuration(),
        """
### site/settings.py
INSTALLED_APPS = []
### shop/config.py
import os
from django.conf import settings
from site import settings as own
IS_CI = "CI" in os.environ
def url():
    if "PAY_URL" not in os.environ and hasattr(settings, "PAY_URL"):
        return getattr(own, "PAY_HOST", "") + ("x" if "CI" == own else "")
""",
    ) == [
        "shop.config reads environment CI @shop/config.py:4",
        "shop.config:url reads environment PAY_URL @shop/config.py:6",
        "shop.config:url reads settings PAY_HOST @shop/config.py:7",
        "shop.config:url reads settings PAY_URL @shop/config.py:6",
        "site.settings defines settings INSTALLED_APPS @site/settings.py:1",
    ]


def test_prefixes_aliases_and_other_names_of_the_environment() -> None:
    assert said(
        Configuration(),
        """
### shop/config.py
from os import environ as outside
from pydantic import BaseSettings, Field
from pydantic_settings import SettingsConfigDict
class Old(BaseSettings):
    page_size: int
    named: str = Field("x", env="OTHER_NAME")
    class Config:
        env_prefix = "SHOP_"
class New(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="new_")
    page_size: int
def go():
    return outside["PLACE"]
""",
    ) == [
        "shop.config:New reads environment NEW_PAGE_SIZE @shop/config.py:11",
        "shop.config:Old reads environment OTHER_NAME @shop/config.py:6",
        "shop.config:Old reads environment SHOP_PAGE_SIZE @shop/config.py:5",
        "shop.config:go reads environment PLACE @shop/config.py:13",
    ]
