"""What templates, schemas and admin views show of rows: source in, accesses out."""

from analyzer.readers.python.reader import facts_of
from tests.fakes.python_project import project
from tests.fakes.table_facts import access_lines

MODELS = """### blog/models.py
from flask_login import UserMixin
from flask_sqlalchemy import SQLAlchemy
db = SQLAlchemy()
class User(UserMixin, db.Model):
    id = db.Column(db.Integer, primary_key=True)
    posts = db.relationship("Post", backref="author")
class Post(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    author_id = db.Column(db.ForeignKey("user.id"))
    comments = db.relationship("Comment", backref="post")
    def last(self):
        return self.comments[-1]
class Comment(db.Model):
    id = db.Column(db.Integer, primary_key=True)
    post_id = db.Column(db.ForeignKey("post.id"))
"""


def accesses(code: str, **files: str) -> list[str]:
    """Reads and writes of the code, without its place; `files` are other files by their names."""
    others = {
        name.replace("__", "/").replace("_html", ".html"): text for name, text in files.items()
    }
    picture = "".join(f"### {name}\n{text}\n" for name, text in others.items())
    found = access_lines(facts_of(project(f"{MODELS}{picture}### blog/code.py\n{code}"), []))
    lines = [line for line in found if line.startswith("blog.code:") and " joins " not in line]
    return list(dict.fromkeys(line.removeprefix("blog.code:").partition(" @")[0] for line in lines))


def test_a_template_is_read_for_by_who_renders_it() -> None:
    assert accesses(
        """
from flask import render_template
from blog.models import Post
def page(post: Post):
    return render_template("post.html", post=post)
def layout(name, **context):
    return render_template(name, **context)
def wrapped(post: Post):
    return layout("nothing.html", post=post) + render_page("post.html", post=post)
def render_page(name, **context):
    return render_template(name, **context)
""",
        blog__templates__post_html="{% for one in post.comments %}{{ one.id }}{% endfor %}"
        "{{ post.author.name }}",
    ) == [
        "page reads comment (template)",
        "page reads user (template)",
        "wrapped reads comment (template)",
        "wrapped reads user (template)",
    ]


def test_who_is_logged_in_is_a_row() -> None:
    assert accesses(
        """
from flask import render_template
from flask_login import current_user
def mine():
    return [post.comments for post in current_user.posts]
def page():
    return render_template("mine.html")
""",
        blog__templates__mine_html="{{ current_user.posts }}",
    ) == [
        "mine reads comment (related)",
        "mine reads post (related)",
        "page reads post (template)",
    ]


def test_a_schema_reads_what_its_fields_show() -> None:
    assert accesses(
        """
from marshmallow import fields
from marshmallow_sqlalchemy import SQLAlchemyAutoSchema
from blog.models import Comment, Post
class CommentSchema(SQLAlchemyAutoSchema):
    class Meta:
        model = Comment
    title = fields.String(attribute="post.title")
class PostSchema(SQLAlchemyAutoSchema):
    class Meta:
        model = Post
    comments = fields.Nested(CommentSchema, many=True)
class NameSchema(SQLAlchemyAutoSchema):
    class Meta:
        model = Post
        fields = ("id", "author")
    comments = fields.Nested(CommentSchema, many=True)
class ComputedSchema(SQLAlchemyAutoSchema):
    class Meta:
        model = Post
    author = fields.Function(lambda row: row.author.name)
    count = fields.Method("counted")
    def counted(self, row):
        return len(row.comments)
class TakenSchema(SQLAlchemyAutoSchema):
    class Meta:
        model = Post
    author = fields.Int(load_only=True)
"""
    ) == [
        "CommentSchema reads post (related)",
        "ComputedSchema reads comment (related)",
        "ComputedSchema reads user (related)",
        "NameSchema reads user (related)",
        "PostSchema reads comment (related)",
    ]


def test_an_admin_view_reads_the_class_that_it_is_for() -> None:
    assert accesses(
        """
from flask_appbuilder import ModelView
from flask_appbuilder.models.sqla.interface import SQLAInterface
from blog.models import Post
class PostView(ModelView):
    datamodel = SQLAInterface(Post)
    list_columns = ["id", "author.name"]
"""
    ) == ["PostView reads post (admin)", "PostView reads user (related)"]
