"""The curve: the best partition for every number of services, and which number to recommend.

At a load price γ a partition costs coupling + α·services + γ·load, a line in γ. Over all
partitions found, the lower envelope of these lines says which is the cheapest at each γ, and for
how long. A number of services that stays the cheapest over a wide range of γ does not hang on
what exactly the load is worth; that is why a wide range, in log γ, is recommended. A graph has
such ranges at several scales, from two halves to single classes; the number of tables says which
scale is meant, since a service is to own a database.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from math import exp, inf, log, sqrt

import numpy as np

from analyzer.coupling.factor_graph import Floats, Hypergraph, Indices
from analyzer.partition.local_search import Limits, limits_of
from analyzer.partition.multilevel import DENSE, climb, coarser, counted, dense, merge_order
from analyzer.partition.objective import Terms, terms
from analyzer.partition.problem import Prices, Problem, contracted

STEP = sqrt(2.0)  # between load prices of the sweep
MOST_SERVICES = 300  # the curve ends here
SPREAD = (
    0.2  # of the logarithm of the number of services around the usual one: half as likely there
)
LEANING = 2 / 3  # of what speaks for any number speaks for the recommended one or fewer
COUNTED = 0.003  # of α, where the number of services is given: just above nothing
GIANT = 0.6  # share of the whole size above which one service makes a partition degenerate


@dataclass(frozen=True, slots=True, eq=False)
class Candidate:
    """A partition on the curve, and the load prices between which it is the cheapest known."""

    labels: Indices
    terms: Terms
    largest: float  # share of the whole size in the largest service
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
    total = max(float(graph.sizes.sum()), 1e-300)
    candidates = []
    for labels in pool:
        largest = float(np.bincount(labels, graph.sizes).max(initial=0.0)) / total
        candidates.append(Candidate(dense(labels), terms(graph, labels), largest))
    on_envelope = {id(c) for c, _, _ in _envelope(candidates, service_price)}
    by_number: dict[int, Candidate] = {}
    for candidate in candidates:
        number = candidate.terms.services
        held = by_number.get(number)
        if held is None or _rank(candidate, on_envelope) < _rank(held, on_envelope):
            by_number[number] = candidate
    return [by_number[number] for number in sorted(by_number)]


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
        placed.append(Candidate(candidate.labels, candidate.terms, candidate.largest, low, high))
    return tuple(placed)


def recommended(
    curve: tuple[Candidate, ...], *, services: tuple[int, int] | None, tables: Indices
) -> tuple[int, str]:
    """The index of the candidate to recommend, and the reason in words.

    `tables` gives for each node the tables that it stands for. Degenerate candidates are left out:
    one service; one with more than 60 % of the size; less than two nodes each. Each of the others
    has an appeal: the width of its γ range in log γ, times the share of its services that own a
    table, times how near its number is to what so many tables usually make (`_usual`), with a
    tail so heavy that a clear structure of another scale still wins. Recommended is the number up
    to which two thirds of all appeal stand: which single number has most of it hangs on little.
    Without tables nothing says which scale is meant, and the widest range is taken.
    """
    allowed = [i for i, c in enumerate(curve) if _in_range(c.terms.services, services)]
    if not allowed:
        wanted = services[0] if services else 1
        allowed = [min(range(len(curve)), key=lambda i: abs(curve[i].terms.services - wanted))]
    sound = [i for i in allowed if _is_sound(curve[i], nodes=len(tables))]
    choices = sound or allowed
    appeal = np.array([_appeal(curve[i], tables) for i in choices])
    place = _reaching(LEANING, appeal) if tables.any() else int(np.argmax(appeal))
    choice = choices[place]
    return choice, _reason(curve[choice], tables, degenerate=not sound, choices=len(choices))


def _reaching(share: float, weights: Floats) -> int:
    """The first place up to which this share of all weight stands; 0 where there is none."""
    reached = np.cumsum(weights)
    return int(np.searchsorted(reached, share * reached[-1])) if reached[-1] > 0 else 0


def _is_sound(candidate: Candidate, *, nodes: int) -> bool:
    number = candidate.terms.services
    return number > 1 and candidate.largest <= GIANT and 2 * number <= nodes


def _appeal(candidate: Candidate, tables: Indices) -> float:
    number = candidate.terms.services
    usual = _usual(int(tables.sum()))
    if not usual:
        return candidate.plateau
    owners = len(np.unique(candidate.labels[tables > 0])) / number
    return candidate.plateau * owners / (1 + (log(number / usual) / SPREAD) ** 2)


def _usual(tables: int) -> float:
    """The number of services that so many tables usually make; 0 where there is no table.

    With t tables, k services cost something for each pair of them that may have to agree, and
    something for each pair of tables inside one. Both grow with the root of t where k does:
    40 tables make about 13 services of 3 tables, 150 tables about 24 of 6.
    """
    return 2 * sqrt(tables)


def _in_range(number: int, services: tuple[int, int] | None) -> bool:
    return services is None or services[0] <= number <= services[1]


def _reason(candidate: Candidate, tables: Indices, *, degenerate: bool, choices: int) -> str:
    number = candidate.terms.services
    if choices == 1:
        return f"{number} is the only number of services that is left to choose"
    width = exp(candidate.plateau)
    reason = f"{number} services stay the cheapest while the price of load varies {width:.2g}-fold"
    if usual := _usual(int(tables.sum())):
        reason += (
            f"; with each number weighed by how long it holds and how near it is to {usual:.0f},"
            f" which {tables.sum()} tables usually make, two thirds speak for so many or fewer"
        )
    else:
        reason += ", a wider range than for any other number"
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
