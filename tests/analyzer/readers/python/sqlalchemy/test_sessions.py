"""What code does with SQLAlchemy's sessions, rows and statements, in; accesses, out."""

from analyzer.facts.transactions import Lock, TransactionScope
from analyzer.readers.python.reader import facts_of
from tests.fakes.python_project import project
from tests.fakes.table_facts import access_lines

MODELS = """### shop/models.py
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import select
from sqlalchemy.event import listens_for
from sqlalchemy.ext.associationproxy import association_proxy
from sqlalchemy.ext.hybrid import hybrid_property
db = SQLAlchemy()
carries = db.Table("carries", db.metadata, db.Column("tag", db.ForeignKey("tag.id")))
class Base(db.Model):
    __abstract__ = True
    @classmethod
    def find(cls, key):
        return cls.query.get(key)
class Customer(Base):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    orders = db.relationship("Order", backref="customer", cascade="all, delete-orphan")
    notes = association_proxy("orders", "note")
    @hybrid_property
    def biggest(self):
        return max(self.orders)
    @biggest.expression
    def biggest(cls):
        return select(Order.total)
class Order(Base):
    id = db.Column(db.Integer, primary_key=True)
    customer_id = db.Column(db.ForeignKey("customer.id"))
    total = db.Column(db.Integer)
    note = db.Column(db.String)
    tags = db.relationship("Tag", secondary=carries)
    lines = db.relationship("Line", lazy="dynamic", backref=db.backref("order", lazy="joined"))
class Line(Base):
    id = db.Column(db.Integer, primary_key=True)
    order_id = db.Column(db.ForeignKey("order.id"))
class Tag(Base):
    id = db.Column(db.Integer, primary_key=True)
"""


def accesses(code: str) -> list[str]:
    """Reads and writes of the code, without its place."""
    picture = f"{MODELS}### shop/code.py\nfrom shop.models import *\n{code}"
    found = access_lines(facts_of(project(picture), []))
    lines = [line for line in found if line.startswith("shop.code:") and " joins " not in line]
    return list(dict.fromkeys(line.removeprefix("shop.code:").partition(" @")[0] for line in lines))


def test_a_row_is_inserted_by_who_makes_it() -> None:
    assert accesses(
        """
def place(customer: Customer):
    return Order(customer=customer)
"""
    ) == ["place writes order (insert)"]


def test_relationships_read_what_they_lead_to() -> None:
    assert accesses(
        """
def show(order: Order):
    return order.customer.name, [tag.id for tag in order.tags]
def back(customer: Customer):
    return [order.total for order in customer.orders]
"""
    ) == [
        "back reads order (related)",
        "show reads carries (related)",
        "show reads customer (related)",
        "show reads tag (related)",
    ]


def test_a_dynamic_relationship_is_a_query() -> None:
    assert accesses(
        """
def untouched(order: Order):
    return order.lines
def read(order: Order):
    return order.lines.filter_by(id=1).first()
def added(order: Order):
    order.lines.append(Line())
"""
    ) == [
        "added writes line (append)",
        "added writes line (insert)",
        "read reads line (select)",
        "read reads order (select)",
    ]


def test_collections_are_written_by_what_is_put_into_them() -> None:
    assert accesses(
        """
def mark(order: Order, tag: Tag):
    order.tags.append(tag)
def move(customer: Customer, order: Order):
    order.customer = customer
    order.tags = []
"""
    ) == [
        "mark reads carries (related)",
        "mark reads tag (related)",
        "mark writes carries (append)",
        "move reads carries (related)",
        "move reads tag (related)",
        "move writes carries (update)",
        "move writes order (update)",
    ]


def test_a_deletion_takes_along_what_hangs_on_the_row() -> None:
    assert accesses(
        """
def drop(key):
    db.session.delete(Customer.query.get_or_404(key))
"""
    ) == [
        "drop reads carries (cascade)",
        "drop reads customer (select)",
        "drop reads line (cascade)",
        "drop reads order (cascade)",
        "drop reads tag (cascade)",
        "drop writes carries (cascade)",
        "drop writes customer (delete)",
        "drop writes line (set_null)",
        "drop writes order (cascade)",
    ]


def test_statements_of_the_newer_style() -> None:
    assert accesses(
        """
from sqlalchemy import delete, insert, select, update
def one(session):
    return session.execute(select(Order).where(Order.id == 1)).scalar_one().customer
def several(session):
    for order in session.scalars(select(Order)):
        order.total = 1
def both(session):
    for order, customer in session.execute(select(Order, Customer)):
        customer.name = ""
def written(session):
    session.execute(insert(Tag), [{}])
    session.execute(update(Line).where(Line.order_id.in_(select(Order.id))))
    session.execute(delete(carries))
def counted():
    return db.session.scalar(db.select(db.func.count(Tag.id)))
"""
    ) == [
        "both reads customer (select)",
        "both reads order (select)",
        "both writes customer (update)",
        "counted reads tag (select)",
        "one reads customer (related)",
        "one reads order (select)",
        "several reads order (select)",
        "several writes order (update)",
        "written reads order (select)",
        "written writes carries (delete)",
        "written writes line (update)",
        "written writes tag (insert)",
    ]


def test_queries_of_the_older_style() -> None:
    assert accesses(
        """
from sqlalchemy.orm import aliased, joinedload
def loaded():
    return Order.query.options(joinedload(Order.customer), joinedload("tags")).all()
def joined(session):
    other = aliased(Customer)
    return session.query(Order.id).join(other, other.id == Order.customer_id).count()
def gone():
    Order.query.filter(Order.total == 0).delete()
def paged():
    return [line.id for line in Line.query.paginate().items]
"""
    ) == [
        "gone writes order (delete)",
        "joined reads customer (select)",
        "joined reads order (select)",
        "loaded reads carries (select)",
        "loaded reads customer (select)",
        "loaded reads order (select)",
        "loaded reads tag (select)",
        "paged reads line (select)",
        "paged reads order (select)",
    ]


def test_an_extended_extension_is_followed_too() -> None:
    picture = """### shop/models.py
from flask_sqlalchemy import SQLAlchemy
class Database(SQLAlchemy):
    pass
db = Database()
marks = db.Table("marks", db.metadata, db.Column("post", db.ForeignKey("post.id")), schema="blog")
class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    title = db.Column(db.String)
### shop/code.py
from shop.models import Post, db, marks
def show(key):
    db.get_or_404(Post, key).title = "seen"
def first():
    return db.first_or_404(db.select(Post).join(marks))
def mark(key):
    db.session.execute(marks.insert().values(post=key))
"""
    found = access_lines(facts_of(project(picture), []))
    assert [line.partition(" @")[0] for line in found if " joins " not in line] == [
        "shop.code:first reads blog.marks (select)",
        "shop.code:first reads post (select)",
        "shop.code:mark writes blog.marks (insert)",
        "shop.code:show reads post (select)",
        "shop.code:show writes post (update)",
    ]


def test_a_class_method_loads_rows_of_the_class_it_is_called_on() -> None:
    assert accesses(
        """
def rename(key):
    Customer.find(key).name = "x"
"""
    ) == ["rename reads customer (select)", "rename writes customer (update)"]


def test_properties_hybrids_and_proxies_are_followed() -> None:
    found = accesses(
        """
def largest(customer: Customer):
    return customer.biggest
def notes(customer: Customer):
    return customer.notes
"""
    )
    assert found == [
        "largest reads order (related)",
        "notes reads order (related)",
    ]


def test_what_callers_pass_and_what_base_handlers_load() -> None:
    assert accesses(
        """
class Handler:
    def load(self):
        self.order = Order.query.get(1)
class Touch(Handler):
    def run(self):
        self.order.total += 1
        note(self.order)
def note(thing):
    thing.note = "seen"
"""
    ) == [
        "Handler reads order (select)",
        "Touch writes order (update)",
        "note writes order (update)",
    ]


def test_a_statement_is_known_where_it_is_handed_to() -> None:
    assert accesses(
        """
from sqlalchemy import Select, select
def build(wanted) -> Select:
    statement = select(Order)
    if wanted:
        statement = statement.join(Customer)
    return statement
def page(statement: Select):
    return db.session.scalars(statement.limit(3)).all()
def top():
    return page(build(1))
"""
    ) == [
        "build reads customer (select)",
        "build reads order (select)",
        "page reads customer (select)",
        "page reads order (select)",
        "top reads customer (select)",
        "top reads order (select)",
    ]


def test_a_function_is_followed_with_the_class_that_it_is_handed() -> None:
    assert accesses(
        """
def fetch(kind, key):
    return kind.query.filter_by(id=key).one()
def clear(table, condition):
    db.session.execute(table.delete().where(condition))
def rename(key):
    fetch(Customer, key).name = "x"
def total(key):
    return fetch(Order, key).total
def empty():
    clear(carries, True)
def others():
    return fetch(Tag, 1), fetch(Line, 1)
"""
    ) == [
        "clear writes carries (delete)",
        "empty writes carries (delete)",
        "others reads line (select)",
        "others reads order (select)",
        "others reads tag (select)",
        "rename reads customer (select)",
        "rename writes customer (update)",
        "total reads order (select)",
    ]


def test_unknown_rows_are_told_by_what_is_asked_of_them() -> None:
    assert accesses(
        """
class Ticket:
    def __init__(self, row):
        self._row = row
    def price(self):
        return self._row.total
    def owner(self):
        return self._row.customer
    def close(self):
        self._row.note = "closed"
"""
    ) == ["Ticket reads customer (related)", "Ticket writes order (update)"]


def test_isinstance_tells_what_a_variable_may_be() -> None:
    assert accesses(
        """
def total(thing, others):
    if isinstance(thing, (Order, Customer)):
        return thing.customer
    for other in others:
        if isinstance(other, Line):
            other.order_id = None
"""
    ) == ["total reads customer (related)", "total writes line (update)"]


def test_a_relationship_that_is_compared_reads_nothing_else() -> None:
    assert accesses(
        """
def of(session, customer):
    return session.query(Order).filter(Order.customer == customer).all()
def named(session, name):
    return session.query(Order).filter(Order.customer.has(name=name)).all()
"""
    ) == ["named reads customer (select)", "named reads order (select)", "of reads order (select)"]


def test_a_backref_is_named_by_the_class_that_inherits_the_relationship() -> None:
    picture = """### shop/models.py
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy.ext.declarative import declared_attr
db = SQLAlchemy()
class Person(db.Model):
    id = db.Column(db.Integer, primary_key=True)
class LinkMixin:
    back_name = None
    @declared_attr
    def person_id(cls):
        return db.Column(db.Integer, db.ForeignKey("person.id"))
    @declared_attr
    def person(cls):
        return db.relationship("Person", backref=db.backref(cls.back_name, lazy="dynamic"))
class Speaker(LinkMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    back_name = "talks"
class Author(LinkMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    back_name = "papers"
### shop/code.py
from shop.models import Person
def speaks(person: Person):
    return person.talks.all()
def writes(person: Person):
    return [author.person.id for author in person.papers]
"""
    found = access_lines(facts_of(project(picture), []))
    assert [line.partition(" (")[0] for line in found if " reads " in line] == [
        "shop.code:speaks reads speaker",
        "shop.code:writes reads author",
        "shop.code:writes reads person",
    ]


def test_reading_a_property_does_not_set_it() -> None:
    picture = """### shop/models.py
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    _title = db.Column(db.String)
    @property
    def title(self):
        return self._title
    @title.setter
    def title(self, value):
        self._title = value
### shop/code.py
from shop.models import Post
def show(post: Post):
    return post.title
def name(post: Post):
    post.title = "new"
"""
    found = access_lines(facts_of(project(picture), []))
    assert [line.partition(" (")[0] for line in found] == [
        "shop.code:name writes post",
        "shop.models:Post writes post",
    ]


def test_what_is_no_row_says_nothing() -> None:
    assert (
        accesses(
            """
def nothing(session, thing, cache):
    session.add(thing)
    cache.get(1)
    thing.total = 1
    {}.update(a=1)
"""
        )
        == []
    )


def test_a_session_of_any_name_is_still_one_after_rows_were_added_to_it() -> None:
    assert accesses(
        """
def go(make):
    with make() as s:
        s.add(Tag())
        s.query(Customer).first()
"""
    ) == ["go reads customer (select)", "go writes tag (insert)"]


SESSIONS = """### shop/sessions.py
from contextlib import contextmanager
from shop.models import *
@contextmanager
def scope(make):
    s = make()
    yield s
    s.commit()
def begins(make):
    with make() as s, s.begin():
        s.add(Tag())
        with s.begin_nested():
            s.query(Order).with_for_update().first()
def scoped(make):
    with scope(make) as s:
        s.add(Tag())
def commits(db, key):
    db.get(Order, key, with_for_update=True)
    db.commit()
"""


def test_sessions_of_any_name_open_transactions_and_lock_rows() -> None:
    found = facts_of(project(MODELS + SESSIONS), [])
    scopes = sorted(
        f"{one.unit.partition(':')[2]} {one.kind} {one.id.partition(':')[2]}-{one.end_line} "
        + ",".join(f"{access.mode} {access.table}" for access in one.accesses)
        for one in found
        if isinstance(one, TransactionScope)
    )
    locks = sorted(
        f"{one.unit.partition(':')[2]} {one.kind} {one.target} {one.transaction}"
        for one in found
        if isinstance(one, Lock)
    )
    assert scopes == [
        "begins block 11-12 read order",
        "begins block 9-12 read order,write tag",
        "commits session 16-18 read order",
        "scope session 4-7 ",
        "scoped block 14-15 write tag",
    ]
    assert locks == [
        "begins row order shop/sessions.py:11",
        "commits row order shop/sessions.py:16",
    ]
