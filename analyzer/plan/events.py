"""What each service must tell the others, and how it is sent reliably."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analyzer.facts.entry_points import Message
from analyzer.facts.transactions import TransactionScope
from analyzer.plan.landscape import LIBRARY, Ground, Landscape
from analyzer.plan.queries import CrossServiceQuery
from analyzer.plan.references import Reference
from analyzer.plan.scopes import encloses

EventKind = Literal[
    "message",  # sent today, and handled in another service
    "deletion",  # stands in for a cascading foreign key
    "change",  # keeps another service's replica or read model up to date
]


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that a service publishes."""

    name: str
    kind: EventKind
    producer: str
    consumers: tuple[str, ...]
    outbox: bool  # must be written in the same transaction as the change it tells of
    outbox_reason: str
    grounds: tuple[Ground, ...]


def events_of(
    landscape: Landscape,
    references: Iterable[Reference],
    queries: Iterable[CrossServiceQuery],
) -> tuple[Event, ...]:
    """Messages that cross a boundary, and those that replace constraints, replicas and joins."""
    return tuple(
        sorted(
            {
                *_messages(landscape),
                *_deletions(landscape, references),
                *_changes(landscape, references, queries),
            }
        )
    )


def _messages(landscape: Landscape) -> Iterable[Event]:
    handled = _handlers(landscape)
    groups: dict[tuple[str, str], list[tuple[Message, str]]] = defaultdict(list)
    for message in landscape.facts.messages:
        producer = landscape.service_of_unit.get(message.unit, LIBRARY)
        receivers = {message.receiver} if message.receiver else handled.get(message.name, set())
        for receiver in receivers:
            consumer = landscape.service_of_unit.get(receiver, LIBRARY)
            if LIBRARY not in (producer, consumer) and producer != consumer:
                groups[producer, message.name].append((message, consumer))
    for (producer, name), sent in groups.items():
        inside = _first_scope_around(landscape, [message for message, _ in sent])
        yield Event(
            name=name,
            kind="message",
            producer=producer,
            consumers=tuple(sorted({consumer for _, consumer in sent})),
            outbox=inside is not None,
            outbox_reason=_outbox_reason(inside),
            grounds=tuple(
                sorted({Ground(f"{m.unit} sends {m.kind} {m.name}", m.evidence) for m, _ in sent})
            ),
        )


def _handlers(landscape: Landscape) -> dict[str, set[str]]:
    handlers: dict[str, set[str]] = defaultdict(set)
    for entry in landscape.facts.entry_points:
        if entry.kind in ("signal", "task"):
            handlers[entry.name].add(entry.unit)
    return handlers


def _first_scope_around(
    landscape: Landscape, messages: Iterable[Message]
) -> TransactionScope | None:
    places = {message.evidence for message in messages}
    for scope in landscape.facts.transactions:
        told = {where for _, where in scope.side_effects}
        if told & places or any(encloses(scope, place) for place in places):
            return scope
    return None


def _outbox_reason(scope: TransactionScope | None) -> str:
    if scope is None:
        return "sent outside any transaction that was found"
    return f"sent inside the transaction at {scope.evidence}: a rollback must take it back too"


def _deletions(landscape: Landscape, references: Iterable[Reference]) -> Iterable[Event]:
    cascades: dict[tuple[str, str], list[Reference]] = defaultdict(list)
    for reference in references:
        if reference.disposition == "cascade-by-event":
            cascades[reference.to_service, reference.target].append(reference)
    for (producer, table), found in cascades.items():
        yield Event(
            name=f"{table} deleted",
            kind="deletion",
            producer=producer,
            consumers=tuple(sorted({reference.from_service for reference in found})),
            outbox=True,
            outbox_reason="a lost event would leave rows that refer to nothing",
            grounds=tuple(
                sorted(
                    Ground(f"{r.source}.{r.column} cascades from {r.target}", r.evidence)
                    for r in found
                )
            ),
        )


def _changes(
    landscape: Landscape,
    references: Iterable[Reference],
    queries: Iterable[CrossServiceQuery],
) -> Iterable[Event]:
    copied: dict[str, set[tuple[str, Ground]]] = defaultdict(set)
    for reference in references:
        if reference.disposition == "replica":
            statement = f"{reference.source}.{reference.column} refers to it"
            copied[reference.target].add(
                (reference.from_service, Ground(statement, reference.evidence))
            )
    for query in queries:
        if query.replacement == "read-model" and query.asked_by != LIBRARY:
            for table in query.tables:
                ground = Ground(f"{query.unit} joins it ({query.how or 'query'})", query.evidence)
                copied[table].add((query.asked_by, ground))
    for table, uses in copied.items():
        owner = landscape.service_of_table.get(table)
        foreign = {(service, ground) for service, ground in uses if service != owner}
        if owner and foreign:
            yield Event(
                name=f"{table} changed",
                kind="change",
                producer=owner,
                consumers=tuple(sorted({service for service, _ in foreign})),
                outbox=True,
                outbox_reason="a lost event would leave the copy wrong for good",
                grounds=tuple(sorted({ground for _, ground in foreign})),
            )
