"""Whether any partition honours the constraints, where simple merging finds none."""

import numpy as np

from analyzer.coupling.factor_graph import Indices
from analyzer.partition.multilevel import dense
from analyzer.partition.problem import ConflictingConstraints, Problem

GRAIN = 1_000_000  # sizes are rounded to this fraction of the size limit, never downwards
EFFORT = 20.0  # deterministic seconds of the solver


def packed(problem: Problem) -> Indices:
    """A partition that honours rivals, size limit and number of services, whatever it costs.

    Raises `ConflictingConstraints` where there is none, or none was found.
    """
    from ortools.sat.python import cp_model  # takes a second to import, and is rarely needed

    model = cp_model.CpModel()
    nodes, services = problem.graph.node_count, problem.most
    place = [[model.new_bool_var("") for _ in range(services)] for _ in range(nodes)]
    for row in place:
        model.add_exactly_one(row)
    for node in range(nodes):
        for entry in range(problem.rival_offsets[node], problem.rival_offsets[node + 1]):
            rival = int(problem.rivals[entry])
            if node < rival:
                for service in range(services):
                    model.add_at_most_one(place[node][service], place[rival][service])
    if np.isfinite(problem.size_limit):
        sizes = np.ceil(problem.graph.sizes / problem.size_limit * GRAIN).astype(int).tolist()
        for service in range(services):
            column = [place[node][service] for node in range(nodes)]
            model.add(cp_model.LinearExpr.weighted_sum(column, sizes) <= GRAIN)
    for service in range(problem.fewest):
        model.add_bool_or([place[node][service] for node in range(nodes)])
    solver = cp_model.CpSolver()
    solver.parameters.max_deterministic_time = EFFORT
    solver.parameters.num_workers = 1
    if solver.solve(model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        raise ConflictingConstraints(_conflict(problem))
    labels = [[solver.value(var) for var in row].index(1) for row in place]
    return dense(np.array(labels, np.int32))


def _conflict(problem: Problem) -> str:
    reasons = []
    if len(problem.rivals):
        reasons.append("what may not share a service (cannot-links and pins)")
    if np.isfinite(problem.size_limit):
        reasons.append(f"the size limit {problem.size_limit:g}")
    return (
        f"no partition into {problem.fewest} to {problem.most} services was found that honours "
        + " and ".join(reasons)
    )
