"""What files are called, what names mean, and who refers to whom."""

import pytest

from analyzer.facts.references import Import, Reference
from analyzer.readers.python.layout import name_modules, role_of, vendored_folders
from analyzer.readers.python.project import Project
from analyzer.readers.python.reader import facts_of
from analyzer.readers.python.scopes import ClassScope, External, Function, ModuleScope
from tests.fakes.python_project import project


def names(*paths: str, imported: dict[str, int] | None = None, fallback: str = "") -> list[str]:
    return [one.id for one in name_modules(paths, imported or {}, fallback=fallback)]


def test_modules_are_named_from_the_folder_above_their_topmost_package() -> None:
    assert names("shop/__init__.py", "shop/a/__init__.py", "shop/a/b.py", "manage.py") == [
        "manage",
        "shop",
        "shop.a",
        "shop.a.b",
    ]
    assert names("src/shop/__init__.py", "src/shop/b.py") == ["shop", "shop.b"]


def test_imports_tell_which_folder_is_on_the_path() -> None:
    paths = ("apps/orders/__init__.py", "apps/orders/models.py")
    assert names(*paths)[1] == "orders.models"
    assert names(*paths, imported={"apps.orders": 3, "apps": 3})[1] == "apps.orders.models"


def test_parts_of_a_namespace_package_stand_side_by_side() -> None:
    paths = ("src/acme/billing/models.py", "src/acme/shop/views.py", "tools/run.py")
    imported = {"acme": 2, "acme.billing": 2, "acme.billing.models": 2}
    assert names(*paths, imported=imported) == [
        "acme.billing.models",
        "acme.shop.views",
        "tools.run",
    ]


def test_relative_imports_tell_that_a_folder_without_init_is_a_package() -> None:
    picture = """\
### api/main.py
from .routers import users
### api/routers/__init__.py
### api/routers/users.py
from ..store import load
### api/store.py
def load(): ...
### src/tool.py
from .lib import run
import lib
### src/lib/__init__.py
def run(): ...
"""
    found = project(picture)
    assert sorted(found.modules) == [
        "api.main", "api.routers", "api.routers.users", "api.store", "lib", "src.tool",
    ]  # fmt: skip
    edges = {(one.source, one.target) for one in facts_of(found, ()) if isinstance(one, Import)}
    assert ("api.main", "api.routers.users") in edges
    assert ("api.routers.users", "api.store") in edges


def test_a_tree_that_is_itself_a_package_gets_the_name_that_its_modules_import() -> None:
    paths = ("__init__.py", "base/__init__.py", "base/models.py")
    assert names(*paths, imported={"shop.base": 2, "shop": 2})[2] == "shop.base.models"
    assert names(*paths, fallback="store")[2] == "store.base.models"


def test_names_are_unique() -> None:
    found = names("a/x.py", "b/x.py", "x.py", "a/x/__init__.py")
    assert len(set(found)) == 4


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("shop/models.py", "product"),
        ("shop/tests/test_x.py", "test"),
        ("shop/conftest.py", "test"),
        ("shop/migrations/0001_initial.py", "migration"),
        ("shop/vendor/six.py", "vendored"),
        ("shop/dist/six.py", "vendored"),
        ("shop/api_pb2.py", "generated"),
        ("shop/contest.py", "product"),
    ],
)
def test_roles_follow_from_paths(path: str, role: str) -> None:
    vendored = vendored_folders([path, "shop/dist/six-1.0.dist-info/METADATA", "manage.py"])
    assert role_of(path, vendored) == role


@pytest.mark.parametrize(
    "paths",
    [
        ["shop-1.0/shop/a.py", "shop-1.0/shop.egg-info/PKG-INFO"],
        ["api/shop.egg-info/PKG-INFO", "api/setup.py", "api/shop/a.py", "web/b.py"],
        ["shop-1.0.dist-info/METADATA", "shop/a.py"],
    ],
)
def test_metadata_of_the_project_itself_does_not_make_it_a_copy(paths: list[str]) -> None:
    assert not vendored_folders(paths)


def test_a_module_that_imports_a_test_runner_is_a_test() -> None:
    made = project("""\
### shop/__init__.py
### shop/fixtures.py
import pytest
### shop/plugin.py
def run():
    import pytest
""")
    assert [made.modules[f"shop.{name}"].role for name in ("fixtures", "plugin")] == [
        "test",
        "product",
    ]


SHOP = """\
### shop/__init__.py
from .models import *
from .models import Order as Purchase
### shop/models.py
__all__ = ["Order"]
try:
    from outside import Base
except ImportError:
    Base = object
class Order(Base):
    class Kind: pass
    def total(self): pass
Alias = Order
### shop/views.py
import shop.models as m
import shop.models
from shop import Purchase
from . import models
from django.db import models as orm
def view(): pass
"""


@pytest.fixture(scope="module")
def shop() -> Project:
    return project(SHOP)


@pytest.mark.parametrize(
    "path",
    ["m.Order", "shop.models.Order", "Purchase", "models.Order", "models.Alias", "shop.Order"],
)
def test_all_ways_to_name_a_class_lead_to_it(shop: Project, path: str) -> None:
    symbol = shop.resolve(shop.modules["shop.views"], path)
    assert isinstance(symbol, ClassScope)
    assert symbol.id == "shop.models:Order"


def test_names_lead_to_members_modules_and_outside(shop: Project) -> None:
    views = shop.modules["shop.views"]
    total = shop.resolve(views, "m.Order.total")
    assert isinstance(total, Function)
    assert total.unit == "shop.models:Order"
    assert isinstance(shop.resolve(views, "models"), ModuleScope)
    assert shop.resolve(views, "orm.Model") == External("django.db.models.Model")
    assert shop.resolve(views, "nothing") is None
    assert shop.mro(shop.find("shop.models.Order"))[1] == External("outside.Base")  # type: ignore[arg-type]


def test_import_cycles_end() -> None:
    found = project("### a.py\nfrom b import x\n### b.py\nfrom a import x\n")
    assert found.resolve(found.modules["a"], "x") is None


def test_imports_are_edges_between_modules_with_their_lines() -> None:
    found = facts_of(
        project(
            """\
### shop/__init__.py
### shop/models.py
### shop/views.py
import os
from shop import models, nothing
from .models import Order
if TYPE_CHECKING:
    import shop.models
def f():
    import shop.models
"""
        ),
        (),
    )
    edges = sorted(
        (one.target, one.evidence.line, one.typing_only, one.deferred)
        for one in found
        if isinstance(one, Import)
    )
    assert edges == [
        ("shop", 2, False, False),
        ("shop.models", 2, False, False),
        ("shop.models", 3, False, False),
        ("shop.models", 5, True, False),
        ("shop.models", 7, False, True),
    ]


def test_references_tell_what_is_used_and_how() -> None:
    found = facts_of(
        project(
            """\
### shop/models.py
LIMIT = 3
class Base:
    def run(self): pass
def check(f): return f
### shop/views.py
from shop import models
from shop.models import Base, check
class View(Base):
    size = models.LIMIT
    @check
    def go(self, other: Base):
        models.check(Base())
        Base.run(self)
        self.run()
"""
        ),
        (),
    )
    references = sorted(
        {
            (one.evidence.line, one.kind, one.target.partition(":")[2], one.member)
            for one in found
            if isinstance(one, Reference)
        }
    )
    assert references == [
        (3, "inheritance", "Base", ""),
        (4, "attribute", "", "LIMIT"),
        (5, "decoration", "check", ""),
        (6, "typing", "Base", ""),
        (7, "call", "check", ""),
        (7, "instantiation", "Base", ""),
        (8, "call", "Base", "run"),
        (9, "call", "Base", "run"),
    ]


def test_a_folder_that_is_also_on_the_path_answers_to_its_short_names() -> None:
    found = project(
        """\
### suite/__init__.py
### suite/orders/__init__.py
### suite/orders/models.py
class Order: pass
### suite/users/__init__.py
from orders.models import Order
### suite/celery.py
from celery import shared_task
from users import Order
import json
"""
    )
    assert found.aliases == {"orders": "suite.orders", "users": "suite.users"}
    order = found.resolve(found.modules["suite.celery"], "Order")
    assert isinstance(order, ClassScope)
    assert order.id == "suite.orders.models:Order"
