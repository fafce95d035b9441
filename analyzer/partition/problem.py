"""What is asked of the partitioner: the constraints, the prices, and both laid over a graph."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise

import numpy as np
import numpy.typing as npt

from analyzer.coupling.factor_graph import FactorGraph, Hypergraph, Indices, Offsets, compact
from analyzer.errors import UnusableInput
from analyzer.partition.kernels import contract, transpose

Hashes = npt.NDArray[np.uint64]
SIZE_TOLERANCE = 1e-9  # relative; sums of sizes are floating-point


class ConflictingConstraints(UnusableInput):
    """No partition honours all of the constraints; the text names those that conflict."""


@dataclass(frozen=True, slots=True)
class Constraints:
    """What people decided; the partitioner honours all of it or says which of it conflict.

    Services are named by the people who pin to them. `services` is an exact number of services,
    or an inclusive range; `size_limit` bounds the sum of node sizes in one service.
    """

    pins: tuple[tuple[str, str], ...] = ()  # (node, service)
    must_link: tuple[tuple[str, ...], ...] = ()  # groups that stay together
    cannot_link: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()  # (service id, display name)
    services: tuple[int, int] | None = None
    size_limit: float | None = None

    def nodes_named(self) -> dict[str, tuple[str, ...]]:
        """The nodes that each kind of decision speaks of."""
        return {
            "pins": tuple(node for node, _ in self.pins),
            "must_link": tuple(node for group in self.must_link for node in group),
            "cannot_link": tuple(node for pair in self.cannot_link for node in pair),
        }


@dataclass(frozen=True, slots=True)
class Prices:
    """The objective's two prices; see `analyzer.partition.objective`."""

    load: float  # γ, per squared unit of size
    service: float  # α, per service


@dataclass(frozen=True, slots=True, eq=False)
class Problem:
    """A hypergraph whose nodes may move freely but for what stands here.

    Must-links and pins are gone: what they tie together is one node. Nodes stand in an order
    that depends on the structure alone, so that names and input order do not steer the search.
    """

    graph: Hypergraph
    rival_offsets: Offsets  # rivals of v: rivals[rival_offsets[v]:rival_offsets[v + 1]]
    rivals: Indices  # may not share a service with v
    fewest: int
    most: int
    size_limit: float
    home: Indices  # for each node of the factor graph, its node here
    pinned: tuple[tuple[str, int], ...]  # (service that people named, its node here), sorted


def pose(graph: FactorGraph, constraints: Constraints) -> Problem:
    """Lay constraints over a factor graph.

    Raises `ConflictingConstraints` where they cannot all hold, `UnusableInput` where they name
    a node that does not exist or a range that is none.
    """
    position = {node.id: index for index, node in enumerate(graph.nodes)}
    _refuse_unknown(constraints, position)
    groups, pinned = _tie(constraints, position)
    fewest, most = _service_range(constraints, int(groups.max(initial=-1)) + 1)
    rivals = _rivalries(constraints, position, groups, pinned)
    _refuse_oversize(graph, constraints, groups)
    _refuse_too_few_services(constraints, rivals, pinned, graph, most)
    whole = contracted(compact(graph), groups)
    order = structural_order(whole)
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    offsets, flat = _adjacency({(rank[a], rank[b]) for a, b in rivals}, len(order))
    limit = constraints.size_limit
    return Problem(
        graph=_reordered(whole, order),
        rival_offsets=offsets,
        rivals=flat,
        fewest=fewest,
        most=most,
        size_limit=np.inf if limit is None else limit * (1 + SIZE_TOLERANCE),
        home=rank[groups] if len(groups) else groups,
        pinned=tuple(sorted((service, int(rank[group])) for service, group in pinned.items())),
    )


def _refuse_unknown(constraints: Constraints, position: dict[str, int]) -> None:
    for what, nodes in constraints.nodes_named().items():
        unknown = sorted({node for node in nodes if node not in position})
        if unknown:
            raise UnusableInput(f"{what} names nodes that are not in the graph: {_listed(unknown)}")


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def _tie(constraints: Constraints, position: dict[str, int]) -> tuple[Indices, dict[str, int]]:
    """Number the groups that must-links and pins tie together, in order of first node."""
    parent = list(range(len(position)))

    def root(node: int) -> int:
        while parent[node] != node:
            parent[node] = parent[parent[node]]
            node = parent[node]
        return node

    def tie(first: str, second: str) -> None:
        a, b = root(position[first]), root(position[second])
        parent[max(a, b)] = min(a, b)

    for group in constraints.must_link:
        for first, second in pairwise(group):
            tie(first, second)
    by_service: dict[str, list[str]] = defaultdict(list)
    for node, service in constraints.pins:
        by_service[service].append(node)
    claims: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for service, nodes in sorted(by_service.items()):
        for node in sorted(set(nodes)):
            claims[root(position[node])].append((node, service))
    _refuse_torn(claims)
    for nodes in by_service.values():
        for first, second in pairwise(nodes):
            tie(first, second)
    roots = np.fromiter((root(node) for node in range(len(parent))), np.int64, len(parent))
    groups = np.unique(roots, return_inverse=True)[1].astype(np.int32)
    return groups, {s: int(groups[position[nodes[0]]]) for s, nodes in by_service.items()}


def _refuse_torn(claims: dict[int, list[tuple[str, str]]]) -> None:
    for group in claims.values():
        (node, service), *others = group
        for other, elsewhere in others:
            if elsewhere != service:
                tied = "" if node == other else ", and must-links tie the two together"
                raise ConflictingConstraints(
                    f"{node!r} is pinned to {service!r} but {other!r} to {elsewhere!r}{tied}"
                )


def _service_range(constraints: Constraints, groups: int) -> tuple[int, int]:
    if constraints.services is None:
        return min(1, groups), groups
    fewest, most = constraints.services
    if fewest > most or most < 1:
        raise UnusableInput(f"{fewest} to {most} is not a range of service numbers")
    if groups and fewest > groups:
        raise ConflictingConstraints(
            f"{fewest} services were asked for, but only {groups} nodes or groups of nodes"
            " can be assigned apart"
        )
    return max(fewest, min(1, groups)), min(most, groups)


def _rivalries(
    constraints: Constraints, position: dict[str, int], groups: Indices, pinned: dict[str, int]
) -> set[tuple[int, int]]:
    pairs = set()
    for first, second in constraints.cannot_link:
        a, b = int(groups[position[first]]), int(groups[position[second]])
        if a == b:
            reason = "are one node" if first == second else "are tied by must-links or pins"
            raise ConflictingConstraints(
                f"{first!r} and {second!r} cannot be linked, but they {reason}"
            )
        pairs.add((min(a, b), max(a, b)))
    for a, b in combinations(sorted(pinned.values()), 2):
        pairs.add((a, b))
    return pairs


def _refuse_oversize(graph: FactorGraph, constraints: Constraints, groups: Indices) -> None:
    limit = constraints.size_limit
    if limit is None or not len(groups):
        return
    sizes = np.bincount(groups, [node.size for node in graph.nodes])
    worst = int(np.argmax(sizes))
    if sizes[worst] > limit * (1 + SIZE_TOLERANCE):
        nodes = [graph.nodes[index].id for index in np.flatnonzero(groups == worst)]
        tied = "is" if len(nodes) == 1 else "are tied together and are"
        raise ConflictingConstraints(
            f"{_listed(nodes)} {tied} of size {sizes[worst]:g}, above the size limit {limit:g}"
        )


def _refuse_too_few_services(
    constraints: Constraints,
    rivals: Iterable[tuple[int, int]],
    pinned: dict[str, int],
    graph: FactorGraph,
    most: int,
) -> None:
    if len(pinned) > most:
        raise ConflictingConstraints(
            f"nodes are pinned to {len(pinned)} services ({_listed(sorted(pinned))}),"
            f" but at most {most} are allowed"
        )
    apart = _mutual_rivals(rivals)
    if apart > most:
        raise ConflictingConstraints(
            f"cannot-links and pins keep {apart} nodes apart from one another,"
            f" but at most {most} services are allowed"
        )
    total = sum(node.size for node in graph.nodes)
    limit = constraints.size_limit
    if limit is not None and total > limit * most * (1 + SIZE_TOLERANCE):
        raise ConflictingConstraints(
            f"the nodes' total size {total:g} does not fit into {most} services"
            f" of at most {limit:g}"
        )


def _mutual_rivals(rivals: Iterable[tuple[int, int]]) -> int:
    """Size of a set of nodes that are all rivals of one another, found greedily."""
    near: dict[int, set[int]] = defaultdict(set)
    for a, b in rivals:
        near[a].add(b)
        near[b].add(a)
    best = 0
    for start in sorted(near):
        clique = {start}
        for other in sorted(near[start], key=lambda node: (-len(near[node]), node)):
            if clique <= near[other]:
                clique.add(other)
        best = max(best, len(clique))
    return best


def _adjacency(pairs: Iterable[tuple[int, int]], nodes: int) -> tuple[Offsets, Indices]:
    both = sorted({(int(a), int(b)) for a, b in pairs} | {(int(b), int(a)) for a, b in pairs})
    counts = np.bincount([a for a, _ in both], minlength=nodes) if both else np.zeros(nodes, int)
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)))
    return offsets, np.array([b for _, b in both], np.int32)


def contracted(graph: Hypergraph, groups: Indices) -> Hypergraph:
    """Make one node of each group; drop factors that end up inside one, add up equal ones."""
    nodes = int(groups.max(initial=-1)) + 1
    offsets, members, weights = contract(
        graph.factor_offsets, graph.members, graph.weights, groups, nodes
    )
    node_offsets, incident = transpose(offsets, members, nodes)
    return Hypergraph(
        sizes=np.bincount(groups, graph.sizes, minlength=nodes).astype(np.float64),
        weights=weights,
        factor_offsets=offsets,
        members=members,
        node_offsets=node_offsets,
        incident=incident,
    )


def structural_order(graph: Hypergraph) -> Offsets:
    """Order nodes by colours that refine with their surroundings (Weisfeiler-Leman), not by name.

    Colours are sums of hashes modulo 2**64, so the order of addition does not matter. Nodes that
    still look alike keep their input order.
    """
    colours = _scrambled(graph.sizes.view(np.uint64))
    owners = np.repeat(np.arange(graph.factor_count), np.diff(graph.factor_offsets))
    base = _scrambled(graph.weights.view(np.uint64) + np.uint64(1))
    for _ in range(4):
        around = np.zeros(graph.factor_count, np.uint64)
        np.add.at(around, owners, _scrambled(colours)[graph.members])
        factors = _scrambled(base + around)
        gathered = np.zeros(graph.node_count, np.uint64)
        np.add.at(gathered, graph.members, factors[owners])
        colours = _scrambled(colours + _scrambled(gathered))
    return np.argsort(colours, kind="stable")


def _scrambled(values: Hashes) -> Hashes:
    """Hash each value (the finaliser of splitmix64, Steele et al., OOPSLA 2014)."""
    mixed = values + np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return mixed ^ (mixed >> np.uint64(31))


def _reordered(graph: Hypergraph, order: Offsets) -> Hypergraph:
    """Renumber the nodes; factors then stand in the order of their members."""
    rank = np.empty(len(order), np.int32)
    rank[order] = np.arange(len(order), dtype=np.int32)
    lengths = np.diff(graph.factor_offsets)
    owner = np.repeat(np.arange(len(lengths)), lengths)
    moved = rank[graph.members]
    moved = moved[np.lexsort((moved, owner))]
    starts = graph.factor_offsets[:-1]
    ends = graph.factor_offsets[1:] - 1
    if not len(lengths):
        by_members = np.zeros(0, np.int64)
    else:
        digest = np.zeros(len(lengths), np.uint64)
        np.add.at(digest, owner, _scrambled(moved.astype(np.uint64)))
        by_members = np.lexsort((digest, moved[ends], moved[starts], lengths))
    pieces = _gathered(starts[by_members], lengths[by_members])
    members = moved[pieces]
    offsets = np.concatenate((np.zeros(1, np.int64), np.cumsum(lengths[by_members])))
    node_offsets, incident = transpose(offsets, members, len(order))
    return Hypergraph(
        sizes=graph.sizes[order],
        weights=graph.weights[by_members],
        factor_offsets=offsets,
        members=members,
        node_offsets=node_offsets,
        incident=incident,
    )


def _gathered(starts: Offsets, lengths: Offsets) -> Offsets:
    """Positions of pieces laid end to end: of (start 5, length 2), (1, 1) they are 5, 6, 1."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    shift = np.repeat(starts - (ends - lengths), lengths)
    positions: Offsets = np.arange(total, dtype=np.int64) + shift
    return positions
