"""Compile the partitioner's kernels into their cache: python -m analyzer.partition.warm

Otherwise the first cut on a machine compiles them, which takes about half a minute once.
"""

from analyzer.coupling.factor import Factor, Node
from analyzer.coupling.factor_graph import FactorGraph
from analyzer.partition.problem import Constraints
from analyzer.partition.solve import solve

RING = 40  # nodes; enough for every kernel to be called


def warm() -> None:
    """Cut a ring of nodes, so that every kernel runs once."""
    names = [f"n{place:02}" for place in range(RING)]
    graph = FactorGraph(
        nodes=tuple(Node(name, "unit", 1.0) for name in names),
        factors=tuple(
            Factor(f"f{place:02}", "call", tuple(sorted({name, names[(place + step) % RING]})), 1.0)
            for step in (1, 2)
            for place, name in enumerate(names)
        ),
    )
    solve(graph, time_limit=5.0)
    solve(graph, constraints=Constraints(services=(4, 4), size_limit=12.0), time_limit=5.0)
    solve(FactorGraph(graph.nodes[:5], graph.factors[:4]))


if __name__ == "__main__":
    warm()
