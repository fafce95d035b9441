"""From facts to factors: which reasons are seen, and which outweighs which."""

from dataclasses import replace
from itertools import pairwise

import pytest

from analyzer.coupling.build import build_factor_graph
from analyzer.coupling.factor import Factor
from analyzer.coupling.weights import KINDS, WEIGHTS
from analyzer.facts.codebase_facts import CodebaseFacts
from tests.fakes.codebase import Codebase


def factors(
    facts: CodebaseFacts, kind: str, *, sighted: bool = True, agreeing: bool = True
) -> list[Factor]:
    graph = build_factor_graph(facts, sighted=sighted, agreeing=agreeing).graph
    return [factor for factor in graph.factors if factor.kind == kind]


def shop() -> Codebase:
    return (
        Codebase()
        .units("shop.models", "Customer", "Order", "OrderLine")
        .units("shop.views", "place_order", "report", kind="function")
        .table("customer", defined_by="shop.models:Customer")
        .table("orders", defined_by="shop.models:Order")
        .table("orderline", defined_by="shop.models:OrderLine")
        .key("orders", "customer", on_delete="PROTECT")
        .key("orderline", "orders", on_delete="CASCADE")
        .access("shop.views:place_order", "orders", "write")
        .access("shop.views:place_order", "orderline", "write")
        .access("shop.views:report", "orders")
        .transaction("shop.views:place_order", "orders", "orderline")
        .lock("shop.views:place_order", "customer")
        .refers("shop.views:place_order", "shop.models:Order", "instantiation")
    )


def test_units_and_tables_of_product_code_are_the_nodes() -> None:
    facts = shop().units("shop.tests", "OrderTest", role="test").facts()
    graph = build_factor_graph(facts).graph
    assert [node.id for node in graph.nodes if node.kind == "table"] == [
        "customer",
        "orderline",
        "orders",
    ]
    assert "shop.tests:OrderTest" not in {node.id for node in graph.nodes}
    assert [node.id for node in graph.nodes] == sorted(node.id for node in graph.nodes)


def test_a_table_named_like_a_unit_keeps_its_own_node() -> None:
    facts = Codebase().units("orders", "").table("orders").facts()
    facts = replace(facts, units=tuple(replace(unit, id="orders") for unit in facts.units))
    graph = build_factor_graph(facts).graph
    assert [node.id for node in graph.nodes] == ["orders", "table:orders"]


def test_what_only_migrations_name_in_sql_is_no_table_of_today() -> None:
    codebase = (
        Codebase()
        .units("shop.migrations.m2", "Migration", role="migration")
        .units("shop.reports", "Report")
        .table("old_name", kind="sql")
        .table("order_id_seq", kind="sql")
        .table("made_by_hand", kind="sql")
        .table("backup", kind="sql")
        .table("used", kind="sql")
        .access("shop.migrations.m2:Migration", "old_name", "write", operation="alter")
        .access("shop.migrations.m2:Migration", "order_id_seq", "write", operation="alter")
        .access("shop.migrations.m2:Migration", "made_by_hand", "write", operation="create")
        .access("shop.migrations.m2:Migration", "backup", "write", operation="create")
        .access("shop.migrations.m2:Migration", "backup", "write", operation="drop")
        .access("shop.migrations.m2:Migration", "used", "write", operation="alter")
        .access("shop.reports:Report", "used")
    )
    nodes = build_factor_graph(codebase.facts()).graph.nodes
    assert [node.id for node in nodes if node.kind == "table"] == ["made_by_hand", "used"]


def test_a_transaction_is_one_factor_over_its_unit_and_every_table_it_writes() -> None:
    (transaction,) = factors(shop().facts(), "transaction")
    assert transaction.members == ("orderline", "orders", "shop.views:place_order")
    assert transaction.evidence


def test_a_key_that_cascades_binds_more_than_one_that_protects() -> None:
    weight = {factor.members: factor.weight for factor in factors(shop().facts(), "foreign_key")}
    assert weight["orderline", "orders"] > weight["customer", "orders"]


def test_a_key_to_a_table_that_everything_refers_to_binds_less() -> None:
    lonely = Codebase().table("a").table("hub").key("a", "hub")
    popular = Codebase().table("a").table("hub").key("a", "hub")
    for number in range(8):
        popular.table(f"t{number}").key(f"t{number}", "hub")
    (alone,) = factors(lonely.facts(), "foreign_key")
    among = {f.members: f.weight for f in factors(popular.facts(), "foreign_key")}
    assert among["a", "hub"] == pytest.approx(alone.weight / 9, rel=1e-4)


def test_the_table_of_a_many_to_many_relation_goes_with_the_table_that_declares_it() -> None:
    facts = (
        Codebase()
        .table("product")
        .table("category")
        .table("product_categories", kind="many_to_many")
        .key("product_categories", "product")
        .key("product_categories", "category")
        .facts()
    )
    (declared,) = factors(facts, "many_to_many")
    (other,) = factors(facts, "foreign_key")
    assert declared.members == ("product", "product_categories")
    assert declared.weight > other.weight


def test_writing_a_table_binds_more_than_reading_it_and_near_more_than_far() -> None:
    facts = (
        Codebase()
        .units("m", "near", "far", "reader", kind="function")
        .table("t")
        .access("m:near", "t", "write")
        .access("m:far", "t", "write", "m:near")
        .access("m:reader", "t", "read")
        .facts()
    )
    near, far = (
        next(f.weight for f in factors(facts, "write") if unit in f.members)
        for unit in ("m:near", "m:far")
    )
    (read,) = factors(facts, "read")
    assert near > far
    assert near > read.weight


def test_calls_to_what_everybody_calls_bind_less() -> None:
    codebase = Codebase().units("m", "a", "b", "popular", "rare", *(f"u{i}" for i in range(8)))
    codebase.refers("m:a", "m:popular").refers("m:a", "m:rare")
    for number in range(8):
        codebase.refers(f"m:u{number}", "m:popular")
    calls = factors(codebase.facts(), "call", agreeing=False)
    weight = {factor.members: factor.weight for factor in calls}
    assert weight["m:a", "m:popular"] == pytest.approx(weight["m:a", "m:rare"] / 9, rel=1e-4)


def test_a_form_that_names_one_model_is_bound_to_its_table() -> None:
    facts = (
        shop()
        .units("shop.forms", "CheckoutForm")
        .refers("shop.forms:CheckoutForm", "shop.models:Order", "attribute", "model")
        .facts()
    )
    assert [f.members for f in factors(facts, "binding")] == [("orders", "shop.forms:CheckoutForm")]


def test_units_served_under_one_path_are_bound() -> None:
    facts = (
        Codebase()
        .units("m", "cart", "pay", "admin", kind="function")
        .entry("GET /checkout/cart/", "m:cart")
        .entry("POST /checkout/pay/<int:pk>/", "m:pay")
        .entry("GET /admin/", "m:admin")
        .facts()
    )
    assert [factor.members for factor in factors(facts, "routing")] == [("m:cart", "m:pay")]


def test_units_that_speak_alike_are_bound() -> None:
    codebase = Codebase().units("m", *(f"u{number}" for number in range(12)), kind="function")
    codebase.words("m:u0", refund=3, invoice=2).words("m:u1", refund=1, invoice=4)
    for one, other in pairwise(range(2, 12)):
        codebase.words(f"m:u{one}", **{f"word{one}": 1, f"word{other}": 1})
    bound = {factor.members for factor in factors(codebase.facts(), "vocabulary")}
    assert ("m:u0", "m:u1") in bound
    assert not any("m:u0" in members for members in bound if "m:u1" not in members)


def test_a_unit_is_bound_to_the_table_that_it_is_named_after() -> None:
    facts = shop().units("shop.api", "OrderLineSerializer").facts()
    (named,) = (f for f in factors(facts, "naming") if "shop.api:OrderLineSerializer" in f.members)
    assert named.members == ("orderline", "shop.api:OrderLineSerializer")


def test_nothing_that_depends_on_paths_is_used_when_blind() -> None:
    sighted = {factor.kind for factor in build_factor_graph(shop().facts()).graph.factors}
    blind = {
        f.kind for f in build_factor_graph(shop().facts(), sighted=False, files=False).graph.factors
    }
    assert sighted - blind <= {"package", "module"}


def test_a_unit_that_serves_code_of_many_tables_and_holds_none_is_shared_kernel() -> None:
    names = [f"u{number}" for number in range(8)]
    codebase = Codebase().units("m", "money", "rounding", "save", *names)
    for name in names:
        codebase.table(name).access(f"m:{name}", name, "write")
        codebase.refers(f"m:{name}", "m:money").refers(f"m:{name}", "m:save")
    codebase.access("m:save", "u0", "write").refers("m:money", "m:rounding")
    coupling = build_factor_graph(codebase.facts())
    assert coupling.shared == (
        ("m:money", "the units that use it touch 8 tables, and it touches none"),
        ("m:rounding", "only the shared kernel uses it, and it touches no table"),
    )
    assert "m:money" not in {node.id for node in coupling.graph.nodes}


def test_the_body_of_a_god_module_is_divided_with_its_units() -> None:
    names = [f"u{number}" for number in range(12)]
    codebase = Codebase().units("god", *names).body("god").body("settings")
    codebase.units("small", "only").body("small")
    for name in names:
        codebase.table(name).access(f"god:{name}", name)
    shared = dict(build_factor_graph(codebase.facts()).shared)
    assert list(shared) == ["god", "settings"]
    assert "divided" in shared["god"]


def test_every_factor_has_a_kind_with_a_weight_and_a_reason() -> None:
    graph = build_factor_graph(shop().facts()).graph
    assert {factor.kind for factor in graph.factors} <= set(WEIGHTS)
    assert all(kind.reason for kind in KINDS)


def test_the_same_facts_give_the_same_graph_whatever_their_order() -> None:
    facts = shop().facts()
    turned = replace(
        facts,
        references=facts.references[::-1],
        accesses=facts.accesses[::-1],
        foreign_keys=facts.foreign_keys[::-1],
        units=facts.units[::-1],
    )
    assert build_factor_graph(turned) == build_factor_graph(facts)


def test_no_facts_give_an_empty_graph() -> None:
    assert build_factor_graph(CodebaseFacts()).graph.nodes == ()


def test_a_long_module_says_little_about_what_belongs_together() -> None:
    names = [f"U{i}" for i in range(40)]
    codebase = Codebase().units("shop.orders", *names).units("shop.cart", "A", "B")
    facts = codebase.units("shop.views", "C", "D").facts()
    found = {f.members[0].partition(":")[0]: f.weight for f in factors(facts, "module")}
    assert found["shop.orders"] == pytest.approx(found["shop.cart"] * (6 / 40) ** 2)
    assert found["shop.views"] == pytest.approx(found["shop.cart"] * 0.05)  # a layer


def test_a_package_of_packages_is_not_the_package_of_its_units_but_one_of_layers_is() -> None:
    codebase = (
        Codebase().units("shop.apps.stock.models", "Stock").units("shop.apps.stock.views", "V")
    )
    codebase.units("shop.apps.orders.models", "Order").units("shop.apps.orders.api.views", "W")
    codebase.units("shop.apps.tickets.tasks", "Ticket", "Answer", "Queue", "Agent", "Rota")
    bound = {f.members for f in factors(codebase.facts(), "package") if "tickets" not in str(f)}
    assert bound == {
        ("shop.apps.orders.api.views:W", "shop.apps.orders.models:Order"),
        ("shop.apps.stock.models:Stock", "shop.apps.stock.views:V"),
    }


def test_what_is_not_a_layer_is_set_apart_in_a_package_that_holds_most_of_everything() -> None:
    layers = [f"M{number}" for number in range(12)]
    codebase = Codebase().units("cms.models", *layers).units("cms.api.views", *layers)
    codebase.units("cms.images.models", "Image").units("cms.images.views", "Gallery")
    codebase.units("cms.search.index", "Index", "Query")
    bound = {f.members for f in factors(codebase.facts(), "package")}
    assert bound == {
        ("cms.images.models:Image", "cms.images.views:Gallery"),
        ("cms.search.index:Index", "cms.search.index:Query"),
    }


def test_where_one_package_holds_the_tables_of_everything_layers_bind_nothing() -> None:
    codebase = Codebase()
    for thing in ("order", "ticket", "person"):
        codebase.units(f"shop.models.{thing}", thing.title(), f"{thing.title()}Line")
        codebase.table(thing, defined_by=f"shop.models.{thing}:{thing.title()}")
        codebase.units(f"shop.api.{thing}", f"{thing}_list", kind="function")
        codebase.units("shop.mails.sending", f"mail_{thing}", kind="function")
    members = [f.members for f in factors(codebase.facts(), "package")]
    bound = {frozenset(one.partition(":")[0] for one in pair) for pair in members}
    assert {frozenset({"shop.models.order", "order"}), frozenset({"shop.mails.sending"})} <= bound
    assert all(len({one.rpartition(".")[2] for one in pair}) == 1 for pair in bound)


def test_a_package_that_holds_nearly_all_tables_binds_nothing_one_with_few_of_them_does() -> None:
    codebase = Codebase()
    for number in range(8):
        codebase.units("lab.depot.rows", f"Row{number}").units(f"lab.part{number}.jobs", "A", "B")
        codebase.table(f"row{number}", defined_by=f"lab.depot.rows:Row{number}")
    stored = [f for f in factors(codebase.facts(), "package") if "lab.depot" in str(f.members)]
    assert not stored
    few = (
        Codebase()
        .units("lab.depot.rows", "Row", "Cell")
        .table("row", defined_by="lab.depot.rows:Row")
    )
    few.units("lab.jobs.runs", "A", "B").units("lab.pages.lists", "C", "D")
    assert any("lab.depot" in str(f.members) for f in factors(few.facts(), "package"))


def test_the_body_of_a_module_that_nothing_ties_to_anything_is_set_aside() -> None:
    facts = shop().body("shop.views").facts()
    coupling = build_factor_graph(facts, sighted=False, files=False)
    assert coupling.shared == (
        ("shop.views", "the body of a module that nothing ties to anything"),
    )
    assert "shop.views" not in {node.id for node in coupling.graph.nodes}


def test_tables_that_one_migration_alters_are_bound_to_the_one_that_most_refer_to() -> None:
    facts = (
        shop()
        .table("old_name", kind="sql")
        .units("shop.migrations.m1", "Migration", role="migration")
        .units("shop.migrations.m2", "Migration", role="migration")
        .change("shop.migrations.m1:Migration", "customer", "orderline", "orders", "gone")
        .change("shop.migrations.m2:Migration", "customer")
        .facts()
    )
    pairs = [factor.members for factor in factors(facts, "co_migration", sighted=False)]
    assert sorted(pairs) == [("customer", "orders"), ("orderline", "orders")]


def test_a_migration_of_many_tables_binds_any_two_of_them_less() -> None:
    few, many = ([f"table{number}" for number in range(count)] for count in (5, 40))

    def weight(names: list[str]) -> float:
        codebase = Codebase().change("shop.migrations.m1:Migration", *names)
        for name in names:
            codebase = codebase.table(name)
        return factors(codebase.facts(), "co_migration")[0].weight

    assert weight(few) > weight(many) > 0
