"""Peewee's models in, tables and foreign keys out."""

from analyzer.readers.python.peewee.tables import PeeweeTables
from tests.fakes.python_project import nothing_shared, project
from tests.fakes.table_facts import lines_of

HEAD = "### shop/models.py\nfrom peewee import *\n"


def tables(body: str) -> list[str]:
    return lines_of(PeeweeTables().project_facts(project(HEAD + body), nothing_shared()))


def test_models_fields_and_keys() -> None:
    assert tables(
        """
class Base(Model):
    class Meta:
        database = db
class User(Base):
    name = CharField(unique=True)
    boss = ForeignKeyField("self", null=True)
class BlogPost(Base):
    author = ForeignKeyField(User, backref="posts", on_delete="CASCADE")
    code = CharField(primary_key=True, column_name="post_code")
    class Meta:
        table_name = "posts"
"""
    ) == [
        "posts (author_id:ForeignKeyField post_code:CharField!)",
        "user (id:AutoField! name:CharField boss_id:ForeignKeyField?)",
        "posts.author_id -> user.",
        "user.boss_id -> user.",
    ]


def test_no_table_without_fields_or_without_the_base() -> None:
    assert tables("class A(Model):\n    pass\nclass B:\n    x = CharField()\n") == []
