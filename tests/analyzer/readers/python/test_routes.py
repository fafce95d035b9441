"""Routes that stand on the functions that answer them."""

from analyzer.readers.python.graphql import GraphQl
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
one = graphene.Schema(query=Root)
other = strawberry.Schema(mutation=Changes)
""",
    ) == [
        "http MUTATION /graphql#cancel -> shop.schema:Changes.cancel @shop/schema.py:8",
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
