"""How far a partition can be from the optimum at most, and the optimum itself where it is near."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analyzer.coupling.factor_graph import Indices
from analyzer.partition.columns import Proof, by_columns
from analyzer.partition.cycles import by_cycles
from analyzer.partition.linear_programs import cheapest_cover
from analyzer.partition.local_search import tolerance
from analyzer.partition.lower_bound import simple_bound
from analyzer.partition.objective import cost
from analyzer.partition.problem import Prices, Problem
from analyzer.partition.relaxation import by_relaxation

COLUMNS = 500  # nodes up to which column generation is tried
SMALL = 1.8  # times the work for small problems, whose search takes next to no time
CLOSE = 1e-6  # a relative gap that is not worth another proof
WORK_A_SECOND = 3e10  # of the relaxation, on a slow core
STEPS_A_SECOND = 5e7  # of the cycle packing, on a slow core
BRANCHES_A_SECOND = 10_000  # of column generation, on a slow core with 200 nodes


@dataclass(frozen=True, slots=True, eq=False)
class Proven:
    """A partition and a bound below which no partition can cost."""

    labels: Indices
    bound: float


def proven(
    problem: Problem,
    prices: Prices,
    labels: Indices,
    *,
    seconds: float,
    stop: Callable[[], bool],
) -> Proven:
    """Bound the cost from below, and improve the partition where the proof shows a better one.

    `seconds` sets how much work is done, counted and not timed.
    """
    bound = simple_bound(problem, prices)
    if stop():
        return Proven(labels, bound)
    if problem.graph.node_count > COLUMNS:
        return Proven(labels, max(bound, _of_large(problem, prices, labels, seconds, stop)))
    by_cycle, shift = _by_cycles(problem, prices, labels, seconds)
    bound = max(bound, by_cycle)
    if stop():
        return Proven(labels, bound)
    scale = 200 / max(problem.graph.node_count, 20)
    budget = int(SMALL * seconds * BRANCHES_A_SECOND * scale)
    found = by_columns(problem, prices, labels, budget=budget, stop=stop)
    bound = max(bound, found.bound)
    better = _assembled(problem, prices, labels, found)
    if bound < cost(problem.graph, better, prices) * (1 - CLOSE) and not stop():
        bound = max(bound, _by_relaxation(problem, prices, better, seconds, shift, stop))
    return Proven(better, bound)


def _of_large(
    problem: Problem, prices: Prices, labels: Indices, seconds: float, stop: Callable[[], bool]
) -> float:
    """The relaxation's bound where there is time for it, else that of cycles."""
    shift = 0.0
    by_cycle = -np.inf
    if len(_shifts(problem, prices, labels)) > 1:
        by_cycle, shift = _by_cycles(problem, prices, labels, seconds / 10)
    bound = _by_relaxation(problem, prices, labels, seconds, shift, stop)
    if bound > -np.inf or stop():
        return max(by_cycle, bound)
    return _by_cycles(problem, prices, labels, seconds)[0]


def _by_relaxation(
    problem: Problem,
    prices: Prices,
    labels: Indices,
    seconds: float,
    shift: float,
    stop: Callable[[], bool],
) -> float:
    raised = Prices(prices.load, prices.service + shift)
    work = seconds * WORK_A_SECOND
    bound = by_relaxation(problem.graph, labels, raised, work=work, stop=stop)
    return bound - shift * (int(labels.max()) + 1)


def _by_cycles(
    problem: Problem, prices: Prices, labels: Indices, seconds: float
) -> tuple[float, float]:
    """The bound by cycles, and the price on the number of services that it is best with."""
    services = int(labels.max()) + 1
    shifts = _shifts(problem, prices, labels)
    work = seconds * STEPS_A_SECOND / len(shifts)
    bounds = [
        by_cycles(problem.graph, labels, Prices(prices.load, prices.service + shift), work=work)
        - shift * services
        for shift in shifts
    ]
    best = int(np.argmax(bounds))
    return bounds[best], shifts[best]


def _shifts(problem: Problem, prices: Prices, labels: Indices) -> list[float]:
    """Prices worth putting on the number of services, on top of α.

    If at most k services are allowed, cost + μ(services − k) ≤ cost for μ ≥ 0, so a bound with α
    raised by μ, less μk, is one as well; likewise from below.
    """
    services = int(labels.max()) + 1
    shifts = [0.0]
    if services == problem.most < problem.graph.node_count:
        shifts += [prices.service, 3 * prices.service]
    if services == problem.fewest > 1:
        shifts += [-prices.service / 2, -prices.service]
    return shifts


def _assembled(problem: Problem, prices: Prices, labels: Indices, proof: Proof) -> Indices:
    """The cheapest partition made of the sets that a proof met, if cheaper than the given one."""
    value = cost(problem.graph, labels, prices)
    if proof.linear >= value - tolerance(problem.graph, prices) or not proof.columns:
        return labels
    number = (problem.fewest, problem.most)
    chosen = cheapest_cover(proof.columns, proof.prices, problem.graph.node_count, number)
    if chosen is None:
        return labels
    made = labels.copy()
    for service, column in enumerate(chosen):
        made[list(proof.columns[column])] = service
    return made if cost(problem.graph, made, prices) < value else labels
