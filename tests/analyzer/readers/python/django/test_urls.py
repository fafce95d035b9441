"""From URL patterns to who answers."""

import pytest

from analyzer.facts.entry_points import EntryPoint
from analyzer.readers.python.django.regex import readable_regex
from analyzer.readers.python.django.urls import DjangoUrls
from analyzer.readers.python.reader import facts_of
from tests.fakes.python_project import nothing_shared, project


def routes(picture: str) -> list[str]:
    """Each entry point as `VERB /path -> unit[.handler]`, in the order of the patterns."""
    facts = DjangoUrls().project_facts(project(picture), nothing_shared())
    found = []
    for fact in facts:
        assert isinstance(fact, EntryPoint)
        handler = f".{fact.handler}" if fact.handler else ""
        found.append(f"{fact.name} -> {fact.unit}{handler}")
    return found


def test_nested_includes_add_up_to_the_whole_path() -> None:
    assert routes("""
### site/settings.py
ROOT_URLCONF = "site.urls"
### site/urls.py
from django.urls import include, path, re_path
from shop import views
urlpatterns = [
    path("", views.home),
    path("shop/", include(("shop.urls", "shop"), namespace="shop")),
    re_path(r"^old/(?P<slug>[-\\w]+)/$", views.old),
]
urlpatterns += [path("late/", views.late)]
### shop/urls.py
from django.urls import include, path
from . import views
orders = [path("<int:pk>/", views.OrderDetail.as_view(), name="order")]
urlpatterns = [path("orders/", include(orders)), path("basket/", views.basket)]
### shop/views.py
from django.views.generic import DetailView
from django.views.decorators.http import require_http_methods, require_POST
def home(request): ...
def old(request, slug): ...
@require_POST
def late(request): ...
class OrderDetail(DetailView):
    def post(self, request): ...
def basket(request):
    if request.method == "POST":
        ...
""") == [
        "ANY / -> shop.views:home",
        "GET /shop/orders/<int:pk>/ -> shop.views:OrderDetail.get",
        "POST /shop/orders/<int:pk>/ -> shop.views:OrderDetail.post",
        "GET /shop/basket/ -> shop.views:basket",
        "POST /shop/basket/ -> shop.views:basket",
        "ANY /old/<slug>/ -> shop.views:old",
        "POST /late/ -> shop.views:late",
    ]


def test_a_router_gives_the_routes_that_its_view_sets_can_answer() -> None:
    assert routes("""
### api/urls.py
from django.urls import include, path
from rest_framework.routers import DefaultRouter
from api import views
router = DefaultRouter()
router.register(r"orders", views.OrderViewSet)
router.register("rates", views.RateViewSet, basename="rate")
urlpatterns = [path("api/v1/", include(router.urls))]
### api/views.py
from rest_framework import mixins, viewsets
from rest_framework.decorators import action
class OrderViewSet(viewsets.ReadOnlyModelViewSet):
    lookup_field = "number"
    def destroy(self, request, number): ...
    @action(detail=True, methods=["post"], url_path="pay-now")
    def pay(self, request, number): ...
    @pay.mapping.delete
    def unpay(self, request, number): ...
    @action(detail=False)
    def open(self, request): ...
class RateViewSet(mixins.CreateModelMixin, viewsets.GenericViewSet):
    http_method_names = ["get", "post"]
""") == [
        "GET /api/v1/orders/ -> api.views:OrderViewSet.list",
        "GET /api/v1/orders/<number>/ -> api.views:OrderViewSet.retrieve",
        "DELETE /api/v1/orders/<number>/ -> api.views:OrderViewSet.destroy",
        "POST /api/v1/orders/<number>/pay-now/ -> api.views:OrderViewSet.pay",
        "DELETE /api/v1/orders/<number>/pay-now/ -> api.views:OrderViewSet.unpay",
        "GET /api/v1/orders/open/ -> api.views:OrderViewSet.open",
        "POST /api/v1/rates/ -> api.views:RateViewSet.create",
    ]


def test_routers_of_the_project_and_nested_ones_are_routers() -> None:
    assert routes("""
### api/routers.py
from rest_framework.routers import DefaultRouter
class ApiRouter(DefaultRouter):
    pass
### api/urls.py
from rest_framework_nested import routers
from api.routers import ApiRouter
from api.views import Lines, Orders
router = ApiRouter()
router.register("orders", Orders)
lines = routers.NestedSimpleRouter(router, "orders", lookup="order")
lines.register("lines", Lines)
urlpatterns = router.urls + lines.urls
### api/views.py
from rest_framework.viewsets import ViewSet
class Orders(ViewSet):
    def list(self, request): ...
class Lines(ViewSet):
    def create(self, request, order_pk): ...
""") == [
        "GET /orders/ -> api.views:Orders.list",
        "POST /orders/<order_pk>/lines/ -> api.views:Lines.create",
    ]


def test_decorated_renamed_and_mapped_views_are_found() -> None:
    assert routes("""
### shop/urls.py
from django.contrib.auth.decorators import login_required
from django.urls import path
from django.views.decorators.cache import cache_page
from shop import views
from shop.views import Report as SalesReport
listing = views.Listing.as_view()
urlpatterns = [
    path("a/", login_required(views.plain)),
    path("b/", cache_page(60)(SalesReport.as_view())),
    path("c/", listing),
    path("d/", views.Things.as_view({"get": "list", "put": "replace"})),
    path("e/", views.decorated),
]
### shop/views.py
from rest_framework.decorators import api_view
from django.views import View
def plain(request): ...
class Base(View):
    def get(self, request): ...
class Report(Base): ...
class Listing(Base):
    def delete(self, request): ...
class Things: ...
@api_view(["GET", "PATCH"])
def decorated(request): ...
""") == [
        "ANY /a/ -> shop.views:plain",
        "GET /b/ -> shop.views:Report.get",
        "GET /c/ -> shop.views:Listing.get",
        "DELETE /c/ -> shop.views:Listing.delete",
        "GET /d/ -> shop.views:Things.list",
        "PUT /d/ -> shop.views:Things.replace",
        "GET /e/ -> shop.views:decorated",
        "PATCH /e/ -> shop.views:decorated",
    ]


def test_old_patterns_with_strings_are_read() -> None:
    assert routes("""
### shop/urls.py
from django.conf.urls import include, patterns, url
from django.conf.urls.i18n import i18n_patterns
urlpatterns = i18n_patterns(
    url(r"^reports/", include("reports.urls")),
    url(r"^$", "shop.views.home", name="home"),
)
urlpatterns += patterns("shop.views",
    (r"^cart/$", "cart"),
    url(r"^pay/$", "pay", name="pay"),
    (r"^more/", include("reports.urls")),
)
### reports/urls.py
from django.conf.urls import url
from reports import views
urlpatterns = [url(r"^(\\d{4})/sales\\.csv$", views.sales)]
### reports/views.py
def sales(request, year): ...
### shop/views.py
def home(request): ...
def cart(request): ...
def pay(request): ...
""") == [
        "ANY /reports/<*>/sales.csv -> reports.views:sales",
        "ANY / -> shop.views:home",
        "ANY /cart/ -> shop.views:cart",
        "ANY /pay/ -> shop.views:pay",
        "ANY /more/<*>/sales.csv -> reports.views:sales",
    ]


def test_views_from_elsewhere_are_entered_through_the_url_module() -> None:
    assert routes("""
### site/urls.py
from django.contrib.auth import views as auth
from django.urls import path
urlpatterns = [path("login/", auth.LoginView.as_view()), path("x/", lambda request: None)]
""") == ["ANY /login/ -> site.urls", "ANY /x/ -> site.urls"]


def test_the_admin_has_pages_for_what_is_registered_with_it() -> None:
    assert routes("""
### site/urls.py
from django.contrib import admin
from django.urls import path
urlpatterns = [path("desk/", admin.site.urls)]
### shop/models.py
class Order: ...
class Line: ...
### shop/admin.py
from django.contrib import admin
from shop.models import Line, Order
@admin.register(Order)
class OrderAdmin(admin.ModelAdmin): ...
class LineAdmin(admin.ModelAdmin): ...
admin.site.register(Line, LineAdmin)
""") == [
        "GET /desk/order/ -> shop.admin:OrderAdmin",
        "POST /desk/order/ -> shop.admin:OrderAdmin",
        "GET /desk/line/ -> shop.admin:LineAdmin",
        "POST /desk/line/ -> shop.admin:LineAdmin",
    ]


def test_patterns_that_a_function_makes_are_followed() -> None:
    assert routes("""
### shop/urls.py
from django.urls import path
from shop import views
def listing(prefix, view, patterns):
    urls = []
    for number, pattern in enumerate(patterns):
        urls.append(path(pattern, view.as_view(), name=prefix))
    return urls
urlpatterns = listing("all", views.Listing, ("", "new/"))
urlpatterns += listing("mine", views.Mine, ["mine/"])
### shop/views.py
from django.views import View
class Listing(View):
    def get(self, request): ...
class Mine(Listing): ...
""") == [
        "GET / -> shop.views:Listing.get",
        "GET /new/ -> shop.views:Listing.get",
        "GET /mine/ -> shop.views:Mine.get",
    ]


def test_lists_that_only_run_time_takes_in_are_read_last() -> None:
    assert routes("""
### shop/urls.py
from django.urls import path
from shop import views
order_urls = [path("orders/", views.orders)]
urlpatterns = []
urlpatterns.extend(order_urls)
api_urls = [path("api/", views.api)]
### shop/views.py
def orders(request): ...
def api(request): ...
""") == ["ANY /orders/ -> shop.views:orders", "ANY /api/ -> shop.views:api"]


def test_configurations_of_apps_include_their_patterns_under_prefixes_of_their_own() -> None:
    assert routes("""
### site/settings.py
ROOT_URLCONF = "site.urls"
### site/urls.py
urlpatterns = []
### base/apps.py
from django.apps import AppConfig
from django.urls import include, path, re_path
from django.utils.module_loading import import_string
class Base(AppConfig):
    slug = None
    def ready(self):
        from site.urls import urlpatterns
        if self.slug:
            top = "{slug}/".format(slug=self.slug)
        elif self.slug is not None:
            top = ""
        else:
            top = f"{self.name}/"
        try:
            patterns = import_string(dotted_path="{}.urls.urlpatterns".format(self.name))
        except ImportError:
            pass
        else:
            urlpatterns += (re_path(route=r"^{}".format(top), view=include((patterns, "x"))),)
### shop/apps.py
from base.apps import Base
class Shop(Base):
    name = "shop"
    slug = "store"
### shop/urls.py
from django.urls import path
from shop import views
urlpatterns = [path("basket/", views.basket)]
### shop/views.py
def basket(request): ...
### home/apps.py
from base.apps import Base
class Home(Base):
    name = "home"
    slug = ""
### home/urls.py
from django.urls import path
from shop import views
urlpatterns = [path("start/", views.basket)]
### late/apps.py
from django.apps import AppConfig
from django.urls import include, path
def start():
    from site.urls import urlpatterns
    urlpatterns += [path("late/", include("late.urls"))]
### late/urls.py
from django.urls import path
from shop import views
urlpatterns = [path("x/", views.basket)]
""") == [
        "ANY /start/ -> shop.views:basket",
        "ANY /store/basket/ -> shop.views:basket",
        "ANY /late/x/ -> shop.views:basket",
    ]


def test_modules_that_include_each_other_end() -> None:
    assert routes("""
### a/urls.py
from django.urls import include, path
urlpatterns = [path("b/", include("b.urls"))]
### b/urls.py
from django.urls import include, path
from b.views import view
urlpatterns = [path("a/", include("a.urls")), path("v/", view)]
### b/views.py
def view(request): ...
""") == ["ANY /b/v/ -> b.views:view"]


def test_a_function_that_is_only_called_path_makes_no_route() -> None:
    assert (
        routes("""
### tools/urls.py
from os import path
def include(x): ...
urlpatterns = [path("a", "b")]
""")
        == []
    )


@pytest.mark.parametrize(
    ("pattern", "route"),
    [
        (r"^$", ""),
        (r"^orders/$", "orders/"),
        (r"^a/(?P<pk>\d+)/(?P<s>(x|y)+)?/?$", "a/<pk>/<s>/"),
        (r"^a(?:/b)?/(.*)$", "a/<*>"),
        (r"^sitemap\.xml$", "sitemap.xml"),
        (r"(((", "<*>"),
        ("\\", "\\"),
    ],
)
def test_regular_expressions_become_readable_routes(pattern: str, route: str) -> None:
    assert readable_regex(pattern) == route


def test_views_that_a_decorator_registers_are_routed_where_their_patterns_are_included() -> None:
    picture = """
### site/settings.py
INSTALLED_APPS = ["shop"]
ROOT_URLCONF = "site.urls"
### site/registry.py
registry = {}
other = {}
### site/register.py
from site.registry import other, registry
from django.urls import path
def register_view(model, name="", path=None, detail=True):
    def add(cls):
        registry[model].append({"view": cls, "path": path or name, "detail": detail})
        return cls
    return add
def remember(model):
    def add(cls):
        other[model] = cls
        return cls
    return add
def view_urls(app, model, detail=True):
    found = []
    for one in registry[app][model]:
        found.append(path(one["path"], one["view"].as_view()))
    return found
### site/urls.py
from django.urls import include, path
from site.register import view_urls
urlpatterns = [
    path("orders/", include(view_urls("shop", "order", detail=False))),
    path("orders/<int:pk>/", include(view_urls("shop", "order"))),
    path("items/", include(view_urls("shop", "item"))),
]
### shop/__init__.py
### shop/models.py
from django.db import models
class Order(models.Model): pass
class Item(models.Model): pass
### shop/views.py
from django.views.generic import ListView, View
from site.register import register_view, remember
from shop.models import Item, Order
@register_view(Order, "list", path="", detail=False)
class Orders(ListView): pass
@register_view(Order, "history", path="changes")
class History(ListView): pass
@register_view(Item, "show")
class Show(ListView): pass
@remember(Order)
class Remembered(ListView): pass
"""
    found = facts_of(project(picture), [DjangoUrls()])
    assert sorted(
        f"{one.name} -> {one.unit} @{one.evidence}" for one in found if isinstance(one, EntryPoint)
    ) == [
        "GET /items/show/ -> shop.views:Show @shop/views.py:8",
        "GET /orders/ -> shop.views:Orders @shop/views.py:4",
        "GET /orders/<int:pk>/changes/ -> shop.views:History @shop/views.py:6",
    ]


def test_view_sets_that_only_run_time_routes_are_ways_in_at_an_unknown_path() -> None:
    assert routes("""
### shop/urls.py
from rest_framework import routers
router = routers.DefaultRouter()
for name, view in found():
    router.register(name, view)
urlpatterns = router.urls
### shop/api.py
from rest_framework.viewsets import ReadOnlyModelViewSet
class Base(ReadOnlyModelViewSet): pass
class Orders(Base): pass
""") == [
        "GET /*/ -> shop.api:Orders.list",
        "GET /*/<pk>/ -> shop.api:Orders.retrieve",
    ]
