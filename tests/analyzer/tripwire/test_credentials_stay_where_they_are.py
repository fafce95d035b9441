"""The value of a credential is in no artefact, whatever it stands in and however it is named."""

import logging
import pickle

import pytest

from analyzer import api
from analyzer.facts.configuration import Secret
from analyzer.readers.python.reader import facts_of, project_of
from tests.fakes.packing import as_folder

CANARY = "Canary7Wq9Zx3Lp"
SHOP = {
    "site/settings.py": f"""
import os
INSTALLED_APPS = ["shop"]
SECRET_KEY = "{CANARY}a"
DATABASES = {{"default": {{"ENGINE": "django.db.backends.postgresql", "PASSWORD": "{CANARY}b"}}}}
BROKER_URL = "amqp://shop:{CANARY}c@queue.example/"
PAY_SECRET = os.environ.get("PAY_SECRET", "{CANARY}d")
CACHES = {{"default": {{"LOCATION": "redis://:{CANARY}e@cache:6379/1"}}}}
""",
    "shop/models.py": """
from django.db import models
class Order(models.Model):
    number = models.TextField()
class Line(models.Model):
    order = models.ForeignKey(Order, models.CASCADE)
""",
    "shop/pay.py": f"""
import redis
import requests
from django.core.cache import cache
from shop.models import Line, Order
API_TOKEN = "{CANARY}f"
client = redis.from_url("redis://:{CANARY}g@cache/0")
def pay(order, password="{CANARY}h"):
    requests.post("https://shop:{CANARY}i@pay.example/charge?key={CANARY}j")
    requests.get("https://pay.example/", auth=("shop", "{CANARY}k"))
    cache.set(f"https://shop:{CANARY}l@host/", 1)
    client.set(f"paid:{{order.pk}}", 1, secret="{CANARY}m")
    Order.objects.filter(number="1").update(number="2")
    return Line.objects.filter(order__number=order.number)
""",
    "shop/broken.py": f"""
PASSWORD = "{CANARY}n"
def broken(:
""",
}


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """All artefacts of an analysis by name, and what was logged meanwhile."""
    work = tmp_path_factory.mktemp("credentials")
    source = as_folder({path: text.encode() for path, text in SHOP.items()}, work / "shop")
    log = work / "log"
    handler = logging.FileHandler(log)
    logging.getLogger().addHandler(handler)
    snapshot = api.take_snapshot(str(source), into=work / "snapshot")
    report = api.analyze(snapshot, store=api.MemoryStore())
    logging.getLogger().removeHandler(handler)
    handler.close()
    artefacts = {
        format.name: api.export(report, format=format.name, root=snapshot.root)
        for format in api.FORMATS
    }
    return artefacts | {"log": log.read_bytes()}


def test_no_artefact_tells_a_credential(outcome: dict[str, bytes]) -> None:
    assert {name for name, content in outcome.items() if CANARY.encode() in content} == set()


def test_no_fact_tells_a_credential() -> None:
    facts = list(facts_of(project_of({path: text.encode() for path, text in SHOP.items()})))

    assert CANARY.lower() not in repr(facts).lower()
    assert CANARY[:6].lower() not in repr(facts).lower()
    assert sum(isinstance(fact, Secret) and fact.in_source for fact in facts) >= 8
    assert CANARY.encode() not in pickle.dumps(facts)
