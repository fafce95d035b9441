"""A class, its table and its join tables are must-linked unless people decided otherwise."""

from analyzer.coupling.factor import Factor, Node
from analyzer.coupling.factor_graph import FactorGraph
from analyzer.partition.mapped_classes import with_mapped_classes
from analyzer.partition.problem import Constraints

ORDER = ("orders", "orders_tags", "shop:Order")
CUSTOMER = ("customers", "shop:Customer")


def graph() -> FactorGraph:
    join = Factor("many_to_many:1", "many_to_many", ("orders", "orders_tags"), 6.0)
    pairs = [("orders", "shop:Order"), CUSTOMER]
    tables = [Node(name, "table", 1.0) for name in ("customers", "orders", "orders_tags")]
    units = [Node(f"shop:{name}", "unit", 1.0) for name in ("Customer", "Order", "place", "pay")]
    mapping = [Factor(f"mapping:{a}", "mapping", pair, 8.0) for a, pair in enumerate(pairs)]
    call = Factor("call:1", "call", ("shop:Order", "shop:place"), 1.0)
    return FactorGraph(tuple(sorted(tables + units)), tuple(sorted([*mapping, join, call])))


def test_a_class_stays_with_its_table_and_join_tables() -> None:
    assert with_mapped_classes(graph(), Constraints()).must_link == (CUSTOMER, ORDER)


def test_one_decision_takes_class_and_tables_along() -> None:
    asked = Constraints(pins=(("shop:Order", "ordering"),))
    assert with_mapped_classes(graph(), asked).must_link == (CUSTOMER, ORDER)


def test_people_may_part_a_class_from_its_table() -> None:
    asked = Constraints(pins=(("customers", "crm"), ("shop:Customer", "shop")))
    assert with_mapped_classes(graph(), asked).must_link == (ORDER,)
    asked = Constraints(cannot_link=(("orders", "shop:Order"),))
    assert with_mapped_classes(graph(), asked).must_link == (CUSTOMER,)


def test_a_size_limit_parts_what_is_larger() -> None:
    found = with_mapped_classes(graph(), Constraints(size_limit=2.0))
    assert found.must_link == (CUSTOMER,)


def test_a_service_for_each_node_parts_them_all() -> None:
    asked = Constraints(services=(7, 7))
    assert with_mapped_classes(graph(), asked) == asked


def test_what_was_linked_before_stays_linked() -> None:
    asked = Constraints(must_link=(("shop:pay", "shop:place"),))
    found = with_mapped_classes(graph(), asked).must_link
    assert found == (("shop:pay", "shop:place"), CUSTOMER, ORDER)
