"""What libraries around Django's models do to tables, by how the snapshot uses them."""

import pytest

from analyzer.facts.tables import TableAccess
from analyzer.readers.python.reader import facts_of
from tests.fakes.python_project import project

MODELS = """\
### site/settings.py
INSTALLED_APPS = ["shop"]
AUTH_USER_MODEL = "shop.User"
### shop/__init__.py
### shop/models.py
import rules
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django_scopes import ScopedManager
from hierarkey.models import GlobalSettingsBase, Hierarkey
from shop.rules import may_see
hierarkey = Hierarkey(attribute_name="config")
class User(PermissionsMixin): pass
@hierarkey.add()
class Shop(models.Model): pass
def invoice_path(instance, filename):
    return instance.shop.name
class OrderManager(models.Manager):
    def open(self):
        return self.filter(closed=False)
class Order(models.Model):
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE)
    helpers = models.ManyToManyField(User)
    invoice = models.FileField(upload_to=invoice_path)
    objects = ScopedManager(shop="shop", _manager_class=OrderManager)
    class Meta:
        rules_permissions = {"view": may_see}
class Line(models.Model):
    order = models.ForeignKey(Order, on_delete=models.CASCADE)
    objects = ScopedManager(shop="order__shop")
### shop/migrations/__init__.py
### shop/migrations/0001_initial.py
from django.db import migrations, models
class Migration(migrations.Migration):
    operations = [
        migrations.CreateModel(name="Shop_SettingsStore", fields=[("id", models.AutoField(primary_key=True))]),
    ]
### shop/rules.py
import rules
@rules.predicate
def is_helper(user, obj):
    return user in obj.helpers.all()
may_see = is_helper | rules.is_staff
"""  # noqa: E501


def done_by(unit: str, body: str = "") -> list[str]:
    """`mode table` for what a unit does itself, sorted."""
    head = "### shop/views.py\nfrom shop.models import *\n"
    source = f"{head}def go(order: Order, shop: Shop, user: User):\n    {body}\n"
    found = facts_of(project(MODELS + source), providers=())
    return sorted(
        {
            f"{one.mode} {one.table.removeprefix('shop_')}"
            for one in found
            if isinstance(one, TableAccess) and one.unit == unit and not one.via
        }
    )


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Line.objects.first()", ["read line", "read order"]),
        ("Order.objects.open()", ["read order"]),
        ("shop.config.currency", ["read shop_settingsstore"]),
        ("shop.config.set('currency', 1)", ["read shop_settingsstore", "write shop_settingsstore"]),
        ("user.has_perm('view')", ["read user_groups", "read user_user_permissions"]),
        ("user.has_perm('view', order)", []),
        ("order.helpers.set([])", ["read order_helpers", "write order_helpers"]),
        ("order.line_set(manager='objects').count()", ["read line", "read order"]),
    ],
)
def test_what_statements_do(body: str, expected: list[str]) -> None:
    assert done_by("shop.views:go", body) == expected


def test_predicates_are_asked_about_the_rows_that_their_permissions_are_of() -> None:
    assert done_by("shop.rules:is_helper") == ["read order_helpers", "read user"]


def test_a_function_that_names_files_is_given_the_row() -> None:
    assert done_by("shop.models:invoice_path") == ["read shop"]


def test_fields_that_another_class_lists_are_shown_too() -> None:
    source = """### shop/api.py
from rest_framework.serializers import ModelSerializer
from shop.models import Order
class Short(ModelSerializer):
    class Meta:
        model = Order
        fields = ("shop", "helpers")
class Long(Short):
    class Meta(Short.Meta):
        fields = Short.Meta.fields + ("invoice",)
### shop/forms.py
from i18nfield.forms import I18nModelForm
from shop.models import Order
class OrderForm(I18nModelForm):
    class Meta:
        model = Order
        fields = ["helpers"]
"""
    found = facts_of(project(MODELS + source), providers=())
    touched = {
        (one.unit.partition(":")[2], one.table, one.mode)
        for one in found
        if isinstance(one, TableAccess) and not one.via
    }
    assert ("Long", "shop_order_helpers", "read") in touched
    assert {
        ("OrderForm", "shop_order", "write"),
        ("OrderForm", "shop_order_helpers", "write"),
        ("OrderForm", "shop_user", "read"),
    } <= touched


def test_filters_tables_and_lists_of_views_follow_names_across_relations() -> None:
    source = """### shop/lists.py
import django_filters
import django_tables2 as tables
from django_tables2.utils import A
from rest_framework.viewsets import ModelViewSet
from shop.models import Line, Order
class LineFilter(django_filters.FilterSet):
    name = django_filters.CharFilter(field_name="order__shop__id")
    class Meta:
        model = Line
        fields = {"order": ["exact"]}
class LineTable(tables.Table):
    shop = tables.Column(accessor=A("order.shop.id"))
    class Meta:
        model = Line
        fields = ["order"]
class OrderViews(ModelViewSet):
    queryset = Order.objects.all()
    search_fields = ["^helpers__is_superuser"]
class Other:
    search_fields = ["helpers__id"]
"""
    assert done_by("shop.lists:LineFilter", f"pass\n{source}") == [
        "read line",
        "read order",
        "read shop",
    ]
    assert done_by("shop.lists:LineTable", f"pass\n{source}") == [
        "read line",
        "read order",
        "read shop",
    ]
    found = done_by("shop.lists:OrderViews", f"pass\n{source}")
    assert {"read order_helpers", "read user"} <= set(found)
    assert done_by("shop.lists:Other", f"pass\n{source}") == []


def test_permissions_on_rows_are_kept_in_tables_of_guardian() -> None:
    source = """### site/settings.py
INSTALLED_APPS = ["shop", "django.contrib.auth", "guardian"]
AUTH_USER_MODEL = "shop.User"
### shop/grants.py
from django.db import models
from guardian.models import UserObjectPermissionBase
from guardian.shortcuts import assign_perm, get_objects_for_user, get_users_with_perms
from shop.models import Line, Order, Shop, User
class ShopPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Shop, on_delete=models.CASCADE)
def give(user, order: Order):
    assign_perm("view_order", user, order)
def give_shop(user, shop: Shop):
    assign_perm("view_shop", user, shop)
def seen(user):
    return get_objects_for_user(user, "shop.view_line").filter(order__shop=1)
def users(order: Order):
    get_users_with_perms(order).first().save()
"""
    models = MODELS.replace("### site/settings.py", source + "### other/settings.py", 1)

    def done(unit: str) -> list[str]:
        found = facts_of(project(models), providers=())
        return sorted(
            {
                f"{one.mode} {one.table}"
                for one in found
                if isinstance(one, TableAccess) and one.unit == unit and not one.via
            }
        )

    both = ["guardian_groupobjectpermission", "guardian_userobjectpermission"]
    assert done("shop.grants:give") == ["read auth_permission", *(f"write {one}" for one in both)]
    assert done("shop.grants:give_shop") == ["read auth_permission", "write shop_shoppermission"]
    assert {"read shop_line", "read shop_order", *(f"read {one}" for one in both)} <= set(
        done("shop.grants:seen")
    )
    assert {"read shop_user", "write shop_user"} <= set(done("shop.grants:users"))
