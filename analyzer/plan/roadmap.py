"""The order in which to carry the plan out: strangler fig, a running system after every step."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from analyzer.plan.apis import Api
from analyzer.plan.database_plan import DatabasePlan, foreign_uses, library_uses
from analyzer.plan.landscape import LIBRARY, Ground, Landscape
from analyzer.plan.queries import CrossServiceQuery
from analyzer.plan.references import Reference
from analyzer.plan.sagas import Saga
from analyzer.plan.wording import agreeing, counted, listed

StepKind = Literal[
    "facade",  # all traffic passes a router that can send each route elsewhere
    "gate",  # continuous integration refuses new coupling across the agreed boundaries
    "library",  # the shared kernel becomes a library without data
    "queries",  # the cross-service queries of one service are replaced
    "saga",  # one cross-service transaction is replaced, for all units that run it
    "private-tables",  # nobody but the owner touches a service's tables
    "schema",  # the tables get a schema and a database user of their own
    "service",  # the code runs as a process of its own
    "database",  # the schema moves to a server of its own
    "retire",  # what is left of the monolith is the last service
]


@dataclass(frozen=True, slots=True, order=True)
class RoadmapStep:
    """A change after which the system runs, and from which there is a way back."""

    order: int
    id: str
    kind: StepKind
    service: str  # "" for steps that concern all
    phase: str  # the service that is cut loose; "" for foundations, the last one for retirement
    title: str
    after: tuple[str, ...]  # steps that must be done before
    reason: str
    grounds: tuple[Ground, ...]
    check: str
    undo: str


@dataclass(frozen=True, slots=True)
class RoadmapInputs:
    """The parts of the plan that the roadmap puts in order."""

    apis: tuple[Api, ...]
    databases: tuple[DatabasePlan, ...]
    references: tuple[Reference, ...]
    queries: tuple[CrossServiceQuery, ...]
    sagas: tuple[Saga, ...]


def roadmap_of(landscape: Landscape, inputs: RoadmapInputs) -> tuple[RoadmapStep, ...]:
    """Foundations first, then one service after the other, the cheapest to cut loose first."""
    order = extraction_order(landscape)
    steps = list(_foundations(landscape, inputs))
    for service, price in order[:-1]:
        extraction = _extraction(landscape, inputs, service, price, steps)
        steps += [replace(step, phase=service) for step in extraction]
    if order:
        steps.append(_retirement(landscape, order, steps))
    return tuple(replace(step, order=number) for number, step in enumerate(steps, start=1))


def extraction_order(landscape: Landscape) -> tuple[tuple[str, float], ...]:
    """Services with the price of their boundaries to what is not yet extracted, cheapest first.

    The last one is never extracted: it is what the monolith has become.
    """
    left = sorted(service.id for service in landscape.partition.services)
    prices = {frozenset((b.first, b.second)): b.price for b in landscape.partition.boundaries}
    order: list[tuple[str, float]] = []
    while left:
        open_price = {
            s: sum(prices.get(frozenset((s, other)), 0.0) for other in left if other != s)
            for s in left
        }
        cheapest = min(left, key=lambda service: (open_price[service], service))
        order.append((cheapest, open_price[cheapest]))
        left.remove(cheapest)
    return tuple(order)


def breaches(roadmap: Iterable[RoadmapStep], inputs: RoadmapInputs) -> tuple[str, ...]:
    """Why the roadmap would break the running system somewhere; empty if it would not.

    A schema may only close to others when no query and no transaction spans it any more, a
    database may only move when its schema is closed, and nothing may come before what it needs.
    """
    done: set[str] = set()
    replaced: set[Ground] = set()
    found: list[str] = []
    for step in roadmap:
        needed = set(step.after)
        if step.kind == "schema":
            needed |= {f"private-tables:{step.service}"}
            needed |= {_saga_id(s) for s in inputs.sagas if step.service in s.services}
            spanning = {_query_ground(q) for q in inputs.queries if step.service in q.services}
            found += [f"{step.id} comes before {g.statement}" for g in sorted(spanning - replaced)]
        if step.kind == "database":
            needed |= {f"schema:{step.service}", f"service:{step.service}"}
        found += [f"{step.id} comes before {missing}" for missing in sorted(needed - done)]
        done.add(step.id)
        replaced |= set(step.grounds) if step.kind == "queries" else set()
    return tuple(found)


def _foundations(landscape: Landscape, inputs: RoadmapInputs) -> Iterable[RoadmapStep]:
    routes = [e for e in landscape.facts.entry_points if e.kind == "http"]
    if routes:
        yield _step(
            "facade",
            title=f"Put a router in front of {counted(len(routes), 'route')}",
            reason="each route can then move to its service, and back, unnoticed by its callers",
            grounds=[Ground(f"first route: {routes[0].name}", routes[0].evidence)],
            check="every route answers through the router as it did before",
            undo="point the address back at the monolith",
        )
    yield _step(
        "gate",
        title="Let continuous integration refuse new coupling across these boundaries",
        reason="otherwise the cut grows while it is being made",
        check="seamline check SOURCE --against report.json ends with exit code 0",
        undo="take the check out of the pipeline",
    )
    shared = landscape.partition.shared
    if shared:
        uses = library_uses(landscape)
        yield _step(
            "library",
            title=f"Make a library of {counted(len(shared), 'shared unit')}",
            reason=(
                f"all services need them; {counted(len(uses), 'line')} in them "
                f"{agreeing(len(uses), 'touches', 'touch')} tables and must move to the owners"
                if uses
                else "all services need them, and none of them touches a table"
            ),
            grounds=list(uses)
            or [Ground(f"{u}: {why}", landscape.place_of(u)) for u, why in shared],
            check="the library builds and its tests pass without a database",
            undo="import the units from their old modules, which re-export the library",
        )


def _extraction(
    landscape: Landscape,
    inputs: RoadmapInputs,
    service: str,
    price: float,
    before: list[RoadmapStep],
) -> list[RoadmapStep]:
    name = landscape.name(service)
    done = {step.id for step in before}
    sagas = [saga for saga in inputs.sagas if service in saga.services]
    steps = [
        *_query_steps(landscape, inputs, service, before),
        *_saga_steps(sagas, done),
    ]
    owns = any(database.service == service for database in inputs.databases)
    if owns:
        needed = [step.id for step in (*before, *steps) if _spans(step, inputs, service)]
        steps += [
            _private_step(landscape, service, name),
            _schema_step(inputs, service, name, [*needed, *(_saga_id(saga) for saga in sagas)]),
        ]
    steps.append(_service_step(landscape, inputs, service, price, owns=owns))
    if owns:
        steps.append(_database_step(service, name))
    return steps


def _query_steps(
    landscape: Landscape, inputs: RoadmapInputs, service: str, before: list[RoadmapStep]
) -> list[RoadmapStep]:
    """One step for each service that asks over this one's tables and still does."""
    replaced = {ground for step in before if step.kind == "queries" for ground in step.grounds}
    asking: dict[str, list[CrossServiceQuery]] = defaultdict(list)
    for query in inputs.queries:
        if service in query.services and _query_ground(query) not in replaced:
            asking[query.asked_by].append(query)
    return [
        _query_step(landscape, service, asked_by, queries)
        for asked_by, queries in sorted(asking.items())
    ]


def _query_step(
    landscape: Landscape, service: str, asked_by: str, queries: list[CrossServiceQuery]
) -> RoadmapStep:
    composed = sum(query.replacement == "api-composition" for query in queries)
    modelled = len(queries) - composed
    ways = [counted(composed, "API composition")] if composed else []
    ways += [counted(modelled, "read model")] if modelled else []
    units = listed(sorted({query.unit for query in queries}), at_most=4)
    return _step(
        "queries",
        id=f"queries:{asked_by or 'library'}:{service}",
        service=asked_by,
        title=(
            f"Replace {counted(len(queries), 'query', 'queries')} of {landscape.name(asked_by)} "
            f"that {agreeing(len(queries), 'spans', 'span')} {landscape.name(service)}"
        ),
        reason=f"{' and '.join(ways)}, in {units}",
        grounds=[_query_ground(query) for query in queries],
        check="old and new give the same rows for recorded requests",
        undo="switch single queries back; their tables are still in one database",
    )


def _query_ground(query: CrossServiceQuery) -> Ground:
    return Ground(f"{query.unit} joins {listed(query.tables)}: {query.reason}", query.evidence)


def _spans(step: RoadmapStep, inputs: RoadmapInputs, service: str) -> bool:
    """Whether the step replaces a query over tables of the service."""
    if step.kind != "queries":
        return False
    grounds = set(step.grounds)
    return any(service in q.services and _query_ground(q) in grounds for q in inputs.queries)


def _database_step(service: str, name: str) -> RoadmapStep:
    return _step(
        "database",
        service=service,
        title=f"Move {name}'s schema to a database of its own",
        after=[f"schema:{service}", f"service:{service}"],
        reason="the schema is closed to everybody else, so that nobody notices the move",
        check="row counts and checksums agree, and no write reaches the old tables",
        undo="switch back; the old tables are kept up to date by replication in reverse",
    )


def _saga_id(saga: Saga) -> str:
    """Sagas of one place in the code, where several units run it, are replaced at once."""
    return f"saga:{saga.evidence}"


def _saga_steps(sagas: list[Saga], done: set[str]) -> list[RoadmapStep]:
    by_place: dict[str, list[Saga]] = defaultdict(list)
    for saga in sagas:
        if _saga_id(saga) not in done:
            by_place[_saga_id(saga)].append(saga)
    return [_saga_step(id, found) for id, found in by_place.items()]


def _saga_step(id: str, sagas: list[Saga]) -> RoadmapStep:
    longest = max(sagas, key=lambda saga: (len(saga.services), saga.unit))
    more = len(sagas) - 1
    others = f", and for {counted(more, 'other unit')} that {agreeing(more, 'runs', 'run')} it"
    return _step(
        "saga",
        id=id,
        service=longest.coordinator,
        title=(
            f"Replace the transaction of {longest.unit} by a saga of {len(longest.steps)} steps"
            f"{others if more else ''}"
        ),
        reason=f"{longest.style}: {longest.style_reason}",
        grounds=[Ground(f"{saga.unit} runs the transaction", saga.evidence) for saga in sagas],
        check="each step, made to fail on purpose, leaves the data as the transaction would",
        undo="switch back to the one transaction; its tables are still in one database",
    )


def _private_step(landscape: Landscape, service: str, name: str) -> RoadmapStep:
    uses = [*foreign_uses(landscape, service, "read"), *foreign_uses(landscape, service, "write")]
    return _step(
        "private-tables",
        service=service,
        title=f"Make {name} the only one to touch its tables",
        reason=f"{counted(len(uses), 'use')} from outside must go"
        if uses
        else "nothing outside touches them today",
        grounds=uses,
        check=f"a fresh analysis finds no access to {name}'s tables from another service",
        undo="switch single callers back to the tables; both ways work on the shared database",
    )


def _schema_step(inputs: RoadmapInputs, service: str, name: str, before: list[str]) -> RoadmapStep:
    crossing = [
        r
        for r in inputs.references
        if service in (r.from_service, r.to_service)
        and r.disposition in ("identifier", "replica", "cascade-by-event", "move-together")
        and r.from_service != r.to_service
    ]
    return _step(
        "schema",
        service=service,
        title=f"Give {name} a schema and a database user of its own",
        after=[f"private-tables:{service}", *before],
        reason=(
            f"{counted(len(crossing), 'foreign key')} to or from other services first "
            f"{agreeing(len(crossing), 'loses its', 'lose their')} constraint"
            if crossing
            else "no foreign key crosses its boundary"
        ),
        grounds=[Ground(f"{r.source}.{r.column}: {r.reason}", r.evidence) for r in crossing],
        check="the monolith's database user is refused on the schema and all tests pass",
        undo="grant the user its rights again and restore the constraints",
    )


def _service_step(
    landscape: Landscape, inputs: RoadmapInputs, service: str, price: float, *, owns: bool
) -> RoadmapStep:
    name = landscape.name(service)
    operations = next((api.operations for api in inputs.apis if api.service == service), ())
    public = [o for o in operations if o.kind == "public"]
    offered = [o for o in operations if o.kind in ("command", "query")]
    after = ["gate"] + (["facade"] if public else []) + ([f"schema:{service}"] if owns else [])
    return _step(
        "service",
        service=service,
        title=f"Run {name} as a service of its own",
        after=after,
        reason=(
            f"its boundaries to what is not yet extracted cost {price:.1f}, the least of all "
            f"that is left; it takes {counted(len(public), 'route')} along and offers others "
            f"{counted(len(offered), 'operation')}"
        ),
        grounds=[Ground(f"{o.name}: {o.reason}", o.evidence[0]) for o in offered],
        check="its routes and operations answer the same with the router pointing at either side",
        undo="point the router and the callers back at the monolith's copy of the code",
    )


def _retirement(
    landscape: Landscape, order: tuple[tuple[str, float], ...], steps: list[RoadmapStep]
) -> RoadmapStep:
    last = order[-1][0]
    extracted = [step.id for step in steps if step.kind == "service"]
    return _step(
        "retire",
        service=last,
        title=f"Delete the code that has moved; what is left is {landscape.name(last)}",
        after=extracted,
        reason="every other service runs by itself",
        check="no route of the router points at deleted code, and no table is left without owner",
        undo="restore the code from version control; its tables live with their owners",
    )


def _step(
    kind: StepKind,
    *,
    title: str,
    reason: str,
    check: str,
    undo: str,
    id: str = "",
    service: str = LIBRARY,
    after: Iterable[str] = (),
    grounds: Iterable[Ground] = (),
) -> RoadmapStep:
    return RoadmapStep(
        order=0,
        id=id or (f"{kind}:{service}" if service else kind),
        kind=kind,
        service=service,
        phase=service if kind == "retire" else LIBRARY,
        title=title,
        after=tuple(dict.fromkeys(after)),
        reason=reason,
        grounds=tuple(grounds),
        check=check,
        undo=undo,
    )
