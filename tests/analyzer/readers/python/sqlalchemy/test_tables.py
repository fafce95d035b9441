"""SQLAlchemy's ways to map, in; tables and foreign keys, out."""

import pytest

from analyzer.facts.tables import Table
from analyzer.readers.python.reader import facts_of
from analyzer.readers.python.sqlalchemy.models import read_schema
from analyzer.readers.python.sqlalchemy.tables import table_facts
from tests.fakes.python_project import project
from tests.fakes.table_facts import access_lines, lines_of

CLASSIC = """### shop/__init__.py
### shop/models.py
from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Integer, String, Table, MetaData
from sqlalchemy.ext.declarative import declarative_base, declared_attr
from sqlalchemy.orm import relationship
Base = declarative_base()
"""
MODERN = """### shop/models.py
from typing import Annotated, Optional
from datetime import datetime
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
class Base(DeclarativeBase):
    pass
"""
FLASK = """### shop/models.py
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
"""


def tables(picture: str) -> list[str]:
    return lines_of(table_facts(read_schema(project(picture))))


def test_declarative_classes() -> None:
    assert tables(
        CLASSIC
        + """
class Customer(Base):
    __tablename__ = "customers"
    __table_args__ = {"schema": "sales"}
    id = Column(Integer, primary_key=True)
    mail = Column("email", String(80), nullable=False)
class Order(Base):
    __tablename__ = "orders"
    id = Column(Integer, primary_key=True)
    customer_id = Column(ForeignKey("sales.customers.id", ondelete="CASCADE"))
    other_id = Column(Integer, ForeignKey(Customer.id))
    customer = relationship(Customer)
"""
    ) == [
        "orders (id:Integer! customer_id:Integer? other_id:Integer?)",
        "sales.customers (id:Integer! email:String)",
        "orders.customer_id -> sales.customers.id",
        "orders.other_id -> sales.customers.id",
    ]


def test_annotated_columns() -> None:
    assert tables(
        MODERN
        + """
key = Annotated[int, mapped_column(primary_key=True)]
class Customer(Base):
    __tablename__ = "customers"
    id: Mapped[key]
    name: Mapped[str] = mapped_column(String(80))
    seen: Mapped[Optional[datetime]]
    boss_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
    orders: Mapped[list["Order"]] = relationship(back_populates="customer")
"""
    ) == [
        "customers (id:Integer! name:String seen:DateTime? boss_id:Integer?)",
        "customers.boss_id -> customers.id",
    ]


@pytest.mark.parametrize(
    "made",
    ["mapping.generate_base()", "registry(metadata=metadata).generate_base()"],
)
def test_a_base_that_a_registry_makes(made: str) -> None:
    picture = project(
        f"""### shop/__init__.py
### shop/base.py
from typing import TYPE_CHECKING, Any
from sqlalchemy import MetaData
from sqlalchemy.orm import registry
metadata = MetaData()
mapping = registry(metadata=metadata)
if TYPE_CHECKING:
    Base = Any
else:
    Base = {made}
### shop/models.py
from sqlalchemy.orm import Mapped, mapped_column
from shop.base import Base
class Order(Base):
    __tablename__ = "orders"
    id: Mapped[int] = mapped_column(primary_key=True)
"""
    )
    assert [one.name for one in read_schema(picture).tables] == ["orders"]


def test_a_base_that_names_tables_and_columns_under_another_name() -> None:
    picture = project(
        """### shop/__init__.py
### shop/models.py
import re
from functools import partial
from sqlalchemy import Integer
from sqlalchemy.orm import DeclarativeBase, declared_attr
try:
    from sqlalchemy.orm import mapped_column
    Field = mapped_column
except ImportError:
    from sqlalchemy import Column as Field
Required = partial(mapped_column, nullable=False)
CAPITALS = re.compile(r"(?<!^)(?=[A-Z])")
class Base(DeclarativeBase):
    @declared_attr.directive
    def __tablename__(cls):
        return CAPITALS.sub("_", cls.__name__).lower()
class OrderLine(Base):
    id = Field(Integer, primary_key=True)
    amount = Required(Integer)
class Unread(Base):
    locals().update(columns())
"""
    )
    found = {one.name: list(one.columns) for one in read_schema(picture).tables}
    assert found == {"order_line": ["id", "amount"], "unread": []}
    assert [one.name for one in table_facts(read_schema(picture)) if isinstance(one, Table)] == [
        "order_line",
        "unread",
    ]


def test_tables_between_and_classes_mapped_to_tables() -> None:
    assert tables(
        CLASSIC
        + """
metadata = MetaData()
links = Table(
    "links", metadata,
    Column("a_id", Integer, ForeignKey("a.id"), primary_key=True),
    Column("b_id", Integer),
    ForeignKeyConstraint(["b_id"], ["b.id"]),
)
a = Table("a", metadata, Column("id", Integer, primary_key=True))
class A:
    pass
mapper(A, a)
class B(Base):
    __table__ = Table("b", metadata, Column("id", Integer, primary_key=True))
    all_a = relationship("A", secondary=links)
"""
    ) == [
        "a (id:Integer!)",
        "b (id:Integer!)",
        "links many_to_many (a_id:Integer! b_id:Integer?)",
        "links.a_id -> a.id many_to_many",
        "links.b_id -> b.id many_to_many",
    ]


def test_inheritance_single_joined_and_concrete() -> None:
    assert tables(
        CLASSIC
        + """
class Person(Base):
    __tablename__ = "people"
    id = Column(Integer, primary_key=True)
class Guest(Person):
    nights = Column(Integer)
class Clerk(Person):
    __tablename__ = "clerks"
    id = Column(Integer, ForeignKey("people.id"), primary_key=True)
class Robot(Person):
    __tablename__ = "robots"
    __mapper_args__ = {"concrete": True}
    model = Column(String)
"""
    ) == [
        "clerks (id:Integer!)",
        "people (id:Integer! nights:Integer?)",
        "robots (model:String? id:Integer!)",
        "clerks.id -> people.id",
    ]


def test_mixins_and_what_they_declare_for_each_class() -> None:
    assert tables(
        CLASSIC
        + """
class Owned:
    allow_notes = False
    made = Column(Integer)
    @declared_attr
    def __tablename__(cls):
        return cls.__name__.lower() + "s"
    @declared_attr
    def owner_id(cls):
        return Column(Integer, ForeignKey("users.id"))
    @declared_attr
    def note(cls):
        if not cls.allow_notes:
            return
        return Column(String)
class Base2(Base):
    __abstract__ = True
    id = Column(Integer, primary_key=True)
class Lamp(Owned, Base2):
    pass
class Desk(Owned, Base2):
    allow_notes = True
    made = None
"""
    ) == [
        "desks (owner_id:Integer? note:String? id:Integer!)",
        "lamps (made:Integer? owner_id:Integer? id:Integer!)",
        "desks.owner_id -> users.id",
        "lamps.owner_id -> users.id",
    ]


def test_flask_sqlalchemy_names_tables() -> None:
    assert tables(
        FLASK
        + """
class UserAccount(db.Model):
    id = db.Column(db.Integer, primary_key=True)
class Admin(UserAccount):
    level = db.Column(db.Integer)
class HTTPLog(db.Model):
    __tablename__ = "log"
    id = db.Column(db.BigInteger, primary_key=True)
seen = db.Table("seen", db.Column("by", db.ForeignKey("log.id")), db.Column("at", db.Integer))
"""
    ) == [
        "log (id:BigInteger!)",
        "seen (by:BigInteger? at:Integer?)",
        "user_account (id:Integer! level:Integer?)",
        "seen.by -> log.id",
    ]


@pytest.mark.parametrize(
    "body",
    [
        "class A:\n    id = Column(Integer, primary_key=True)\n",
        "class A(Base):\n    __abstract__ = True\n    x = Column(Integer)\n",
        "from rich.table import Table\nt = Table('a', 'b', Column('x'))\n",
        "### shop/migrations/1.py\nfrom sqlalchemy import *\nt = Table('a', m, Column('x'))\n",
    ],
)
def test_no_table_is_made_up(body: str) -> None:
    assert tables(CLASSIC + body) == []


def test_accesses_through_sessions_queries_and_tables() -> None:
    picture = (
        FLASK
        + """
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    posts = db.relationship("Post")
class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
### shop/views.py
from sqlalchemy import select, update
from shop.models import Post, User, db
def read():
    return User.query.filter_by(id=1).first()
def both(session):
    return session.query(User).join(User.posts).all()
def new(session):
    user = User()
    session.add(user)
def change(session):
    session.execute(update(Post).where(Post.id == 1))
def drop(session):
    post = session.get(Post, 1)
    session.delete(post)
def nothing(session, thing):
    session.add(thing)
    {}.get(1)
"""
    )
    found = access_lines(facts_of(project(picture), []))
    assert found == [
        "shop.views:both joins post user @shop/views.py:6",
        "shop.views:both reads post (select) @shop/views.py:6",
        "shop.views:both reads user (select) @shop/views.py:6",
        "shop.views:change writes post (update) @shop/views.py:11",
        "shop.views:drop reads post (select) @shop/views.py:13",
        "shop.views:drop writes post (delete) @shop/views.py:14",
        "shop.views:new writes user (insert) @shop/views.py:8",
        "shop.views:new writes user (insert) @shop/views.py:9",
        "shop.views:read reads user (select) @shop/views.py:4",
    ]


def test_what_is_assigned_to_rows_is_written_wherever_the_session_is_flushed() -> None:
    picture = (
        FLASK
        + """
class User(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    name = db.Column(db.String)
    posts = db.relationship("Post")
    def rename(self, name):
        self.name = name
        db.session.commit()
class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    votes = db.Column(db.Integer)
### shop/views.py
from shop.models import Post, User, db
def rename(name):
    user = User.query.get(1)
    user.name, user.title = name, name
    user.name = name
    user.title = "no column"
    db.session.commit()
def vote(session):
    for post in session.query(Post).filter(Post.votes > 1):
        post.votes += 1
    session.flush()
def asked():
    user = User.query.get(1)
    user.name = "written by the next flush"
def other(thing, session):
    thing.name = 1
    session.commit()
"""
    )
    found = access_lines(facts_of(project(picture), []))
    assert [line for line in found if "writes" in line] == [
        "shop.models:User writes user (update) @shop/models.py:9",
        "shop.views:asked writes user (update) @shop/views.py:14",
        "shop.views:rename writes user (update) @shop/views.py:4",
        "shop.views:rename writes user (update) @shop/views.py:5",
        "shop.views:vote writes post (update) @shop/views.py:10",
    ]
