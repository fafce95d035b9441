"""Services from a solved assignment: who is in which, under which id and name."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from analyzer.coupling.factor_graph import FactorGraph
from analyzer.partition.partition import Service


def homes_of(
    graph: FactorGraph, assignment: Sequence[int], *, ids: Mapping[int, str]
) -> dict[str, str]:
    """The service of each node by id, from the service index of each node in the graph's order."""
    return {node.id: ids[index] for node, index in zip(graph.nodes, assignment, strict=True)}


def service_ids(names: Mapping[int, str], *, given: Mapping[int, str]) -> dict[int, str]:
    """A stable id for each service: the one that people gave, else made from its name."""
    ids = dict(given)
    taken = set(given.values())
    for index in sorted(names):
        if index in ids:
            continue
        candidates = _slugs(names[index])
        ids[index] = next(slug for slug in candidates if slug not in taken)
        taken.add(ids[index])
    return ids


def _slugs(name: str) -> Iterable[str]:
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "service"
    yield slug
    for number in count(2):
        yield f"{slug}-{number}"


def services_of(
    graph: FactorGraph,
    homes: Mapping[str, str],
    *,
    names: Mapping[str, str],
    terms: Mapping[str, Sequence[str]],
) -> tuple[Service, ...]:
    """The services that nodes are assigned to, sorted by id, with everything that is in them."""
    members: dict[str, list[str]] = defaultdict(list)
    sizes: dict[str, float] = defaultdict(float)
    for node in graph.nodes:
        members[homes[node.id]].append(node.id)
        sizes[homes[node.id]] += node.size
    return tuple(
        Service(
            id=service,
            name=names[service],
            terms=tuple(terms.get(service, ())),
            members=tuple(sorted(members[service])),
            size=sizes[service],
        )
        for service in sorted(members)
    )
