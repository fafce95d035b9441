"""A bound by a semidefinite relaxation, for problems of thousands of nodes.

Write x(u, v) = 1 where two nodes share a service, 0 where they do not. The cost is, but for a
constant, linear in x, and the matrix of all x is positive semidefinite with ones on its diagonal.
Multipliers on x ≥ 0 and on violated triangle inequalities (x(u, v) + x(u, w) − x(v, w) ≤ 1; both
Grötschel and Wakabayashi, "A cutting plane algorithm for a clustering problem", Mathematical
Programming 1989) go into the costs. What services cost is at least α(2 Σ v − Σ v(u) v(w) x(u, w))
for any shares v of nodes (see `analyzer.partition.cycles`); the best shares make the relaxation as
strong as one more row for the number of services. For any shares and multipliers, and any price π
of each diagonal entry,

    cost ≥ constant − Σ triangle multipliers + Σ π + nodes · min(0, λ)

with λ the least eigenvalue of the costs less π: trace(x) = nodes, and <A, x> ≥ λ(A) · trace(x).

Good multipliers and prices are found in single precision, on vectors of a low rank (Burer and
Monteiro, Mathematical Programming 2003) that start at a good partition. That search need not be
exact: what counts is proven at the end, in double precision, by a Cholesky factorisation, which
exists only if a matrix is positive semidefinite up to rounding (Rump, "Verification of positive
definiteness", BIT 2006).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from analyzer.coupling.factor_graph import Floats, Hypergraph, Indices, Offsets
from analyzer.partition.cycles import (
    Pairs,
    pair_attractions,
    service_shares,
    symmetric,
)
from analyzer.partition.lower_bound import rounding
from analyzer.partition.objective import cost
from analyzer.partition.one_thread import one_thread
from analyzer.partition.problem import Prices
from analyzer.partition.relaxation_kernels import draw_together, push_apart, settle, violated

Singles = npt.NDArray[np.float32]

NODES = 6_000  # up to which matrices of all pairs are held; two take 300 MB then
RANK = 64
SWEEPS = 2  # of the vectors, between changes of the multipliers
LAST_SWEEPS = 150  # at most, and no more than before
AT_ONCE = 10  # last sweeps between looks at what they change
SETTLED = 0.01  # a change, as a part of the gap, that ends them
BEYOND = 0.7  # how far vectors turn past the cheapest place then
MOST_ROUNDS = 1_000
LEAST_ROUNDS = 12  # fewer do not beat simpler bounds
OTHER_WORK = 2.3  # of a round, in sweeps
RENEWED = 5  # rounds between searches for violated triangles
TRIANGLES = 30  # at most, for each node as their centre, beside half its ties, in each search
VIOLATION = 0.02
LOOK = 50  # rounds between looks at whether the search may end
CLOSED = 1e-4  # a gap, as a part of the cost, that ends it
NEAR = 0.01  # a gap that ends it, in as many rounds as were done, where it hardly falls
STALLED = 0.9  # of what the gap was at the last look
STEP = 0.2  # of what would close the gap if the gradient stayed as it is
FIRST_STEP = 0.05  # of repulsion, as a part of the load price
MOST_STEP = 0.2
TRIANGLE_STEP = 3.0  # as a part of a tie's weight, for one of repulsion
SHARE_STEP = 0.03  # of what is lacking
LANCZOS = 150
SPARE = 1.1  # for what the least eigenvalue is estimated too high
RAISE = 1.15
TRIES = 20  # of a factorisation


@dataclass(frozen=True, slots=True, eq=False)
class Costs:
    """What the cost is at least, as a constant plus a sum over pairs, for any shares of nodes."""

    pairs_apart: float  # all attractions, less what is owed for some
    pairs: Pairs  # attractions
    sizes: Floats
    prices: Prices

    def constant(self, shares: Floats) -> float:
        """What is paid whatever x is."""
        return self.pairs_apart + 2 * self.prices.service * float(shares.sum())

    def diagonal(self, shares: Floats) -> Floats:
        """What a pair of a node with itself costs."""
        own: Floats = self.prices.load / 2 * self.sizes**2 - self.prices.service * shares**2
        return own

    def matrix(self, shares: Floats) -> Floats:
        """What a pair costs for each unit of x, both ways round."""
        matrix: Floats = np.outer(self.prices.load / 2 * self.sizes, self.sizes)
        matrix -= np.outer(self.prices.service * shares, shares)
        owner = np.repeat(np.arange(len(self.sizes)), np.diff(self.pairs.offsets))
        matrix[owner, self.pairs.others] -= self.pairs.weights / 2
        return matrix


@dataclass(slots=True, eq=False)
class _Multipliers:
    shares: Floats  # of nodes in the price of their service
    reach: Floats  # for each node, the sum of its x²
    apart: Singles  # of x ≥ 0
    triangles: Indices
    drawn: Singles  # of the triangles
    scale: Singles


@dataclass(slots=True, eq=False)
class _Search:
    """Vectors, what they cost with the multipliers, and how far below the known cost that is."""

    costs: Costs
    known: float  # the cost of a partition
    services: tuple[Offsets, ...]  # its nodes
    matrix: Singles
    vectors: Singles
    held: _Multipliers
    step: float  # of repulsion, as a part of the load price
    gap: float = np.inf

    def settle(self, sweeps: int, *, beyond: float = 0.0) -> Floats:
        """Turn the vectors, and say what nodes cost then."""
        diagonal = self.costs.diagonal(self.held.shares)
        prices = settle(self.matrix, self.vectors, sweeps, beyond) + diagonal
        bound = self.costs.constant(self.held.shares) + float(prices.sum())
        self.gap = self.known - bound + float(self.held.drawn.sum(dtype=np.float64))
        return prices

    def settled_gap(self) -> float:
        """The gap, as a part of the cost, that multipliers leave once vectors have settled.

        Vectors stay where they are: having settled they would lead multipliers astray.
        """
        vectors, gap = self.vectors.copy(), self.gap
        self.settle(3 * AT_ONCE, beyond=BEYOND)
        self.settle(1)
        settled = self.gap / max(self.known, 1e-300)
        self.vectors, self.gap = vectors, gap
        return settled


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
    where there are too many nodes, or when stopped before enough of it is done; when stopped later,
    what is reached by then is proven.
    """
    rounds = int(min(MOST_ROUNDS, work / round_work(graph.node_count)))
    if not 1 < graph.node_count <= NODES or rounds < LEAST_ROUNDS:
        return -np.inf
    with one_thread():
        return _searched(graph, labels, prices, rounds, stop)


def _searched(
    graph: Hypergraph, labels: Indices, prices: Prices, rounds: int, stop: Callable[[], bool]
) -> float:
    search = _begun(graph, labels, prices)
    done = 0
    before = np.inf
    while done < rounds and not stop():
        _improve(search, done / rounds, renew=done % RENEWED == RENEWED - 1)
        done += 1
        if done % LOOK == 0 and 2 * done <= rounds:
            gap = search.settled_gap()
            if gap <= CLOSED:
                break
            if STALLED * before < gap <= NEAR:
                rounds = 2 * done
            before = gap
    if done < LEAST_ROUNDS:
        return -np.inf
    _settle_down(search, min(LAST_SWEEPS, SWEEPS * done), stop)
    settled = search.settle(1)
    held, costs = search.held, search.costs
    del search
    bound = certified(costs, held.shares, held.apart, held.triangles, held.drawn, settled)
    return bound - 8 * rounding(graph, prices)


def round_work(nodes: int) -> float:
    """About the multiplications of one round."""
    return (SWEEPS + OTHER_WORK) * RANK * float(nodes) ** 2


def _begun(graph: Hypergraph, labels: Indices, prices: Prices) -> _Search:
    costs = costs_of(graph, labels, prices)
    shares = service_shares(graph, labels, prices)
    matrix = costs.matrix(shares)
    held = _Multipliers(
        shares=shares,
        reach=np.bincount(labels)[labels].astype(np.float64),
        apart=_first_repulsion(matrix, labels),
        triangles=np.zeros((0, 3), np.int32),
        drawn=np.zeros(0, np.float32),
        scale=np.zeros(0, np.float32),
    )
    singles = matrix.astype(np.float32)
    singles -= held.apart
    np.fill_diagonal(singles, 0.0)
    return _Search(
        costs=costs,
        known=cost(graph, labels, prices),
        services=tuple(np.flatnonzero(labels == service) for service in range(labels.max() + 1)),
        matrix=singles,
        vectors=first_vectors(labels),
        held=held,
        step=FIRST_STEP,
    )


def _settle_down(search: _Search, sweeps: int, stop: Callable[[], bool]) -> None:
    """Turn the vectors until it changes next to nothing."""
    for _ in range(sweeps // AT_ONCE):
        before = search.gap
        search.settle(AT_ONCE, beyond=BEYOND)
        if stop() or abs(search.gap - before) <= SETTLED * abs(search.gap):
            break


def costs_of(graph: Hypergraph, labels: Indices, prices: Prices) -> Costs:
    """The cost in terms of pairs, exact at the given partition but for some large factors."""
    pairs, extras = pair_attractions(graph, labels)
    owner = np.repeat(np.arange(graph.node_count), np.diff(pairs.offsets))
    upper = owner < pairs.others
    pairs = symmetric(
        np.concatenate((owner[upper], extras.first)),
        np.concatenate((pairs.others[upper], extras.second)),
        np.concatenate((pairs.weights[upper], extras.amounts)),
        graph.node_count,
    )
    apart = float(pairs.weights.sum()) / 2 - float(extras.owed.sum())
    return Costs(apart, pairs, graph.sizes, prices)


def first_vectors(labels: Indices) -> Singles:
    """A vector for each service, and every node near its service's."""
    noise = np.random.default_rng(0).standard_normal((len(labels), RANK)) * 0.05
    noise[np.arange(len(labels)), labels % RANK] += 1
    vectors: Singles = (noise / np.linalg.norm(noise, axis=1)[:, None]).astype(np.float32)
    return vectors


def _first_repulsion(matrix: Floats, labels: Indices) -> Singles:
    """Multipliers of x ≥ 0 that leave no node a reason to turn towards another service."""
    services = int(labels.max()) + 1
    member = np.zeros((len(labels), services))
    member[np.arange(len(labels)), labels] = 1.0
    excess = np.maximum(matrix @ member, 0.0)
    excess[np.arange(len(labels)), labels] = 0.0
    between = member.T @ excess
    between = (between + between.T) / 2
    scale = np.divide(1.0, between, out=np.zeros_like(between), where=between > 0)
    pull = excess.astype(np.float32)
    apart = np.empty(matrix.shape, np.float32)
    for service in range(services):
        inside = np.flatnonzero(labels == service)
        towards = pull[:, service] * scale[labels, service].astype(np.float32)
        apart[:, inside] = towards[:, None] * pull[inside][:, labels].T
    return apart


def _improve(search: _Search, done: float, *, renew: bool) -> None:
    """One round: turn the vectors, then step along the multipliers' gradient, less and less.

    The step is Polyak's for a known optimum ("Minimization of unsmooth functionals", USSR
    Computational Mathematics and Mathematical Physics 1969), which the cost of the partition
    stands in for.
    """
    search.settle(SWEEPS)
    costs, held, vectors, matrix = search.costs, search.held, search.vectors, search.matrix
    step = search.step * min(1.0, 2 * (1 - done))
    before = held.shares
    _share_out(vectors, held, SHARE_STEP * min(1.0, 2 * (1 - done)))
    push_apart(
        matrix, held.apart, vectors, costs.sizes.astype(np.float32), step * costs.prices.load,
        costs.prices.service, before, held.shares,
    )  # fmt: skip
    if renew and done < 0.8:
        _renew(costs.pairs, vectors, held)
    draw_together(matrix, vectors, held.triangles, held.drawn, held.scale, TRIANGLE_STEP * step)
    search.step = _step(search)


def _step(search: _Search) -> float:
    """Of repulsion, as a part of the load price."""
    weighted = search.vectors * np.sqrt(search.costs.sizes).astype(np.float32)[:, None]
    slope = _squares(weighted) - sum(_squares(weighted[nodes]) for nodes in search.services)
    slope *= search.costs.prices.load
    return min(STEP * max(search.gap, 0.0) / slope, MOST_STEP) if slope > 0 else MOST_STEP


def _squares(vectors: Singles) -> float:
    """The sum of the squares of all products."""
    nodes, rank = vectors.shape
    products = vectors.T @ vectors if rank < nodes else vectors @ vectors.T
    return float(np.sum(products**2))


def _share_out(vectors: Singles, held: _Multipliers, step: float) -> None:
    """Move shares towards those that prove most of what services cost: where Σ x · share is 1."""
    wide = vectors.astype(np.float64)
    lacking = 1 - wide @ (wide.T @ held.shares)
    held.shares = np.clip(held.shares + step * lacking / held.reach, 0.0, 1.0)
    held.reach = np.sum((wide @ (wide.T @ wide)) * wide, axis=1)


def _renew(pairs: Pairs, vectors: Singles, held: _Multipliers) -> None:
    """Drop triangles that hold by themselves, add violated ones."""
    nodes = len(vectors)
    kept = held.drawn > 0
    fresh, scale = violated(
        pairs.offsets, pairs.others, pairs.weights, vectors, TRIANGLES, VIOLATION
    )
    old = held.triangles[kept]
    new = ~np.isin(_keys(fresh, nodes), _keys(old, nodes))
    held.triangles = np.concatenate((old, fresh[new]))
    held.drawn = np.concatenate((held.drawn[kept], np.zeros(int(new.sum()), np.float32)))
    held.scale = np.concatenate((held.scale[kept], scale[new]))


def _keys(triangles: Indices, nodes: int) -> "npt.NDArray[np.int64]":
    centre, left, right = triangles.astype(np.int64).T
    keys: npt.NDArray[np.int64] = (centre * nodes + left) * nodes + right
    return keys


def certified(
    costs: Costs,
    shares: Floats,
    apart: Singles,
    triangles: Indices,
    drawn: Singles,
    prices: Floats,
) -> float:
    """The bound that shares, multipliers and prices prove, whatever they are."""
    matrix = costs.matrix(shares)
    half = (drawn.astype(np.float64) / 2)[:, None]
    for one, other, sign in ((0, 1, 1.0), (0, 2, 1.0), (1, 2, -1.0)):
        for ends in ((one, other), (other, one)):
            np.add.at(matrix, (triangles[:, ends[0]], triangles[:, ends[1]]), sign * half[:, 0])
    for start in range(0, len(matrix), 512):
        rows = slice(start, start + 512)
        matrix[rows] -= (apart[rows].astype(np.float64) + apart[:, rows].T) / 2
    nodes = len(matrix)
    matrix[np.arange(nodes), np.arange(nodes)] -= prices
    # What services cost may cancel what load costs, so that its size is counted apart.
    magnitude = _magnitude(matrix) + costs.prices.service * float(np.abs(shares).sum()) ** 2
    total = costs.constant(shares) - float(drawn.sum(dtype=np.float64)) + float(prices.sum())
    raised = _lift(matrix, np.abs(prices) + 1e-6 * float(np.abs(prices).mean()) + 1e-300)
    epsilon = float(np.finfo(float).eps)
    trace = float(np.trace(matrix) + raised.sum())
    slack = epsilon * (16 * magnitude + nodes * (nodes + 2) * trace)
    return total - float(raised.sum()) - slack - epsilon * nodes * float(np.abs(prices).sum())


def _magnitude(matrix: Floats) -> float:
    return float(sum(np.abs(row).sum() for row in matrix))


def _lift(matrix: Floats, shape: Floats) -> Floats:
    """What, added to the diagonal, makes a matrix positive semidefinite; infinite if not found.

    It is a multiple of `shape`.
    """
    diagonal = np.arange(len(matrix))
    lift = max(-_least_eigenvalue(matrix, shape**-0.5) * SPARE, 1e-9)
    for _ in range(TRIES):
        matrix[diagonal, diagonal] += lift * shape
        positive = _is_positive(matrix)
        matrix[diagonal, diagonal] -= lift * shape
        if positive:
            return lift * shape
        lift *= RAISE
    return np.full(len(shape), np.inf)


def _is_positive(matrix: Floats) -> bool:
    try:
        np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError:
        return False
    return True


def _least_eigenvalue(matrix: Floats, scale: Floats) -> float:
    """An estimate, from above, for the matrix with its rows and columns scaled.

    Lanczos, with full orthogonalisation.
    """
    steps = min(LANCZOS, len(matrix))
    basis: Any = np.zeros((steps, len(matrix)))
    images = np.zeros_like(basis)
    begun = np.random.default_rng(1).standard_normal(len(matrix))
    basis[0] = begun / np.linalg.norm(begun)
    for step in range(steps):
        images[step] = scale * (matrix @ (scale * basis[step]))
        if step + 1 == steps:
            break
        following = images[step].copy()
        for _ in range(2):
            following -= basis[: step + 1].T @ (basis[: step + 1] @ following)
        length = float(np.linalg.norm(following))
        if length < 1e-10:
            basis, images = basis[: step + 1], images[: step + 1]
            break
        basis[step + 1] = following / length
    projected = basis @ images.T
    return float(np.linalg.eigvalsh((projected + projected.T) / 2)[0])
