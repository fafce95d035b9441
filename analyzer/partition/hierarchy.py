"""The curve: the best partition for every number of services, and which number to recommend.

At a load price γ a partition costs coupling + α·services + γ·load, a line in γ. Over all
partitions found, the lower envelope of these lines says which is the cheapest at each γ, and for
how long. Which number is meant no price says. Recommended is the one of which the most coupling
stays inside beyond what would by chance: the greatest modularity.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from math import exp, inf, log, sqrt

import numpy as np

from analyzer.coupling.factor_graph import Floats, Hypergraph, Indices
from analyzer.partition.local_search import Limits, limits_of
from analyzer.partition.multilevel import DENSE, climb, coarser, counted, dense, merge_order
from analyzer.partition.objective import Terms, terms
from analyzer.partition.problem import Prices, Problem, contracted

STEP = sqrt(2.0)  # between load prices of the sweep
MOST_SERVICES = 300  # the curve ends here
COUNTED = 0.003  # of α, where the number of services is given: just above nothing
GIANT = 0.6  # share of the whole size above which one service makes a partition degenerate


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A partition on the curve, and the load prices between which it is the cheapest known."""

    labels: Indices
    terms: Terms
    largest: float  # share of the whole size in the largest service
    modularity: float  # share of all coupling that stays inside, beyond what would by chance
    low: float = inf  # γ range, empty (low > high) where some other number is always cheaper
    high: float = 0.0

    @property
    def plateau(self) -> float:
        """Width of the γ range in log γ."""
        return log(self.high / self.low) if 0 < self.low < self.high < inf else 0.0

    @property
    def gamma(self) -> float:
        """A load price in the middle of its range."""
        if self.low == 0.0:
            return self.high / 2
        return self.low * 2 if self.high == inf else sqrt(self.low * self.high)


def default_service_price(graph: Hypergraph) -> float:
    """α: running a further service is worth as much as a node's whole coupling, on average."""
    if not graph.node_count:
        return 0.0
    degrees = np.diff(graph.factor_offsets)
    return float(np.sum(graph.weights * degrees)) / graph.node_count


def service_price_of(problem: Problem) -> float:
    """The default α, or next to nothing of it where exactly one number of services is allowed.

    There α is the same for every partition, and would only raise the load price at which that
    number is the cheapest, which makes all services alike in size, as capabilities are not.
    """
    price = default_service_price(problem.graph)
    return price * COUNTED if problem.fewest == problem.most else price


def swept(
    problem: Problem,
    service_price: float,
    *,
    seed: int,
    stop: Callable[[], bool] = lambda: False,
) -> tuple[Candidate, ...]:
    """The best partition found for each number of services, by number."""
    shrunk, groups = _shrunk(problem, service_price, np.random.default_rng(seed))
    pool = _pool(shrunk, service_price, np.random.default_rng(seed + 1), stop)
    best = _best_by_number(problem.graph, (labels[groups] for labels in pool), service_price)
    return _with_ranges(best, service_price)


def _shrunk(
    problem: Problem, service_price: float, rng: np.random.Generator
) -> tuple[Problem, Indices]:
    """A large problem on its micro-clusters, so that a sweep costs no more than a small one's."""
    graph = problem.graph
    alone = np.arange(graph.node_count, dtype=np.int32)
    if graph.node_count <= 20_000:
        return problem, alone
    limits = limits_of(problem).without_count()
    load = _middling_load(graph) * 4
    groups = climb(graph, Prices(load, 0.0), limits, rng)
    while int(groups.max()) + 1 > 5_000:
        load /= 4
        groups = climb(graph, Prices(load, service_price), limits, rng, groups)
    return _on_groups(problem, groups), groups


def _on_groups(problem: Problem, groups: Indices) -> Problem:
    count = int(groups.max(initial=-1)) + 1
    limits = coarser(limits_of(problem), groups, count)
    return Problem(
        graph=contracted(problem.graph, groups),
        rival_offsets=limits.rival_offsets,
        rivals=limits.rivals,
        fewest=problem.fewest,
        most=problem.most,
        size_limit=problem.size_limit,
        home=groups[problem.home],
        pinned=tuple((service, int(groups[node])) for service, node in problem.pinned),
    )


def _middling_load(graph: Hypergraph) -> float:
    """The γ at which the whole in one service costs as much load as it has coupling."""
    total = float(graph.sizes.sum())
    return 2 * max(float(graph.weights.sum()), 1e-12) / max(total * total, 1e-12)


def _pool(
    problem: Problem,
    service_price: float,
    rng: np.random.Generator,
    stop: Callable[[], bool],
) -> list[Indices]:
    """Partitions from one service to hundreds: a sweep over γ, and merges in between."""
    graph, limits = problem.graph, limits_of(problem).without_count()
    start = _middling_load(graph)
    pool: list[Indices] = []
    finest = min(graph.node_count, MOST_SERVICES)
    for factor in (STEP, 1 / STEP):
        load, labels = start, None
        for _ in range(60):
            if stop() and pool:
                break
            prices = Prices(load, service_price)
            labels = climb(graph, prices, limits, rng, labels)
            labels = climb(graph, prices, limits, rng, labels)
            pool.append(labels)
            services = int(labels.max()) + 1
            if services <= 1 if factor < 1 else services >= finest:
                break
            load *= factor
    return [*pool, *_in_between(problem, pool, service_price)]


def _in_between(problem: Problem, pool: list[Indices], service_price: float) -> Iterable[Indices]:
    """Merges from each partition down to the next coarser one, for the numbers that jumped."""
    limits = limits_of(problem)
    by_number = {int(labels.max()) + 1: labels for labels in pool}
    numbers = sorted(by_number)
    for coarser_number, number in zip([0, *numbers], numbers, strict=False):
        if number - coarser_number < 2 or number > DENSE:
            continue
        labels = by_number[number].copy()
        merges = merge_order(problem.graph, labels, Prices(0.0, service_price), limits)
        for kept, dissolved in merges[: number - coarser_number - 1]:
            labels[labels == dissolved] = kept
            yield dense(labels)


def _best_by_number(
    graph: Hypergraph, pool: Iterable[Indices], service_price: float
) -> list[Candidate]:
    """For each number of services the partition that is cheapest somewhere, or nearest to it."""
    degrees = _degrees(graph)
    candidates = [_candidate(graph, dense(labels), degrees) for labels in pool]
    on_envelope = {id(c) for c, _, _ in _envelope(candidates, service_price)}
    by_number: dict[int, Candidate] = {}
    for candidate in candidates:
        number = candidate.terms.services
        held = by_number.get(number)
        if held is None or _rank(candidate, on_envelope) < _rank(held, on_envelope):
            by_number[number] = candidate
    return [by_number[number] for number in sorted(by_number)]


def _candidate(graph: Hypergraph, labels: Indices, degrees: Floats) -> Candidate:
    found = terms(graph, labels)
    whole = max(float(graph.sizes.sum()), 1e-300)
    largest = float(np.bincount(labels, graph.sizes).max(initial=0.0)) / whole
    return Candidate(labels, found, largest, modularity(labels, found.coupling, degrees))


def _degrees(graph: Hypergraph) -> Floats:
    """For each node its part of what all factors cost where each member is in a service alone."""
    arity = np.diff(graph.factor_offsets)
    each = np.repeat(graph.weights * (arity - 1) / np.maximum(arity, 1), arity)
    return np.bincount(graph.members, each, minlength=graph.node_count).astype(np.float64)


def modularity(labels: Indices, coupling: float, degrees: Floats) -> float:
    """How much more coupling stays inside services than would by chance, from below 0 to 1.

    Q = 1 − coupling / D − Σ over services (d_s / D)², where d_s is the sum of the degrees of a
    service's nodes and D that of all, which is the coupling that there can be at most. For factors
    of two members this is the modularity of Newman and Girvan, "Finding and evaluating community
    structure in networks", Physical Review E 69 (2004).
    """
    whole = float(degrees.sum())
    if whole <= 0:
        return 0.0
    shares = np.bincount(labels, degrees) / whole
    return 1 - coupling / whole - float(np.sum(shares**2))


def _rank(candidate: Candidate, on_envelope: set[int]) -> tuple[bool, float]:
    return id(candidate) not in on_envelope, candidate.terms.coupling


def _envelope(
    candidates: list[Candidate], service_price: float
) -> list[tuple[Candidate, float, float]]:
    """Which candidate is the cheapest from which load price to which, from γ = 0 upwards."""
    lines = sorted(
        candidates,
        key=lambda c: (-c.terms.load, c.terms.coupling + service_price * c.terms.services),
    )
    hull: list[tuple[Candidate, float]] = []  # with the γ from which it is the cheapest
    for line in lines:
        while hull:
            top, since = hull[-1]
            gained = top.terms.load - line.terms.load
            paid = (
                line.terms.coupling
                - top.terms.coupling
                + service_price * (line.terms.services - top.terms.services)
            )
            crossing = paid / gained if gained > 0 else (inf if paid >= 0 else -inf)
            if crossing > since:
                break
            hull.pop()
        else:
            crossing = 0.0
        if crossing < inf:
            hull.append((line, max(crossing, 0.0)))
    ends = [since for _, since in hull[1:]] + [inf]
    return [(c, since, end) for (c, since), end in zip(hull, ends, strict=True) if end > since]


def _with_ranges(best: list[Candidate], service_price: float) -> tuple[Candidate, ...]:
    ranges = {id(c): (low, high) for c, low, high in _envelope(best, service_price)}
    placed = []
    edge = min((low for low, _ in ranges.values() if low > 0), default=1.0)
    for candidate in best:
        low, high = ranges.get(id(candidate), (edge, edge))
        edge = high if high < inf else edge
        placed.append(replace(candidate, low=low, high=high))
    return tuple(placed)


def recommended(
    curve: tuple[Candidate, ...], *, services: tuple[int, int] | None, tables: int
) -> tuple[int, str]:
    """The index of the candidate to recommend, and the reason in words.

    It is the one with the greatest modularity among those that are the cheapest at some load price.
    Degenerate candidates are left out: one service; one with more than 60 % of the size; less than
    two nodes, or where there are tables less than two tables, to each on average.
    """
    allowed = [i for i, c in enumerate(curve) if _in_range(c.terms.services, services)]
    if not allowed:
        wanted = services[0] if services else 1
        allowed = [min(range(len(curve)), key=lambda i: abs(curve[i].terms.services - wanted))]
    sound = [i for i in allowed if _is_sound(curve[i], tables)]
    choices = sound or allowed
    choice = max(choices, key=lambda i: (curve[i].plateau > 0, curve[i].modularity))
    return choice, _reason(curve[choice], degenerate=not sound, choices=len(choices))


def _is_sound(candidate: Candidate, tables: int) -> bool:
    most = max(2, (tables or len(candidate.labels)) // 2)
    return 1 < candidate.terms.services <= most and candidate.largest <= GIANT


def _in_range(number: int, services: tuple[int, int] | None) -> bool:
    return services is None or services[0] <= number <= services[1]


def _reason(candidate: Candidate, *, degenerate: bool, choices: int) -> str:
    number = candidate.terms.services
    if choices == 1:
        return f"{number} is the only number of services that is left to choose"
    reason = (
        f"with {number} services more coupling stays inside, beyond what would by chance, than with"
        f" any other number (modularity {candidate.modularity:.2f}); they stay the cheapest while"
        f" the price of load varies {exp(candidate.plateau):.2g}-fold"
    )
    return reason + (", but one service dwarfs the others" if degenerate else "")


def with_exact_number(
    problem: Problem, candidate: Candidate, service_price: float, *, number: int, seed: int
) -> Indices | None:
    """A partition with a given number of services, starting from one with a number near it."""
    limits: Limits = limits_of(problem)
    exactly = Limits(
        limits.rival_offsets, limits.rivals, limits.size_limit, fewest=number, most=number
    )
    prices = Prices(candidate.gamma, service_price)
    rng = np.random.default_rng(seed)
    return counted(problem.graph, candidate.labels, prices, exactly, rng)
