"""After any edit, reading with what was stored says exactly what a cold reading says."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks.edits import EDITS, INSIDE, Editor, Files, Readings, differences
from tests.fakes.python_project import files_of

SAMPLE = Path(__file__).parents[4] / "sample_monolith"

PICTURE = """
### shop/settings.py
INSTALLED_APPS = ["shop.orders", "shop.stock"]
SECRET_NAME = "x"
### shop/other.py
DATABASES = {"default": {"ATOMIC_REQUESTS": True}}
### manage.py
import os
def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
### shop/__init__.py
### shop/orders/__init__.py
from shop.orders.models import *
### shop/orders/base.py
from django.db import models
class Timed(models.Model):
    at = models.DateTimeField()
    class Meta:
        abstract = True
    def touch(self):
        self.save()
class Numbered:
    number = 1
### shop/orders/models.py
from django.db import models
from shop.orders.base import Numbered, Timed
class Customer(Timed):
    name = models.TextField()
class OrderQuerySet(models.QuerySet):
    def due(self):
        return self.filter(customer__name="x")
class Order(Timed):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
    objects = OrderQuerySet.as_manager()
    def total(self):
        return 1
### shop/orders/services.py
from django.db import transaction
from shop.orders.models import Customer, Order
from shop.stock.services import find, reserve
def newest():
    return Order.objects.due()
class Placing:
    def __init__(self, customer):
        self.customer = customer
    def place(self):
        with transaction.atomic():
            Order.objects.create(customer=self.customer)
            reserve(find())
def place_all():
    for order in newest():
        Placing(order.customer).place()
### shop/orders/receivers.py
from django.db.models.signals import post_save
from django.dispatch import receiver
from shop.orders.models import Order
from shop.stock.models import Item
@receiver(post_save, sender=Order)
def ordered(sender, instance, **kwargs):
    Item.objects.filter(order=instance).delete()
### shop/orders/views.py
from django.conf import settings
from shop.orders.services import newest, place_all
def show(request):
    return [order.customer.name for order in newest()], settings.SECRET_NAME
def change(request):
    place_all()
### shop/orders/middleware.py
from shop.orders.models import Customer
class Known:
    def process_request(self, request):
        request.customer = Customer.objects.first()
### shop/orders/urls.py
from django.urls import path
from shop.orders import views
urlpatterns = [path("show/", views.show), path("change/", views.change)]
### shop/stock/__init__.py
### shop/stock/models.py
from django.db import models
class Item(models.Model):
    order = models.ForeignKey("orders.Order", null=True, on_delete=models.CASCADE)
### shop/stock/services.py
from shop.stock.models import Item
def find():
    return Item.objects.first()
def reserve(item):
    item.save()
def owner(request):
    return request.customer.touch()
"""

Change = Callable[[Files], None]


def replaced(path: str, old: str, new: str) -> Change:
    def change(files: Files) -> None:
        assert old.encode() in files[path]
        files[path] = files[path].replace(old.encode(), new.encode())

    return change


def added(path: str, content: str) -> Change:
    def change(files: Files) -> None:
        files[path] = content.encode()

    return change


def gone(path: str) -> Change:
    def change(files: Files) -> None:
        del files[path]

    return change


def moved(old: str, new: str) -> Change:
    def change(files: Files) -> None:
        files[new] = files.pop(old)

    return change


MODELS, SERVICES = "shop/orders/models.py", "shop/orders/services.py"
INNER: dict[str, Change] = {
    "a statement in a body": replaced(
        SERVICES, "    for order", "    x = len(str(0))\n    for order"
    ),
    "a body reads another table": replaced(
        "shop/stock/services.py",
        "return Item.objects.first()",
        "x = 1\n    return Item.objects.get()",
    ),
    "a function returns another model": replaced(
        SERVICES, "return Order.objects.due()", "return Customer.objects.all()"
    ),
    "a line is inserted above everything": replaced(
        MODELS, "from django.db", "# x\nfrom django.db"
    ),
    "an inherited method does more": replaced(
        "shop/orders/base.py", "self.save()", "self.save()\n        self.delete()"
    ),
    "a receiver does something else": replaced(
        "shop/orders/receivers.py", ".delete()", ".update(order=None)"
    ),
    "middleware assigns another model": replaced(
        "shop/orders/middleware.py", "Customer.objects.first()", "None"
    ),
    "an attribute of self is something else": replaced(
        SERVICES, "self.customer = customer", "self.customer = Customer()"
    ),
    "another function is called": replaced(
        "shop/orders/views.py", "    place_all()", "    newest()"
    ),
    "a file cannot be parsed any more": replaced(SERVICES, "def newest():", "def newest(:"),
    "a query set joins no more": replaced(MODELS, 'customer__name="x"', 'pk="x"'),
}
OUTER: dict[str, Change] = {
    "a name takes the place of an import": replaced(
        SERVICES, "def newest", "def find(): return None\ndef newest"
    ),
    "a field is added": replaced(
        MODELS,
        "    objects =",
        "    paid = models.TextField()\n    objects =",
    ),
    "a field is gone": replaced(MODELS, "    name = models.TextField()", "    pass"),
    "a class has another base": replaced(MODELS, "class Order(Timed)", "class Order(Numbered)"),
    "other settings are named in a body": replaced("manage.py", "shop.settings", "shop.other"),
    "a setting is changed": replaced(
        "shop/settings.py", '"x"', '"x"\nDATABASES = {"default": {"ATOMIC_REQUESTS": True}}'
    ),
    "a receiver is added": replaced(
        "shop/orders/receivers.py",
        "def ordered",
        "def more(sender, **kwargs):\n    Order.objects.first()\n@receiver(post_save)\ndef ordered",
    ),
    "a decorator is added": replaced(
        SERVICES,
        "def place_all",
        "@transaction.atomic\ndef place_all",
    ),
    "a star import is added": replaced(
        "shop/stock/services.py", "def find", "from shop.orders.models import *\ndef find"
    ),
    "an annotation is changed": replaced(SERVICES, "def newest()", "def newest() -> Customer"),
    "a file is added": added("shop/stock/more.py", "from shop import orders"),
    "a file is gone": gone("shop/orders/receivers.py"),
    "a file is renamed": moved("shop/stock/services.py", "shop/stock/serving.py"),
}


@pytest.mark.parametrize("name", [*INNER, *OUTER])
def test_an_edit_gives_what_a_cold_reading_gives(name: str, tmp_path: Path) -> None:
    files = files_of(PICTURE)
    readings = Readings(tmp_path, files)
    readings.read()
    (INNER | OUTER)[name](files)
    readings.write(files)
    facts, _ = readings.read()
    anew, _ = readings.read_anew()
    assert differences(facts, anew) == []
    # Only what can be seen from outside a module makes everything to be linked again.
    assert (readings.runs_kept() == 3) == (name in INNER)
    assert len(facts.accesses) > 10


def test_random_edits_of_the_sample_give_what_cold_readings_give(tmp_path: Path) -> None:
    original = {
        path.relative_to(SAMPLE).as_posix(): path.read_bytes() for path in SAMPLE.rglob("*.py")
    }
    chance = random.Random(7)
    readings = Readings(tmp_path, original)
    readings.read()
    files = dict(original)
    for number in range(8):
        Editor(files, chance).edit(chance.choice(INSIDE if number % 4 else tuple(EDITS)))
        readings.write(files)
        assert differences(readings.read()[0], readings.read_anew()[0]) == []


def test_damaged_links_are_made_again(tmp_path: Path) -> None:
    files = files_of(PICTURE)
    readings = Readings(tmp_path, files)
    before, _ = readings.read()
    readings.damage("/parts")
    assert readings.read()[0] == before
