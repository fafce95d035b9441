"""Django models in, tables and foreign keys out; each case is one rule of Django's."""

import pytest

from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.tables import ForeignKey, Table
from analyzer.readers.python.django.models import read_catalogue, read_schema
from analyzer.readers.python.django.tables import table_facts
from tests.fakes.python_project import project
from tests.fakes.table_facts import lines_of

MODELS = "### shop/__init__.py\n### shop/models.py\nfrom django.db import models\n"


def tables(picture: str, *, columns: bool = True) -> list[str]:
    return lines_of(table_facts(read_schema(project(picture))), columns=columns)


def test_a_model_has_a_table_a_key_and_its_columns() -> None:
    assert tables(
        MODELS
        + """
class Customer(models.Model):
    email = models.EmailField(unique=True)
    born = models.DateField(null=True, db_column="birthday")
"""
    ) == ["shop_customer (id:AutoField! email:CharField birthday:DateField?)"]


def test_a_foreign_key_names_its_target_in_every_way() -> None:
    assert tables(
        MODELS
        + """
from django.conf import settings
from django.contrib.auth import get_user_model
class Customer(models.Model):
    code = models.CharField(primary_key=True, max_length=9)
class Order(models.Model):
    by_class = models.ForeignKey(Customer, models.CASCADE)
    by_name = models.ForeignKey("Customer", on_delete=models.CASCADE)
    by_label = models.ForeignKey(to="shop.customer", on_delete=models.SET_NULL, null=True)
    to_self = models.ForeignKey("self", models.CASCADE, db_column="parent")
    only = models.OneToOneField(Customer, models.CASCADE)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE)
    clerk = models.ForeignKey(get_user_model(), models.CASCADE)
""",
        columns=False,
    ) == [
        "shop_customer",
        "shop_order",
        "shop_order.by_class_id -> shop_customer.code",
        "shop_order.by_label_id -> shop_customer.code",
        "shop_order.by_name_id -> shop_customer.code",
        "shop_order.clerk_id -> auth_user.id",
        "shop_order.only_id -> shop_customer.code one_to_one",
        "shop_order.parent -> shop_order.id",
        "shop_order.user_id -> auth_user.id",
    ]


def test_a_model_in_capitals_is_no_setting() -> None:
    assert tables(
        MODELS
        + """
class FAQ(models.Model):
    pass
class Answer(models.Model):
    faq = models.ForeignKey("FAQ", models.CASCADE)
""",
        columns=False,
    ) == ["shop_answer", "shop_faq", "shop_answer.faq_id -> shop_faq.id"]


def test_many_to_many_fields_have_a_table_between() -> None:
    assert tables(
        MODELS
        + """
class Tag(models.Model):
    pass
class Item(models.Model):
    tags = models.ManyToManyField(Tag)
    named = models.ManyToManyField(Tag, db_table="item_named")
    like = models.ManyToManyField("self")
    through = models.ManyToManyField(Tag, through="Link")
class Link(models.Model):
    item = models.ForeignKey(Item, models.CASCADE)
    tag = models.ForeignKey(Tag, models.CASCADE)
"""
    ) == [
        "item_named many_to_many (id:AutoField! item_id:ForeignKey tag_id:ForeignKey)",
        "shop_item (id:AutoField!)",
        "shop_item_like many_to_many (id:AutoField! from_item_id:ForeignKey to_item_id:ForeignKey)",
        "shop_item_tags many_to_many (id:AutoField! item_id:ForeignKey tag_id:ForeignKey)",
        "shop_link (id:AutoField! item_id:ForeignKey tag_id:ForeignKey)",
        "shop_tag (id:AutoField!)",
        "item_named.item_id -> shop_item.id many_to_many",
        "item_named.tag_id -> shop_tag.id many_to_many",
        "shop_item_like.from_item_id -> shop_item.id many_to_many",
        "shop_item_like.to_item_id -> shop_item.id many_to_many",
        "shop_item_tags.item_id -> shop_item.id many_to_many",
        "shop_item_tags.tag_id -> shop_tag.id many_to_many",
        "shop_link.item_id -> shop_item.id",
        "shop_link.tag_id -> shop_tag.id",
    ]


def test_abstract_multi_table_and_proxy_inheritance() -> None:
    assert tables(
        MODELS
        + """
class Stamped(models.Model):
    made = models.DateTimeField()
    gone = models.DateTimeField()
    class Meta:
        abstract = True
        app_label = "other"
class Place(Stamped):
    gone = None
    name = models.CharField(max_length=9)
class Shop(Place):
    size = models.IntegerField()
class Kiosk(Place):
    place = models.OneToOneField(Place, models.CASCADE, parent_link=True, primary_key=True)
class Open(Shop):
    class Meta:
        proxy = True
class Visit(models.Model):
    shop = models.ForeignKey(Open, models.CASCADE)
"""
    ) == [
        "other_kiosk (place_id:OneToOneField!)",
        "other_place (id:AutoField! name:CharField made:DateTimeField)",
        "other_shop (size:IntegerField place_ptr_id:OneToOneField!)",
        "shop_visit (id:AutoField! shop_id:ForeignKey)",
        "other_kiosk.place_id -> other_place.id parent_link",
        "other_shop.place_ptr_id -> other_place.id parent_link",
        "shop_visit.shop_id -> other_shop.place_ptr_id",
    ]


def test_meta_gives_names_and_mixins_that_are_no_models_give_no_columns() -> None:
    assert tables(
        MODELS
        + """
class Mixin:
    ignored = models.CharField(max_length=9)
class Named(Mixin, models.Model):
    class Meta:
        db_table = '"sales"."named"'
        managed = False
class Ordered(models.Model):
    named = models.ForeignKey(Named, models.CASCADE)
    class Meta:
        order_with_respect_to = "named"
"""
    ) == [
        "sales.named (id:AutoField!)",
        "shop_ordered (id:AutoField! named_id:ForeignKey _order:IntegerField)",
        "shop_ordered.named_id -> sales.named.id",
    ]


def test_app_configs_give_labels_and_key_types() -> None:
    assert tables(
        MODELS
        + """
class A(models.Model):
    pass
### shop/apps.py
from django.apps import AppConfig
class ShopConfig(AppConfig):
    name = "shop"
    label = "store"
    default_auto_field = "django.db.models.BigAutoField"
"""
    ) == ["store_a (id:BigAutoField!)"]


def test_labels_keep_their_case_and_names_of_models_do_not() -> None:
    picture = """
### Lab/__init__.py
### Lab/models.py
from django.db import models
class BenchTool(models.Model):
    Spare = models.ManyToManyField("self")
"""
    assert tables(picture, columns=False)[:2] == [
        "Lab_benchtool",
        "Lab_benchtool_Spare many_to_many",
    ]


def test_models_in_branches_and_functions_of_the_snapshot() -> None:
    assert tables(
        MODELS
        + """
from shop.bases import get_base
if not registered("A"):
    class A(get_base()):
        pass
try:
    class B(models.Model):
        pass
except ImportError:
    pass
### shop/bases.py
from django.db import models
def get_base():
    class Base(models.Model):
        made = models.DateTimeField()
        class Meta:
            abstract = True
    return Base
"""
    ) == ["shop_a (id:AutoField! made:DateTimeField)", "shop_b (id:AutoField!)"]


def test_fields_of_the_snapshot_are_what_they_are_derived_from() -> None:
    assert tables(
        MODELS
        + """
class Money(models.DecimalField):
    pass
class OwnerField(models.ForeignKey):
    def __init__(self, **kwargs):
        kwargs.setdefault("to", "shop.Owner")
        kwargs["null"] = True
        super().__init__(**kwargs)
class Packed(models.Field):
    def get_internal_type(self):
        return "TextField"
class NoColumn(models.Field):
    def contribute_to_class(self, cls, name):
        super().contribute_to_class(cls, name, private_only=True)
def price(**options):
    return models.DecimalField(max_digits=9, decimal_places=2, null=True)
class Owner(models.Model):
    pass
class Item(models.Model):
    cost = Money()
    owner = OwnerField()
    packed = Packed()
    nothing = NoColumn()
    price = price()
    _("not a field")
    title = "not a field"
    objects = models.Manager()
"""
    ) == [
        "shop_item (id:AutoField! cost:DecimalField owner_id:ForeignKey? packed:TextField"
        " price:DecimalField?)",
        "shop_owner (id:AutoField!)",
        "shop_item.owner_id -> shop_owner.id",
    ]


def test_bases_and_fields_of_libraries_that_are_not_in_the_tree() -> None:
    assert tables(
        MODELS
        + """
from mptt.models import MPTTModel, TreeForeignKey
from polymorphic.models import PolymorphicModel
from model_utils.models import TimeStampedModel
from djmoney.models.fields import MoneyField
from taggit.managers import TaggableManager
class Category(MPTTModel):
    parent = TreeForeignKey("self", models.CASCADE, null=True)
class Asset(PolymorphicModel):
    tags = TaggableManager()
class Bill(TimeStampedModel):
    total = MoneyField(max_digits=9)
"""
    ) == [
        "shop_asset (id:AutoField! polymorphic_ctype_id:ForeignKey?)",
        "shop_bill (id:AutoField! total:DecimalField total_currency:CharField"
        " created:DateTimeField modified:DateTimeField)",
        "shop_category (id:AutoField! parent_id:ForeignKey? lft:PositiveIntegerField"
        " rght:PositiveIntegerField tree_id:PositiveIntegerField level:PositiveIntegerField)",
        "shop_asset.polymorphic_ctype_id -> django_content_type.id",
        "shop_category.parent_id -> shop_category.id",
    ]


def test_trees_pages_and_permissions_of_libraries_that_are_not_in_the_tree() -> None:
    assert tables(
        MODELS
        + """
from treebeard.mp_tree import MP_Node
from wagtail.models import Page, Orderable
from modelcluster.fields import ParentalKey
from guardian.models import UserObjectPermissionBase
class Branch(MP_Node):
    name = models.CharField(max_length=9)
class Home(Page):
    intro = models.TextField()
class Link(Orderable):
    page = ParentalKey(Home, related_name="links")
class HomePermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Home, models.CASCADE)
"""
    ) == [
        "shop_branch (id:AutoField! name:CharField path:CharField depth:PositiveIntegerField"
        " numchild:PositiveIntegerField)",
        "shop_home (intro:TextField page_ptr_id:OneToOneField!)",
        "shop_homepermission (id:AutoField! content_object_id:ForeignKey permission_id:ForeignKey"
        " user_id:ForeignKey)",
        "shop_link (id:AutoField! page_id:ForeignKey sort_order:IntegerField?)",
        "shop_home.page_ptr_id -> wagtailcore_page.id parent_link",
        "shop_homepermission.content_object_id -> shop_home.page_ptr_id",
        "shop_homepermission.permission_id -> auth_permission.id",
        "shop_homepermission.user_id -> auth_user.id",
        "shop_link.page_id -> shop_home.page_ptr_id",
    ]


def test_histories_and_translations_have_tables_of_their_own() -> None:
    assert tables(
        MODELS
        + """
from simple_history.models import HistoricalRecords
from parler.models import TranslatableModel, TranslatedFields
class Price(models.Model):
    amount = models.IntegerField()
    history = HistoricalRecords()
class Page(TranslatableModel):
    translations = TranslatedFields(title=models.CharField(max_length=9))
"""
    ) == [
        "shop_historicalprice history (amount:IntegerField id:IntegerField history_id:AutoField!"
        " history_date:DateTimeField history_change_reason:CharField? history_type:CharField"
        " history_user_id:ForeignKey?)",
        "shop_page (id:AutoField!)",
        "shop_page_translation"
        " (id:AutoField! language_code:CharField master_id:ForeignKey title:CharField)",
        "shop_price (id:AutoField! amount:IntegerField)",
        "shop_historicalprice.history_user_id -> auth_user.id",
        "shop_page_translation.master_id -> shop_page.id",
    ]


def test_a_swapped_user_model() -> None:
    assert tables(
        """### project/settings.py
AUTH_USER_MODEL = "people.Person"
INSTALLED_APPS = ["people"]
### people/__init__.py
### people/models.py
from django.contrib.auth.models import AbstractUser, User
from django.db import models
class Person(AbstractUser):
    pass
class Note(models.Model):
    author = models.ForeignKey(User, models.CASCADE)
""",
        columns=False,
    ) == [
        "people_note",
        "people_person",
        "people_person_groups many_to_many",
        "people_person_user_permissions many_to_many",
        "people_note.author_id -> people_person.id",
        "people_person_groups.group_id -> auth_group.id many_to_many",
        "people_person_groups.person_id -> people_person.id many_to_many",
        "people_person_user_permissions.permission_id -> auth_permission.id many_to_many",
        "people_person_user_permissions.person_id -> people_person.id many_to_many",
    ]


def test_a_generic_key_has_no_target() -> None:
    schema = read_schema(
        project(
            MODELS
            + """
from django.contrib.contenttypes.fields import GenericForeignKey, GenericRelation
from django.contrib.contenttypes.models import ContentType
class Note(models.Model):
    content_type = models.ForeignKey(ContentType, models.CASCADE)
    object_id = models.PositiveIntegerField()
    about = GenericForeignKey()
class Thing(models.Model):
    notes = GenericRelation(Note)
"""
        )
    )
    keys = [fact for fact in table_facts(schema) if isinstance(fact, ForeignKey)]
    assert sorted(
        (key.column, key.target, key.kind) for key in keys if key.source == "shop_note"
    ) == [
        ("content_type_id", "django_content_type", "foreign_key"),
        ("object_id", "", "generic"),
    ]


def test_a_metaclass_can_make_proxies() -> None:
    assert tables(
        MODELS
        + """
class Base(models.base.ModelBase):
    def __new__(cls, name, bases, attrs):
        attrs["Meta"].proxy = True
        return super().__new__(cls, name, bases, attrs)
class Thing(models.Model):
    pass
class Kind(Thing, metaclass=Base):
    pass
class Special(Kind):
    pass
"""
    ) == ["shop_thing (id:AutoField!)"]


def test_evidence_points_at_the_line_that_says_so() -> None:
    schema = read_schema(project(MODELS + "class A(models.Model):\n    x = models.TextField()\n"))
    (table,) = [fact for fact in table_facts(schema) if isinstance(fact, Table)]
    assert str(table.evidence) == "shop/models.py:2"
    assert [str(column.evidence) for column in table.columns] == [
        "shop/models.py:2",
        "shop/models.py:3",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "class A:\n    x = models.TextField()\n",
        "from django import forms\nclass A(forms.ModelForm):\n    x = forms.CharField()\n",
        "class A(models.Model):\n    class Meta:\n        abstract = True\n",
        "class A(models.QuerySet):\n    x = models.TextField()\n",
        "class A(models.Model):\n    class Meta:\n        swappable = 'AUTH_USER_MODEL'\n"
        "### project/settings.py\nAUTH_USER_MODEL = 'x.Y'\nINSTALLED_APPS = []\n",
    ],
)
def test_no_table_is_made_up(body: str) -> None:
    assert tables(MODELS + body) == []


def test_a_base_that_is_not_known_is_reported_with_its_place() -> None:
    facts = table_facts(
        read_schema(
            project(
                MODELS
                + "from strange.models import Base\n"
                + "class A(Base):\n    x = models.TextField()\n"
            )
        )
    )
    found = [fact for fact in facts if isinstance(fact, Diagnostic)]
    assert [(one.code, one.path, one.line) for one in found] == [
        ("unknown-model-base", "shop/models.py", 3)
    ]


def test_the_catalogue_knows_relations_from_both_ends() -> None:
    catalogue = read_catalogue(
        project(
            MODELS
            + """
class Customer(models.Model):
    pass
class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="orders")
    lines = models.ManyToManyField(Customer, related_name="+")
class Gift(Order):
    pass
"""
        )
    )
    order = catalogue.models["shop.models:Order"]
    key = order.fields["customer"]
    assert (key.kind, key.target, key.accessor, key.query_name, key.on_delete) == (
        "foreign_key",
        "shop.models:Customer",
        "orders",
        "orders",
        "CASCADE",
    )
    assert order.fields["lines"].through == "shop_order_lines"
    gift = catalogue.models["shop.models:Gift"]
    assert gift.parents == ("shop.models:Order",)
    assert gift.fields["customer"].owner_table == "shop_order"
    assert catalogue.by_label["shop.order"] == "shop.models:Order"
