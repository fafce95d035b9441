"""What transactions hold together, directly and through calls."""

from analyzer.facts.tables import TableAccess
from analyzer.facts.transactions import Lock, TransactionScope
from analyzer.readers.python.reader import PROVIDERS, facts_of
from tests.fakes.python_project import project

MODELS = """\
### site/settings.py
INSTALLED_APPS = ["shop"]
### shop/__init__.py
### shop/models.py
from django.db import models
class Stock(models.Model): pass
class Order(models.Model):
    def confirm(self):
        Stock.objects.update(x=1)
        self.save()
class Mail(models.Model): pass
"""


def scopes(picture: str) -> list[TransactionScope]:
    found = facts_of(project(MODELS + picture))
    return sorted(one for one in found if isinstance(one, TransactionScope))


def told(scope: TransactionScope) -> list[str]:
    """`mode table through units`, sorted."""
    return sorted(
        " ".join([one.mode, one.table.removeprefix("shop_"), *one.via]) for one in scope.accesses
    )


def test_a_block_holds_what_stands_in_it_and_what_it_calls() -> None:
    (scope,) = scopes(
        """\
### shop/services.py
from django.db import transaction
from shop.models import Mail, Order, Stock
def place(pk):
    Mail.objects.create()
    with transaction.atomic():
        order = Order.objects.select_for_update().get(pk=pk)
        ship(order)
    Mail.objects.first()
def ship(order):
    order.confirm()
"""
    )
    assert (scope.id, scope.kind, scope.unit) == (
        "shop/services.py:5",
        "block",
        "shop.services:place",
    )
    assert scope.end_line == 7
    assert scope.calls == ("shop.services:ship",)
    assert told(scope) == [
        "read order",
        "write order shop.services:ship shop.models:Order",
        "write stock shop.services:ship shop.models:Order",
    ]


def test_decorators_open_a_transaction_around_the_whole_function() -> None:
    found = scopes(
        """\
### shop/services.py
from django.db import transaction
from django.utils.decorators import method_decorator
from shop.models import Stock
@transaction.atomic
def one(): Stock.objects.update(x=1)
@transaction.commit_on_success
def two(): Stock.objects.create()
class View:
    @method_decorator(transaction.atomic)
    def post(self): Stock.objects.create()
def plain(): Stock.objects.create()
"""
    )
    assert [(one.id, one.kind, told(one)) for one in found] == [
        ("shop/services.py:4", "decorator", ["write stock"]),
        ("shop/services.py:6", "decorator", ["write stock"]),
        ("shop/services.py:9", "decorator", ["write stock"]),
    ]


def test_nested_blocks_are_savepoints_inside_the_outer_one() -> None:
    outer, inner = scopes(
        """\
### shop/services.py
from django.db.transaction import atomic
from shop.models import Mail, Stock
def go():
    with atomic():
        Stock.objects.create()
        with atomic():
            Mail.objects.create()
"""
    )
    assert told(outer) == ["write mail", "write stock"]
    assert told(inner) == ["write mail"]
    assert inner.nested_in == outer.id


def test_what_runs_on_commit_is_deferred_and_not_inside() -> None:
    (scope,) = scopes(
        """\
### shop/services.py
from django.db import transaction
from shop.models import Mail, Stock
def notify(): Mail.objects.create()
def go():
    with transaction.atomic():
        Stock.objects.create()
        transaction.on_commit(notify)
        transaction.on_commit(lambda: notify())
"""
    )
    assert told(scope) == ["write stock"]
    assert [(unit, str(place)) for unit, place in scope.deferred] == [
        ("shop.services:notify", "shop/services.py:7"),
        ("shop.services:notify", "shop/services.py:8"),
    ]


def test_what_is_sent_on_commit_is_no_effect_inside() -> None:
    (scope,) = scopes(
        """\
### shop/tasks.py
from celery import shared_task
@shared_task
def mail(): ...
### shop/services.py
import requests
from django.db import transaction
from shop.tasks import mail
def tell():
    transaction.on_commit(mail.delay)
    requests.get("https://now.example.org")
@transaction.atomic
def go():
    tell()
    transaction.on_commit(lambda: requests.get("https://later.example.org"))
    mail.delay_on_commit()
    mail.delay()
"""
    )
    assert [(what, str(place)) for what, place in scope.side_effects] == [
        ("http https://now.example.org", "shop/services.py:6"),
        ("task shop.tasks.mail", "shop/services.py:12"),
    ]
    assert [(unit, str(place)) for unit, place in scope.deferred] == [
        ("shop.services:go", "shop/services.py:10"),
        ("shop.services:go", "shop/services.py:11"),
    ]


def test_a_context_manager_that_enters_a_transaction_opens_one_where_it_is_used() -> None:
    found = scopes(
        """\
### shop/services.py
from contextlib import contextmanager
from django.db import transaction
from shop.models import Stock
@contextmanager
def unit_of_work():
    with transaction.atomic():
        yield
def go():
    with unit_of_work():
        Stock.objects.create()
"""
    )
    assert [(one.unit, told(one)) for one in found] == [
        ("shop.services:unit_of_work", []),
        ("shop.services:go", ["write stock"]),
    ]


def test_receivers_of_signals_run_inside_the_transaction_of_the_save() -> None:
    (scope,) = scopes(
        """\
### shop/services.py
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from shop.models import Mail, Order
@receiver(post_save, sender=Order)
def heard(sender, instance, **kwargs):
    Mail.objects.create()
def go():
    with transaction.atomic():
        Order().save()
"""
    )
    assert told(scope) == ["write mail shop.services:heard", "write order"]


def test_requests_are_transactions_where_the_database_says_so() -> None:
    (scope,) = scopes(
        """\
### site/settings.py
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "site.urls"
DATABASES = {"default": {"ENGINE": "x", "ATOMIC_REQUESTS": True}}
### site/urls.py
from django.urls import path
from shop import views
urlpatterns = [path("buy/", views.buy), path("apart/", views.apart)]
### shop/views.py
from django.db import transaction
from shop.models import Order, Stock
def buy(request):
    Order.objects.create()
    return Stock.objects.first()
@transaction.non_atomic_requests
def apart(request):
    Order.objects.create()
"""
    )
    assert (scope.kind, scope.unit) == ("request", "shop.views:buy")
    assert told(scope) == ["read stock", "write order"]


def test_what_a_view_or_form_inherits_saves_with_all_that_hangs_on_it() -> None:
    first, second = scopes(
        """\
### shop/views.py
from django import forms
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.views.generic import CreateView, DeleteView
from shop.models import Mail, Order, Stock
@receiver(post_save, sender=Order)
def told(sender, instance, **kwargs):
    Mail.objects.create()
class OrderForm(forms.ModelForm):
    class Meta:
        model = Order
        fields = "__all__"
class Place(CreateView):
    form_class = OrderForm
    def form_valid(self, form):
        with transaction.atomic():
            answer = super().form_valid(form)
            Stock.objects.first()
        return answer
class Correct(CreateView):
    model = Mail
    @transaction.atomic
    def post(self, request):
        form = OrderForm(request.POST)
        form.save(commit=False)
        return super().post(request)
"""
    )
    assert told(first) == ["read stock", "write mail shop.views:told", "write order"]
    assert told(second) == ["write mail"]


def test_a_receiver_is_handed_the_model_that_it_names_in_a_string() -> None:
    found = facts_of(
        project(
            MODELS
            + """\
### shop/receivers.py
from django.db.models.signals import post_save
from django.dispatch import receiver
@receiver(post_save, sender="shop.Mail")
def told(sender, instance, **kwargs):
    instance.delete()
"""
        )
    )
    assert ("shop.receivers:told", "shop_mail", "write") in {
        (one.unit, one.table, one.mode) for one in found if isinstance(one, TableAccess)
    }


def test_recursion_ends_and_paths_are_the_shortest() -> None:
    found = facts_of(
        project(
            MODELS
            + """\
### shop/services.py
from shop.models import Stock
def a(): b()
def b(): c(); a()
def c(): a(); d()
def d(): Stock.objects.create()
"""
        )
    )
    via = {
        one.unit: one.via
        for one in found
        if isinstance(one, TableAccess) and one.table == "shop_stock" and "services" in one.unit
    }
    s = "shop.services"
    assert via == {
        f"{s}:a": (f"{s}:b", f"{s}:c", f"{s}:d"),
        f"{s}:b": (f"{s}:c", f"{s}:d"),
        f"{s}:c": (f"{s}:d",),
        f"{s}:d": (),
    }


def test_row_locks_name_their_table_and_transaction() -> None:
    found = facts_of(
        project(
            MODELS
            + """\
### shop/services.py
from django.db import transaction
from shop.models import Stock
def go():
    with transaction.atomic():
        Stock.objects.select_for_update().get(pk=1)
"""
        ),
        PROVIDERS,
    )
    locks = [one for one in found if isinstance(one, Lock)]
    assert [(one.kind, one.target, one.transaction) for one in locks] == [
        ("row", "shop_stock", "shop/services.py:4")
    ]


def test_a_function_that_commits_a_session_is_a_transaction_up_to_there() -> None:
    found = scopes(
        """\
### shop/services.py
from shop.models import Stock
from site import db, repo
def go():
    Stock.objects.create()
    db.session.commit()
def other():
    repo.commit()
"""
    )
    assert [(one.kind, one.id, one.end_line, told(one)) for one in found] == [
        ("session", "shop/services.py:3", 5, ["write stock"])
    ]


def test_what_stands_for_a_transaction_by_another_name_opens_one() -> None:
    found = scopes(
        """\
### shop/services.py
from contextlib import ExitStack
from django.db import transaction
from shop.models import Stock
in_one_go = transaction.atomic
def guarded(function):
    def inner(*args):
        with transaction.atomic():
            return function(*args)
    return inner
@in_one_go
def renamed(): Stock.objects.create()
@guarded
def wrapped(): Stock.objects.create()
def stacked():
    with ExitStack() as stack:
        stack.enter_context(transaction.atomic())
        Stock.objects.create()
    Stock.objects.first()
def session(session):
    with session.begin():
        Stock.objects.create()
"""
    )
    assert {one.unit.rpartition(":")[2]: told(one) for one in found} == {
        "guarded": [],
        "renamed": ["write stock"],
        "wrapped": ["write stock"],
        "stacked": ["write stock"],
        "session": ["write stock"],
    }


def test_a_function_inside_that_only_runs_on_commit_is_not_inside() -> None:
    (scope,) = scopes(
        """\
### shop/services.py
from django.db import transaction
from shop.models import Mail, Stock
@transaction.atomic
def go():
    Stock.objects.create()
    def notify():
        Mail.objects.create()
    transaction.on_commit(notify)
"""
    )
    assert told(scope) == ["write stock"]


def test_settings_that_are_put_into_a_dictionary_count() -> None:
    (scope,) = scopes(
        """\
### site/settings.py
INSTALLED_APPS = ["shop"]
DATABASES = {"default": {"ENGINE": "x"}}
DATABASES["default"]["ATOMIC_REQUESTS"] = True
### site/urls.py
from django.urls import path
from shop import views
urlpatterns = [path("buy/", views.buy)]
### shop/views.py
from shop.models import Stock
def buy(request):
    Stock.objects.create()
"""
    )
    assert (scope.kind, scope.unit) == ("request", "shop.views:buy")


def test_a_request_to_what_a_view_class_inherits_is_a_transaction_too() -> None:
    found = scopes(
        """\
### site/settings.py
INSTALLED_APPS = ["shop"]
DATABASES = {"default": {"ENGINE": "x", "ATOMIC_REQUESTS": True}}
### site/urls.py
from django.urls import path
from shop import views
urlpatterns = [path("new/", views.New.as_view()), path("all/", views.All.as_view()),
               path("told/", views.Told.as_view()), path("none/", views.Nothing.as_view())]
### shop/views.py
from django.views.generic import CreateView, ListView, View
from shop.models import Mail, Order, Stock
class New(CreateView):
    model = Order
class All(ListView):
    model = Stock
class Told(CreateView):
    model = Order
    def form_valid(self, form):
        Mail.objects.create()
        return super().form_valid(form)
class Nothing(View):
    def post(self, request):
        return 1
"""
    )
    assert {one.unit.partition(":")[2]: (one.kind, told(one)) for one in found} == {
        "New": ("request", ["write order"]),
        "All": ("request", ["read stock"]),
        "Told": ("request", ["write mail", "write order"]),
    }
    assert len(found) == 3


def test_calling_a_task_that_queues_itself_is_no_part_of_the_transaction() -> None:
    (scope,) = scopes(
        """\
### shop/tasks.py
from background_task import background
from huey import RedisHuey
from shop.models import Mail, Order, Stock
huey = RedisHuey()
@huey.task()
def mail(): Mail.objects.create()
@background(schedule=60)
def count(): Stock.objects.create()
@huey.periodic_task(60)
def order(): Order.objects.create()
### shop/services.py
from django.db import transaction
from shop import tasks
from shop.tasks import count, mail, order
@transaction.atomic
def go():
    mail()
    tasks.count(schedule=5)
    order.call_local()
    transaction.on_commit(lambda: count())
    transaction.on_commit(mail)
"""
    )
    assert told(scope) == ["write order shop.tasks:order"]
    assert [(what, str(place)) for what, place in scope.side_effects] == [
        ("task shop.tasks.count", "shop/services.py:7"),
        ("task shop.tasks.mail", "shop/services.py:6"),
    ]
    assert {str(place) for _, place in scope.deferred} == {
        "shop/services.py:9",
        "shop/services.py:10",
    }
