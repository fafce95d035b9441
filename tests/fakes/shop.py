"""A small shop in one piece, as facts, and the three services that it falls into."""

from analyzer.coupling.build import Coupling, build_factor_graph
from analyzer.facts.codebase_facts import CodebaseFacts, merged
from analyzer.facts.configuration import ResourceUse
from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.entry_points import EntryPoint, Message
from analyzer.facts.evidence import Evidence
from analyzer.facts.modules import Module, Unit, Vocabulary
from analyzer.facts.references import Reference
from analyzer.facts.tables import Column, ForeignKey, Join, Table, TableAccess
from analyzer.facts.transactions import Lock, TransactionScope
from analyzer.partition.assembly import services_of
from analyzer.partition.boundaries import boundaries_of
from analyzer.partition.partition import Certainty, CurvePoint, Optimality, Partition

MODELS, VIEWS, TASKS = "shop/models.py", "shop/views.py", "shop/tasks.py"
NAMES = {"ordering": "Ordering", "payments": "Payments", "stock": "Stock"}
HOMES = {
    "shop.models:Order": "ordering",
    "shop.models:Line": "ordering",
    "shop.models:Payment": "payments",
    "shop.models:Item": "stock",
    "shop.views:place_order": "ordering",
    "shop.views:order_report": "ordering",
    "shop.views:pay": "payments",
    "shop.tasks:restock": "stock",
    "shop.tasks:remind": "payments",
    "shop.models": "ordering",
    "shop_order": "ordering",
    "shop_line": "ordering",
    "shop_payment": "payments",
    "shop_item": "stock",
}


def shop_facts() -> CodebaseFacts:
    """Orders, payments and stock that a single transaction writes."""
    return merged(
        CodebaseFacts(
            digest="5" * 64,
            modules=_modules(),
            units=_units(),
            vocabularies=(Vocabulary("shop.views:pay", (("pay", 3), ("payment", 2))),),
            references=_references(),
            tables=_tables(),
            foreign_keys=_foreign_keys(),
            accesses=(*_placing(), *_others()),
            joins=(
                Join("shop.views:order_report", ("shop_line", "shop_order"), _at(VIEWS, 42)),
                Join(
                    "shop.views:order_report",
                    ("shop_item", "shop_order", "shop_payment"),
                    _at(VIEWS, 44),
                    "sql",
                ),
            ),
            transactions=(_place_order(), _restock()),
            locks=(Lock("shop.views:place_order", "row", "shop_item", _at(VIEWS, 14), "views:12"),),
            entry_points=(
                EntryPoint("http", "POST /orders/", "shop.views:place_order", _at("urls.py", 3)),
                EntryPoint("http", "POST /pay/<id>/", "shop.views:pay", _at("urls.py", 4)),
                EntryPoint("task", "remind", "shop.tasks:remind", _at(TASKS, 10)),
                EntryPoint("schedule", "restock nightly", "shop.tasks:restock", _at(TASKS, 1)),
            ),
            messages=(
                Message(
                    "task", "remind", "shop.views:place_order", _at(VIEWS, 20), "shop.tasks:remind"
                ),
            ),
            resources=(
                ResourceUse("cache", "stock:*", "shop.tasks:restock", "write", _at(TASKS, 6)),
                ResourceUse("cache", "stock:*", "shop.views:place_order", "read", _at(VIEWS, 13)),
            ),
            diagnostics=(Diagnostic("shop/odd.py", 7, "warning", "unresolved-name", "eval(x)"),),
        )
    )


def shop_coupling() -> Coupling:
    return build_factor_graph(shop_facts())


def shop_partition() -> Partition:
    """The partition that an expert would give."""
    graph = shop_coupling().graph
    order = sorted(NAMES)
    return Partition(
        services=services_of(graph, HOMES, names=NAMES, terms={"payments": ("payment",)}),
        assignment=tuple(sorted(HOMES.items())),
        shared=(),
        boundaries=boundaries_of(graph, HOMES),
        certainties=tuple(Certainty(n.id, 0.9, "stock", 1.5, ()) for n in graph.nodes),
        optimality=Optimality(10.0, 9.0, 0.1, False, 0.25),
        curve=(
            CurvePoint(
                3,
                0.1,
                10.0,
                9.0,
                tuple(order.index(HOMES[n.id]) for n in graph.nodes),
                True,
                "knee",
            ),
        ),
        prices=(0.1, 1.0),
    )


def _at(path: str, line: int) -> Evidence:
    return Evidence(path, line)


def _modules() -> tuple[Module, ...]:
    return (
        Module("shop.models", MODELS, 60, "python"),
        Module("shop.views", VIEWS, 60, "python"),
        Module("shop.tasks", TASKS, 20, "python"),
    )


def _units() -> tuple[Unit, ...]:
    return (
        Unit("shop.models", "shop.models", "", "module", 1, 60, 4),
        Unit("shop.models:Order", "shop.models", "Order", "class", 5, 14, 10),
        Unit("shop.models:Line", "shop.models", "Line", "class", 16, 24, 9),
        Unit("shop.models:Payment", "shop.models", "Payment", "class", 26, 40, 15),
        Unit("shop.models:Item", "shop.models", "Item", "class", 42, 60, 19),
        Unit("shop.views:place_order", "shop.views", "place_order", "function", 10, 25, 16),
        Unit("shop.views:order_report", "shop.views", "order_report", "function", 40, 50, 11),
        Unit("shop.views:pay", "shop.views", "pay", "function", 52, 60, 9),
        Unit("shop.tasks:restock", "shop.tasks", "restock", "function", 2, 8, 7),
        Unit("shop.tasks:remind", "shop.tasks", "remind", "function", 11, 20, 10),
    )


def _references() -> tuple[Reference, ...]:
    place = "shop.views:place_order"
    return (
        Reference(place, "shop.models:Order", "call", _at(VIEWS, 16), "save"),
        Reference(place, "shop.views:pay", "call", _at(VIEWS, 18)),
        Reference("shop.views:pay", "shop.models:Payment", "instantiation", _at(VIEWS, 55)),
        Reference("shop.tasks:remind", "shop.views:order_report", "call", _at(TASKS, 12)),
    )


def _tables() -> tuple[Table, ...]:
    state = Column("status", "CharField", _at(MODELS, 7))
    return (
        Table("shop_order", "model", _at(MODELS, 5), "shop.models:Order", (state,)),
        Table("shop_line", "model", _at(MODELS, 16), "shop.models:Line"),
        Table("shop_payment", "model", _at(MODELS, 26), "shop.models:Payment"),
        Table("shop_item", "model", _at(MODELS, 42), "shop.models:Item"),
    )


def _foreign_keys() -> tuple[ForeignKey, ...]:
    key = "foreign_key"
    return (
        ForeignKey(
            "shop_line", "order_id", "shop_order", key, _at(MODELS, 18), on_delete="CASCADE"
        ),
        ForeignKey("shop_line", "item_id", "shop_item", key, _at(MODELS, 19), on_delete="PROTECT"),
        ForeignKey(
            "shop_payment", "order_id", "shop_order", key, _at(MODELS, 28), on_delete="CASCADE"
        ),
    )


def _placing() -> tuple[TableAccess, ...]:
    place = "shop.views:place_order"
    return (
        TableAccess(place, "shop_item", "read", _at(VIEWS, 14), operation="select"),
        TableAccess(place, "shop_item", "write", _at(VIEWS, 15), operation="update"),
        TableAccess(place, "shop_order", "write", _at(VIEWS, 16), operation="insert"),
        TableAccess(place, "shop_line", "write", _at(VIEWS, 17), operation="insert"),
        TableAccess(
            place,
            "shop_payment",
            "write",
            _at(VIEWS, 55),
            via=("shop.views:pay",),
            operation="insert",
        ),
    )


def _others() -> tuple[TableAccess, ...]:
    return (
        TableAccess("shop.views:pay", "shop_payment", "write", _at(VIEWS, 55), operation="insert"),
        TableAccess("shop.views:pay", "shop_order", "read", _at(VIEWS, 54), operation="select"),
        TableAccess("shop.tasks:restock", "shop_item", "write", _at(TASKS, 5), operation="update"),
        TableAccess(
            "shop.views:order_report", "shop_payment", "read", _at(VIEWS, 44), operation="join"
        ),
    )


def _place_order() -> TransactionScope:
    return TransactionScope(
        id="views:12",
        unit="shop.views:place_order",
        kind="block",
        evidence=_at(VIEWS, 12),
        end_line=22,
        accesses=_placing(),
        calls=("shop.views:pay",),
        side_effects=(("http gateway.example", _at(VIEWS, 18)), ("task remind", _at(VIEWS, 20))),
    )


def _restock() -> TransactionScope:
    return TransactionScope(
        id="tasks:3",
        unit="shop.tasks:restock",
        kind="decorator",
        evidence=_at(TASKS, 3),
        end_line=8,
        accesses=(
            TableAccess("shop.tasks:restock", "shop_item", "write", _at(TASKS, 5), (), "update"),
        ),
    )
