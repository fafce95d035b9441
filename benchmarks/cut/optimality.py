"""Cost, proven bound and stock Leiden's cost: python -m benchmarks.cut.optimality [KIND[:START]…]

KIND is small, large, tables, real or product (real ones as the product cuts them by default, each
class with its table), START what an instance's name starts with. Prints a Markdown table. Run it
in an environment with the extra `bench`, with one thread for linear algebra (`OMP_NUM_THREADS=1`),
as the goals are per core.
"""

import sys
from collections.abc import Iterator
from time import process_time

from analyzer.coupling.factor_graph import FactorGraph
from analyzer.partition.mapped_classes import with_mapped_classes
from analyzer.partition.problem import Constraints
from analyzer.partition.solve import solve
from benchmarks.cut.instances import planted, real, tables_alone
from benchmarks.cut.stock_leiden import best_of_stock

LIMITS = {"small": 60.0, "tables": 60.0, "large": 120.0, "real": 250.0, "product": 30.0}  # seconds
HEAD = (
    "| instance | nodes | factors | services | cost | gap | proven | CPU s | Leiden | dearer by |"
)


def instances(kind: str) -> Iterator[tuple[str, FactorGraph]]:
    """Named graphs of one kind."""
    if kind == "small":
        for services, seed in ((5, 1), (10, 2), (10, 3), (20, 4), (40, 5)):
            yield f"planted {services}, seed {seed}", planted(200, services, seed=seed)
    elif kind == "large":
        for services, seed in ((20, 1), (40, 2), (80, 3)):
            yield f"planted {services}, seed {seed}", planted(5_000, services, seed=seed)
    elif kind == "tables":
        for name, graph in real().items():
            yield f"{name}, tables", tables_alone(graph)
    else:
        yield from real().items()


def row(name: str, graph: FactorGraph, kind: str) -> str:
    """Solve one instance and describe the result."""
    constraints = Constraints()
    if kind == "product":
        constraints = with_mapped_classes(graph, constraints)
    began = process_time()
    solution = solve(graph, constraints=constraints, time_limit=LIMITS[kind])
    seconds = process_time() - began
    stock, which = best_of_stock(graph, solution.prices)
    result = solution.optimality
    proven = "yes" if result.proven_optimal else ""
    return (
        f"| {name} | {len(graph.nodes)} | {len(graph.factors)} | {len(set(solution.assignment))}"
        f" | {result.cost:.2f} | {100 * result.gap:.2g} % | {proven}"
        f" | {seconds:.1f} | {stock:.2f} ({which}) | {100 * (stock / result.cost - 1):.2g} % |"
    )


if __name__ == "__main__":
    print(HEAD)
    print("|" + " --- |" * (HEAD.count("|") - 1))
    for wanted in sys.argv[1:] or LIMITS:
        kind, _, start = wanted.partition(":")
        for name, graph in instances(kind):
            if name.startswith(start):
                print(row(name, graph, kind), flush=True)
