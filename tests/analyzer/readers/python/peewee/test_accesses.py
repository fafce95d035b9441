"""What code does with peewee's models, rows and queries, in; accesses, out."""

from analyzer.readers.python.reader import facts_of
from tests.fakes.python_project import project
from tests.fakes.table_facts import access_lines

MODELS = """### shop/models.py
from peewee import *
from playhouse.signals import Model as Signalling, post_save
from playhouse.sqlite_ext import FTS5Model, SearchField
store = SqliteDatabase("shop.db")
class Base(Model):
    created = DateTimeField()
    class Meta:
        database = store
    @classmethod
    def newest(cls):
        return cls.select().order_by(cls.created.desc()).first()
class Customer(Base):
    name = CharField()
    def spent(self):
        return sum(order.total for order in self.orders)
    def remember(self):
        self.save()
class Tag(Base):
    label = CharField()
class Order(Base):
    customer = ForeignKeyField(Customer, backref="orders")
    total = IntegerField()
    tags = ManyToManyField(Tag, backref="orders")
class Line(Base):
    order = ForeignKeyField(Order, backref="lines")
class Note(Base):
    order = ForeignKeyField(Order, null=True)
class Audited(Signalling):
    class Meta:
        database = store
class Payment(Audited):
    amount = IntegerField()
@post_save(sender=Payment)
def book(model_class, instance, created):
    Note.create(order=None)
class Found(FTS5Model):
    text = SearchField()
OrderTag = Order.tags.get_through_model()
"""


def facts(code: str) -> list[object]:
    picture = f"{MODELS}### shop/code.py\nfrom shop.models import *\n{code}"
    return list(facts_of(project(picture)))


def accesses(code: str) -> list[str]:
    """Reads and writes of the code, without its place."""
    found = access_lines(facts(code))
    lines = [line for line in found if line.startswith("shop.code:") and " joins " not in line]
    return list(dict.fromkeys(line.removeprefix("shop.code:").partition(" @")[0] for line in lines))


def test_a_query_reads_its_table_and_types_its_rows() -> None:
    assert accesses(
        """
def report():
    for order in Order.select().where(Order.total > 3).limit(5):
        print(order.customer.name)
"""
    ) == ["report reads customer (related)", "report reads order (select)"]
