"""The partitioner's front door: a factor graph in, a partition with its proof out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from time import monotonic, process_time

import numpy as np

from analyzer.coupling.factor_graph import FactorGraph, Indices
from analyzer.partition.exact import SUBSETS, by_subsets
from analyzer.partition.feasibility import packed
from analyzer.partition.hierarchy import (
    Candidate,
    default_service_price,
    recommended,
    service_price_of,
    swept,
    with_exact_number,
)
from analyzer.partition.lower_bound import rounding, simple_bound
from analyzer.partition.multilevel import Effort, dense, search
from analyzer.partition.objective import cost
from analyzer.partition.partition import CurvePoint, Optimality
from analyzer.partition.problem import (
    ConflictingConstraints,
    Constraints,
    Prices,
    Problem,
    pose,
)
from analyzer.partition.proof import proven
from analyzer.partition.warm_start import repaired

Watcher = Callable[[Optimality], bool | None]
"""Hears of each better partition and bound; returns False to stop with the best so far."""


@dataclass(frozen=True, slots=True)
class Solution:
    """A partition of a factor graph and what is proven about it."""

    assignment: tuple[int, ...]  # service index for each node in the graph's order, from 0
    optimality: Optimality
    prices: Prices
    pinned: tuple[tuple[str, int], ...]  # (service that people named, its index)
    reason: str  # why this number of services and these prices
    curve: tuple[CurvePoint, ...]  # without given prices; else empty
    cut_short: bool  # the time limit or the watcher ended the search before its work was done


def solve(
    graph: FactorGraph,
    *,
    constraints: Constraints | None = None,
    prices: Prices | None = None,
    seed: int = 0,
    time_limit: float = 30.0,
    jobs: int = 1,
    watcher: Watcher = lambda optimality: None,
    stopped: Callable[[], bool] = lambda: False,
    start: Mapping[str, str] | None = None,
    proves: bool = True,
) -> Solution:
    """Find the cheapest partition that honours the constraints, and bound what remains to gain.

    With prices and a start (a service for each node) the search begins there and looks no
    further than it can see from it.

    Without prices, α is a node's average coupling (hardly anything where the number of services is
    given) and γ is in the middle of the range over which the recommended number of services is
    the cheapest (see `analyzer.partition.hierarchy`). The
    result depends on the seed and not on the time, unless `cut_short` says so.

    It is `stopped` at any moment with the best so far, asked for many times a second.

    Where it `proves` nothing the bound is a simple one; `with_proof` makes up for it.

    Raises `ConflictingConstraints` where no partition honours the constraints.
    """
    problem = pose(graph, constraints or Constraints())
    clock = _Clock(time_limit, watcher, jobs, stopped)
    if not problem.graph.node_count:
        nothing = clock.optimality(0.0, 0.0)
        return Solution((), nothing, prices or Prices(0.0, 0.0), (), "", (), False)
    begun: Indices | None = None
    effort = Effort.fitting(problem.graph.node_count)
    reason = "the prices were given"
    points: tuple[CurvePoint, ...] = ()
    if prices is None:
        curve = swept(
            problem,
            service_price_of(problem),
            seed=seed,
            stop=clock.half_over,
        )
        candidate, prices, reason = _priced(problem, _tables(graph), curve, constraints)
        begun = _start(problem, candidate, prices, seed)
        points = _points(problem, curve, candidate, prices.service, reason)
    elif start is not None:
        begun = repaired(problem, graph, start, prices, seed=seed)
        effort = effort if begun is None else Effort(restarts=1, climbs=2, regions=30)
    labels = _searched(problem, prices, begun, effort, seed, jobs, clock)
    if proves:
        labels, bound = _bounded(problem, prices, labels, clock)
    else:
        bound = simple_bound(problem, prices)
    return _finished(problem, constraints, labels, prices, bound, reason, points, clock)


def with_proof(
    graph: FactorGraph,
    solution: Solution,
    *,
    constraints: Constraints | None = None,
    time_limit: float = 30.0,
    watcher: Watcher = lambda optimality: None,
) -> Solution:
    """A solution that was found without proof, with it; the proof may find a cheaper one.

    The graph and the constraints are to be those that it was found with.
    """
    problem = pose(graph, constraints or Constraints())
    if not problem.graph.node_count:
        return solution
    clock = _Clock(time_limit, watcher)
    labels = np.zeros(problem.graph.node_count, np.int32)
    labels[problem.home] = solution.assignment
    labels, bound = _bounded(problem, solution.prices, dense(labels), clock)
    proven_one = _finished(
        problem, constraints, labels, solution.prices, bound, solution.reason, solution.curve, clock
    )
    return replace(proven_one, cut_short=proven_one.cut_short or solution.cut_short)


def _finished(
    problem: Problem,
    constraints: Constraints | None,
    labels: Indices,
    prices: Prices,
    bound: float,
    reason: str,
    points: tuple[CurvePoint, ...],
    clock: "_Clock",
) -> Solution:
    labels = dense(labels)
    if constraints is None or constraints.services is None:
        points = tuple(_bounded_by(point, prices, bound) for point in points)
    if points:
        points, reason = _with_chosen(problem, points, labels, prices, bound, reason)
    return _solution(problem, labels, prices, bound, reason, points, clock)


def sweep(
    graph: FactorGraph,
    *,
    constraints: Constraints | None = None,
    service_price: float | None = None,
    seed: int = 0,
    time_limit: float = 30.0,
) -> tuple[CurvePoint, ...]:
    """The best partition found for each number of services from one to hundreds.

    The constraints hold in each; their number of services limits only which is recommended.
    """
    asked = constraints or Constraints()
    problem = pose(graph, _without_count(asked))
    if not problem.graph.node_count:
        return ()
    alpha = default_service_price(problem.graph) if service_price is None else service_price
    clock = _Clock(time_limit, lambda optimality: None)
    curve = swept(problem, alpha, seed=seed, stop=clock.over)
    choice, reason = recommended(curve, services=asked.services, tables=_tables(graph))
    return _points(problem, curve, curve[choice], alpha, reason)


def _points(
    problem: Problem,
    curve: tuple[Candidate, ...],
    choice: Candidate,
    alpha: float,
    reason: str,
) -> tuple[CurvePoint, ...]:
    return tuple(
        _point(problem, candidate, alpha, reason if candidate is choice else "")
        for candidate in curve
    )


def _without_count(constraints: Constraints) -> Constraints:
    return Constraints(
        pins=constraints.pins,
        must_link=constraints.must_link,
        cannot_link=constraints.cannot_link,
        names=constraints.names,
        size_limit=constraints.size_limit,
    )


def _point(problem: Problem, candidate: Candidate, alpha: float, reason: str) -> CurvePoint:
    prices = Prices(candidate.gamma, alpha)
    return CurvePoint(
        services=candidate.terms.services,
        gamma=candidate.gamma,
        cost=candidate.terms.at(prices),
        lower_bound=simple_bound(problem, prices),
        assignment=_spread(problem, candidate.labels),
        recommended=bool(reason),
        reason=reason,
    )


def _with_chosen(
    problem: Problem,
    points: tuple[CurvePoint, ...],
    labels: Indices,
    prices: Prices,
    bound: float,
    reason: str,
) -> tuple[tuple[CurvePoint, ...], str]:
    """The curve with the partition that was chosen on it, and the reason for its number.

    At the recommended number's load price the search may find another number cheaper still.
    """
    number = int(labels.max()) + 1
    recommended_number = next((p.services for p in points if p.recommended), number)
    if number != recommended_number:
        reason = f"{reason}; at that price {number} turned out to be cheaper still"
    value = cost(problem.graph, labels, prices)
    chosen = CurvePoint(
        services=number,
        gamma=prices.load,
        cost=value,
        lower_bound=min(bound, value),
        assignment=_spread(problem, labels),
        recommended=True,
        reason=reason,
    )
    others = [
        replace(point, recommended=False, reason="") for point in points if point.services != number
    ]
    return tuple(sorted([*others, chosen], key=lambda point: point.services)), reason


def _bounded_by(point: CurvePoint, prices: Prices, bound: float) -> CurvePoint:
    """A point with what the bound at one load price says about its own.

    The cheapest cost is a concave function of γ that does not fall; at γ = 0 it is at least α.
    """
    share = min(point.gamma / prices.load, 1.0) if prices.load > 0 else 0.0
    implied = prices.service + share * (bound - prices.service)
    return replace(point, lower_bound=min(max(point.lower_bound, implied), point.cost))


def _spread(problem: Problem, labels: Indices) -> tuple[int, ...]:
    """From the problem's nodes back to the factor graph's, services in order of first node."""
    return tuple(dense(labels[problem.home]).tolist())


def _tables(graph: FactorGraph) -> int:
    return sum(node.kind == "table" for node in graph.nodes)


def _priced(
    problem: Problem,
    tables: int,
    curve: tuple[Candidate, ...],
    constraints: Constraints | None,
) -> tuple[Candidate, Prices, str]:
    services = constraints.services if constraints else None
    choice, reason = recommended(curve, services=services, tables=tables)
    candidate = curve[choice]
    if services and services[0] == services[1]:
        reason = f"{services[0]} services were asked for"
    return candidate, Prices(candidate.gamma, service_price_of(problem)), reason


def _start(problem: Problem, candidate: Candidate, prices: Prices, seed: int) -> Indices | None:
    number = candidate.terms.services
    if problem.fewest <= number <= problem.most:
        return candidate.labels
    nearest = min(max(number, problem.fewest), problem.most)
    return with_exact_number(problem, candidate, prices.service, number=nearest, seed=seed)


def _searched(
    problem: Problem,
    prices: Prices,
    start: Indices | None,
    effort: Effort,
    seed: int,
    jobs: int,
    clock: "_Clock",
) -> Indices:
    if problem.graph.node_count <= SUBSETS:
        exact = by_subsets(problem, prices)
        if exact is None:
            raise ConflictingConstraints(
                "no partition honours what may not share a service, the size limit"
                " and the number of services together"
            )
        return exact
    bound = simple_bound(problem, prices)

    def found(labels: Indices) -> None:
        clock.tell(cost(problem.graph, labels, prices), bound)

    best = search(
        problem, prices, effort=effort, seed=seed, jobs=jobs, start=start,
        stop=clock.over, found=found,
    )  # fmt: skip
    if best is not None:
        return best
    feasible = packed(problem)
    best = search(
        problem, prices, effort=effort, seed=seed, start=feasible, stop=clock.over, found=found
    )
    return feasible if best is None else best


def _bounded(
    problem: Problem, prices: Prices, labels: Indices, clock: "_Clock"
) -> tuple[Indices, float]:
    if problem.graph.node_count <= SUBSETS:
        value = cost(problem.graph, labels, prices)
        return labels, value - rounding(problem.graph, prices)
    seconds = clock.limit * PROOF_SHARE
    found = proven(problem, prices, labels, seconds=seconds, stop=clock.over)
    return found.labels, found.bound


def _solution(
    problem: Problem,
    labels: Indices,
    prices: Prices,
    bound: float,
    reason: str,
    curve: tuple[CurvePoint, ...],
    clock: "_Clock",
) -> Solution:
    value = cost(problem.graph, labels, prices)
    assignment = _spread(problem, labels)
    at = dict(zip(problem.home.tolist(), assignment, strict=True))
    return Solution(
        assignment=assignment,
        optimality=clock.optimality(value, min(bound, value)),
        prices=prices,
        pinned=tuple((service, at[node]) for service, node in problem.pinned),
        reason=reason,
        curve=curve,
        cut_short=clock.cut_short,
    )


class _Clock:
    """The safety stop: knows when the time is over, and whether that ended anything.

    The limit is on processor time, so that a busy machine changes no result; but nobody is to
    wait much longer than asked for, so `PATIENCE` times the limit on the wall ends it as well.
    """

    def __init__(
        self,
        limit: float,
        watcher: Watcher,
        jobs: int = 1,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.began = monotonic()
        self.worked = process_time()
        self.limit = limit
        self.jobs = max(1, jobs)
        self.watcher = watcher
        self.stopped = stopped
        self.cut_short = False

    def seconds(self) -> float:
        return monotonic() - self.began

    def spent(self) -> float:
        """The part of the limit that is used up."""
        worked = (process_time() - self.worked) / self.jobs
        return max(worked, self.seconds() / PATIENCE) / max(self.limit, 1e-9)

    def over(self) -> bool:
        self.cut_short = self.cut_short or self.stopped() or self.spent() > 1
        return self.cut_short

    def half_over(self) -> bool:
        return self.spent() > 0.5 or self.over()

    def tell(self, value: float, bound: float) -> None:
        if self.watcher(self.optimality(value, bound)) is False:
            self.cut_short = True

    def optimality(self, value: float, bound: float) -> Optimality:
        gap = (value - bound) / value if value > 0 else 0.0
        return Optimality(
            cost=value,
            lower_bound=bound,
            gap=max(gap, 0.0),
            proven_optimal=gap <= PROVEN,
            seconds=self.seconds(),
        )


PATIENCE = 3.0
PROOF_SHARE = 0.4  # of the time limit, as work; the search takes what it takes
PROVEN = 1e-6  # a relative gap that is nothing but rounding and the solver's tolerance
