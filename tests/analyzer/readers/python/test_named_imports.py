"""Imports by a name in a string refer to what they import."""

from analyzer.readers.python.named_imports import NamedImports
from tests.fakes.python_facts import said


def test_what_is_imported_by_its_name_is_referred_to() -> None:
    assert said(
        NamedImports(),
        """
### shop/__init__.py
### shop/plugins/__init__.py
### shop/plugins/paper.py
def run(): ...
class Printer:
    def feed(self): ...
### shop/loading.py
import importlib
from importlib import import_module
from django.utils.module_loading import import_string
PRINTER = "shop.plugins.paper.Printer"
def load(name):
    importlib.import_module("shop.plugins.paper").run()
    import_module(".plugins.paper", __package__)
    import_string(PRINTER)
    import_string("shop.plugins.paper.Printer.feed")
    import_module("json")
    import_module("shop.nothing")
    import_module(f"shop.{name}")
    import_module("shop.loading")
""",
    ) == [
        "shop.loading:load names shop.loading. @shop/loading.py:13",
        "shop.loading:load names shop.plugins.paper. @shop/loading.py:6",
        "shop.loading:load names shop.plugins.paper. @shop/loading.py:7",
        "shop.loading:load names shop.plugins.paper:Printer. @shop/loading.py:8",
        "shop.loading:load names shop.plugins.paper:Printer.feed @shop/loading.py:9",
    ]


def test_what_settings_name_is_referred_to() -> None:
    assert said(
        NamedImports(),
        """
### site/settings.py
INSTALLED_APPS = ["shop", "shop.apps.ShopConfig"]
MIDDLEWARE = ["django.middleware.common.CommonMiddleware", "shop.middleware.count"]
LOGGING = {"handlers": {"mail": {"class": "shop.middleware.Handler"}}}
### shop/__init__.py
### shop/middleware.py
def count(get_response): ...
class Handler: ...
### shop/apps.py
class ShopConfig: ...
""",
    ) == [
        "site.settings names shop.apps:ShopConfig. @site/settings.py:1",
        "site.settings names shop.middleware:Handler. @site/settings.py:3",
        "site.settings names shop.middleware:count. @site/settings.py:2",
    ]
