"""Compile the partitioner's kernels into their cache: python -m analyzer.partition.warm

Otherwise the first cut on a machine compiles them, which takes about 20 seconds once.
"""

from analyzer.coupling.factor import Factor, Node
from analyzer.coupling.factor_graph import FactorGraph
from analyzer.partition.cycles import by_cycles
from analyzer.partition.multilevel import dense
from analyzer.partition.problem import Constraints, Prices, pose
from analyzer.partition.solve import solve

RING = 40  # nodes; enough for most kernels to be called
WIDE = 600  # nodes; what only larger graphs need


def warm() -> None:
    """Cut two rings of nodes, so that every kernel runs once."""
    graph = _ring(RING)
    solve(graph, time_limit=5.0)
    solve(graph, constraints=Constraints(services=(4, 4), size_limit=12.0), time_limit=5.0)
    solve(FactorGraph(graph.nodes[:5], graph.factors[:4]))
    solve(_ring(WIDE), prices=Prices(load=0.1, service=1.0), time_limit=2.0)
    problem = pose(graph, Constraints())
    by_cycles(problem.graph, dense(problem.home), Prices(load=0.1, service=1.0))


def _ring(nodes: int) -> FactorGraph:
    names = [f"n{place:03}" for place in range(nodes)]
    pairs = [
        tuple(sorted((name, names[(place + step) % nodes])))
        for step in (1, 2)
        for place, name in enumerate(names)
    ]
    return FactorGraph(
        nodes=tuple(Node(name, "unit", 1.0) for name in names),
        factors=tuple(
            Factor(f"f{number:04}", "call", pair, 1.0) for number, pair in enumerate(pairs)
        ),
    )


if __name__ == "__main__":
    warm()
