"""From receivers and senders to who hears whom."""

from analyzer.readers.python.django.signals import DjangoSignals, signal_table
from tests.fakes.python_facts import said
from tests.fakes.python_project import project

SHOP = """
### shop/signals.py
from django.dispatch import Signal
order_paid = Signal()
### shop/models.py
class Order: ...
### shop/apps.py
from django.apps import AppConfig
class ShopConfig(AppConfig):
    def ready(self):
        from django.db.models.signals import pre_delete
        from shop import receivers
        from shop.models import Order
        pre_delete.connect(receivers.forget, sender=Order)
### shop/receivers.py
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from shop import signals
from shop.models import Order
@receiver([post_save, post_delete], sender=Order)
def reindex(sender, **kwargs): ...
@receiver(signals.order_paid)
def send_receipt(sender, **kwargs): ...
def forget(sender, **kwargs): ...
"""


def test_receivers_are_ways_in_however_they_are_connected() -> None:
    assert said(DjangoSignals(), SHOP) == [
        "signal post_delete from Order -> shop.receivers:reindex @shop/receivers.py:5",
        "signal post_save from Order -> shop.receivers:reindex @shop/receivers.py:5",
        "signal pre_delete from Order -> shop.receivers:forget @shop/apps.py:7",
        "signal shop.signals.order_paid -> shop.receivers:send_receipt @shop/receivers.py:7",
    ]


def test_whoever_sends_a_signal_sends_a_message_to_its_receivers() -> None:
    lines = said(
        DjangoSignals(),
        SHOP
        + """
### shop/views.py
from django.core.signals import request_finished
from shop.signals import order_paid
def pay(request, mail):
    order_paid.send(sender=None)
    request_finished.send_robust(sender=None)
    mail.send()
""",
    )
    assert [line for line in lines if "sends" in line] == [
        "shop.views:pay sends signal request_finished to None @shop/views.py:5",
        "shop.views:pay sends signal shop.signals.order_paid to shop.receivers:send_receipt"
        " @shop/views.py:4",
    ]


def test_subclasses_of_signal_and_methods_that_listen_are_known() -> None:
    assert said(
        DjangoSignals(),
        """
### shop/plugins.py
from django.dispatch import Signal
class EventSignal(Signal): ...
nav = EventSignal()
### shop/hooks.py
from shop.plugins import nav
class Hooks:
    def __init__(self):
        nav.connect(self.heard)
    def heard(self, **kwargs): ...
@nav.connect
def not_called(): ...
""",
    ) == ["signal shop.plugins.nav -> shop.hooks:Hooks.heard @shop/hooks.py:4"]


def test_a_database_that_is_connected_to_is_no_signal() -> None:
    assert (
        said(
            DjangoSignals(),
            """
### shop/db.py
import sqlite3
def heard(): ...
def go():
    connection = sqlite3.connect("file.db")
    connection.send(heard)
""",
        )
        == []
    )


def test_the_class_that_a_receiver_listens_to_is_resolved() -> None:
    listeners = signal_table(project(SHOP)).listeners

    assert {one.sender_id for one in listeners["post_save"]} == {"shop.models:Order"}
    assert {one.sender_id for one in listeners["pre_delete"]} == {"shop.models:Order"}
