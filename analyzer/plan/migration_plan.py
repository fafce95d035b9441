"""The whole plan that follows from a partition."""

from dataclasses import dataclass

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.partition.partition import Partition
from analyzer.plan.aggregates import aggregates_of
from analyzer.plan.apis import Api, apis_of
from analyzer.plan.context_map import Relation, relations_of
from analyzer.plan.database_plan import DatabasePlan, database_plans
from analyzer.plan.events import Event, events_of
from analyzer.plan.landscape import landscape_of
from analyzer.plan.locks import RuntimeCoupling, couplings_to_remove
from analyzer.plan.platform import Need, needs_of
from analyzer.plan.queries import CrossServiceQuery, cross_service_queries
from analyzer.plan.references import Reference, references_of
from analyzer.plan.roadmap import RoadmapInputs, RoadmapStep, roadmap_of
from analyzer.plan.sagas import Saga, sagas_of
from analyzer.plan.transactions import TransactionPlan, transaction_plans


@dataclass(frozen=True, slots=True)
class MigrationPlan:
    """What to do with data, transactions, queries, locks and interfaces, and in which order."""

    databases: tuple[DatabasePlan, ...] = ()
    references: tuple[Reference, ...] = ()
    transactions: tuple[TransactionPlan, ...] = ()
    sagas: tuple[Saga, ...] = ()
    queries: tuple[CrossServiceQuery, ...] = ()
    locks: tuple[RuntimeCoupling, ...] = ()
    apis: tuple[Api, ...] = ()
    events: tuple[Event, ...] = ()
    context_map: tuple[Relation, ...] = ()
    roadmap: tuple[RoadmapStep, ...] = ()
    platform: tuple[Need, ...] = ()


def migration_plan(facts: CodebaseFacts, partition: Partition) -> MigrationPlan:
    """Derive the plan; every item carries the places in the source that it follows from."""
    landscape = landscape_of(facts, partition)
    references = references_of(landscape)
    transactions = transaction_plans(landscape)
    sagas = sagas_of(landscape, transactions)
    queries = cross_service_queries(landscape)
    events = events_of(landscape, references, queries)
    apis = apis_of(landscape)
    databases = database_plans(
        landscape,
        aggregates=aggregates_of(landscape),
        references=references,
        queries=queries,
        sagas=sagas,
    )
    inputs = RoadmapInputs(apis, databases, references, queries, sagas)
    return MigrationPlan(
        databases=databases,
        references=references,
        transactions=transactions,
        sagas=sagas,
        queries=queries,
        locks=couplings_to_remove(landscape),
        apis=apis,
        events=events,
        context_map=relations_of(landscape),
        roadmap=roadmap_of(landscape, inputs),
        platform=needs_of(landscape, databases, events, sagas),
    )
