"""What arguments rule out: whose claim it is what a helper does for some of its callers only."""

from analyzer.facts.tables import TableAccess
from analyzer.facts.transactions import TransactionScope
from analyzer.readers.python.branches import after_call, asked, defaults_of, mark, otherwise
from analyzer.readers.python.providers import Fact
from analyzer.readers.python.reader import facts_of, project_of

MODELS = b"""
from django.db import models

class Order(models.Model):
    total = models.IntegerField()

class Invoice(models.Model):
    total = models.IntegerField()

class Message(models.Model):
    text = models.TextField()
"""


def facts(source: str, models: bytes = MODELS) -> list[Fact]:
    """Facts of an app with these models and one more module."""
    contents = {
        "shop/__init__.py": b"",
        "shop/models.py": models,
        "site/settings.py": b"INSTALLED_APPS = ['shop']\n",
        "shop/desk.py": source.encode(),
    }
    return list(facts_of(project_of(contents)))


def touched(source: str, models: bytes = MODELS) -> dict[str, set[str]]:
    """For each unit of the module, what it touches: `read shop_order`."""
    found: dict[str, set[str]] = {}
    for fact in facts(source, models):
        if isinstance(fact, TableAccess) and fact.unit.startswith("shop.desk:"):
            name = fact.unit.partition(":")[2]
            found.setdefault(name, set()).add(f"{fact.mode} {fact.table}")
    return found


NOTIFY = """
from shop.models import Message

def ship(order, notify=False):
    if notify:
        Message.objects.create(text="shipped")
"""


def test_a_branch_counts_for_who_asks_for_it() -> None:
    found = touched(
        NOTIFY
        + """
def silently(order):
    ship(order)

def loudly(order):
    ship(order, notify=True)

def by_position(order):
    ship(order, False)

def who_knows(order, options):
    ship(order, **options)

def as_told(order, told):
    ship(order, notify=told)

def told_not(order):
    as_told(order, False)
"""
    )
    writes = {"write shop_message"}
    assert found == {
        "ship": writes,
        "loudly": writes,
        "who_knows": writes,
        "as_told": writes,
    }


def test_what_follows_an_early_return_counts_for_who_gets_there() -> None:
    found = touched(
        """
from shop.models import Invoice, Order

def total(kind, deep=True):
    if kind == "order":
        return Order.objects.count()
    if not deep:
        return 0
    return Invoice.objects.count()

def orders():
    return total("order")

def others():
    return total("other")

def shallow():
    return total("other", deep=False)
"""
    )
    assert found == {
        "total": {"read shop_order", "read shop_invoice"},
        "orders": {"read shop_order"},
        "others": {"read shop_invoice"},
    }


def test_a_parameter_that_is_given_another_value_rules_out_nothing() -> None:
    found = touched(
        """
from shop.models import Message

def ship(order, notify=None):
    notify = notify or order.is_large
    if notify:
        Message.objects.create(text="shipped")

def send(order):
    ship(order)
"""
    )
    assert found["send"] == {"write shop_message"}


def test_a_decorator_may_hand_over_what_the_call_leaves_out() -> None:
    found = touched(
        """
from shop.models import Message
from elsewhere import provided

@provided
def ship(order, notify=None):
    if notify is not None:
        Message.objects.create(text="shipped")

def send(order):
    ship(order)
"""
    )
    assert found["send"] == {"write shop_message"}


def test_methods_of_classes_take_what_they_are_called_on_first() -> None:
    found = touched(
        """
from shop.models import Message

class Sender:
    @classmethod
    def ship(cls, order, notify=False):
        if notify:
            Message.objects.create(text="shipped")

    @staticmethod
    def post(order, notify=False):
        if notify:
            Message.objects.create(text="posted")

def silent(order):
    Sender.ship(order, False)
    Sender().post(order, False)

def loud(order):
    Sender.ship(order, True)

def posting(order):
    Sender().post(order, True)
"""
    )
    writes = {"write shop_message"}
    assert found == {"Sender": writes, "loud": writes, "posting": writes}


def test_a_helper_does_for_each_caller_what_it_does_with_its_rows() -> None:
    found = touched(
        """
from shop.models import Invoice, Order

def store(document):
    document.total = 1
    document.save()

def passed_on(document):
    store(document)

def order():
    one = Order.objects.get(pk=1)
    store(one)

def invoice():
    passed_on(Invoice.objects.get(pk=1))
"""
    )
    assert found["store"] == {"write shop_order", "write shop_invoice"}
    assert found["order"] == {"read shop_order", "write shop_order"}
    assert found["invoice"] == {"read shop_invoice", "write shop_invoice"}


def test_a_mixin_does_for_each_heir_what_it_does_with_its_own_rows() -> None:
    models = b"""
from django.db import models

class Coded(models.Model):
    def assign(self):
        if type(self).objects.filter(code=1).exists():
            self.save()

    class Meta:
        abstract = True

class Order(Coded):
    total = models.IntegerField()

class Invoice(Coded):
    total = models.IntegerField()
"""
    found = touched(
        """
from shop.models import Invoice, Order

def order():
    one = Order.objects.get(pk=1)
    one.assign()

def invoice():
    one = Invoice.objects.get(pk=1)
    one.assign()
""",
        models,
    )
    assert found["order"] == {"read shop_order", "write shop_order"}
    assert found["invoice"] == {"read shop_invoice", "write shop_invoice"}


def test_a_row_may_be_one_of_what_extends_it() -> None:
    models = (
        MODELS
        + b"""
class Refund(Order):
    reason = models.TextField()
"""
    )
    found = touched(
        """
from shop.models import Invoice, Order, Refund

def store(document: "Invoice | Order"):
    document.save()

def refund():
    one = Refund.objects.get(pk=1)
    store(one)
""",
        models,
    )
    assert "write shop_order" in found["refund"]
    assert "write shop_invoice" not in found["refund"]


def test_a_transaction_holds_only_what_its_call_asks_for() -> None:
    found = facts(
        NOTIFY
        + """
from django.db import transaction

def silently(order):
    with transaction.atomic():
        ship(order)

def loudly(order):
    with transaction.atomic():
        ship(order, True)
"""
    )
    scopes = {one.unit: one for one in found if isinstance(one, TransactionScope)}
    assert scopes["shop.desk:silently"].accesses == ()
    assert [one.table for one in scopes["shop.desk:loudly"].accesses] == ["shop_message"]


def test_conditions_in_the_words_of_a_caller() -> None:
    wanted = (("flag", "true", None), ("mode", "is", mark("live")))
    handed = (("flag", ("name", "loud")), ("mode", ("const", mark("live"))))
    assert after_call(wanted, handed, ()) == (("loud", "true", None),)
    assert after_call(wanted, (("mode", ("const", mark("test"))),), ()) is None
    assert after_call(wanted, (("*", None),), (("flag", False),)) == ()
    assert after_call(wanted, (), (("flag", False),)) is None
    assert after_call(wanted, None, (("flag", False),)) == ()


def test_no_argument_is_kept_as_it_is() -> None:
    assert "hunter2" not in str(mark("hunter2"))
    assert [mark(one) for one in (None, True, False, 0, "")] == [None, True, False, 0, ""]
    parameters = (("password", None, ("str", "hunter2", 1)),)
    assert "hunter2" not in repr(defaults_of(("f", 1, 1, (), parameters)))


def test_only_what_is_asked_of_one_name_is_known_where_a_test_fails() -> None:
    test = ("either", (("name", "a", 1), ("name", "b", 1)), None, "and")
    assert asked(test) == (("a", "true", None), ("b", "true", None))
    assert otherwise(asked(test), test) == ()
    assert otherwise((("a", "is", None),), None) == (("a", "is not", None),)
