"""Time and memory beside leidenalg: python -m benchmarks.cut.speed [NODES…]

Each measurement is a process of its own, so that its peak memory is its own; both read the same
pickled graph. Kernels are compiled and cached before. Prints a Markdown table.
"""

import pickle
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time

from benchmarks.cut.instances import planted

PATIENCE = 900  # seconds of the clock for one measurement
ITERATIONS = 2  # of leidenalg, its default
HEAD = "| nodes | factors | what | CPU s | wall s | peak MB | services | cost |"


def measured(what: str, path: Path) -> str:
    """What one process measures of itself."""
    graph, prices = pickle.loads(path.read_bytes())
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    wall, cpu = perf_counter(), process_time()
    if what == "leidenalg":
        import leidenalg
        import numpy as np

        from analyzer.coupling.factor_graph import compact
        from analyzer.partition.objective import cost
        from benchmarks.cut.stock_leiden import projection

        built = projection(graph)
        found = leidenalg.find_partition(
            built, leidenalg.CPMVertexPartition, weights="weight", seed=0,
            n_iterations=ITERATIONS,
            resolution_parameter=prices.load,
        )  # fmt: skip
        wall, cpu = perf_counter() - wall, process_time() - cpu
        labels = np.array(found.membership, np.int32)
        value, services = cost(compact(graph), labels, prices), len(set(found.membership))
    else:
        from analyzer.partition.solve import solve

        solution = solve(graph, prices=prices if what == "solve" else None, time_limit=120.0)
        wall, cpu = perf_counter() - wall, process_time() - cpu
        value, services = solution.optimality.cost, len(set(solution.assignment))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return f"{cpu:.1f} | {wall:.1f} | {peak - before} + {before} | {services} | {value:.0f} |"


def compare(nodes: int) -> None:
    """All measurements at one size; prices are those that the curve recommends at 1,000 nodes."""
    from analyzer.partition.problem import Prices

    services = max(nodes // 100, 10)
    graph = planted(nodes, services, seed=1, factors_per_node=10)
    prices = Prices(load=3.0 / (nodes / services), service=15.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graph"
        path.write_bytes(pickle.dumps((graph, prices)))
        for what in ("leidenalg", "solve", "solve with curve"):
            command = [sys.executable, "-m", "benchmarks.cut.speed", "--one", what, str(path)]
            try:
                result = subprocess.run(
                    command, capture_output=True, text=True, check=True, timeout=PATIENCE
                ).stdout.strip()
            except subprocess.TimeoutExpired:
                result = f"not done after {PATIENCE} s of the clock | | | | |"
            print(f"| {nodes} | {len(graph.factors)} | {what} | {result}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(measured(sys.argv[2], Path(sys.argv[3])))
    else:
        print(HEAD)
        print("|" + " --- |" * (HEAD.count("|") - 1))
        for size in map(int, sys.argv[1:] or ["1000", "10000", "100000"]):
            compare(size)
