"""Factor graphs to cut: random ones with services planted in them, and those of real projects."""

import json
from pathlib import Path

import numpy as np

from analyzer.coupling.factor import Factor, Node
from analyzer.coupling.factor_graph import FactorGraph
from analyzer.partition.graph_document import graph_from_document

GRAPHS = Path(__file__).parents[1] / "cache" / "graphs"  # GRAPH.json files, see export.py


def planted(nodes: int, services: int, *, seed: int, factors_per_node: int = 5) -> FactorGraph:
    """Services of random sizes; a quarter of the factors is over random nodes anywhere.

    Seven in ten factors are over two nodes, the others over three to five.
    """
    rng = np.random.default_rng(seed)
    home = rng.integers(services, size=nodes)
    groups = [np.flatnonzero(home == service) for service in range(services)]
    factors = []
    for number in range(nodes * factors_per_node):
        arity = 2 if rng.random() < 0.7 else int(rng.integers(3, 6))
        among = groups[rng.integers(services)]
        if rng.random() < 0.25 or len(among) < arity:
            members = set(map(int, rng.integers(nodes, size=arity)))
        else:
            members = set(map(int, rng.choice(among, arity, replace=False)))
        if len(members) > 1:
            ids = tuple(f"n{member:06}" for member in sorted(members))
            factors.append(Factor(f"f{number:07}", "call", ids, float(rng.uniform(0.5, 1.5))))
    return FactorGraph(
        nodes=tuple(Node(f"n{number:06}", "unit", 1.0) for number in range(nodes)),
        factors=tuple(factors),
    )


def real() -> dict[str, FactorGraph]:
    """The exported graphs of real projects, by name."""
    return {path.stem: load(path) for path in sorted(GRAPHS.glob("*.json"))}


def load(path: Path) -> FactorGraph:
    """One GRAPH.json."""
    return graph_from_document(json.loads(path.read_text()))


def tables_alone(graph: FactorGraph) -> FactorGraph:
    """The tables of a graph with the factors among them."""
    nodes = tuple(node for node in graph.nodes if node.kind == "table")
    known = {node.id for node in nodes}
    factors = []
    for factor in graph.factors:
        members = tuple(member for member in factor.members if member in known)
        if len(members) > 1:
            factors.append(Factor(factor.id, factor.kind, members, factor.weight))
    return FactorGraph(nodes=nodes, factors=tuple(factors))
