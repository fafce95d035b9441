"""Column generation: node prices that no set of nodes is worth, and what they prove.

A partition chooses sets that cover every node once (Dantzig and Wolfe, 1960). The dual of its
linear relaxation asks for prices π on nodes, with the largest sum, such that no set has a
negative reduced cost (see `analyzer.partition.pricing`). Sets that are worth their price are
found by local search first, and by branch and bound once that finds none; what the latter leaves
open is subtracted from the bound, so that it holds whenever the work ends.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from analyzer.coupling.factor_graph import Floats, Hypergraph, Indices
from analyzer.partition.linear_programs import beside, incidence, maximised
from analyzer.partition.local_search import limits_of
from analyzer.partition.lower_bound import rounding, simple_bound
from analyzer.partition.multilevel import limits_within, subgraph, within_clusters
from analyzer.partition.objective import cost
from analyzer.partition.pricing import IN, OUT, descend, least_with, levelled, screened
from analyzer.partition.problem import Prices, Problem

Stop = Callable[[], bool]
MARGIN = 0.02  # of a service's part of the cost
DRIFT = 1e-3  # what moving a price away from the centre costs
SWEEPS = 200  # for shares when nothing is chosen
RESERVE = 0.3  # of the work, for the last bound
ENOUGH = 20  # sets that are added before the linear programme is solved again
Column = tuple[int, ...]  # nodes, ascending


@dataclass(frozen=True, slots=True, eq=False)
class Proof:
    """A bound on a problem's cost, and the sets of nodes met on the way."""

    bound: float
    columns: tuple[Column, ...]
    prices: tuple[float, ...]  # what each set costs, with the weight of the factors it touches
    linear: float  # value of the last linear relaxation; the bound where pricing was complete
    complete: bool


def by_columns(
    problem: Problem,
    prices: Prices,
    labels: Indices,
    *,
    rounds: int = 400,
    budget: int = 400_000,
    stop: Stop = lambda: False,
) -> Proof:
    """Bound a problem's cost by column generation, starting from a good partition."""
    master = _Master(problem, prices, labels)
    target = cost(problem.graph, labels, prices)
    best = simple_bound(problem, prices)
    trusted = master.centre
    margin = MARGIN * target / (int(labels.max()) + 1)
    dual, shift, value = master.solved(margin)
    reserve = budget * RESERVE
    complete = False
    for _ in range(rounds):
        if stop() or budget <= reserve:
            break
        smooth = 0.7 * trusted + 0.3 * dual
        if master.add_negative(smooth, shift) or master.add_negative(dual, shift):
            trusted = smooth
        else:
            proven, spent, added = master.proven(dual, shift, int(budget - reserve))
            best = max(best, proven)
            budget -= spent
            complete = not added and budget > reserve
            if complete and margin > 0 and best < target * (1 - 1e-6):
                margin, complete = 0.0, False
            elif not added or best >= target * (1 - 1e-9):
                break
        dual, shift, value = master.solved(margin)
        if value < target * (1 - 1e-7):
            margin = margin / 4 if margin > master.tolerance() else 0.0
            dual, shift, value = master.solved(margin)
    if not complete and not stop():
        last, _, _ = master.proven(dual, shift, int(budget), to_the_end=True)
        best = max(best, last)
    return Proof(best, tuple(master.columns), tuple(master.values), value, complete)


class _Master:
    """The dual linear programme over the sets known so far."""

    def __init__(self, problem: Problem, prices: Prices, labels: Indices) -> None:
        self.problem = problem
        self.graph: Hypergraph = problem.graph
        self.prices = prices
        self.columns: list[Column] = []
        self.values: list[float] = []
        self.known: set[Column] = set()
        self.weight = float(self.graph.weights.sum())
        self.centre = self.first_prices(labels)
        self.labels = labels
        self.order = _anchors(self.graph, labels)
        self.degrees = np.bincount(
            self.graph.members,
            np.repeat(self.graph.weights, np.diff(self.graph.factor_offsets)),
            minlength=self.graph.node_count,
        )
        for cluster in range(int(labels.max()) + 1):
            self.add(np.flatnonzero(labels == cluster))
        for node in range(self.graph.node_count):
            self.add(np.array([node]))

    def add(self, nodes: "np.typing.NDArray[np.integer]") -> bool:
        column = tuple(int(node) for node in nodes)
        if column in self.known:
            return False
        self.known.add(column)
        self.columns.append(column)
        self.values.append(self._price(nodes))
        return True

    def _price(self, nodes: "np.typing.NDArray[np.integer]") -> float:
        graph = self.graph
        spans = [
            graph.incident[graph.node_offsets[node] : graph.node_offsets[node + 1]]
            for node in nodes
        ]
        touched = np.unique(np.concatenate(spans))
        load = float(graph.sizes[nodes].sum()) ** 2 / 2
        return float(graph.weights[touched].sum()) + self.prices.load * load + self.prices.service

    def first_prices(self, labels: Indices) -> Floats:
        """Prices at which each service of a partition is worth exactly what it costs.

        A factor's weight is shared evenly by its members in a service, its load by size.
        """
        graph = self.graph
        clusters = int(labels.max()) + 1
        owner = np.repeat(np.arange(graph.factor_count), np.diff(graph.factor_offsets))
        key = owner * clusters + labels[graph.members]
        _, inverse, counts = np.unique(key, return_inverse=True, return_counts=True)
        shares = graph.weights[owner] / counts[inverse]
        worth = np.bincount(graph.members, shares, minlength=graph.node_count).astype(float)
        load = np.bincount(labels, graph.sizes, minlength=clusters)
        heads = np.bincount(labels, minlength=clusters)
        worth += self.prices.load * graph.sizes * load[labels] / 2
        priced: Floats = worth + self.prices.service / heads[labels]
        return priced

    def solved(self, margin: float) -> tuple[Floats, float, float]:
        """The best node prices against the known sets, the price on a set, and the bound.

        All sets but the services of the good partition are to cost less than they are worth by
        the margin, which keeps sets that are not known yet from being worth more.
        """
        graph, problem = self.graph, self.problem
        nodes = graph.node_count
        matrix = incidence(self.columns, nodes)
        gains = np.ones(2 * nodes + 2)
        # Variables: what prices rise above the centre, what they fall below it, and the price
        # on a service, up and down. Moving away from the centre costs a little, so that of all
        # best prices those near it are taken; without that they jump from corner to corner.
        gains[:nodes] = 1 - DRIFT
        gains[nodes:-2] = -1 - DRIFT
        gains[-2], gains[-1] = -problem.most, problem.fewest
        edge = np.ones((len(self.columns), 1))
        margins = np.full(len(self.columns), margin)
        margins[: int(self.labels.max()) + 1] = 0.0
        fall = [(0.0, float(price)) for price in self.centre]
        solution = maximised(
            gains,
            beside(matrix, -matrix, -edge, edge),
            np.array(self.values) - margins - matrix @ self.centre,
            [(0.0, None)] * nodes + fall + [(0.0, None)] * 2,
        )
        shift = float(solution[-2] - solution[-1])
        dual = self.centre + solution[:nodes] - solution[nodes : 2 * nodes]
        fixed = -solution[-2] * problem.most + solution[-1] * problem.fewest
        return dual, shift, float(dual.sum() + fixed) - self.weight

    def add_negative(self, dual: Floats, shift: float) -> int:
        """Add sets of negative reduced cost that local search finds; return how many."""
        graph, problem = self.graph, self.problem
        added = 0
        for inside, anchor in self._seeds():
            value = descend(
                graph.factor_offsets, graph.members, graph.node_offsets, graph.incident,
                graph.weights, graph.sizes, dual, self.prices.load,
                self.prices.service + shift, problem.size_limit, problem.rival_offsets,
                problem.rivals, inside, anchor,
            )  # fmt: skip
            if value < -10 * self.tolerance():
                added += self.add(np.flatnonzero(inside))
        return added

    def _seeds(self) -> Iterator[tuple["np.typing.NDArray[np.bool_]", int]]:
        """Where local search begins: each node alone, and each service with or without one more.

        With each comes the node that has to stay in.
        """
        graph, problem = self.graph, self.problem
        for node in range(graph.node_count):
            alone = np.zeros(graph.node_count, np.bool_)
            alone[node] = True
            yield alone, node
            factors = graph.incident[graph.node_offsets[node] : graph.node_offsets[node + 1]]
            near = {int(self.labels[node])}
            for factor in factors:
                start, end = graph.factor_offsets[factor : factor + 2]
                near.update(self.labels[graph.members[start:end]].tolist())
            start, end = problem.rival_offsets[node : node + 2]
            for service in sorted(near):
                inside = self.labels == service
                inside[problem.rivals[start:end]] = False
                inside[node] = not inside[node]
                if inside.any() and float(graph.sizes[inside].sum()) <= problem.size_limit:
                    yield inside, node if inside[node] else int(np.argmax(inside))

    def tolerance(self) -> float:
        return 2e-7 * (self.weight + self.prices.service) / self.graph.node_count

    def proven(
        self, dual: Floats, shift: float, budget: int, *, to_the_end: bool = False
    ) -> tuple[float, int, int]:
        """The bound that these prices prove, the work spent, and the number of sets added.

        Sets of negative reduced cost end the search they are met in, unless it is to go on to
        the end, for the best bound that these prices have.
        """
        graph, problem = self.graph, self.problem
        arrays = (graph.factor_offsets, graph.members, graph.node_offsets, graph.incident)
        lacking = np.zeros(graph.node_count)
        passed = np.zeros(graph.node_count, np.int8)
        share, rest = levelled(
            graph.factor_offsets, graph.members, graph.weights, graph.sizes, dual, SWEEPS
        )
        alpha = self.prices.service + shift
        began, added = budget, 0
        slack = -self.tolerance()
        for place, anchor in enumerate(self.order.tolist()):
            status = passed.copy()
            status[anchor] = IN
            start, end = problem.rival_offsets[anchor], problem.rival_offsets[anchor + 1]
            status[problem.rivals[start:end]] = OUT
            passed[anchor] = OUT
            least = screened(
                *arrays, graph.weights, graph.sizes, dual, self.prices.load, alpha,
                problem.size_limit, share, rest, status, anchor, slack,
            )  # fmt: skip
            if least >= slack:
                lacking[anchor] = min(least, 0.0)
                continue
            allowance = max(budget // 10, budget // (graph.node_count - place), 1)
            least, spent, found = self._branched(dual, alpha, status, allowance, to_the_end)
            least = max(least, -np.inf)
            budget -= spent
            lacking[anchor] = min(least, 0.0, slack)
            if found is not None:
                added += self.add(found)
                if added >= ENOUGH and not to_the_end:
                    return -np.inf, began - budget, added
        short = float(np.sort(lacking)[: problem.most].sum())
        # A factor f with w_f counted once per service it touches: Σπ − Σw, less what is lacking.
        fixed = -max(shift, 0.0) * problem.most + max(-shift, 0.0) * problem.fewest
        bound = float(dual.sum()) - self.weight + fixed + short
        self.lacking = lacking
        return bound - 4 * rounding(graph, self.prices), began - budget, added

    def _branched(
        self,
        dual: Floats,
        alpha: float,
        status: "np.typing.NDArray[np.int8]",
        allowance: int,
        to_the_end: bool,
    ) -> tuple[float, int, Indices | None]:
        """Branch and bound over the nodes that are not out: bound, work, a negative set if met."""
        problem = self.problem
        nodes = np.flatnonzero(status != OUT).astype(np.int32)
        part = subgraph(self.graph, nodes)
        # Factors that reach the part with one member only are gone; they are that member's own.
        kept = np.bincount(
            part.members,
            np.repeat(part.weights, np.diff(part.factor_offsets)),
            minlength=len(nodes),
        )
        own = self.degrees[nodes] - kept
        inside = limits_within(limits_of(problem), nodes, 0, self.graph.node_count)
        found = np.zeros(len(nodes), np.bool_)
        least, best, left = least_with(
            part.factor_offsets, part.members, part.node_offsets, part.incident, part.weights,
            part.sizes, dual[nodes] - own, self.prices.load, alpha, problem.size_limit,
            inside.rival_offsets, inside.rivals, status[nodes], -self.tolerance(),
            -np.inf if to_the_end else -self.tolerance(), allowance, found,
        )  # fmt: skip
        negative = nodes[found] if best < -self.tolerance() else None
        return least, allowance - left, negative


def _anchors(graph: Hypergraph, labels: Indices) -> "np.typing.NDArray[np.int64]":
    """The order in which nodes are ruled out: each service's best tied first, in turns.

    Without its core a service is soon no longer worth its price, which ends the search for the
    nodes that come later.
    """
    inside = within_clusters(graph, labels)
    ties = np.bincount(
        inside.members,
        np.repeat(inside.weights, np.diff(inside.factor_offsets)),
        minlength=graph.node_count,
    )
    by_service = np.lexsort((-ties, labels))
    counts = np.bincount(labels)
    rank = np.empty(graph.node_count, np.int64)
    rank[by_service] = np.arange(graph.node_count) - np.repeat(np.cumsum(counts) - counts, counts)
    return np.lexsort((labels, rank))
