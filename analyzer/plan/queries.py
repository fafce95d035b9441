"""Queries over tables of several services, and what replaces them."""

from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import Join
from analyzer.plan.landscape import Landscape

Replacement = Literal["api-composition", "read-model"]

# How a join is made says what it is for. Loading related rows can be done by a second call with a
# list of identifiers. Choosing, ordering or summing rows by another service's columns cannot.
_LOADS_RELATED = frozenset({"select_related", "prefetch", "prefetch_related", "related"})
_COMPOSABLE_SERVICES = 2


@dataclass(frozen=True, slots=True, order=True)
class CrossServiceQuery:
    """A query that no single database can answer after the split."""

    unit: str
    evidence: Evidence
    how: str
    tables: tuple[str, ...]
    services: tuple[str, ...]  # owners of the tables
    asked_by: str  # service of the unit
    replacement: Replacement
    reason: str


def cross_service_queries(landscape: Landscape) -> tuple[CrossServiceQuery, ...]:
    """Every join of an assigned unit whose tables have different owners."""
    found = (
        _decide(landscape, join)
        for join in landscape.facts.joins
        if join.unit in landscape.service_of_unit and len(landscape.owners(join.tables)) > 1
    )
    return tuple(sorted(set(found)))


def _decide(landscape: Landscape, join: Join) -> CrossServiceQuery:
    services = landscape.owners(join.tables)
    asked_by = landscape.service_of_unit[join.unit]
    replacement, reason = _judge(landscape, join, services, asked_by)
    return CrossServiceQuery(
        unit=join.unit,
        evidence=join.evidence,
        how=join.how,
        tables=join.tables,
        services=services,
        asked_by=asked_by,
        replacement=replacement,
        reason=reason,
    )


def _judge(
    landscape: Landscape, join: Join, services: tuple[str, ...], asked_by: str
) -> tuple[Replacement, str]:
    foreign = [table for table in join.tables if landscape.service_of_table.get(table) != asked_by]
    listed = ", ".join(f"{t} ({_owner_name(landscape, t)})" for t in foreign)
    if len(services) > _COMPOSABLE_SERVICES:
        return "read-model", (
            f"joins tables of {len(services)} services; composing them means one call for each and "
            f"a join in memory: keep a read model, fed by events, of {listed}"
        )
    if join.how in _LOADS_RELATED:
        return "api-composition", (
            f"loads related rows only ({join.how}): ask for {listed} by a list of identifiers"
        )
    if join.how in ("lookup", "annotate", "aggregate", "order", "order_by"):
        return "read-model", (
            f"chooses or sums rows by columns of another service ({join.how}), which a call by "
            f"identifier cannot do: keep a read model of {listed}"
        )
    if len(join.tables) > _COMPOSABLE_SERVICES:
        return "read-model", (
            f"one statement over {len(join.tables)} tables: keep a read model of {listed}"
        )
    return "api-composition", f"two tables of two services: fetch one side, then ask for {listed}"


def _owner_name(landscape: Landscape, table: str) -> str:
    owner = landscape.service_of_table.get(table)
    return landscape.name(owner) if owner else "no owner"
