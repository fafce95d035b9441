"""Use cases, the business contexts of Mono2Micro: which ways in reach which service."""

from collections import defaultdict

import networkx as nx

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.metrics.grouping import Assignment


def use_cases_of_services(
    facts: CodebaseFacts, *, assignment: Assignment
) -> dict[str, frozenset[str]]:
    """For each service, the entry points from which any of its units can be reached.

    Reached statically, by references of any kind from the unit that answers; the papers observe
    traces of running code instead, which reach less.
    """
    entries = sorted({(e.name, e.unit) for e in facts.entry_points if e.unit in assignment})
    names = sorted({name for name, _ in entries})
    number = {name: index for index, name in enumerate(names)}
    started: defaultdict[str, int] = defaultdict(int)
    for name, unit in entries:
        started[unit] |= 1 << number[name]
    reached = _reached(facts, assignment, started)
    found: dict[str, int] = dict.fromkeys(sorted(set(assignment.values())), 0)
    for unit, cases in reached.items():
        found[assignment[unit]] |= cases
    return {service: _unpacked(cases, names) for service, cases in found.items()}


def _reached(
    facts: CodebaseFacts, assignment: Assignment, started: dict[str, int]
) -> dict[str, int]:
    """Unit → the set of use cases that reach it, as bits; whole cycles at once."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(sorted(assignment))
    graph.add_edges_from(
        (r.source, r.target)
        for r in facts.references
        if r.source in assignment and r.target in assignment
    )
    condensed = nx.condensation(graph)
    cases: dict[int, int] = {}
    for component in nx.topological_sort(condensed):
        bits = 0
        for unit in condensed.nodes[component]["members"]:
            bits |= started.get(unit, 0)
        for before in condensed.predecessors(component):
            bits |= cases[before]
        cases[component] = bits
    component_of = condensed.graph["mapping"]
    return {unit: cases[component_of[unit]] for unit in sorted(assignment)}


def _unpacked(bits: int, names: list[str]) -> frozenset[str]:
    return frozenset(name for index, name in enumerate(names) if bits >> index & 1)
