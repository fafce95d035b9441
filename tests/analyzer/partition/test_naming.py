"""Names of services: what a person would call the capability."""

import pytest

from analyzer.coupling.semantic import TECHNICAL
from analyzer.partition.naming import capability, service_names
from tests.fakes.codebase import Codebase


def shop() -> Codebase:
    return (
        Codebase()
        .units("shop.models", "Order", "OrderLine", "Payment", "Refund")
        .units("shop.views", "OrderView", "PaymentApiView")
        .table("orders", defined_by="shop.models:Order")
        .table("order_line", defined_by="shop.models:OrderLine")
        .table("payment", defined_by="shop.models:Payment")
        .table("refund", defined_by="shop.models:Refund")
        .access("shop.views:PaymentApiView", "payment", "write")
        .entry("GET /orders/", "shop.views:OrderView")
    )


SERVICES = {
    "orders": "a",
    "order_line": "a",
    "shop.models:Order": "a",
    "shop.models:OrderLine": "a",
    "shop.views:OrderView": "a",
    "payment": "b",
    "refund": "b",
    "shop.models:Payment": "b",
    "shop.models:Refund": "b",
    "shop.views:PaymentApiView": "b",
}


def test_a_service_is_named_for_its_capability() -> None:
    names = service_names(shop().facts(), assignment=SERVICES)
    assert [names[service].name for service in ("a", "b")] == ["Ordering", "Payments"]
    assert names["b"].terms[:2] == ("payment", "refund")


def test_technical_words_never_name_a_service() -> None:
    codebase = Codebase().units("m", "ApiView", "UserAdmin", "Utils", "Manager")
    units = {f"m:{name}": "a" for name in ("ApiView", "UserAdmin", "Utils", "Manager")}
    names = service_names(codebase.facts(), assignment=units)
    assert names["a"].name == "Users"
    assert not set(names["a"].terms) & TECHNICAL


def test_a_word_that_only_sorts_things_is_not_a_name_without_the_thing() -> None:
    codebase = (
        Codebase()
        .units("m", "MacAddress", "ScheduledExport", "Export")
        .table("macaddress", defined_by="m:MacAddress")
        .table("scheduledexport", defined_by="m:ScheduledExport")
        .table("export", defined_by="m:Export")
        .access("m:ScheduledExport", "scheduledexport", "write")
    )
    homes = {"macaddress": "a", "scheduledexport": "b", "export": "c"}
    names = service_names(codebase.facts(), assignment=homes)
    assert names["a"].name == "Mac addresses"
    assert names["b"].name == "Scheduled exports"
    assert names["c"].name == "Exports"


def test_a_service_that_is_the_better_part_of_a_package_is_called_like_it() -> None:
    codebase = (
        Codebase()
        .units("shop.tenancy.models", "Contact", "Tenant")
        .units("shop.utils.models", "Counter", "Clock")
        .table("contact", defined_by="shop.tenancy.models:Contact")
        .table("counter", defined_by="shop.utils.models:Counter")
    )
    homes = {
        "contact": "a",
        "shop.tenancy.models:Contact": "a",
        "shop.tenancy.models:Tenant": "a",
        "counter": "b",
        "shop.utils.models:Counter": "b",
        "shop.utils.models:Clock": "b",
    }
    names = service_names(codebase.facts(), assignment=homes)
    assert names["a"].name == "Tenancy"
    assert names["b"].name == "Counters"  # a package of technical name says nothing


def test_a_technical_noun_stays_with_what_it_is_of() -> None:
    codebase = (
        Codebase()
        .units("m", "ScheduledJob", "UserFidoKey")
        .table("scheduledjob", defined_by="m:ScheduledJob")
        .table("userfidokey", defined_by="m:UserFidoKey")
    )
    homes = {"scheduledjob": "a", "userfidokey": "b"}
    names = service_names(codebase.facts(), assignment=homes)
    assert names["a"].name == "Scheduled jobs"
    assert names["b"].name == "Fido keys"


def test_what_functions_begin_with_is_a_verb_and_names_nothing() -> None:
    units = ("handle_upload", "handle_thumbnail", "handle_upload_again")
    codebase = Codebase().units("m", *units, kind="function")
    names = service_names(codebase.facts(), assignment={f"m:{unit}": "a" for unit in units})
    assert names["a"].name == "Uploads"


def test_a_technical_word_names_a_package_that_owns_tables() -> None:
    codebase = (
        Codebase()
        .units("club.events.models", "Registration", "Speaker")
        .units("club.pages", "Front", "Back")
        .table("registration", defined_by="club.events.models:Registration")
    )
    homes = {
        "registration": "a",
        "club.events.models:Registration": "a",
        "club.events.models:Speaker": "a",
        "club.pages:Front": "b",
        "club.pages:Back": "b",
    }
    names = service_names(codebase.facts(), assignment=homes)
    assert names["a"].name == "Events"
    assert names["b"].name != "Pages"


def test_names_are_unique_and_do_not_depend_on_what_services_were_called() -> None:
    codebase = Codebase()
    nodes = {}
    for number in range(6):
        codebase.units(f"m{number}", "Order", "View").table(
            f"t{number}", defined_by=f"m{number}:Order"
        )
        nodes |= {f"m{number}:Order": str(number), f"t{number}": str(number)}
    names = [name.name for name in service_names(codebase.facts(), assignment=nodes).values()]
    assert len(set(names)) == 6
    renamed = {node: f"x{service}" for node, service in nodes.items()}
    again = service_names(codebase.facts(), assignment=renamed)
    assert [name.name for name in again.values()] == names


def test_a_service_without_words_still_has_a_name() -> None:
    codebase = Codebase().units("m", "View", "Api")
    names = service_names(codebase.facts(), assignment={"m:View": "a", "m:Api": "b"})
    assert sorted(name.name for name in names.values()) == ["Capability 1", "Capability 2"]


@pytest.mark.parametrize(
    ("word", "name"),
    [("category", "Categories"), ("box", "Boxes"), ("news", "News"), ("shipment", "Shipping")],
)
def test_plurals_are_english(word: str, name: str) -> None:
    assert capability(word) == name


def test_a_service_without_tables_is_called_after_where_most_of_it_stands() -> None:
    facts = (
        Codebase()
        .units("shop.core.views", "MissingAware", "ScopedPage", "render", "page")
        .units("shop.core.graphql.fields", "NullField", "SafeField", "Trace")
        .units("shop.core.graphql.schema", "Scoped")
        .units("shop.orders.models", "Order")
        .table("orders", defined_by="shop.orders.models:Order")
        .facts()
    )
    home = {
        "shop.core.views": "v",
        "shop.core.graphql.fields": "g",
        "shop.core.graphql.schema": "g",
    }
    assignment = {unit.id: home.get(unit.module, "o") for unit in facts.units}
    names = service_names(facts, assignment=assignment | {"orders": "o"})
    assert {service: names[service].name for service in ("v", "g")} == {
        "v": "Core views",
        "g": "Graphql",
    }


def test_a_service_without_tables_that_stands_nowhere_is_called_after_a_noun_of_its_units() -> None:
    codebase = Codebase()
    for module, names in {
        "a": ("scoped_aware", "MissingAware", "save_thumbnail"),
        "b": ("Thumbnail", "ThumbnailView", "missing_aware"),
        "c": ("crop_thumbnail",),
    }.items():
        codebase = codebase.units(module, *names, kind="function")
    facts = codebase.facts()
    names = service_names(facts, assignment={unit.id: "t" for unit in facts.units})
    assert names["t"].name == "Thumbnails"


def test_a_prefix_of_all_tables_names_no_service_and_a_word_of_most_of_its_tables_does() -> None:
    codebase = Codebase()
    of: dict[str, tuple[str, ...]] = {
        "gateway": ("GatewayTag", "GatewayEndpointMapping", "GatewayBinding"),
        "model": ("RegisteredModel",),
        "skill": ("Skill", "SkillAlias"),
    }
    homes: dict[str, str] = {}
    for home, names in of.items():
        for name in names:
            codebase.units("lab.rows", f"Sql{name}")
            codebase.table(name.lower(), defined_by=f"lab.rows:Sql{name}")
            homes |= {name.lower(): home, f"lab.rows:Sql{name}": home}
    found = service_names(codebase.facts(), assignment=homes)
    assert {home: name.name for home, name in found.items()} == {
        "gateway": "Gateways",
        "model": "Registered models",
        "skill": "Skills",
    }


def test_a_package_without_the_tables_of_a_service_does_not_name_it() -> None:
    codebase = Codebase().units("lab.telemetry.events", "A", "B", "C")
    codebase.units("lab.store.rows", "Budget").table("budget", defined_by="lab.store.rows:Budget")
    homes = {f"lab.telemetry.events:{name}": "a" for name in "ABC"}
    homes |= {"budget": "a", "lab.store.rows:Budget": "a"}
    codebase.units("lab.runs", "D", "E", "F", "G", "H")
    homes |= {f"lab.runs:{name}": "b" for name in "DEFGH"}
    assert service_names(codebase.facts(), assignment=homes)["a"].name == "Budgets"


def test_words_of_programs_name_no_service_without_tables_but_tables_called_so_do() -> None:
    units = ("SaveWrapper", "ParcelStrategy", "Parcel", "ParcelDriver")
    codebase = Codebase().units("lab.x.drivers", *units)
    codebase.units("lab.y", "Driver").table("driver", defined_by="lab.y:Driver")
    codebase.units("lab.z", *"ABCDEF")
    homes = {f"lab.x.drivers:{unit}": "a" for unit in units} | {"driver": "b", "lab.y:Driver": "b"}
    homes |= {f"lab.z:{unit}": "c" for unit in "ABCDEF"}
    names = service_names(codebase.facts(), assignment=homes)
    assert (names["a"].name, names["b"].name) == ("Parcels", "Drivers")
