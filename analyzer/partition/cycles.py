"""A bound for large problems: cycles that no partition can please.

Write the cost over pairs of nodes. A pair inside a service pays a repulsion ρ, its share of the
load; a pair apart pays an attraction w, its share of the factors over both. Where w > ρ the pair
wants to be together, by w − ρ, where ρ > w apart. Every pair pays the smaller of the two. On a
cycle of pairs that want to be together but for one, somebody must also pay the difference. So
what is packed into such cycles, no pair being used for more than its difference, is paid on top
(Lange, Karrenbauer and Andres, "Partial optimality and fast lower bounds for weighted correlation
clustering", ICML 2018).

A good partition says where to look: only cycles with one displeased pair in it can make the
bound meet its cost. Those are paths inside a service closed by a pair with no tie, and paths over
one boundary closed by a pair across.

The price α of a service becomes a constant less a weaker repulsion: give every node a share v. With
V the sum of shares in a service, 1 ≥ 2V − V², as (V − 1)² ≥ 0; so α for each service is at least
2α Σ v less 2α v(u) v(w) for each pair in one service and α v(u)² for each node. Where the shares in
each service of the good partition add up to 1 this is exact there.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations
from typing import Any

import numpy as np

from analyzer.coupling.factor_graph import Floats, Hypergraph, Indices, Offsets
from analyzer.partition.kernels import Array, compiled
from analyzer.partition.linear_programs import maximised
from analyzer.partition.lower_bound import rounding
from analyzer.partition.problem import Prices

ROUNDS = 8
REACH = 5  # steps that a cycle over a boundary may take inside services
ENUMERATED = 7  # arity up to which all ways to tear a factor are looked at


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Attractions of pairs as a symmetric sparse matrix, rows ascending."""

    offsets: Offsets
    others: Indices
    weights: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Extras:
    """What the pairs of torn factors may attract on top, at a price, all together or not at all."""

    offsets: Offsets  # pairs of extra e: first[offsets[e]:offsets[e + 1]] and so on
    first: Indices
    second: Indices
    amounts: Floats
    owed: Floats  # for each extra


def by_cycles(graph: Hypergraph, labels: Indices, prices: Prices, *, work: float = 1e9) -> float:
    """A lower bound on the cost of any partition, guided by a good one.

    `work` is about how many steps may be looked at; more rounds pack better. Where not even one
    fits, what pairs pay without cycles is the bound.
    """
    shares = service_shares(graph, labels, prices)
    own = prices.load * float(np.sum(graph.sizes**2)) / 2
    own += prices.service * float(np.sum(2 * shares - shares**2))
    pull = np.sqrt(2 * max(prices.service, 0.0)) * shares
    pairs, extras = pair_attractions(graph, labels)
    rounds = int(min(ROUNDS, work / _steps_a_round(pairs, labels)))
    constant, packed = pack(
        pairs.offsets, pairs.others, pairs.weights, graph.sizes, labels,
        prices.load, pull, rounds, REACH,
        extras.offsets, extras.first, extras.second, extras.amounts, extras.owed,
    )  # fmt: skip
    return own + constant + packed - 8 * rounding(graph, prices)


def _steps_a_round(pairs: Pairs, labels: Indices) -> float:
    """About the steps that one round looks at.

    For each node the pairs inside its service, and for each pair over a boundary those two steps
    from it.
    """
    degrees = np.diff(pairs.offsets).astype(float)
    inside = float(np.sum(np.bincount(labels) * np.bincount(labels, degrees)))
    owner = np.repeat(np.arange(len(labels)), np.diff(pairs.offsets))
    across = labels[owner] != labels[pairs.others]
    typical = float(np.mean(degrees)) ** 2 if len(degrees) else 0.0
    return max(inside + float(np.count_nonzero(across)) * 8 * typical, 1.0)


def service_shares(graph: Hypergraph, labels: Indices, prices: Prices) -> Floats:
    """For each node its part of its service, by size; no more than lets every pair repel."""
    if prices.service <= 0:
        return np.zeros(len(labels))
    load = np.bincount(labels, graph.sizes)[labels]
    least = np.sqrt(2 * prices.service / max(prices.load, 1e-300))
    shares: Floats = graph.sizes / np.maximum(np.maximum(load, least), 1e-300)
    return shares


def pair_attractions(graph: Hypergraph, labels: Indices) -> tuple[Pairs, Extras]:
    """Attractions of pairs that never exceed what factors pay, and what they may be raised by."""
    rows: list[Indices] = []
    columns: list[Indices] = []
    values: list[Floats] = []
    more: list[tuple[Indices, Indices, Floats, Floats]] = []
    lengths = np.diff(graph.factor_offsets)
    for arity in np.unique(lengths).tolist():
        chosen = np.flatnonzero(lengths == arity)
        block = graph.members[graph.factor_offsets[chosen][:, None] + np.arange(arity)]
        home, profiles = _profiles(labels[block])
        left, right = np.triu_indices(arity, 1)
        for profile in np.unique(profiles, axis=0):
            alike = np.flatnonzero((profiles == profile).all(axis=1))
            form = pair_form(tuple(int(count) for count in profile if count))
            low = np.minimum(home[alike][:, left], home[alike][:, right])
            high = np.maximum(home[alike][:, left], home[alike][:, right])
            weights = graph.weights[chosen[alike]][:, None]
            first, second = block[alike][:, left], block[alike][:, right]
            rows.append(first.ravel())
            columns.append(second.ravel())
            values.append((weights * np.array(form.shares)[low, high]).ravel())
            if form.owed > 0:
                raised = weights * np.array(form.extra)[low, high]
                more.append((first, second, raised, weights[:, 0] * form.owed))
    pairs = symmetric(_joined(rows), _joined(columns), _joined(values), graph.node_count)
    return pairs, _extras(more)


def _extras(more: list[tuple[Indices, Indices, Floats, Floats]]) -> Extras:
    lengths = [np.full(len(first), first.shape[1]) for first, _, _, _ in more]
    counts = _joined(lengths).astype(np.int64)
    return Extras(
        offsets=np.concatenate((np.zeros(1, np.int64), np.cumsum(counts))).astype(np.int64),
        first=_joined([first.ravel() for first, _, _, _ in more]).astype(np.int32),
        second=_joined([second.ravel() for _, second, _, _ in more]).astype(np.int32),
        amounts=_joined([raised.ravel() for _, _, raised, _ in more]).astype(np.float64),
        owed=_joined([owed for _, _, _, owed in more]).astype(np.float64),
    )


def _joined(pieces: "list[np.typing.NDArray[Any]]") -> "np.typing.NDArray[Any]":
    return np.concatenate(pieces) if pieces else np.zeros(0)


def _profiles(homes: Indices) -> tuple[Indices, Indices]:
    """For factors of one arity: each member's part, largest part first, and the parts' sizes."""
    factors, arity = homes.shape
    same = homes[:, :, None] == homes[:, None, :]
    counts = same.sum(axis=2)
    first = same.argmax(axis=2)
    # A part is known by its first member; parts are ranked by size, then by that member.
    rank = -counts * (arity + 1) + first
    leader = first == np.arange(arity)
    above = (rank[:, None, :] < rank[:, :, None]) & leader[:, None, :]
    part = above.sum(axis=2)
    sizes = np.zeros((factors, arity), np.int64)
    np.put_along_axis(sizes, part, counts, axis=1)
    return part.astype(np.int32), sizes.astype(np.int32)


Shares = tuple[tuple[float, ...], ...]  # by the parts that the two members of a pair are in


@dataclass(frozen=True, slots=True)
class PairForm:
    """What a factor pays at least, over its pairs: Σ shares of torn pairs.

    Or, with all extras: Σ (shares + extra) of torn pairs − owed; or anything in between.
    """

    shares: Shares
    extra: Shares
    owed: float


@cache
def pair_form(profile: tuple[int, ...]) -> PairForm:
    """The form for a factor with so many members in each service, largest first.

    Whatever a factor is torn into, the form stays at or below the number of pieces less one; with
    extras it meets it for the tearing that the profile describes. Example: three members in three
    services: share 1/2 for each pair; or 1 for each, less 1.
    """
    arity, parts = sum(profile), len(profile)
    none = ((0.0,) * parts,) * parts
    if arity == 2:
        return PairForm(((1.0,) * parts,) * parts, none, 0.0)
    if arity > ENUMERATED:
        even = 1.0 / (arity // 2 * ((arity + 1) // 2))
        return PairForm(((even,) * parts,) * parts, none, 0.0)
    kinds = [(a, b) for a in range(parts) for b in range(a, parts)]
    plain, _ = _best_shares(profile, kinds, least=[0.0] * len(kinds), most_owed=0.0)
    raised, owed = _best_shares(profile, kinds, least=plain, most_owed=float(arity**2))
    extra = [more - less for more, less in zip(raised, plain, strict=True)]
    if owed < 1e-6:
        return PairForm(_table(parts, kinds, plain), none, 0.0)
    return PairForm(_table(parts, kinds, plain), _table(parts, kinds, extra), owed)


def _best_shares(
    profile: tuple[int, ...],
    kinds: list[tuple[int, int]],
    *,
    least: list[float],
    most_owed: float,
) -> tuple[list[float], float]:
    """Shares by kind of pair, and what is owed: as much as the present tearing can be charged."""
    home = [part for part, count in enumerate(profile) for _ in range(count)]
    rows, pieces = [], []
    for torn in _tearings(len(home)):
        row = np.zeros(len(kinds) + 1)
        row[-1] = -1.0
        for a, b in combinations(range(len(home)), 2):
            if torn[a] != torn[b]:
                row[kinds.index((home[a], home[b]))] += 1.0
        rows.append(row)
        pieces.append(max(torn))
    now = np.array([float(a != b) * profile[a] * profile[b] for a, b in kinds] + [-1.0])
    pairs = [profile[a] * (profile[a] - 1) / 2 if a == b else 0.0 for a, b in kinds]
    # First charge the present tearing, then give pairs inside as much as can be, then owe little.
    gain = 100.0 * now + np.array([*pairs, -0.5]) - 0.01
    best = maximised(
        gain,
        np.array(rows),
        np.array(pieces) - 1e-9,
        [(max(share - 1e-9, 0.0), None) for share in least] + [(0.0, most_owed)],
    )
    return best[:-1].tolist(), float(best[-1])


def _table(parts: int, kinds: list[tuple[int, int]], values: list[float]) -> Shares:
    table = np.zeros((parts, parts))
    for (a, b), value in zip(kinds, values, strict=True):
        table[a, b] = max(value, 0.0)
    return tuple(tuple(row.tolist()) for row in table)


def _tearings(count: int) -> list[tuple[int, ...]]:
    """All ways to tear a factor, whole as well, as the piece of each member."""
    grown: list[tuple[int, ...]] = [(0,)]
    for _ in range(count - 1):
        grown = [(*torn, piece) for torn in grown for piece in range(max(torn) + 2)]
    return grown


def symmetric(first: Indices, second: Indices, weights: Floats, nodes: int) -> Pairs:
    row = np.concatenate((first, second)).astype(np.int64)
    column = np.concatenate((second, first)).astype(np.int64)
    keys, inverse = np.unique(row * nodes + column, return_inverse=True)
    summed = np.bincount(inverse, np.concatenate((weights, weights)), minlength=len(keys))
    counts = np.bincount(keys // nodes, minlength=nodes) if len(keys) else np.zeros(nodes, int)
    return Pairs(
        offsets=np.concatenate((np.zeros(1, np.int64), np.cumsum(counts))).astype(np.int64),
        others=(keys % nodes).astype(np.int32),
        weights=summed.astype(np.float64),
    )


@compiled
def pack(
    offsets: Array, others: Array, weights: Array, sizes: Array, labels: Array,
    gamma: float, pull: Array, rounds: int, reach: int, extra_offsets: Array,
    extra_first: Array, extra_second: Array, extra_amounts: Array, extra_owed: Array,
) -> tuple[float, float]:  # fmt: skip
    """What each pair with a tie pays anyway, and what is packed into cycles.

    Demands are met in rounds, an equal part in each, so that none takes all the room first.
    """
    nodes = sizes.shape[0]
    spare = np.zeros(weights.shape[0], np.float64)  # w − ρ where positive
    twin = np.zeros(weights.shape[0], np.int64)
    constant = 0.0
    for node in range(nodes):
        for entry in range(offsets[node], offsets[node + 1]):
            other = others[entry]
            twin[entry] = find(offsets, others, other, node)
            repulsion = repelled(node, other, sizes, gamma, pull)
            if node < other:
                constant += min(weights[entry], repulsion)
            spare[entry] = max(weights[entry] - repulsion, 0.0)
    lacking = spare.copy()
    slots = 1024
    while slots < 16 * weights.shape[0] and slots < 1 << 23:
        slots *= 2
    keys = np.full(slots, -1, np.int64)
    used = np.zeros(slots, np.float64)
    left = np.empty(nodes, np.int32)
    right = np.empty(nodes, np.int32)
    left_steps = np.empty(nodes, np.int32)
    right_steps = np.empty(nodes, np.int32)
    depth = np.full(nodes, -1, np.int32)
    width = np.zeros(nodes, np.float64)
    upward = np.full(nodes, -1, np.int64)
    packed = 0.0
    for turn in range(rounds):
        for node in range(nodes):
            packed += repulsion_inside(
                node, 1.0 / rounds, 4, offsets, others, weights, twin, spare, sizes, labels,
                gamma, pull, left, left_steps, depth, width, upward,
            )  # fmt: skip
        for node in range(nodes):
            for entry in range(offsets[node], offsets[node + 1]):
                other = others[entry]
                if node > other or labels[node] == labels[other] or lacking[entry] <= 0.0:
                    continue
                wanted = lacking[entry] / (rounds - turn)
                got = attraction_across(
                    node, other, wanted, reach, offsets, others, weights, twin, spare, sizes,
                    labels, gamma, pull, keys, used, left, right, left_steps, right_steps,
                    depth, width, upward,
                )  # fmt: skip
                packed += got
                lacking[entry] -= got
    # A torn factor's extras count as far as all of its pairs across boundaries find room.
    given_up = np.zeros(extra_owed.shape[0], np.bool_)
    for _ in range(rounds):
        for extra in range(extra_owed.shape[0]):
            if given_up[extra]:
                continue
            part = 1.0
            charged = -extra_owed[extra]
            for index in range(extra_offsets[extra], extra_offsets[extra + 1]):
                node = extra_first[index]
                other = extra_second[index]
                amount = extra_amounts[index]
                if labels[node] == labels[other] or amount <= 0.0:
                    continue
                charged += amount
                got = attraction_across(
                    node, other, amount * part / rounds, reach, offsets, others, weights, twin,
                    spare, sizes, labels, gamma, pull, keys, used, left, right, left_steps,
                    right_steps, depth, width, upward,
                )  # fmt: skip
                part = min(part, got * rounds / amount)
                if part <= 0.01:
                    given_up[extra] = True
                    break
            if not given_up[extra] and charged > 0.0:
                packed += charged * part / rounds
    return constant, packed


@compiled
def repelled(node: int, other: int, sizes: Array, gamma: float, pull: Array) -> float:
    """ρ of a pair."""
    repulsion: float = gamma * sizes[node] * sizes[other] - pull[node] * pull[other]
    return max(repulsion, 0.0)


@compiled
def find(offsets: Array, others: Array, node: int, other: int) -> int:
    """Where `other` stands among a node's neighbours; −1 if it does not."""
    low = offsets[node]
    high = offsets[node + 1]
    while low < high:
        middle = (low + high) // 2
        if others[middle] < other:
            low = middle + 1
        else:
            high = middle
    return low if low < offsets[node + 1] and others[low] == other else -1


@compiled
def reached(
    root: int, most: int, offsets: Array, others: Array, spare: Array, labels: Array,
    order: Array, steps: Array, depth: Array, width: Array, upward: Array,
) -> int:  # fmt: skip
    """Nodes that at most so many steps with room reach from the root inside its service.

    They stand in `order`, nearest first, with their numbers of steps in `steps`. Of equally short
    ways the widest is kept, as the last step's entry in `upward`. `depth` is −1 outside.
    """
    order[0] = root
    depth[root] = 0
    width[root] = np.inf
    upward[root] = -1
    found = 1
    index = 0
    while index < found:
        node = order[index]
        index += 1
        if depth[node] == most:
            break
        for entry in range(offsets[node], offsets[node + 1]):
            other = others[entry]
            if spare[entry] <= 0.0 or labels[other] != labels[root]:
                continue
            way = min(width[node], spare[entry])
            if depth[other] < 0:
                depth[other] = depth[node] + 1
                width[other] = way
                upward[other] = entry
                order[found] = other
                found += 1
            elif depth[other] == depth[node] + 1 and way > width[other]:
                width[other] = way
                upward[other] = entry
    for index in range(found):
        steps[index] = depth[order[index]]
        depth[order[index]] = -1
    return found


@compiled
def room_on_way(node: int, others: Array, twin: Array, spare: Array, upward: Array) -> float:
    """The least room on the way from the root to a node."""
    room = np.inf
    while upward[node] >= 0:
        room = min(room, spare[upward[node]])
        node = others[twin[upward[node]]]
    return room


@compiled
def take_way(
    node: int, amount: float, others: Array, twin: Array, spare: Array, upward: Array
) -> None:
    """Use up room on the way from the root to a node."""
    while upward[node] >= 0:
        entry = upward[node]
        spare[entry] = max(spare[entry] - amount, 0.0)
        spare[twin[entry]] = spare[entry]
        node = others[twin[entry]]


@compiled
def repulsion_inside(
    node: int, share: float, most: int, offsets: Array, others: Array, weights: Array, twin: Array,
    spare: Array, sizes: Array, labels: Array, gamma: float, pull: Array,
    order: Array, steps: Array, depth: Array, width: Array, upward: Array,
) -> float:  # fmt: skip
    """Pack cycles inside a service, closed by the pairs of a node and those after it that repel."""
    packed = 0.0
    found = reached(node, most, offsets, others, spare, labels, order, steps, depth, width, upward)
    for index in range(1, found):
        other = order[index]
        if other < node:
            continue
        wanted = repelled(node, other, sizes, gamma, pull)
        tie = find(offsets, others, node, other)
        if tie >= 0:
            wanted -= weights[tie]
        wanted *= share
        if wanted <= 0.0:
            continue
        amount = min(wanted, room_on_way(other, others, twin, spare, upward))
        if amount > 0.0:
            take_way(other, amount, others, twin, spare, upward)
            packed += amount
    return packed


@compiled
def attraction_across(
    node: int, other: int, wanted: float, most: int, offsets: Array, others: Array, weights: Array,
    twin: Array, spare: Array, sizes: Array, labels: Array, gamma: float, pull: Array,
    keys: Array, used: Array, left: Array, right: Array, left_steps: Array,
    right_steps: Array, depth: Array, width: Array, upward: Array,
) -> float:  # fmt: skip
    """Pack cycles over one pair across a boundary, closed by a pair that repels across it.

    The way leads from any node near the pair's one end to any near its other end.
    """
    got = 0.0
    near = 0
    far = 0
    looked = 0
    for length in range(1, most + 1):
        if length != 2:  # look one step further on each side, at first two
            looked = max(2, length)
            near = reached(
                node,
                looked,
                offsets,
                others,
                spare,
                labels,
                left,
                left_steps,
                depth,
                width,
                upward,
            )
            far = reached(
                other,
                looked,
                offsets,
                others,
                spare,
                labels,
                right,
                right_steps,
                depth,
                width,
                upward,
            )
        for index in range(near):
            first = left[index]
            if left_steps[index] > length:
                break
            for place in range(far):
                second = right[place]
                if got >= wanted * (1 - 1e-9):
                    return got
                total = left_steps[index] + right_steps[place]
                if total > length:
                    break
                if total < length:
                    continue
                room = min(
                    room_on_way(first, others, twin, spare, upward),
                    room_on_way(second, others, twin, spare, upward),
                )
                if room <= 0.0:
                    continue
                amount = claim(
                    first,
                    second,
                    min(room, wanted - got),
                    offsets,
                    others,
                    weights,
                    sizes,
                    gamma,
                    pull,
                    keys,
                    used,
                )
                if amount > 0.0:
                    take_way(first, amount, others, twin, spare, upward)
                    take_way(second, amount, others, twin, spare, upward)
                    got += amount
    return got


@compiled
def claim(
    first: int, second: int, amount: float, offsets: Array, others: Array, weights: Array,
    sizes: Array, gamma: float, pull: Array, keys: Array, used: Array,
) -> float:  # fmt: skip
    """Take up to `amount` of what a pair repels beyond its tie; remember what is used."""
    room = repelled(first, second, sizes, gamma, pull)
    tie = find(offsets, others, first, second)
    if tie >= 0:
        room -= weights[tie]
    if room <= 0.0:
        return 0.0
    key = np.int64(min(first, second)) * np.int64(sizes.shape[0]) + np.int64(max(first, second))
    mask = keys.shape[0] - 1
    slot = np.int64((np.uint64(key) * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(20)) & mask
    for _ in range(64):
        if keys[slot] == -1 or keys[slot] == key:
            break
        slot = (slot + 1) & mask
    if keys[slot] == -1:
        keys[slot] = key
    elif keys[slot] != key:
        return 0.0  # the table is crowded here; what is not packed only weakens the bound
    taken: float = min(amount, room - used[slot])
    if taken <= 0.0:
        return 0.0
    used[slot] += taken
    return taken
