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


def test_tables_are_named_by_what_the_nearest_meta_says() -> None:
    assert tables(
        """
def named(model):
    name = model.__name__
    return "app_" + name.lower()
class Root(Model):
    class Meta:
        schema = "main"
        table_function = named
class User(Root):
    name = CharField()
class Modern(Model):
    class Meta:
        legacy_table_names = False
class UserProfile(Modern):
    name = CharField()
class Lambda(Model):
    name = CharField()
    class Meta:
        table_function = lambda cls: f"{cls.__name__}s".lower()
"""
    ) == [
        "lambdas (id:AutoField! name:CharField)",
        "main.app_user (id:AutoField! name:CharField)",
        "user_profile (id:AutoField! name:CharField)",
    ]


def test_fields_are_inherited_from_models_alone() -> None:
    assert tables(
        """
class Mixin:
    ignored = CharField()
class BaseModel(Model):
    key = UUIDField(primary_key=True)
    made = DateTimeField()
class Own(JSONTextField):
    pass
class User(Mixin, BaseModel):
    made = None
    data = Own()
"""
    ) == ["user (data:JSONTextField key:UUIDField!)"]


def test_keys_lead_to_models_that_come_later() -> None:
    assert tables(
        """
Later = DeferredRelation()
class Tweet(Model):
    user = DeferredForeignKey("User", backref="+")
    sender = ForeignKeyField(Later)
class User(Model):
    name = CharField()
Later.set_model(User)
"""
    ) == [
        "tweet (id:AutoField! user_id:DeferredForeignKey sender_id:ForeignKeyField)",
        "user (id:AutoField! name:CharField)",
        "tweet.sender_id -> user.",
        "tweet.user_id -> user.",
    ]


def test_tables_between_are_made_or_named() -> None:
    assert tables(
        """
Through = DeferredThroughModel()
class Course(Model):
    name = CharField()
class Student(Model):
    courses = ManyToManyField(Course)
    liked = ManyToManyField(Course, through_model=Through)
class Like(Model):
    student = ForeignKeyField(Student)
    course = ForeignKeyField(Course)
Through.set_model(Like)
"""
    ) == [
        "course (id:AutoField! name:CharField)",
        "like (id:AutoField! student_id:ForeignKeyField course_id:ForeignKeyField)",
        "student (id:AutoField!)",
        "student_course_through many_to_many "
        "(id:AutoField! student_id:ForeignKeyField course_id:ForeignKeyField)",
        "like.course_id -> course.",
        "like.student_id -> student.",
        "student_course_through.course_id -> course. many_to_many",
        "student_course_through.student_id -> student. many_to_many",
    ]


def test_primary_keys_are_what_meta_says() -> None:
    assert tables(
        """
class Pair(Model):
    left = IntegerField()
    right = IntegerField()
    class Meta:
        primary_key = CompositeKey("left", "right")
class Log(Model):
    line = TextField()
    class Meta:
        primary_key = False
"""
    ) == ["log (line:TextField)", "pair (left:IntegerField! right:IntegerField!)"]


def test_objects_of_libraries_make_bases() -> None:
    body = "from playhouse.flask_utils import FlaskDB\nwrapper = FlaskDB(app)\n"
    assert tables(f"{body}class User(wrapper.Model):\n    name = CharField()\n") == [
        "user (id:AutoField! name:CharField)"
    ]


def test_functions_make_a_table_for_each_call() -> None:
    assert tables(
        """
class Track(Model):
    title = CharField()
class Album(Model):
    title = CharField()
def starred(target, prefix="starred_"):
    class Starred(Model):
        what = ForeignKeyField(target, backref="+")
        class Meta:
            table_name = "starred_" + target._meta.table_name
    return Starred
StarredTrack = starred(Track)
StarredAlbum = starred(Album)
"""
    ) == [
        "album (id:AutoField! title:CharField)",
        "starred_album (id:AutoField! what_id:ForeignKeyField)",
        "starred_track (id:AutoField! what_id:ForeignKeyField)",
        "track (id:AutoField! title:CharField)",
        "starred_album.what_id -> album.",
        "starred_track.what_id -> track.",
    ]
