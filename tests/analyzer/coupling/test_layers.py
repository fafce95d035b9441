"""What a first cut shows to be a layer is set aside as library code."""

from analyzer.coupling.build import build_factor_graph
from analyzer.coupling.layers import layer_units, set_aside
from tests.fakes.codebase import Codebase

SERVICES = ("orders", "stock", "payments")


def shop() -> Codebase:
    """Three services that use widgets; one widget reads a table, and one builds on an order."""
    codebase = Codebase().units("ui", "Widget", "Button", "Grid", "Chart", "Badge", "OrderBox")
    for name in SERVICES:
        codebase.units(name, "Model", "View").table(name, defined_by=f"{name}:Model")
        codebase.refers(f"{name}:View", "ui:Button").access(f"{name}:View", name)
    return (
        codebase.refers("ui:Button", "ui:Widget", "inheritance")
        .refers("ui:Grid", "ui:Widget", "inheritance")
        .access("ui:Chart", "orders")
        .refers("ui:Badge", "ui:Chart")
        .refers("ui:OrderBox", "orders:Model")
    )


HOMES = {
    **{f"ui:{name}": "u" for name in ("Widget", "Button", "Grid", "Chart", "Badge", "OrderBox")},
    **{node: name for name in SERVICES for node in (name, f"{name}:Model", f"{name}:View")},
}


def test_a_service_without_tables_that_several_use_is_a_layer() -> None:
    found = layer_units(shop().facts(), HOMES)
    assert [unit for unit, _ in found] == ["ui:Button", "ui:Grid", "ui:Widget"]
    assert "3 of the services" in found[0][1]


def test_what_people_decided_about_is_not_set_aside() -> None:
    found = layer_units(shop().facts(), HOMES, fixed=frozenset({"ui:Grid"}))
    assert found == ()  # what is left is less than half of the service


def test_a_service_that_two_others_use_stays_a_service() -> None:
    homes = {node: "orders" if home == "stock" else home for node, home in HOMES.items()}
    assert layer_units(shop().facts(), homes) == ()


def test_what_is_set_aside_leaves_the_graph_and_joins_the_kernel() -> None:
    coupling = build_factor_graph(shop().facts())
    units = layer_units(shop().facts(), HOMES)
    after = set_aside(coupling, units)
    gone = {unit for unit, _ in units}
    assert {node.id for node in after.graph.nodes} == {
        node.id for node in coupling.graph.nodes if node.id not in gone
    }
    assert gone <= {unit for unit, _ in after.shared}
    assert all(
        len(factor.members) > 1 and not gone & set(factor.members) for factor in after.graph.factors
    )
