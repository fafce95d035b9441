"""What code does with peewee's models, rows and queries, in; accesses, out."""

from analyzer.facts.entry_points import EntryPoint
from analyzer.facts.transactions import Lock, TransactionScope
from analyzer.readers.python.providers import Fact
from analyzer.readers.python.reader import facts_of
from tests.fakes.python_project import project
from tests.fakes.table_facts import access_lines

MODELS = """### shop/models.py
from peewee import *
from playhouse.signals import Model as Signalling, post_save
from playhouse.sqlite_ext import FTS5Model, SearchField
store = SqliteDatabase("shop.db")
class BaseModel(Model):
    created = DateTimeField()
    class Meta:
        database = store
    @classmethod
    def newest(cls):
        return cls.select().order_by(cls.created.desc()).first()
    def delete_instance(self, *args, **kwargs):
        return super().delete_instance(*args, **kwargs)
class Customer(BaseModel):
    name = CharField()
    def spent(self):
        return sum(order.total for order in self.orders)
    def remember(self):
        self.save()
class Tag(BaseModel):
    label = CharField()
    def save(self, *args, **kwargs):
        self.label = self.label.lower()
        return super().save(*args, **kwargs)
class Order(BaseModel):
    customer = ForeignKeyField(Customer, backref="orders")
    total = IntegerField()
    tags = ManyToManyField(Tag, backref="orders")
class Line(BaseModel):
    order = ForeignKeyField(Order, backref="lines")
class Note(BaseModel):
    order = ForeignKeyField(Order, null=True)
class Payment(Signalling):
    amount = IntegerField()
    class Meta:
        database = store
@post_save(sender=Payment)
def book(model_class, instance, created):
    Note.create(order=None)
class Found(FTS5Model):
    text = SearchField()
OrderTag = Order.tags.get_through_model()
"""
HEAD = """### shop/code.py
from shop.models import *
from playhouse.shortcuts import *
"""


def facts(code: str) -> list[Fact]:
    return list(facts_of(project(f"{MODELS}{HEAD}{code}"), []))


def accesses(code: str) -> list[str]:
    """Reads and writes of the code, without its place."""
    found = access_lines(facts(code))
    lines = [line for line in found if line.startswith("shop.code:") and " joins " not in line]
    return list(dict.fromkeys(line.removeprefix("shop.code:").partition(" @")[0] for line in lines))


def test_going_through_a_query_reads_its_table_and_following_a_key_the_other() -> None:
    assert accesses(
        """
def report():
    for order in Order.select().where(Order.total > 3).limit(5):
        print(order.customer.name)
"""
    ) == ["report reads customer (related)", "report reads order (select)"]


def test_the_value_of_a_key_reads_nothing() -> None:
    assert accesses("def key(order: Order):\n    return order.customer_id, order.total\n") == []


def test_statements_write_their_table_and_read_what_they_are_made_from() -> None:
    assert accesses(
        """
def write():
    Order.insert_many([{"total": 1}]).execute()
    Line.delete().where(Line.order.in_(Order.select().where(Order.total > 1))).execute()
    Tag.update(label="x").where(Tag.label == "y").execute()
def archive():
    Note.insert_from(Order.select(Order.id), [Note.order]).execute()
"""
    ) == [
        "archive reads order (select)",
        "archive writes note (insert)",
        "write reads order (select)",
        "write writes line (delete)",
        "write writes order (insert)",
        "write writes tag (update)",
    ]


def test_rows_are_got_made_saved_and_deleted() -> None:
    assert accesses(
        """
def made():
    customer, is_new = Customer.get_or_create(name="a")
    customer.name = "b"
    return customer
def saved():
    made().save()
def known(key):
    return Order.get_or_none(Order.id == key)
def deleted(key):
    Customer.delete_by_id(key)
    known(key).delete_instance()
"""
    ) == [
        "deleted reads order (select)",
        "deleted writes customer (delete)",
        "deleted writes order (delete)",
        "known reads order (select)",
        "made reads customer (select)",
        "made writes customer (insert)",
        "saved reads customer (select)",
        "saved writes customer (save)",
    ]


def test_joins_and_lookups_read_every_table_on_the_way() -> None:
    assert accesses(
        """
def joined():
    query = Line.select(Line, Order).join(Order).switch(Line)
    return query.join(Note, on=(Note.order == Line.order))
def looked_up():
    return list(Line.filter(order__customer__name="x").dicts())
def by_key(customer):
    return Order.get(customer=customer)
"""
    ) == [
        "by_key reads customer (select)",
        "by_key reads order (select)",
        "joined reads line (select)",
        "joined reads note (select)",
        "joined reads order (select)",
        "looked_up reads customer (select)",
        "looked_up reads line (select)",
        "looked_up reads order (select)",
    ]


def test_a_query_is_built_up_line_by_line_and_holds_others() -> None:
    assert accesses(
        """
def rich():
    return Customer.select().where(Customer.name == "a")
def orders():
    query = Order.select()
    query = query.where(Order.customer.in_(rich()))
    return query.first().customer_id
def aliased():
    Parent = Customer.alias()
    return Parent.select().where(Parent.name == "x").count()
"""
    ) == [
        "aliased reads customer (select)",
        "orders reads customer (select)",
        "orders reads order (select)",
        "rich reads customer (select)",
    ]


def test_a_model_is_gone_through_and_asked_for_rows_like_a_dictionary() -> None:
    assert accesses(
        """
def every():
    return [tag.label for tag in Tag]
def entity(cls, key):
    return cls[key]
def save(key):
    order = entity(Order, key)
    order.save()
def drop(key):
    entity(Line, key).delete_instance()
def others(key):
    return entity(Tag, key), entity(Note, key), len(Customer)
"""
    ) == [
        "drop reads line (select)",
        "drop writes line (delete)",
        "every reads tag (select)",
        "others reads customer (select)",
        "others reads note (select)",
        "others reads tag (select)",
        "save reads order (select)",
        "save writes order (save)",
    ]


def test_models_that_functions_make_are_told_apart() -> None:
    assert accesses(
        """
import peewee
def starred(target):
    class Starred(peewee.Model):
        what = peewee.ForeignKeyField(target, backref="+")
        class Meta:
            table_name = "starred_" + target._meta.table_name
    return Starred
StarredTag = starred(Tag)
StarredOrder = starred(Order)
def star(tag):
    StarredTag.create(what=tag)
def stars():
    return [one.what.total for one in StarredOrder.select()]
"""
    ) == [
        "star writes starred_tag (insert)",
        "stars reads order (related)",
        "stars reads starred_order (select)",
    ]


def test_a_statement_on_one_of_several_models_does_not_read_the_others() -> None:
    assert accesses(
        """
def models():
    return {"tag": Tag, "note": Note}
def touch(kind, key):
    model = models()[kind]
    model.update(created=None).where(model.id == key).execute()
"""
    ) == ["touch writes note (update)", "touch writes tag (update)"]


def test_back_references_are_read_where_they_are_gone_through() -> None:
    assert accesses(
        """
def total(customer: Customer):
    return len(customer.orders)
def lines(order: Order):
    return [line.id for line in order.lines.where(Line.id > 1)]
"""
    ) == ["lines reads line (select)", "total reads order (select)"]


def test_many_to_many_fields_write_the_table_between() -> None:
    assert accesses(
        """
def add(order: Order, tag):
    order.tags.add(tag)
    order.tags = [tag]
def show(tag: Tag):
    return [order.total for order in tag.orders]
def between():
    return OrderTag.select().count()
"""
    ) == [
        "add writes order_tag_through (add)",
        "add writes order_tag_through (set)",
        "between reads order_tag_through (select)",
        "show reads order (select)",
        "show reads order_tag_through (select)",
    ]


def test_deleting_recursively_takes_what_hangs_on_a_row_along() -> None:
    assert accesses(
        """
def remove(order: Order):
    order.delete_instance(recursive=True)
def plainly(tag: Tag):
    tag.delete_instance()
"""
    ) == [
        "plainly writes tag (delete)",
        "remove writes line (cascade)",
        "remove writes note (set_null)",
        "remove writes order (delete)",
        "remove writes order_tag_through (cascade)",
    ]


def test_a_class_does_what_it_inherits_to_its_own_table() -> None:
    assert accesses(
        """
def newest():
    return Tag.newest().label
def made():
    return Tag.create(label="X")
"""
    ) == ["made writes tag (insert)", "newest reads tag (select)"]


def test_what_overrides_a_method_of_peewee_gives_what_that_gives() -> None:
    assert accesses(
        """
import peewee
class Place(BaseModel):
    path = peewee.CharField()
    @classmethod
    def get(cls, *args, **kwargs):
        return BaseModel.get.__func__(cls, *args, **kwargs)
def drop(path):
    Place.get(path=path).delete_instance()
"""
    )[-2:] == ["drop reads place (select)", "drop writes place (delete)"]


def test_receivers_of_signals_run_where_a_row_is_saved() -> None:
    found = facts("def pay():\n    Payment.create(amount=1)\n")
    assert [line.partition(" @")[0] for line in access_lines(found) if ":pay " in line] == [
        "shop.code:pay writes note (insert)",
        "shop.code:pay writes payment (insert)",
    ]
    heard = facts_of(project(f"{MODELS}{HEAD}"))
    names = [(one.name, one.unit) for one in heard if isinstance(one, EntryPoint)]
    assert names == [("post_save from Payment", "shop.models:book")]


def test_prefetching_and_turning_rows_into_dictionaries_read_what_is_related() -> None:
    assert accesses(
        """
def fetched():
    for customer in prefetch(Customer.select(), Order, Line.select()):
        print(customer.orders)
def shown(line: Line):
    return model_to_dict(line)
def plain(line: Line):
    return model_to_dict(line, recurse=False)
"""
    ) == [
        "fetched reads customer (select)",
        "fetched reads line (select)",
        "fetched reads order (select)",
        "shown reads customer (related)",
        "shown reads order (related)",
    ]


def test_full_text_tables_are_searched_and_kept_up() -> None:
    assert accesses(
        """
def search(term):
    return Found.search_bm25(term).limit(3)
def rebuild():
    Found.rebuild()
"""
    ) == ["rebuild writes found (index)", "search reads found (select)"]


def test_transactions_are_those_of_databases_whatever_they_are_called() -> None:
    found = facts(
        """
@store.atomic()
def decorated():
    Tag.create(label="x")
def block():
    with store.transaction():
        Line.create(order=1)
        with store.savepoint():
            Note.create()
    with store:
        Payment.create()
    with store.connection_context():
        Order.create()
"""
    )
    scopes = [one for one in found if isinstance(one, TransactionScope)]
    written = {one.evidence.line: [access.table for access in one.accesses] for one in scopes}
    assert sorted(written.items()) == [
        (4, ["tag"]),
        (8, ["line", "note"]),
        (10, ["note"]),
        (12, ["note", "payment"]),
    ]


def test_rows_are_locked_for_update() -> None:
    found = facts("def lock():\n    Order.select().where(Order.id == 1).for_update().get()\n")
    locks = [(one.kind, one.target) for one in found if isinstance(one, Lock)]
    assert locks == [("row", "order")]


def test_sql_in_strings_is_read_beside_queries() -> None:
    code = """
def clean():
    store.execute_sql("DELETE FROM tag")
def raw():
    return Tag.raw("SELECT * FROM tag JOIN note")
"""
    found = access_lines(facts_of(project(f"{MODELS}{HEAD}{code}")))
    assert [
        line.partition(" @")[0] for line in found if ".code:" in line and "joins" not in line
    ] == [
        "shop.code:clean writes tag (delete)",
        "shop.code:raw reads note (select)",
        "shop.code:raw reads tag (select)",
    ]


def test_functions_are_followed_with_the_models_they_are_handed() -> None:
    assert accesses(
        """
def fetch(model, key):
    return model.get_by_id(key)
def order(key):
    return fetch(Order, key).total
def tag(key):
    return fetch(Tag, key).label
def rest(key):
    return fetch(Line, key), fetch(Note, key)
"""
    ) == [
        "order reads order (select)",
        "rest reads line (select)",
        "rest reads note (select)",
        "tag reads tag (select)",
    ]


def test_managers_and_asynchronous_methods_do_what_the_others_do() -> None:
    assert accesses(
        """
import peewee_async
objects = peewee_async.Manager(store)
async def got(key):
    order = await objects.get(Order, id=key)
    await objects.update(order)
async def made():
    await Tag.aio_create(label="x")
async def run():
    return await objects.execute(Line.select())
"""
    ) == [
        "got reads order (select)",
        "got writes order (save)",
        "made writes tag (insert)",
        "run reads line (select)",
    ]


def test_views_of_admin_sites_work_on_the_model_they_are_made_with() -> None:
    assert accesses(
        """
from flask_admin.contrib.peewee import ModelView
class TagAdmin(ModelView):
    def tidy(self, ids):
        self.model.delete().where(self.model.id.in_(ids)).execute()
class NoteAdmin(ModelView):
    can_create = False
    can_edit = False
    can_delete = False
admin.add_view(TagAdmin(Tag))
admin.add_view(NoteAdmin(Note))
"""
    ) == [
        "NoteAdmin reads note (admin)",
        "TagAdmin reads tag (admin)",
        "TagAdmin writes tag (admin)",
        "TagAdmin writes tag (delete)",
    ]
