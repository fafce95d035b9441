"""Python in, table accesses out: who reads and writes which table, on which line."""

from textwrap import indent

import pytest

from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.tables import Join, TableAccess
from analyzer.readers.python.providers import Fact
from analyzer.readers.python.reader import facts_of, project_of

MODELS = """
from django.conf import settings
from django.db import models

class Customer(models.Model):
    name = models.CharField(max_length=10)
    account = models.OneToOneField("Account", null=True, on_delete=models.SET_NULL)

class Account(models.Model):
    limit = models.IntegerField()

class Tag(models.Model):
    word = models.CharField(max_length=10)

class OrderQuerySet(models.QuerySet):
    def open(self):
        return self.filter(customer__name="x")

class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="orders")
    total = models.IntegerField()
    tags = models.ManyToManyField(Tag)
    objects = OrderQuerySet.as_manager()

    def close(self):
        self.total = 0
        self.save()

    @property
    def payer(self):
        return self.customer.account

class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)

    class Meta:
        ordering = ["order__customer"]

class Refund(Order):
    reason = models.CharField(max_length=10)
"""


def facts(**files: str) -> list[Fact]:
    """Facts of an app `shop` with the models above and some more modules."""
    contents = {
        "shop/__init__.py": b"",
        "shop/models.py": MODELS.encode(),
        "site/settings.py": b"INSTALLED_APPS = ['shop']\nAUTH_USER_MODEL = 'shop.Customer'\n",
        **{f"shop/{name}.py": text.encode() for name, text in files.items()},
    }
    return facts_of(project_of(contents), providers=())


def accesses(**files: str) -> set[tuple[str, str, str]]:
    """Who touches what, through calls as well."""
    return {
        (fact.unit, fact.table, fact.mode)
        for fact in facts(**files)
        if isinstance(fact, TableAccess)
    }


def done_by(unit: str, **files: str) -> list[str]:
    """`mode table operation` for what a unit does itself, sorted."""
    return sorted(
        {
            f"{one.mode} {one.table.removeprefix('shop_')} {one.operation}"
            for one in facts(**files)
            if isinstance(one, TableAccess) and one.unit == unit and not one.via
        }
    )


def statement(code: str, *, parameters: str = "order: Order, request") -> list[str]:
    """What one statement in a function does."""
    body = indent(code, "    ")
    source = f"""
from django.db.models import Count, F, Prefetch, Q
from django.shortcuts import get_object_or_404
from django.contrib.auth import get_user_model
from shop.models import *

def go({parameters}):
{body}
"""
    compile(source, "views.py", "exec")
    return done_by("shop.views:go", views=source)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Order.objects.all()", ["read order select"]),
        ("Order.objects.get(pk=1)", ["read order select"]),
        ("Order.objects.filter(total=1).count()", ["read order select"]),
        ("Order.objects.create(total=1)", ["write order insert"]),
        ("Order.objects.bulk_create([])", ["write order bulk_insert"]),
        ("Order.objects.filter(total=1).update(total=2)", ["write order update"]),
        ("Order.objects.get_or_create(total=1)", ["read order select", "write order upsert"]),
        ("get_object_or_404(Order, pk=1)", ["read order select"]),
        ("get_user_model().objects.first()", ["read customer select"]),
        ("order.save()", ["write order save"]),
        ("Order().save()", ["write order save"]),
        ("order.refresh_from_db()", ["read order select"]),
        ("Refund.objects.create()", ["write order insert", "write refund insert"]),
    ],
)
def test_methods_of_managers_and_instances(code: str, expected: list[str]) -> None:
    assert statement(code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("Order.objects.filter(customer__name='x')", ["read customer join", "read order select"]),
        ("Order.objects.filter(customer=1)", ["read order select"]),
        ("Order.objects.filter(customer__pk=1)", ["read order select"]),
        ("Order.objects.filter(customer__isnull=True)", ["read order select"]),
        ("Order.objects.select_related('customer')", ["read customer join", "read order select"]),
        (
            "Order.objects.exclude(Q(total=1) | Q(customer__account__limit=2))",
            ["read account join", "read customer join", "read order select"],
        ),
        (
            "Customer.objects.annotate(n=Count('orders'))",
            ["read customer select", "read order join"],
        ),
        (
            "Customer.objects.prefetch_related(Prefetch('orders__tags'))",
            [
                "read customer select",
                "read order prefetch",
                "read order_tags prefetch",
                "read tag prefetch",
            ],
        ),
        (
            "query = Q(total=1)\nquery |= Q(customer__name='x')\nOrder.objects.filter(query)",
            ["read customer join", "read order select"],
        ),
        (
            "given = {'customer__name': 'x'}\nOrder.objects.filter(**given)",
            ["read customer join", "read order select"],
        ),
        (
            "Order.objects.filter(customer__in=Customer.objects.filter(name='x'))",
            ["read customer select", "read order select"],
        ),
        (
            "for line in Line.objects.all(): pass",
            ["read line select", "read order join"],
        ),
        ("Line.objects.count()", ["read line select"]),
    ],
)
def test_lookups_join_the_tables_that_they_cross(code: str, expected: list[str]) -> None:
    assert statement(code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("print(order.customer.name)", ["read customer related"]),
        ("order.customer.account.limit", ["read account related", "read customer related"]),
        ("order.customer_id", []),
        ("order.customer = None", []),
        ("order.customer.orders.all()", ["read customer related", "read order select"]),
        ("order.line_set.create()", ["write line insert"]),
        ("order.tags.add(1)", ["write order_tags add"]),
        ("order.tags.all()", ["read order_tags join", "read tag select"]),
        ("order.payer.limit", []),
        ("request.user.name", []),
        ("request.user.account", ["read account related"]),
        ("[one.customer.name for one in Order.objects.all()]",
         ["read customer related", "read order select"]),
        ("first, = Order.objects.all()\nfirst.delete and first.customer.name",
         ["read customer related", "read order select"]),
        ("rows = {}\nrows.setdefault(1, []).append(order)\n"
         "for key, group in rows.items():\n    for one in group: one.save()",
         ["write order save"]),
    ],
)  # fmt: skip
def test_relations_are_followed_from_instances(code: str, expected: list[str]) -> None:
    assert statement(code) == expected


def test_deleting_reads_and_deletes_what_hangs_on_the_row() -> None:
    assert statement("order.delete()") == [
        "read refund cascade",
        "write line cascade",
        "write order delete",
        "write order_tags cascade",
        "write refund cascade",
    ]
    assert statement("Account.objects.get(pk=1).delete()") == [
        "read account select",
        "write account delete",
        "write customer set_null",
    ]


@pytest.mark.parametrize(
    "code",
    [
        "len([1])",
        "order.total",
        "Order",
        "isinstance(order, Order)",
        "{'a': 1}.update(b=2)",
        "list().append(Order)",
        "Order.objects",
        "something.objects.all()",
        "print('Order.objects.all()')",
    ],
)
def test_what_touches_no_table_gives_no_fact(code: str) -> None:
    assert statement(code) == []


def test_a_custom_query_set_is_read_where_it_is_called_and_joins_where_it_is_defined() -> None:
    assert statement("Order.objects.open()") == ["read order select"]
    assert done_by("shop.models:OrderQuerySet") == [
        "read customer join",
        "read order join",
        "read order select",
        "read refund select",  # whose manager it is by inheritance
    ]


def test_parameters_are_what_callers_pass() -> None:
    source = """
from shop.models import Order

def start():
    bill(Order.objects.get(pk=1), 3)

def bill(thing, amount):
    thing.save()
    collect(thing)

def collect(it):
    it.customer.save()
"""
    assert done_by("shop.billing:bill", billing=source) == ["write order save"]
    assert done_by("shop.billing:collect", billing=source) == [
        "read customer related",
        "write customer save",
    ]


def test_helpers_are_not_charged_for_queries_of_several_callers() -> None:
    source = """
from shop.models import Order, Tag

def orders(): return page(Order.objects.all())
def tags(): return page(Tag.objects.all())
def page(rows): return rows.count()
"""
    assert done_by("shop.pages:page", pages=source) == []


def test_a_branch_that_asks_for_the_class_holds_only_rows_of_it() -> None:
    code = """
from shop.models import Customer, Order, Tag

def save(thing):
    if isinstance(thing, Order):
        order = thing
    elif isinstance(thing, Customer):
        order = thing.orders.first()
    order.save()

def store(thing):
    if isinstance(thing, (Order, Tag)):
        thing.save()

def start(customer: Customer, order: Order):
    save(customer)
    save(order)
    store(customer)
"""
    assert done_by("shop.work:save", work=code) == ["read order select", "write order save"]
    assert done_by("shop.work:store", work=code) == ["write order save", "write tag save"]


def test_attributes_put_on_requests_and_on_self_are_known_elsewhere() -> None:
    source = """
from shop.models import Order

class Middleware:
    def process_request(self, request):
        request.order = Order.objects.first()

class Page:
    def setup(self, pk):
        self.order = Order.objects.get(pk=pk)
    def show(self):
        return self.order.customer.name

def view(request):
    request.order.save()
"""
    assert done_by("shop.pages:view", pages=source) == ["write order save"]
    assert "read customer related" in done_by("shop.pages:Page", pages=source)


def test_a_variable_named_after_a_model_is_taken_for_one_if_it_has_the_member() -> None:
    source = """
def go(order, tag):
    order.close()
    order.customer.name
    tag.unknown()
"""
    assert done_by("shop.names:go", names=source) == ["read customer related"]


def test_forms_views_and_admin_classes_use_their_model() -> None:
    source = """
from django import forms
from django.contrib import admin
from django.views.generic import ListView, UpdateView
from shop.models import Customer, Order

class OrderForm(forms.ModelForm):
    class Meta:
        model = Order

class Orders(ListView):
    queryset = Order.objects.all()

class Edit(UpdateView):
    form_class = OrderForm
    def form_valid(self, form):
        form.save()

@admin.register(Customer)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ["name", "account"]

class Plain:
    model = Order
"""
    assert done_by("shop.pages:OrderForm", pages=source) == ["write order form"]
    assert done_by("shop.pages:Orders", pages=source) == ["read order select", "read order view"]
    assert done_by("shop.pages:Edit", pages=source) == [
        "read order view",
        "write order save",
        "write order view",
    ]
    assert done_by("shop.pages:CustomerAdmin", pages=source) == [
        "read account admin",
        "read account choices",
        "read customer admin",
        "write customer admin",
        "write customer delete",
    ]
    assert done_by("shop.pages:Plain", pages=source) == []


def test_a_form_offers_the_rows_that_its_fields_may_point_to() -> None:
    source = """
from django import forms
from django.contrib import admin
from django.views.generic import UpdateView
from shop.models import Order
class All(forms.ModelForm):
    class Meta:
        model = Order
        fields = "__all__"
class Some(forms.ModelForm):
    class Meta:
        model = Order
        exclude = ["customer"]
@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):
    raw_id_fields = ["customer"]
class Change(UpdateView):
    model = Order
    form_class = All
"""
    tags = ["read order_tags choices", "read tag choices", "write order_tags form"]
    some = [*tags[:2], "write order form", tags[2]]
    assert done_by("shop.pages:All", pages=source) == ["read customer choices", *some]
    assert done_by("shop.pages:Some", pages=source) == some
    assert set(tags) <= set(done_by("shop.pages:OrderAdmin", pages=source))
    assert "read customer choices" not in done_by("shop.pages:OrderAdmin", pages=source)
    assert "read customer choices" in done_by("shop.pages:Change", pages=source)


def test_an_inherited_method_that_asks_for_the_class_is_the_heirs() -> None:
    base = """
from django.db import models
class Stamped(models.Model):
    class Meta:
        abstract = True
    def again(self):
        return self.__class__.objects.get(pk=self.pk)
"""
    heirs = "".join(f"class Heir{n}(Stamped):\n    pass\n" for n in range(4))
    found = accesses(pages=base + heirs)
    assert {(f"shop.pages:Heir{n}", f"shop_heir{n}", "read") for n in range(4)} <= found
    assert not any(unit == "shop.pages:Stamped" for unit, _, _ in found)


def test_classes_that_a_loader_names_are_found() -> None:
    source = """
from oscar.core.loading import get_class, get_model
Order = get_model("shop", "Order")
Helper = get_class("shop.helping", "Helper")
def count():
    return Order.objects.count()
def run():
    Helper().run()
"""
    helping = """
from shop.models import Order
class Helper:
    def run(self):
        Order.objects.create(total=1)
"""
    found = accesses(pages=source, helping=helping)
    assert ("shop.pages:count", "shop_order", "read") in found
    assert ("shop.pages:run", "shop_order", "write") in found


def test_validating_a_row_looks_up_its_foreign_keys() -> None:
    source = """
from shop.models import Order
def check(order: Order):
    order.full_clean()
"""
    assert done_by("shop.pages:check", pages=source) == ["read customer validate"]


def test_accesses_stand_at_the_line_of_the_method_and_joins_name_all_tables() -> None:
    source = """
from shop.models import Order

def go():
    return (
        Order.objects
        .filter(customer__name="x")
        .update(total=1)
    )
"""
    found = facts(lines=source)
    accesses = {
        (one.table, one.mode, one.evidence.line)
        for one in found
        if isinstance(one, TableAccess) and one.unit == "shop.lines:go"
    }
    assert accesses == {
        ("shop_order", "write", 8),
        ("shop_order", "read", 7),
        ("shop_customer", "read", 7),
    }
    joins = [one for one in found if isinstance(one, Join) and one.unit == "shop.lines:go"]
    assert [(one.tables, one.evidence.line) for one in joins] == [
        (("shop_customer", "shop_order"), 7)
    ]


def test_receivers_run_with_what_a_function_sends_by_an_import_of_its_own() -> None:
    found = accesses(
        signals="""
from django.dispatch import Signal, receiver
merged = Signal()
@receiver(merged)
def merge(sender, **kwargs):
    other_order = kwargs["other_order"]
    other_order.line_set.update(order=sender)
    sender.tags.all().delete()
""",
        views="""
from shop.models import Order
def join(request, pk, other_order):
    from shop.signals import merged
    order = Order.objects.get(pk=pk)
    merged.send(sender=order, other_order=other_order)
""",
    )
    assert ("shop.signals:merge", "shop_line", "write") in found
    assert ("shop.signals:merge", "shop_tag", "write") in found
    assert ("shop.views:join", "shop_line", "write") in found


def test_a_receiver_of_the_user_model_hears_no_other_model() -> None:
    found = accesses(
        signals="""
from django.contrib.auth import get_user_model
from django.db.models.signals import pre_delete
from django.dispatch import receiver
from shop.models import Tag
@receiver(pre_delete, sender=get_user_model())
def forget(sender, instance, **kwargs):
    Tag.objects.create(word="gone")
""",
        views="""
from shop.models import Customer, Line
def forget(request, pk):
    Customer.objects.get(pk=pk).delete()
def remove(request, pk):
    Line.objects.get(pk=pk).delete()
""",
    )
    assert ("shop.views:forget", "shop_tag", "write") in found
    assert ("shop.views:remove", "shop_tag", "write") not in found


def test_an_override_is_called_with_what_the_inherited_method_found() -> None:
    found = accesses(
        views="""
from shop.models import Order
class Base:
    model = None
    def dispatch(self, request, pk):
        return self.handle(request, self.target(pk))
    def target(self, pk):
        return self.get_model().objects.get(pk=pk)
    def get_model(self):
        return self.model
    def handle(self, request, found):
        raise NotImplementedError
class Close(Base):
    model = Order
    def handle(self, request, found):
        found.delete()
"""
    )
    assert ("shop.views:Close", "shop_order", "write") in found


def test_serializers_show_the_relations_that_they_name() -> None:
    source = """
from rest_framework import serializers, viewsets
from shop.models import Customer, Line, Order

class LineSerializer(serializers.ModelSerializer):
    class Meta:
        model = Line
        fields = ["id"]

class OrderSerializer(serializers.ModelSerializer):
    lines = LineSerializer(many=True, source="line_set")
    class Meta:
        model = Order
        fields = ["total", "customer", "tags", "lines"]

class Orders(viewsets.ReadOnlyModelViewSet):
    serializer_class = OrderSerializer
"""
    shown = [
        "read customer serializer",
        "read line serializer",
        "read order serializer",
        "read order_tags serializer",
        "read tag serializer",
        "write order serializer",
        "write order_tags serializer",
    ]
    assert done_by("shop.api:OrderSerializer", api=source) == shown
    assert done_by("shop.api:Orders", api=source) == [
        "read line serializer",
        "read order view",
        "read order_tags serializer",
        "read tag serializer",
    ]


def test_a_class_may_extend_an_imported_class_of_its_own_name() -> None:
    source = """
from django.views.generic import ListView
from shop.models import Tag

class ListView(ListView):
    model = Tag
"""
    assert done_by("shop.pages:ListView", pages=source) == ["read tag view"]


def test_related_rows_are_joined_where_select_related_names_none() -> None:
    views = (
        "from shop.models import Line\ndef lines(): return list(Line.objects.select_related())\n"
    )
    done = done_by("shop.views:lines", views=views)
    assert "read customer join" in done
    assert "read account join" not in done  # a customer may be without one


def test_what_is_told_of_a_deletion_is_read_before_it() -> None:
    views = "from shop.models import Order\ndef drop(order: Order): order.delete()\n"
    signals = """
from django.db.models.signals import post_delete
from django.dispatch import receiver
from shop.models import Line
@receiver(post_delete, sender=Line)
def forget(sender, instance, **kwargs): ...
"""
    assert "read line cascade" not in done_by("shop.views:drop", views=views)
    assert "read line cascade" in done_by("shop.views:drop", views=views, signals=signals)


def test_rows_of_a_generic_relation_are_deleted_with_what_they_belong_to() -> None:
    notes = """
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.db import models
class Note(models.Model):
    about = GenericForeignKey()
class Page(models.Model):
    notes = GenericRelation(Note)
def drop(page: Page): page.delete()
"""
    done = done_by("shop.models:drop", models=MODELS + notes)
    assert "write note cascade" in done


@pytest.mark.parametrize(
    "code",
    [
        "for row in Order.objects.raw(sql):\n    row.customer.name; row.save()",
        "rows = Order.objects.raw(sql, [1])\nfirst = rows[0]\nfirst.customer\nfirst.save()",
        "for row in Order._base_manager.raw(sql).iterator():\n    row.customer; row.save()",
        "[(row.customer, row.save()) for row in list(Order.objects.using('x').raw(sql))]",
    ],
)
def test_rows_of_raw_sql_are_rows_of_the_model(code: str) -> None:
    found = ["read customer related", "read order select", "write order save"]
    assert statement(code, parameters="sql") == found


def test_raw_sql_that_is_known_says_itself_what_is_read() -> None:
    code = "for row in Order.objects.raw('SELECT * FROM shop_line'):\n    row.delete"
    assert "read order select" not in statement(code)


def test_an_admin_page_saves_its_inlines_however_it_is_registered() -> None:
    admin = """
from django.contrib import admin
from shop.models import Line, Order
class LineInline(admin.TabularInline):
    model = Line
class OrderAdmin(admin.ModelAdmin):
    inlines = [LineInline]
admin.site.register(Order, OrderAdmin)
"""
    done = done_by("shop.admin:OrderAdmin", admin=admin)
    assert {"write order admin", "write line admin", "read line admin"} <= set(done)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("apps.get_model(settings.AUTH_USER_MODEL).objects.get()", ["read customer select"]),
        ("apps.get_app_config('shop').get_model('Tag').objects.get()", ["read tag select"]),
        ("import_module('shop.models').Tag.objects.create()", ["write tag insert"]),
        ("form = modelform_factory(Tag)", ["read tag form", "write tag form"]),
        ("inlineformset_factory(Order, Line)", ["read line form", "write line form"]),
    ],
)
def test_models_that_calls_name(code: str, expected: list[str]) -> None:
    source = f"""
from importlib import import_module
from django.apps import apps
from django.conf import settings
from django.forms import inlineformset_factory, modelform_factory
from shop.models import *
def go(request):
    {code}
"""
    assert done_by("shop.views:go", views=source) == expected


def test_what_is_imported_by_its_name_is_called() -> None:
    found = accesses(
        tasks="""
from shop.models import Tag
def tidy():
    Tag.objects.create()
""",
        views="""
from importlib import import_module
from django.utils.module_loading import import_string
def direct():
    import_module("shop.tasks").tidy()
def held():
    tasks = import_module("shop.tasks")
    tasks.tidy()
def by_string():
    import_string("shop.tasks.tidy")()
""",
    )
    assert {unit for unit, table, mode in found if (table, mode) == ("shop_tag", "write")} == {
        "shop.tasks:tidy",
        "shop.views:direct",
        "shop.views:held",
        "shop.views:by_string",
    }


def test_rows_of_trees_are_read_and_written_by_methods_of_their_libraries() -> None:
    source = """
from django.db import models
from treebeard.mp_tree import MP_Node
class Node(MP_Node):
    name = models.CharField(max_length=9)
def grow():
    return Node.add_root(name="x")
def show(node: Node):
    return [one.name for one in node.get_children()]
"""
    assert done_by("shop.trees:grow", trees=source) == ["read node tree", "write node insert"]
    assert done_by("shop.trees:show", trees=source) == ["read node select"]


def test_a_feed_is_asked_about_each_of_its_items() -> None:
    source = """
from django.contrib.syndication.views import Feed
from shop.models import Order
class Latest(Feed):
    def items(self):
        return Order.objects.all()
    def item_title(self, item):
        return item.customer.name
"""
    assert done_by("shop.feeds:Latest", feeds=source) == [
        "read customer related",
        "read order select",
    ]


def test_a_query_set_of_a_model_that_others_extend_is_that_models() -> None:
    heirs = "\n".join(f"class Part{number}(Content): pass" for number in range(5))
    source = f"""
from django.db import models
class Bulk(models.QuerySet):
    def touch(self):
        self.select_for_update().update(seen=True)
class Manager(models.Manager): pass
class Content(models.Model):
    seen = models.BooleanField()
    objects = Manager.from_queryset(Bulk)()
{heirs}
"""
    assert done_by("shop.contents:Bulk", contents=source) == ["write content update"]


def test_what_a_form_or_serializer_validated_is_a_row() -> None:
    source = """
from django import forms
from django.views.generic import FormView
from rest_framework import serializers, viewsets
from shop.models import Customer, Order, Tag

class OrderForm(forms.ModelForm):
    tag = forms.ModelChoiceField(Tag.objects.all())
    others = forms.ModelMultipleChoiceField(queryset=Tag.objects.all())
    class Meta:
        model = Order
        fields = ["customer", "total"]
    def clean(self):
        data = super().clean()
        data["tag"].save()
        self.cleaned_data.get("total")

def use(request):
    form = OrderForm(request.POST)
    form.cleaned_data["customer"].save()
    form.cleaned_data["others"].update(word="x")
    form.cleaned_data["total"].save()

class OrderView(FormView):
    form_class = OrderForm
    def form_valid(self, form):
        form.cleaned_data["tag"].delete()

class LineSerializer(serializers.ModelSerializer):
    buyer = serializers.PrimaryKeyRelatedField(queryset=Customer.objects.all(), source="x")
    class Meta:
        model = Order
        fields = ["customer"]

class BasketSerializer(serializers.Serializer):
    lines = LineSerializer(many=True)
    tags = serializers.PrimaryKeyRelatedField(queryset=Tag.objects.all(), many=True)
    def create(self, validated_data):
        for line in validated_data.pop("lines"):
            line["buyer"].save()
        for tag in validated_data["tags"]:
            tag.save()

class BasketViews(viewsets.GenericViewSet):
    serializer_class = LineSerializer
    def perform_create(self, serializer):
        serializer.validated_data["customer"].save()
"""
    assert "write tag save" in done_by("shop.use:OrderForm", use=source)
    assert "write order save" not in done_by("shop.use:OrderForm", use=source)
    assert done_by("shop.use:use", use=source) == ["write customer save", "write tag update"]
    assert "write tag delete" in done_by("shop.use:OrderView", use=source)
    found = done_by("shop.use:BasketSerializer", use=source)
    assert {"write customer save", "write tag save"} <= set(found)
    assert "write customer save" in done_by("shop.use:BasketViews", use=source)


def test_a_function_that_is_handed_a_model_gives_its_callers_rows_of_it() -> None:
    source = """
from django.shortcuts import get_object_or_404
from shop.models import Account, Customer, Line, Order, Tag

def fetch(model, data, key):
    try:
        return get_object_or_404(model, pk=data[key])
    except KeyError:
        raise ValueError

def one(request): fetch(Tag, request.POST, "tag").delete()
def two(request): fetch(Customer, request.POST, "id").save()
def three(request): fetch(Order, request.POST, "id")
def four(request): return fetch(Line, request.POST, "id").order
def five(request): return fetch(Account, request.POST, "id")
"""
    assert done_by("shop.pages:fetch", pages=source) == []
    found = done_by("shop.pages:one", pages=source)
    assert {"read tag select", "write tag delete"} <= set(found)
    assert done_by("shop.pages:two", pages=source) == [
        "read customer select",
        "write customer save",
    ]
    assert done_by("shop.pages:five", pages=source) == ["read account select"]


def test_tables_between_conditions_and_annotated_query_sets_are_followed() -> None:
    source = """
from django.db.models import Case, QuerySet, Sum, When
from shop.models import Order, Tag

def tie(order: Order):
    order.tags.through.objects.create(order=order)

def tied():
    return Order.tags.through._default_manager.filter(order__total=1).count()

def counted():
    return Order.objects.annotate(n=Sum(Case(When(tags__word="x", then=1)))).values("n")

def prefetched(them: QuerySet[Order]):
    them = them.prefetch_related("customer", "tags")
    return [one for one in them]

class Run:
    def __call__(self):
        Tag.objects.all().delete()

def call():
    Run()()
"""
    assert done_by("shop.go:tie", go=source) == ["write order_tags insert"]
    assert done_by("shop.go:tied", go=source) == ["read order_tags select"]
    assert "read tag join" in done_by("shop.go:counted", go=source)
    assert {"read customer prefetch", "read tag prefetch"} <= set(
        done_by("shop.go:prefetched", go=source)
    )
    assert ("shop.go:call", "shop_tag", "write") in accesses(go=source)


def test_unique_fields_are_looked_up_by_forms_and_full_clean() -> None:
    source = """
from django import forms
from django.db import models

class Coupon(models.Model):
    code = models.CharField(max_length=9, unique=True)
    note = models.CharField(max_length=9)

class Slot(models.Model):
    day = models.DateField()
    class Meta:
        constraints = [models.UniqueConstraint(fields=["day"], name="one")]

class CouponForm(forms.ModelForm):
    class Meta:
        model = Coupon
        fields = ["code", "note"]

class NoteForm(forms.ModelForm):
    class Meta:
        model = Coupon
        fields = ["note"]

def check(slot: Slot):
    slot.full_clean()
"""
    assert done_by("shop.extra:CouponForm", extra=source) == [
        "read coupon validate",
        "write coupon form",
    ]
    assert done_by("shop.extra:NoteForm", extra=source) == ["write coupon form"]
    assert done_by("shop.extra:check", extra=source) == ["read slot validate"]


def test_an_abstract_model_saves_rows_of_whatever_inherits_it() -> None:
    source = """
from django.db import models

class Logged(models.Model):
    class Meta:
        abstract = True
    def save(self, *args, **kwargs):
        super().save(*args, **kwargs)
        self.log()
    def log(self): pass

class A(Logged): pass
class B(Logged): pass

def go(a: A):
    a.save()
"""
    found = accesses(extra=source)
    assert ("shop.extra:go", "shop_a", "write") in found
    assert ("shop.extra:go", "shop_b", "write") not in found


def test_an_item_that_a_tuple_does_not_have_is_nothing() -> None:
    body = b"from shop.models import Tag\ndef f(key):\n    tag = Tag.objects.get(pk=key)\n"
    body += b"    return (tag, tag)[-3].word\n"
    files = {"shop/__init__.py": b"", "shop/models.py": MODELS.encode(), "shop/a.py": body}
    assert [one for one in facts_of(project_of(files)) if isinstance(one, Diagnostic)] == []


def test_a_relation_of_the_projects_own_leads_where_its_constructor_says() -> None:
    source = """
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
from django.db import models

class Calls(GenericRelation):
    def __init__(self, **kwargs):
        super().__init__(Call, object_id_field="key", **kwargs)

class Call(models.Model):
    kind = models.ForeignKey(ContentType, on_delete=models.CASCADE)
    key = models.IntegerField()
    of = GenericForeignKey("kind", "key")

class Build(models.Model):
    calls = Calls()

def drop(build: Build):
    build.calls.filter(key=1).delete()
"""
    assert done_by("shop.extra:drop", extra=source) == ["read call select", "write call delete"]


def test_rows_that_nothing_refers_to_are_deleted_unread_whichever_model_it_is() -> None:
    source = """
from shop.models import Line, Tag

def clear():
    for model in (Line, Tag):
        model.objects.filter(pk=1).delete()
"""
    found = {one[1:] for one in accesses(extra=source) if one[0] == "shop.extra:clear"}
    assert ("shop_line", "write") in found
    assert ("shop_line", "read") not in found
    assert ("shop_tag", "read") in found  # rows between hang on them
