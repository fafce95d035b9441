"""What the services need around them, told from the plan."""

from dataclasses import dataclass

from analyzer.plan.database_plan import DatabasePlan
from analyzer.plan.events import Event
from analyzer.plan.landscape import Landscape
from analyzer.plan.sagas import Saga
from analyzer.plan.wording import agreeing


@dataclass(frozen=True, slots=True, order=True)
class Need:
    """Something to be run beside the services, and what in the plan asks for it."""

    what: str
    reason: str


def needs_of(
    landscape: Landscape,
    databases: tuple[DatabasePlan, ...],
    events: tuple[Event, ...],
    sagas: tuple[Saga, ...],
) -> tuple[Need, ...]:
    """Everything that at least one item of the plan asks for, with the number of them."""
    routes = sum(entry.kind == "http" for entry in landscape.facts.entry_points)
    schedules = sum(entry.kind == "schedule" for entry in landscape.facts.entry_points)
    orchestrated = sum(saga.style == "orchestration" for saga in sagas)
    publishers = len({event.producer for event in events if event.outbox})
    wanted = (
        (
            len(databases),
            "a database for each service",
            "service owns tables",
            "services own tables",
        ),
        (routes, "a router", "route is reached from outside", "routes are reached from outside"),
        (len(events), "a message broker", "event crosses a boundary", "events cross a boundary"),
        (
            publishers,
            "a transactional outbox",
            "service publishes what it has just written",
            "services publish what they have just written",
        ),
        (
            orchestrated,
            "a saga orchestrator",
            "saga has three or more participants",
            "sagas have three or more participants",
        ),
        (schedules, "a scheduler", "schedule starts work", "schedules start work"),
    )
    return tuple(
        Need(what, f"{number} {agreeing(number, one, many)}")
        for number, what, one, many in wanted
        if number
    )
