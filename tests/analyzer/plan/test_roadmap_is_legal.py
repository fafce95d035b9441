"""A roadmap never breaks the running system, whatever the partition."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.partition.assembly import services_of
from analyzer.partition.boundaries import boundaries_of
from analyzer.partition.partition import Partition
from analyzer.plan.migration_plan import MigrationPlan, migration_plan
from analyzer.plan.roadmap import RoadmapInputs, breaches
from tests.fakes.shop import HOMES, shop_coupling, shop_facts, shop_partition

GRAPH = shop_coupling().graph


def _partition(homes: dict[str, str]) -> Partition:
    names = {service: service.upper() for service in homes.values()}
    return replace(
        shop_partition(),
        services=services_of(GRAPH, homes, names=names, terms={}),
        assignment=tuple(sorted(homes.items())),
        boundaries=boundaries_of(GRAPH, homes),
    )


def _breaches(plan: MigrationPlan) -> tuple[str, ...]:
    inputs = RoadmapInputs(plan.apis, plan.databases, plan.references, plan.queries, plan.sagas)
    return breaches(plan.roadmap, inputs)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from("abcd"), min_size=len(HOMES), max_size=len(HOMES)))
def test_no_step_comes_before_what_it_needs(places: list[str]) -> None:
    homes = dict(zip(sorted(HOMES), places, strict=True))
    plan = migration_plan(shop_facts(), _partition(homes))
    assert _breaches(plan) == ()
    assert [step.order for step in plan.roadmap] == list(range(1, len(plan.roadmap) + 1))
    assert len({step.id for step in plan.roadmap}) == len(plan.roadmap)
    assert all(step.check and step.undo and step.reason for step in plan.roadmap)


def test_each_service_but_the_last_is_extracted_once() -> None:
    plan = migration_plan(shop_facts(), shop_partition())
    kinds = [step.kind for step in plan.roadmap]
    assert kinds.count("service") == 2
    assert kinds[-1] == "retire"
    assert kinds[:2] == ["facade", "gate"]


def test_a_step_out_of_order_is_a_breach() -> None:
    plan = migration_plan(shop_facts(), shop_partition())
    inputs = RoadmapInputs(plan.apis, plan.databases, plan.references, plan.queries, plan.sagas)
    backwards = tuple(reversed(plan.roadmap))
    assert any("comes before" in breach for breach in breaches(backwards, inputs))
