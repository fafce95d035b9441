"""A bound by a semidefinite relaxation, for problems of thousands of nodes.

Write x(u, v) = 1 where two nodes share a service, 0 where they do not. The cost is, but for a
constant, linear in x, and the matrix of all x is positive semidefinite with ones on its diagonal.
Multipliers on x ≥ 0 and on violated triangle inequalities (x(u, v) + x(u, w) − x(v, w) ≤ 1; both
Grötschel and Wakabayashi, "A cutting plane algorithm for a clustering problem", Mathematical
Programming 1989) go into the costs; what is left is bounded by an eigenvalue (see
`analyzer.partition.certificate`).

Good multipliers and prices are found in single precision, on vectors of a low rank (Burer and
Monteiro, Mathematical Programming 2003) that start at a good partition, by the method of
multipliers (Hestenes, "Multiplier and gradient methods", 1969): while the vectors turn, each
multiplier already rises with its violation. That search need not be exact, since what it finds
is proven afterwards.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzer.coupling.factor_graph import Floats, Hypergraph, Indices
from analyzer.partition.certificate import certified
from analyzer.partition.close_groups import close_groups, of_groups
from analyzer.partition.lower_bound import rounding
from analyzer.partition.pair_costs import PairCosts, Singles, costs_of
from analyzer.partition.problem import Prices
from analyzer.partition.relaxation_kernels import charge, drawn_together, even_out, tie, turn


@dataclass(frozen=True, slots=True)
class _Pace:
    """How far vectors turn at once; too far, and they may flip to and fro."""

    inertia: float  # of what softness adds to the pull at most
    beyond: float  # of its way that a vector goes past its goal


PACES = (_Pace(0.3, 0.5), _Pace(1.0, 0.5), _Pace(1.0, 0.0))  # the last is the steadiest
Keys = npt.NDArray[np.int64]

NODES = 6_000  # up to which matrices of all pairs are held; two take 600 MB then
RANKS = (48, 160)  # of the vectors, at least and at most
RANK_A_SERVICE = 3.5  # nodes between services need directions of their own
BLOCK = 128  # rows of the matrix that are handled at a time
SWEEPS = 5  # of the vectors, between changes of the multipliers
MOST_ROUNDS = 150
LEAST_ROUNDS = 5  # fewer do not beat simpler bounds
LAST_SWEEPS = 90  # with the multipliers as they are, at most three for each round
LARGE = 1_200  # nodes from which the pace is tried on groups of them
GROUPS = 600
TRIED_ROUNDS = 25
FLIPPING = 0.02  # of the bound, which is lost by far more then
RENEWED = 3  # rounds between searches for violated triangles
LAST_RENEWAL = 0.9  # of the rounds
SOFT = 0.2  # of the load price: what a multiplier of x ≥ 0 rises by for each unit of x below
SOFT_TRIANGLE = 0.1  # of a tie's weight, or of the price of a node
BEYOND = 0.9  # of its way that a vector goes past its goal in the last sweeps
NOISE = 0.35  # beside a vector of length one
UNDECIDED = (0.1, 0.95)  # ties whose x lies between may be in violated triangles
A_TIE = 2  # triangles that a tie is the side of, at most, in each search
VIOLATION = 0.02


def by_relaxation(
    graph: Hypergraph,
    labels: Indices,
    prices: Prices,
    *,
    work: float,
    stop: Callable[[], bool] = lambda: False,
) -> float:
    """A lower bound on the cost of any partition, guided by a good one.

    `work` is about how many multiplications may be spent. Minus infinity where it is too little,
    where there are too many nodes, or when stopped too soon.
    """
    rounds = int(min(MOST_ROUNDS, work / round_work(labels)))
    if not 1 < graph.node_count <= NODES or rounds < LEAST_ROUNDS:
        return -np.inf
    costs = costs_of(graph, labels, prices)
    pace = _pace(costs, labels, stop)
    search = _Search(costs, labels, pace)
    done = _improved(search, rounds, stop)
    if done < LEAST_ROUNDS:
        return -np.inf
    for _ in range(min(LAST_SWEEPS, 3 * done)):
        search.settle(BEYOND)
        if stop():
            break
    return search.bound() - 8 * rounding(graph, prices)


def round_work(labels: Indices) -> float:
    """About the multiplications of one round, the last sweeps' share included."""
    return (2.0 * SWEEPS + 2.0) * _rank(labels) * float(len(labels)) ** 2


def _rank(labels: Indices) -> int:
    wanted = 8 * int(np.ceil(RANK_A_SERVICE * (int(labels.max()) + 1) / 8))
    return min(max(wanted, RANKS[0]), RANKS[1])


def _pace(costs: PairCosts, labels: Indices, stop: Callable[[], bool]) -> "_Pace":
    """The quickest at which vectors do not flip where groups of nodes stand for them."""
    if len(labels) < LARGE:
        return PACES[0]
    groups = close_groups(costs, labels, count=GROUPS)
    homes = np.zeros(int(groups.max()) + 1, np.int32)
    homes[groups] = labels
    coarse = of_groups(costs, groups)
    bounds = []
    for pace in PACES:
        search = _Search(coarse, homes, pace)
        _improved(search, TRIED_ROUNDS, stop)
        for _ in range(2 * SWEEPS):
            search.settle(BEYOND)
        bounds.append(search.bound())
    enough = max(bounds) - FLIPPING * abs(max(bounds))
    return next(pace for pace, bound in zip(PACES, bounds, strict=True) if bound >= enough)


def _improved(search: "_Search", rounds: int, stop: Callable[[], bool]) -> int:
    """Improve so many times, unless stopped; how many it were."""
    for number in range(rounds):
        if stop():
            return number
        search.improve()
        if number % RENEWED == RENEWED - 1 and number < LAST_RENEWAL * rounds:
            search.renew()
    return rounds


class _Search:
    """Vectors and multipliers, and how they get better."""

    def __init__(
        self,
        costs: PairCosts,
        labels: Indices,
        pace: _Pace,
    ) -> None:
        self.costs = costs
        self.nodes = len(labels)
        self.sizes = costs.sizes.astype(np.float32)
        self.half = costs.half().astype(np.float32)
        self.pace = pace
        self.apart = first_repulsion(costs, labels)
        self.vectors = first_vectors(labels)
        self.soft = (np.sqrt(SOFT * costs.load) * costs.sizes).astype(np.float32)
        largest = float(np.bincount(labels, costs.sizes).max())
        self.inertia = pace.inertia * SOFT * costs.load * costs.sizes * largest
        self.reached = np.zeros(self.nodes)  # what each node costs where its vector is to turn
        self.set_triangles(
            np.zeros((0, 3), np.int32), np.zeros(0, np.float32), np.zeros(0, np.float32)
        )

    def set_triangles(self, triangles: Indices, drawn: Singles, soft: Singles) -> None:
        """Take these triangles, with their multipliers, into the costs."""
        self.triangles = triangles
        self.drawn = drawn
        self.soft_triangles = soft
        self.ties = _Ties.of(self.costs, triangles)

    def improve(self) -> None:
        """Turn the vectors, then let the multipliers stay where the violations raised them."""
        raised = drawn_together(self.vectors, self.triangles, self.drawn, self.soft_triangles)
        for number in range(SWEEPS):
            active = np.repeat(self.soft_triangles * (raised > 0), 3)
            held = np.bincount(self.triangles.ravel(), active, minlength=self.nodes)
            inertia = (self.inertia + self.pace.inertia * held).astype(np.float32)
            self._sweep(raised, self.soft, inertia, self.pace.beyond, keep=number == SWEEPS - 1)
            raised = drawn_together(self.vectors, self.triangles, self.drawn, self.soft_triangles)
        self.drawn = raised
        even_out(self.apart)

    def settle(self, beyond: float) -> None:
        """Turn the vectors under the multipliers as they are."""
        nothing = np.zeros(self.nodes, np.float32)
        self._sweep(self.drawn, nothing, nothing, beyond, keep=False)

    def _sweep(
        self, drawn: Singles, soft: Singles, inertia: Singles, beyond: float, *, keep: bool
    ) -> None:
        values = self.ties.values(drawn)
        hard = not soft.any()
        for start in range(0, self.nodes, BLOCK):
            rows = slice(start, start + BLOCK)
            here = self.vectors[rows]
            costs = np.zeros((len(here), self.nodes), np.float32) if hard else here @ self.vectors.T
            charge(costs, self.apart[rows], start, self.sizes, self.half, soft, keep)
            tie(costs, start, self.ties.offsets, self.ties.others, values)
            pull = costs @ self.vectors
            turn(pull, costs, start, self.vectors, inertia, beyond, self.reached)

    def bound(self) -> float:
        """What the multipliers prove, with the prices that one more turn shows."""
        self.settle(0.0)
        prices = self.reached + 2 * self.costs.half() * self.costs.sizes**2
        return certified(self.costs, self.apart, self.triangles, self.drawn, prices)

    def renew(self) -> None:
        """Drop triangles that hold by themselves, add violated ones."""
        kept = self.drawn > 0
        old = self.triangles[kept]
        fresh, weights = self._violated()
        new = ~np.isin(_keys(fresh, self.nodes), _keys(old, self.nodes))
        fresh, weights = fresh[new], weights[new]
        soft = SOFT_TRIANGLE * np.minimum(weights, -self.reached[fresh].max(axis=1))
        self.set_triangles(
            np.concatenate((old, fresh)),
            np.concatenate((self.drawn[kept], np.zeros(len(fresh), np.float32))),
            np.concatenate((self.soft_triangles[kept], soft.astype(np.float32))),
        )

    def _violated(self) -> tuple[Indices, Floats]:
        """Triangles with a tie as one side that are violated most, and the ties' weights."""
        pairs = self.costs.pairs
        owner = np.repeat(np.arange(self.nodes), np.diff(pairs.offsets))
        x = np.einsum("ij,ij->i", self.vectors[owner], self.vectors[pairs.others])
        ties = np.flatnonzero((x > UNDECIDED[0]) & (x < UNDECIDED[1]))
        found, weights = [np.zeros((0, 3), np.int32)], [np.zeros(0)]
        for start in range(0, len(ties), BLOCK):
            part = ties[start : start + BLOCK]
            centre, left = owner[part], pairs.others[part]
            excess = (self.vectors[centre] - self.vectors[left]) @ self.vectors.T
            excess += x[part][:, None] - 1
            line = np.arange(len(part))
            excess[line, centre] = excess[line, left] = -1.0
            for _ in range(A_TIE):
                right = excess.argmax(axis=1)
                chosen = excess[line, right] > VIOLATION
                excess[line, right] = -1.0
                sides = np.sort(np.stack((left, right), axis=1)[chosen], axis=1)
                found.append(np.column_stack((centre[chosen], sides)).astype(np.int32))
                weights.append(pairs.weights[part][chosen])
        triangles, weight = np.concatenate(found), np.concatenate(weights)
        _, first = np.unique(_keys(triangles, self.nodes), return_index=True)
        return triangles[first], weight[first]


@dataclass(frozen=True, slots=True, eq=False)
class _Ties:
    """Ties and the pairs of triangles as one sparse matrix."""

    offsets: Keys
    others: Indices
    places: Keys  # of each tie, then of each triangle's pairs, both ways round
    weights: Floats  # of ties

    @staticmethod
    def of(costs: PairCosts, triangles: Indices) -> "_Ties":
        nodes = len(costs.sizes)
        owner = np.repeat(np.arange(nodes), np.diff(costs.pairs.offsets))
        centre, left, right = triangles.astype(np.int64).T
        keys = [owner * nodes + costs.pairs.others]
        for one, other in ((centre, left), (centre, right), (left, right)):
            keys += [one * nodes + other, other * nodes + one]
        known, places = np.unique(np.concatenate(keys), return_inverse=True)
        counts = np.bincount(known // nodes, minlength=nodes)
        offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts)))
        return _Ties(offsets, (known % nodes).astype(np.int32), places, -costs.pairs.weights / 2)

    def values(self, drawn: Singles) -> Singles:
        """The entries, with these multipliers of the triangles."""
        half = drawn.astype(np.float64) / 2
        entries = np.concatenate((self.weights, half, half, half, half, -half, -half))
        values = np.bincount(self.places, entries, minlength=len(self.others))
        return values.astype(np.float32)


def first_vectors(labels: Indices) -> Singles:
    """A vector for each service, and every node near its service's."""
    rank = _rank(labels)
    noise = np.random.default_rng(0).standard_normal((len(labels), rank))
    noise *= NOISE / np.sqrt(rank)
    noise[np.arange(len(labels)), labels % rank] += 1
    vectors: Singles = (noise / np.linalg.norm(noise, axis=1)[:, None]).astype(np.float32)
    return vectors


def first_repulsion(costs: PairCosts, labels: Indices) -> Singles:
    """Multipliers of x ≥ 0 that leave no node a reason to turn towards another service.

    They are in proportion to what both nodes would pay in the other's service.
    """
    pull = excesses(costs, labels).astype(np.float32)
    services = pull.shape[1]
    member = np.zeros((len(labels), services), np.float32)
    member[np.arange(len(labels)), labels] = 1.0
    between = member.T @ pull
    between = (between + between.T) / 2
    scale = np.divide(1.0, between, out=np.zeros_like(between), where=between > 0)
    apart = np.empty((len(labels), len(labels)), np.float32)
    for service in range(services):
        inside = np.flatnonzero(labels == service)
        towards = pull[:, service] * scale[labels, service]
        apart[:, inside] = towards[:, None] * pull[inside][:, labels].T
    return apart


def excesses(costs: PairCosts, labels: Indices) -> Floats:
    """What each node pays, beyond what ties it there, if it joins each other service."""
    nodes, services = len(labels), int(labels.max()) + 1
    load = np.bincount(labels, costs.sizes)
    halves = np.bincount(labels, costs.sizes * costs.half())
    excess: Floats = costs.sizes[:, None] * (np.outer(costs.half(), load) + halves)
    owner = np.repeat(np.arange(nodes), np.diff(costs.pairs.offsets))
    places = owner * services + labels[costs.pairs.others]
    ties = np.bincount(places, costs.pairs.weights / 2, minlength=nodes * services)
    excess = np.maximum(excess - ties.reshape(nodes, services), 0.0)
    excess[np.arange(nodes), labels] = 0.0
    return excess


def _keys(triangles: Indices, nodes: int) -> Keys:
    centre, left, right = triangles.astype(np.int64).T
    keys: Keys = (centre * nodes + left) * nodes + right
    return keys
