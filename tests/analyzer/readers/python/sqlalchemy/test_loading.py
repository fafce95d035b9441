"""What is loaded along with rows, or later, and by whom: source in, accesses out."""

from analyzer.readers.python.reader import facts_of
from tests.fakes.python_project import project
from tests.fakes.table_facts import access_lines

MODELS = """### shop/models.py
from sqlalchemy import Column, ForeignKey, Integer, String, event, func, orm, select
from sqlalchemy.ext.hybrid import hybrid_method, hybrid_property
from sqlalchemy.orm import column_property, declarative_base, deferred, relationship
Base = declarative_base()
class Customer(Base):
    __tablename__ = "customer"
    id = Column(Integer, primary_key=True)
    picture = deferred(Column(String))
    orders = relationship("Order", backref="customer")
    @hybrid_property
    def paid(self):
        return True
    @paid.expression
    def paid(cls):
        return cls.orders.any()
    @hybrid_method
    def has_lines(self, count):
        return False
    @has_lines.expression
    def has_lines(cls, count):
        return select(func.count(Line.id)).scalar_subquery() > count
class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("customer.id"))
    lines = relationship("Line")
class Line(Base):
    __tablename__ = "line"
    id = Column(Integer, primary_key=True)
    order_id = Column(ForeignKey("orders.id"))
    product = relationship("Product", lazy="joined")
    product_id = Column(ForeignKey("product.id"))
class Product(Base):
    __tablename__ = "product"
    id = Column(Integer, primary_key=True)
    total = column_property(select(func.count(Sale.id)).scalar_subquery())
class Sale(Base):
    __tablename__ = "sale"
    id = Column(Integer, primary_key=True)
@event.listens_for(orm.mapper, "after_configured")
def configured():
    lines = select(func.count(Line.id)).scalar_subquery()
    Order.line_count = column_property(lines, deferred=True)
### shop/code.py
from sqlalchemy import event, select
from sqlalchemy.orm import joinedload, selectinload
from shop.models import *
"""


def accesses(code: str) -> list[str]:
    """Reads and writes of the code, without its place."""
    found = access_lines(facts_of(project(f"{MODELS}{code}"), []))
    lines = [line for line in found if line.startswith("shop.code:") and " joins " not in line]
    return list(dict.fromkeys(line.removeprefix("shop.code:").partition(" @")[0] for line in lines))


def test_a_subquery_that_is_a_column_is_read_with_the_row_or_when_it_is_asked_for() -> None:
    assert accesses(
        """
def show(order: Order, customer: Customer):
    return order.line_count, customer.picture
def find(session):
    return session.query(Product).all()
def plain(session):
    return session.query(Order).first()
"""
    ) == [
        "find reads product (select)",
        "find reads sale (select)",
        "plain reads orders (select)",
        "show reads customer (related)",
        "show reads line (related)",
        "show reads orders (related)",
    ]


def test_hybrids_stand_for_the_tables_of_their_conditions() -> None:
    assert accesses(
        """
def paying(session):
    return session.query(Customer).filter(Customer.paid).all()
def large(session):
    return session.scalars(select(Customer).where(Customer.has_lines(3))).all()
"""
    ) == [
        "large reads customer (select)",
        "large reads line (select)",
        "paying reads customer (select)",
        "paying reads orders (select)",
    ]


def test_options_are_followed_through_variables_constants_and_functions() -> None:
    assert accesses(
        """
ALONG = (joinedload(Customer.orders),)
def along():
    return [joinedload("orders").selectinload("lines")]
def by_variable(session):
    strategy = joinedload("orders")
    strategy.joinedload("lines")
    options = [strategy]
    return session.query(Customer).options(*options).all()
def by_constant(session):
    return session.query(Customer).options(*ALONG).all()
def by_function(session):
    return session.query(Customer).options(*along()).all()
"""
    ) == [
        "by_constant reads customer (select)",
        "by_constant reads orders (select)",
        "by_function reads customer (select)",
        "by_function reads line (select)",
        "by_function reads orders (select)",
        "by_function reads product (select)",
        "by_function reads sale (select)",
        "by_variable reads customer (select)",
        "by_variable reads line (select)",
        "by_variable reads orders (select)",
        "by_variable reads product (select)",
        "by_variable reads sale (select)",
    ]


def test_listeners_get_the_row_and_what_is_put_into_it() -> None:
    assert accesses(
        """
@event.listens_for(Order.lines, "append")
def added(row, item, *rest):
    item.order_id = row.id
@event.listens_for(Customer, "before_update")
def changed(mapper, connection, row):
    row.picture = ""
def heard(mapper, connection, row):
    row.customer_id = 1
event.listen(Order, "before_insert", heard)
"""
    ) == [
        "added writes line (update)",
        "changed writes customer (update)",
        "heard writes orders (update)",
    ]


def test_receivers_get_what_the_senders_of_a_signal_hand_over() -> None:
    assert accesses(
        """
from blinker import Namespace
signals = Namespace()
paid = signals.signal("paid")
@paid.connect
def heard(sender, order, **rest):
    return order.lines
def pay(customer: Customer, order: Order):
    paid.send(customer, order=order)
"""
    ) == [
        "heard reads line (related)",
        "heard reads product (related)",
        "heard reads sale (related)",
    ]


def test_a_query_that_somebody_else_began_is_read_by_who_adds_a_condition() -> None:
    assert accesses(
        """
def narrowed(query):
    return query.filter(Line.order_id == 1)
def nothing(rows):
    return filter(Line.order_id, rows)
"""
    ) == ["narrowed reads line (select)"]


def test_a_table_of_the_metadata_is_told_by_its_name() -> None:
    assert accesses(
        """
from sqlalchemy import MetaData
metadata = MetaData()
def find(session):
    lines = metadata.tables["line"]
    return session.execute(select(lines.c.id))
"""
    ) == ["find reads line (select)"]
