"""Routes that stand on the functions that answer them."""

from analyzer.readers.python.graphql import GraphQl
from analyzer.readers.python.route_lists import RouteLists
from analyzer.readers.python.routes import Routes
from tests.fakes.python_facts import said


def test_flask_blueprints_are_mounted_in_an_application_factory() -> None:
    assert said(
        Routes(),
        """
### shop/__init__.py
from flask import Flask
def create_app():
    app = Flask(__name__)
    from shop.orders import bp
    from shop import stock
    app.register_blueprint(bp, url_prefix="/shop/orders")
    app.register_blueprint(stock.bp)
    return app
### shop/orders.py
from flask import Blueprint
from flask.views import MethodView
bp = Blueprint("orders", __name__, url_prefix="/replaced")
@bp.route("/<int:pk>", methods=["GET", "POST"])
def detail(pk): ...
class Listing(MethodView):
    def get(self): ...
    def post(self): ...
bp.add_url_rule("/", view_func=Listing.as_view("list"))
### shop/stock.py
from flask import Blueprint
bp = Blueprint("stock", __name__, url_prefix="/stock")
@bp.get("/levels")
def levels(): ...
""",
    ) == [
        "http GET /shop/orders/ -> shop.orders:Listing.get @shop/orders.py:9",
        "http GET /shop/orders/<int:pk> -> shop.orders:detail @shop/orders.py:4",
        "http GET /stock/levels -> shop.stock:levels @shop/stock.py:3",
        "http POST /shop/orders/ -> shop.orders:Listing.post @shop/orders.py:9",
        "http POST /shop/orders/<int:pk> -> shop.orders:detail @shop/orders.py:4",
    ]


def test_fastapi_routers_add_their_prefixes() -> None:
    assert said(
        Routes(),
        """
### shop/main.py
from fastapi import FastAPI
from shop.api import api
app = FastAPI()
app.include_router(api, prefix="/v1")
@app.get("/health")
async def health(): ...
### shop/api.py
from fastapi import APIRouter
from shop.orders import router as orders
api = APIRouter(prefix="/api")
api.include_router(orders, prefix="/shop")
### shop/orders.py
from fastapi import APIRouter
router = APIRouter(prefix="/orders")
@router.post("")
async def create(): ...
@router.websocket("/{pk}/live")
async def live(): ...
""",
    ) == [
        "http GET /health -> shop.main:health @shop/main.py:5",
        "http POST /v1/api/shop/orders -> shop.orders:create @shop/orders.py:3",
        "http WEBSOCKET /v1/api/shop/orders/{pk}/live -> shop.orders:live @shop/orders.py:5",
    ]


def test_classes_that_are_no_view_of_the_framework_answer_as_a_whole() -> None:
    assert said(
        Routes(),
        """
### shop/web.py
from flask import Blueprint
from flask_appbuilder import BaseView
from flask_appbuilder.api import expose
class ShopBlueprint(Blueprint): ...
bp = ShopBlueprint("shop", __name__, url_prefix="/shop")
class Handler:
    def _process(self): ...
bp.add_url_rule("/do", "do", Handler, methods=("GET", "POST"))
class OrderApi(BaseView):
    resource_name = "order"
    @expose("/<pk>", methods=["PUT"])
    def put(self, pk): ...
""",
    ) == [
        "http GET /shop/do -> shop.web:Handler @shop/web.py:8",
        "http POST /shop/do -> shop.web:Handler @shop/web.py:8",
        "http PUT /api/v1/order/<pk> -> shop.web:OrderApi.put @shop/web.py:11",
    ]


def test_an_object_with_a_method_get_is_no_router() -> None:
    assert (
        said(
            Routes(),
            """
### shop/registry.py
from flask import Flask
app = Flask("x")
class Registry:
    def get(self, name): ...
registry = Registry()
@registry.get("/x")
def one(): ...
""",
        )
        == []
    )


def test_graphql_root_fields_are_ways_in() -> None:
    assert said(
        GraphQl(),
        """
### shop/schema.py
import graphene
import strawberry
from ariadne import MutationType
from django.db import models
class CreateOrder(graphene.Mutation):
    def mutate(self, info): ...
class OrderQueries(graphene.ObjectType):
    orders = graphene.List(graphene.String)
    def resolve_orders(self, info): ...
class Mutation(graphene.ObjectType):
    create_order = CreateOrder.Field()
def stock(): ...
@strawberry.type
class Query:
    levels: int = strawberry.field(resolver=stock)
    @strawberry.field
    def prices(self) -> int: ...
mutation = MutationType()
@mutation.field("cancelOrder")
def cancel(obj, info): ...
class Helper:
    orders = graphene.List(graphene.String)
class Subscription(models.Model):
    paid = models.BooleanField()
""",
    ) == [
        "http MUTATION /graphql#cancelOrder -> shop.schema:cancel @shop/schema.py:19",
        "http MUTATION /graphql#create_order -> shop.schema:CreateOrder.mutate @shop/schema.py:11",
        "http QUERY /graphql#levels -> shop.schema:stock @shop/schema.py:15",
        "http QUERY /graphql#orders -> shop.schema:OrderQueries.resolve_orders @shop/schema.py:8",
        "http QUERY /graphql#prices -> shop.schema:Query.prices @shop/schema.py:17",
    ]


def test_graphql_roots_are_what_the_schema_is_given() -> None:
    assert said(
        GraphQl(),
        """
### shop/schema.py
import graphene
import strawberry
class Root(graphene.ObjectType):
    orders = graphene.List(graphene.String)
@strawberry.type
class Changes:
    @strawberry.mutation
    def cancel(self) -> str: ...
    @strawberry.mutation(name="payNow")
    def pay(self) -> str: ...
    total: int = strawberry.field(name="sum")
one = graphene.Schema(query=Root)
other = strawberry.Schema(mutation=Changes)
""",
    ) == [
        "http MUTATION /graphql#cancel -> shop.schema:Changes.cancel @shop/schema.py:8",
        "http MUTATION /graphql#payNow -> shop.schema:Changes.pay @shop/schema.py:10",
        "http MUTATION /graphql#sum -> shop.schema:Changes @shop/schema.py:11",
        "http QUERY /graphql#orders -> shop.schema:Root @shop/schema.py:4",
    ]


def test_a_resource_may_answer_at_several_paths() -> None:
    assert said(
        Routes(),
        """
### shop/api.py
from flask import Flask
from flask_restful import Api, Resource
api = Api(Flask(__name__))
class Orders(Resource):
    def get(self): ...
api.add_resource(Orders, "/orders", "/orders/<id>")
""",
    ) == [
        "http GET /orders -> shop.api:Orders.get @shop/api.py:6",
        "http GET /orders/<id> -> shop.api:Orders.get @shop/api.py:6",
    ]


def test_starlette_mounts_lists_of_routes() -> None:
    assert said(
        RouteLists(),
        """
### shop/app.py
from starlette.applications import Starlette
from starlette.routing import Mount, Route, WebSocketRoute
from shop import api
from shop.views import Users, chat, home
routes = [
    Route("/", home),
    Route("/users/{id}", endpoint=Users),
    Mount("/api", routes=api.routes),
    WebSocketRoute("/ws", chat),
]
app = Starlette(routes=routes)
### shop/api.py
from starlette.routing import Route
def create(request): ...
routes = [Route("/orders", create, methods=["POST"])]
### shop/views.py
from starlette.endpoints import HTTPEndpoint
async def home(request): ...
class Users(HTTPEndpoint):
    async def get(self, request): ...
async def chat(ws): ...
""",
    ) == [
        "http GET / -> shop.views:home @shop/app.py:6",
        "http GET /users/{id} -> shop.views:Users.get @shop/app.py:7",
        "http POST /api/orders -> shop.api:create @shop/api.py:3",
        "http WEBSOCKET /ws -> shop.views:chat @shop/app.py:9",
    ]


def test_aiohttp_adds_routes_to_applications_and_their_parts() -> None:
    assert said(
        RouteLists(),
        """
### shop/app.py
from aiohttp import web
from shop.views import Users, home
def init():
    app = web.Application()
    app.add_routes([web.get("/a", home), web.view("/c", Users)])
    app.router.add_post("/d", home)
    app.router.add_route("PUT", "/e", home)
    admin = web.Application()
    admin.router.add_get("/s", home)
    app.add_subapp("/admin", admin)
    return app
### shop/views.py
from aiohttp import web
async def home(request): ...
class Users(web.View):
    async def get(self): ...
    async def post(self): ...
""",
    ) == [
        "http GET /a -> shop.views:home @shop/app.py:5",
        "http GET /admin/s -> shop.views:home @shop/app.py:9",
        "http GET /c -> shop.views:Users.get @shop/app.py:5",
        "http POST /c -> shop.views:Users.post @shop/app.py:5",
        "http POST /d -> shop.views:home @shop/app.py:6",
        "http PUT /e -> shop.views:home @shop/app.py:7",
    ]


def test_tornado_pairs_patterns_and_handlers() -> None:
    assert said(
        RouteLists(),
        """
### shop/app.py
import tornado.web
from tornado.web import url
class Main(tornado.web.RequestHandler):
    async def get(self): ...
class Story(tornado.web.RequestHandler):
    def post(self, pk): ...
def make():
    return tornado.web.Application([(r"/", Main), url(r"/story/([0-9]+)", Story, name="s")])
pairs = [("a", str), ("b", Main.get)]
""",
    ) == [
        "http GET / -> shop.app:Main.get @shop/app.py:8",
        "http POST /story/<*> -> shop.app:Story.post @shop/app.py:8",
    ]


def test_channels_routes_paths_to_consumers() -> None:
    assert said(
        RouteLists(),
        """
### shop/routing.py
from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path, re_path
from shop.consumers import Chat
from shop.views import page
sockets = [path("chat/<room>/", Chat.as_asgi())]
urlpatterns = [path("page", page)]
application = ProtocolTypeRouter({
    "websocket": URLRouter([path("ws/", URLRouter(sockets)), re_path(r"^x/$", Chat.as_asgi())]),
})
### shop/consumers.py
from channels.generic.websocket import AsyncWebsocketConsumer
class Chat(AsyncWebsocketConsumer): ...
### shop/views.py
def page(request): ...
""",
    ) == [
        "http WEBSOCKET /ws/chat/<room>/ -> shop.consumers:Chat @shop/routing.py:5",
        "http WEBSOCKET /x/ -> shop.consumers:Chat @shop/routing.py:8",
    ]


def test_routes_inside_the_function_that_makes_the_application() -> None:
    assert said(
        Routes(),
        """
### shop/app.py
from flask import Blueprint, Flask
from flask.views import View
from flask_restful import Api, Resource
from shop import pages
def create_app(cache):
    app = Flask(__name__)
    bp = Blueprint("b", __name__, url_prefix="/b")
    @app.route("/health")
    def health(): ...
    @bp.post("/pay")
    def pay(): ...
    cache.get("/not/a/route")
    pages.init_app(app)
    return app
### shop/pages.py
from flask import Blueprint
from flask.views import View
from flask_restful import Api, Resource
below = Blueprint("api", __name__, url_prefix="/api")
api = Api(below)
class Page(View):
    def dispatch_request(self): ...
class Todo(Resource):
    def get(self): ...
def init_app(app):
    app.add_url_rule("/page/", view_func=Page.as_view("page"))
api.add_resource(Todo, "/todo")
""",
    ) == [
        "http GET /api/todo -> shop.pages:Todo.get @shop/pages.py:12",
        "http GET /health -> shop.app:create_app @shop/app.py:8",
        "http GET /page/ -> shop.pages:Page @shop/pages.py:11",
        "http POST /b/pay -> shop.app:create_app @shop/app.py:10",
    ]


def test_falcon_resources_and_functions_of_bottle() -> None:
    assert said(
        Routes(),
        """
### shop/app.py
import falcon
from bottle import post, route
class Things:
    def on_get(self, req, resp): ...
    def on_delete(self, req, resp): ...
app = falcon.App()
app.add_route("/things", Things())
@route("/hello/<name>")
def hello(name): ...
@post("/pay")
def pay(): ...
""",
    ) == [
        "http DELETE /things -> shop.app:Things.on_delete @shop/app.py:7",
        "http GET /hello/<name> -> shop.app:hello @shop/app.py:8",
        "http GET /things -> shop.app:Things.on_get @shop/app.py:7",
        "http POST /pay -> shop.app:pay @shop/app.py:10",
    ]


def test_a_view_class_answers_the_methods_that_its_rule_or_itself_lets_through() -> None:
    assert said(
        Routes(),
        """
### shop/app.py
from flask import Flask
from flask.views import MethodView, View
app = Flask(__name__)
class Page(View):
    methods = ["GET", "POST"]
    def dispatch_request(self): ...
class Orders(MethodView):
    def get(self): ...
    def post(self): ...
app.add_url_rule("/page", view_func=Page.as_view("page"))
app.add_url_rule("/put", view_func=Page.as_view("put"), methods=["PUT"])
app.add_url_rule("/orders", view_func=Orders.as_view("orders"), methods=["POST"])
""",
    ) == [
        "http GET /page -> shop.app:Page @shop/app.py:10",
        "http POST /orders -> shop.app:Orders.post @shop/app.py:12",
        "http POST /page -> shop.app:Page @shop/app.py:10",
        "http PUT /put -> shop.app:Page @shop/app.py:11",
    ]
