"""Templates and the code that renders them in, the tables that they read out."""

import time

import pytest

from analyzer.facts.tables import TableAccess
from analyzer.readers.python.django.template_syntax import read_template
from analyzer.readers.python.reader import facts_of
from tests.fakes.python_project import project

MODELS = """\
### site/settings.py
INSTALLED_APPS = ["shop"]
AUTH_USER_MODEL = "shop.User"
### shop/__init__.py
### shop/models.py
from django.db import models
class User(models.Model): pass
class Profile(models.Model):
    user = models.OneToOneField(User, on_delete=models.CASCADE)
class Order(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    def lines(self):
        return self.line_set.all()
class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    product = models.ForeignKey("Product", on_delete=models.CASCADE)
class Product(models.Model):
    tags = models.ManyToManyField("Tag")
class Tag(models.Model): pass
"""


def shown(picture: str) -> list[str]:
    """`unit table @line` of what templates read."""
    found = facts_of(project(MODELS + picture), providers=())
    return sorted(
        f"{one.unit.partition(':')[2]} {one.table.removeprefix('shop_')} @{one.evidence.line}"
        for one in found
        if isinstance(one, TableAccess) and one.operation == "template" and one.mode == "read"
    )


def test_attributes_loops_and_methods_read_what_the_view_hands_over() -> None:
    assert shown(
        """\
### shop/views.py
from django.shortcuts import render
from shop.models import Order
def detail(request, pk):
    context = {"title": "x"}
    context["purchase"] = Order.objects.get(pk=pk)
    return render(request, "shop/detail.html", context)
### shop/templates/shop/detail.html
<h1>{{ title }} {{ unknown.product.tags }}</h1>
{% for line in purchase.lines %}{% if line.product.pk == 3 %}x{% endif %}{% endfor %}
{% comment %}{{ purchase.user.profile }}{% endcomment %}
{{ purchase.delete }}
"""
    ) == ["detail line @6", "detail product @6"]


def test_what_a_method_reads_that_a_template_calls_is_read_by_the_view() -> None:
    assert shown(
        """\
### shop/baskets.py
from django.db import models
from shop.models import Product, Tag
class Basket(models.Model):
    @property
    def is_full(self):
        return Product.objects.count() > 3
    def limit(self):
        return Tag.objects.count()
    def empty(self):
        Product.objects.all().delete()
        return self.empty()
### shop/views.py
from django.shortcuts import render
from shop.baskets import Basket
def detail(request):
    return render(request, "basket.html", {"basket": Basket()})
### shop/templates/basket.html
{% if basket.is_full %}{{ basket.limit }}{{ basket.empty }}{% endif %}
"""
    ) == ["detail product @4", "detail tag @4"]


def test_what_is_extended_and_included_is_rendered_too() -> None:
    assert shown(
        """\
### shop/views.py
from django.template.loader import render_to_string
from shop.models import Line
def mail(line: Line):
    return render_to_string("shop/mail.txt", {"sold": line})
### shop/templates/shop/mail.txt
{% extends "base.txt" %}
{% block text %}{% include "part.txt" with one=sold.product only %}{% endblock %}
### shop/templates/part.txt
{{ one.tags.all.0 }} {{ sold.order }}
### shop/templates/base.txt
{{ user.profile }}{% block text %}{{ sold.order.user }}{% endblock %}
"""
    ) == [
        "mail product @4",
        "mail product_tags @4",
        "mail profile @4",
        "mail tag @4",
    ]


def test_class_based_views_hand_over_their_objects_and_context() -> None:
    assert shown(
        """\
### shop/views.py
from django.views.generic import DetailView, ListView, TemplateView
from shop.models import Line, Order, Product
class OrderDetail(DetailView):
    model = Order
class Lines(ListView):
    queryset = Line.objects.all()
    template_name = "lines.html"
class Base:
    def get_context_data(self, **kwargs):
        kwargs["product"] = Product.objects.first()
        return kwargs
class Start(Base, TemplateView):
    template_name = "start.html"
    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context.update(order=Order.objects.last())
        return context
### shop/templates/shop/order_detail.html
{{ object.user }}
### shop/templates/lines.html
{% for one in object_list %}{{ one.product }}{% endfor %}
### shop/templates/start.html
{% with thing=product %}{{ thing.tags.count }}{% endwith %}{{ order.user.name }}
"""
    ) == [
        "Lines line @5",
        "Lines product @5",
        "OrderDetail user @3",
        "Start product_tags @12",
        "Start tag @12",
        "Start user @12",
    ]


def test_the_nearest_of_several_templates_is_taken_and_cycles_end() -> None:
    assert shown(
        """\
### shop/views.py
from django.shortcuts import render
from shop.models import Order
def page(request, order: Order):
    return render(request, "page.html", {"order": order})
### other/templates/page.html
{{ order.lines }}
### shop/templates/page.html
{% extends "page.html" %}{% include "again.html" %}{% block a %}{{ order.user }}{% endblock %}
### shop/templates/again.html
{% include "page.html" %}
"""
    ) == ["page user @4"]


@pytest.mark.parametrize(
    "content",
    [
        b"{{" * 250_000,
        b"{% for x in " * 40_000,
        b"{% for x in y %}" * 30_000,
        (b"{% with " + b"a=" * 900 + b" %}") * 200,
        (b"{% for " + b"a " * 900 + b" %}") * 200,
        b"\xff\x00{% block %}{% endfor %}{{ a. }}{% include %}",
    ],
)
def test_hostile_templates_are_read_in_time(content: bytes) -> None:
    before = time.process_time()
    read_template(content)
    assert time.process_time() - before < 2
