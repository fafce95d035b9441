"""Layers that a first cut lays bare: services without tables whose code serves the others."""

from collections import defaultdict
from collections.abc import Mapping, Set
from dataclasses import replace

from analyzer.coupling.build import Coupling
from analyzer.coupling.factor_graph import FactorGraph
from analyzer.coupling.product import uses_and_users
from analyzer.facts.codebase_facts import CodebaseFacts

# Services that must use a layer, and the share of its units that must be free, for it to be one.
FEWEST_SERVICES = 3
SHARE_FREE = 0.5

WHY = "of a layer that {services} of the services use; it holds no table and answers no request"


def layer_units(
    facts: CodebaseFacts, homes: Mapping[str, str], *, fixed: Set[str] = frozenset()
) -> tuple[tuple[str, str], ...]:
    """(unit, why) for what a cut shows to be library code; sorted.

    `homes` gives the service of each node (a unit's or a table's id). A service is a layer if it
    owns no table, several others use it, and most of its units are free: they touch no table,
    answer nobody outside, are not in `fixed`, and use nothing of another service.
    """
    uses, users = uses_and_users(facts, homes)
    members: dict[str, set[str]] = defaultdict(set)
    for unit in facts.units:
        if unit.id in homes:
            members[homes[unit.id]].add(unit.id)
    owners = {homes[name] for name in _tables(facts) if name in homes}
    busy = _busy(facts) | fixed
    found: dict[str, str] = {}
    for service in sorted(members.keys() - owners):
        free = _free(members[service], busy, uses)
        using = {homes[user] for unit in free for user in users[unit]} - {service}
        if len(free) >= SHARE_FREE * len(members[service]) and len(using) >= FEWEST_SERVICES:
            found |= dict.fromkeys(free, WHY.format(services=len(using)))
    return tuple(sorted(found.items()))


def set_aside(coupling: Coupling, units: tuple[tuple[str, str], ...]) -> Coupling:
    """The coupling with these units in the shared kernel; what they alone tie together falls."""
    gone = {unit for unit, _ in units}
    nodes = tuple(node for node in coupling.graph.nodes if node.id not in gone)
    factors = []
    for factor in coupling.graph.factors:
        left = tuple(member for member in factor.members if member not in gone)
        if len(left) == len(factor.members):
            factors.append(factor)
        elif len(left) > 1:
            factors.append(replace(factor, members=left))
    shared = tuple(sorted((*coupling.shared, *units)))
    return Coupling(graph=FactorGraph(nodes=nodes, factors=tuple(factors)), shared=shared)


def _tables(facts: CodebaseFacts) -> set[str]:
    names = {table.name for table in facts.tables}
    return names | {f"table:{name}" for name in names}


def _busy(facts: CodebaseFacts) -> set[str]:
    """Units that touch a table or answer somebody outside."""
    touching = {access.unit for access in facts.accesses if not access.via}
    mapping = {table.defined_by for table in facts.tables if table.defined_by}
    return touching | mapping | {entry.unit for entry in facts.entry_points}


def _free(members: set[str], busy: Set[str], uses: Mapping[str, set[str]]) -> set[str]:
    """Members that are not busy and use only each other, found by dropping those that do not."""
    free = members - busy
    while bound := {unit for unit in free if not uses.get(unit, set()) <= free}:
        free -= bound
    return free
