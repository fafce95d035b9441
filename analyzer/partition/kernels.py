"""The inner loops, compiled on first use and cached: contraction, counting, moving, swapping.

A clustering's running state is five arrays: `labels` (cluster of each node), `load` and `heads`
(size and number of nodes of each cluster), and for each factor the clusters it touches with the
number of its members there, in `slot_cluster` and `slot_count` from the factor's offset on, of
which the first `slot_length` are in use. Cluster numbers run below the number of nodes, so an
empty one can always be found.
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Generic, ParamSpec, TypeVar, cast

import numpy as np

Function = TypeVar("Function", bound=Callable[..., Any])
Given = ParamSpec("Given")
Returned = TypeVar("Returned")
Array = np.ndarray[Any, Any]
State = tuple[Array, Array, Array, Array, Array]


class Kernel(Generic[Given, Returned]):
    """A function that is compiled when it is first called; numba takes a second to import."""

    def __init__(self, function: Callable[Given, Returned]) -> None:
        self.function = function
        self._machine: Callable[Given, Returned] | None = None

    def __call__(self, *arguments: Given.args, **named: Given.kwargs) -> Returned:
        return self.machine()(*arguments, **named)

    def machine(self) -> Callable[Given, Returned]:
        """The compiled function; the kernels that it calls are put in place of their promises."""
        if self._machine is None:
            reachable = self.function.__globals__
            for name in self.function.__code__.co_names:
                if isinstance(called := reachable.get(name), Kernel):
                    reachable[name] = called.machine()
            self._machine = _jitted(self.function)
        return self._machine


def compiled(function: Function) -> Function:
    """Compile on first call."""
    return cast(Function, Kernel(function))


def _jitted(function: Function) -> Function:
    """Compile without the interpreter lock; keep the machine code where a folder allows it."""
    numba: Any = import_module("numba")
    try:
        return cast(Function, numba.njit(cache=True, nogil=True)(function))
    except RuntimeError:  # no folder for the cache can be written
        return cast(Function, numba.njit(nogil=True)(function))


@compiled
def transpose(offsets: Array, members: Array, nodes: int) -> tuple[Array, Array]:
    """From factors' members to nodes' factors."""
    node_offsets = np.zeros(nodes + 1, np.int64)
    for pin in range(members.shape[0]):
        node_offsets[members[pin] + 1] += 1
    for node in range(nodes):
        node_offsets[node + 1] += node_offsets[node]
    cursor = node_offsets[:-1].copy()
    incident = np.empty(members.shape[0], np.int32)
    for factor in range(offsets.shape[0] - 1):
        for pin in range(offsets[factor], offsets[factor + 1]):
            node = members[pin]
            incident[cursor[node]] = factor
            cursor[node] += 1
    return node_offsets, incident


@compiled
def contract(
    offsets: Array, members: Array, weights: Array, groups: Array, count: int
) -> tuple[Array, Array, Array]:
    """Factors over groups of nodes; those inside one group vanish, equal ones add up."""
    factors = weights.shape[0]
    out_offsets = np.zeros(factors + 1, np.int64)
    out_members = np.empty(members.shape[0], np.int32)
    out_weights = np.empty(factors, np.float64)
    stamp = np.full(count, -1, np.int64)
    slots = 16
    while slots < 2 * factors:
        slots *= 2
    table = np.full(slots, -1, np.int64)
    kept = 0
    for factor in range(factors):
        if weights[factor] <= 0.0:
            continue
        start = out_offsets[kept]
        end = start
        for pin in range(offsets[factor], offsets[factor + 1]):
            group = groups[members[pin]]
            if stamp[group] != factor:
                stamp[group] = factor
                out_members[end] = group
                end += 1
        length = end - start
        if length < 2:
            continue
        if length == 2:
            if out_members[start] > out_members[start + 1]:
                first = out_members[start]
                out_members[start] = out_members[start + 1]
                out_members[start + 1] = first
        else:
            out_members[start:end] = np.sort(out_members[start:end])
        digest = np.uint64(length)
        for pin in range(start, end):
            digest = (digest ^ np.uint64(out_members[pin])) * np.uint64(0x9E3779B97F4A7C15)
            digest ^= digest >> np.uint64(29)
        probe = np.int64(digest & np.uint64(slots - 1))
        found = False
        while table[probe] >= 0:
            other = table[probe]
            begin = out_offsets[other]
            if out_offsets[other + 1] - begin == length:
                found = True
                for step in range(length):
                    if out_members[begin + step] != out_members[start + step]:
                        found = False
                        break
                if found:
                    out_weights[other] += weights[factor]
                    break
            probe = (probe + 1) & (slots - 1)
        if not found:
            table[probe] = kept
            out_weights[kept] = weights[factor]
            kept += 1
            out_offsets[kept] = end
    total = out_offsets[kept]
    return out_offsets[: kept + 1].copy(), out_members[:total].copy(), out_weights[:kept].copy()


@compiled
def restrict(
    offsets: Array, members: Array, weights: Array, labels: Array, clusters: int
) -> tuple[Array, Array, Array]:
    """Split each factor by cluster; parts of one node vanish. What remains lies inside clusters."""
    parts = 0
    pins = members.shape[0]
    out_members = np.empty(pins, np.int32)
    out_offsets = np.zeros(pins + 1, np.int64)
    out_weights = np.empty(pins, np.float64)
    count = np.zeros(clusters, np.int64)
    for factor in range(weights.shape[0]):
        for pin in range(offsets[factor], offsets[factor + 1]):
            count[labels[members[pin]]] += 1
        for pin in range(offsets[factor], offsets[factor + 1]):
            cluster = labels[members[pin]]
            if count[cluster] > 1:
                end = out_offsets[parts]
                for other in range(pin, offsets[factor + 1]):
                    if labels[members[other]] == cluster:
                        out_members[end] = members[other]
                        end += 1
                out_weights[parts] = weights[factor]
                parts += 1
                out_offsets[parts] = end
            count[cluster] = 0
    total = out_offsets[parts]
    return out_offsets[: parts + 1].copy(), out_members[:total].copy(), out_weights[:parts].copy()


@compiled
def touched(offsets: Array, members: Array, labels: Array, clusters: int) -> Array:
    """For each factor, how many clusters it touches."""
    factors = offsets.shape[0] - 1
    result = np.zeros(factors, np.int64)
    stamp = np.full(clusters, -1, np.int64)
    for factor in range(factors):
        for pin in range(offsets[factor], offsets[factor + 1]):
            cluster = labels[members[pin]]
            if stamp[cluster] != factor:
                stamp[cluster] = factor
                result[factor] += 1
    return result


@compiled
def begin(offsets: Array, members: Array, sizes: Array, labels: Array) -> State:
    """The running state of a clustering: load, heads, slot_cluster, slot_count, slot_length."""
    nodes = sizes.shape[0]
    factors = offsets.shape[0] - 1
    load = np.zeros(nodes, np.float64)
    heads = np.zeros(nodes, np.int32)
    for node in range(nodes):
        load[labels[node]] += sizes[node]
        heads[labels[node]] += 1
    slot_cluster = np.zeros(members.shape[0], np.int32)
    slot_count = np.zeros(members.shape[0], np.int32)
    slot_length = np.zeros(factors, np.int32)
    place = np.full(nodes, -1, np.int64)
    for factor in range(factors):
        start = offsets[factor]
        used = 0
        for pin in range(start, offsets[factor + 1]):
            cluster = labels[members[pin]]
            slot = place[cluster]
            if slot >= start:
                slot_count[slot] += 1
            else:
                place[cluster] = start + used
                slot_cluster[start + used] = cluster
                slot_count[start + used] = 1
                used += 1
        slot_length[factor] = used
    return load, heads, slot_cluster, slot_count, slot_length


@compiled
def shift(
    node: int, target: int, offsets: Array, node_offsets: Array, incident: Array, sizes: Array,
    labels: Array, state: State,
) -> None:  # fmt: skip
    """Move one node, keeping the running state true."""
    load, heads, slot_cluster, slot_count, slot_length = state
    source = labels[node]
    labels[node] = target
    load[source] -= sizes[node]
    load[target] += sizes[node]
    heads[source] -= 1
    heads[target] += 1
    if heads[source] == 0:
        load[source] = 0.0
    for entry in range(node_offsets[node], node_offsets[node + 1]):
        factor = incident[entry]
        start = offsets[factor]
        used = slot_length[factor]
        leave = -1
        enter = -1
        for slot in range(start, start + used):
            if slot_cluster[slot] == source:
                leave = slot
            elif slot_cluster[slot] == target:
                enter = slot
        if enter >= 0:
            slot_count[enter] += 1
            slot_count[leave] -= 1
            if slot_count[leave] == 0:
                last = start + used - 1
                slot_cluster[leave] = slot_cluster[last]
                slot_count[leave] = slot_count[last]
                slot_length[factor] = used - 1
        elif slot_count[leave] == 1:
            slot_cluster[leave] = target
        else:
            slot_count[leave] -= 1
            slot_cluster[start + used] = target
            slot_count[start + used] = 1
            slot_length[factor] = used + 1


@compiled
def ties(
    node: int, offsets: Array, node_offsets: Array, incident: Array, weights: Array,
    labels: Array, state: State, pull: Array, seen: Array,
) -> int:  # fmt: skip
    """Fill `pull[c]` with the weight that ties a node to cluster c; list the clusters in `seen`.

    The node's own cluster comes first. `pull` must be zero outside and is left filled.
    """
    slot_cluster, slot_count, slot_length = state[2], state[3], state[4]
    home = labels[node]
    seen[0] = home
    found = 1
    for entry in range(node_offsets[node], node_offsets[node + 1]):
        factor = incident[entry]
        weight = weights[factor]
        start = offsets[factor]
        for slot in range(start, start + slot_length[factor]):
            cluster = slot_cluster[slot]
            if cluster == home:
                if slot_count[slot] > 1:
                    pull[home] += weight
            else:
                if pull[cluster] == 0.0:
                    seen[found] = cluster
                    found += 1
                pull[cluster] += weight
    return found


@compiled
def relocate(
    offsets: Array, members: Array, node_offsets: Array, incident: Array, weights: Array,
    sizes: Array, rival_offsets: Array, rivals: Array, labels: Array, state: State, order: Array,
    gamma: float, alpha: float, limit: float, fewest: int, most: int, tolerance: float,
    budget: int,
) -> float:  # fmt: skip
    """Move nodes one at a time to where they cost least, until none gains or the budget is spent.

    Nodes wait in a queue, at first in the given order; a move calls back the neighbours it
    leaves behind. Returns what all moves took off the cost. `budget` counts visited nodes.
    """
    load, heads = state[0], state[1]
    nodes = sizes.shape[0]
    pull = np.zeros(nodes, np.float64)
    seen = np.empty(nodes + 1, np.int32)
    waiting = np.zeros(nodes, np.bool_)
    queue = np.empty(nodes + 1, np.int32)
    head = 0
    tail = order.shape[0]
    for index in range(tail):
        queue[index] = order[index]
        waiting[order[index]] = True
    empty = np.empty(nodes, np.int32)
    vacant = 0
    clusters = 0
    for cluster in range(nodes - 1, -1, -1):
        if heads[cluster] == 0:
            empty[vacant] = cluster
            vacant += 1
        else:
            clusters += 1
    smallest = -1
    until_look = 0
    saved = 0.0
    while head != tail and budget > 0:
        budget -= 1
        node = queue[head]
        head = head + 1 if head < nodes else 0
        waiting[node] = False
        home = labels[node]
        size = sizes[node]
        alone = heads[home] == 1
        if alpha > 0.0:
            # With a price on services, the smallest one may be worth joining without any tie.
            if until_look == 0:
                until_look = 1 + nodes // 64
                smallest = -1
                for cluster in range(nodes):
                    if heads[cluster] > 0 and (smallest < 0 or load[cluster] < load[smallest]):
                        smallest = cluster
            until_look -= 1
        found = ties(node, offsets, node_offsets, incident, weights, labels, state, pull, seen)
        if alpha > 0.0 and smallest != home and heads[smallest] > 0 and pull[smallest] == 0.0:
            seen[found] = smallest
            found += 1
        stay = pull[home]
        best = home
        best_gain = tolerance
        may_leave = not alone or clusters > fewest
        if may_leave:
            for index in range(1, found):
                cluster = seen[index]
                if load[cluster] + size > limit:
                    continue
                gain = pull[cluster] - stay - gamma * size * (load[cluster] - load[home] + size)
                if alone:
                    gain += alpha
                if gain > best_gain and _welcome(node, cluster, -1, rival_offsets, rivals, labels):
                    best = cluster
                    best_gain = gain
        if not alone and clusters < most and vacant > 0:
            gain = gamma * size * (load[home] - size) - stay - alpha
            if gain > best_gain:
                best = empty[vacant - 1]
                best_gain = gain
        for index in range(found):
            pull[seen[index]] = 0.0
        if best == home:
            continue
        if heads[best] == 0:
            vacant -= 1
            clusters += 1
        if alone:
            empty[vacant] = home
            vacant += 1
            clusters -= 1
        shift(node, best, offsets, node_offsets, incident, sizes, labels, state)
        saved += best_gain
        for entry in range(node_offsets[node], node_offsets[node + 1]):
            factor = incident[entry]
            if offsets[factor + 1] - offsets[factor] > 64:
                continue  # one of many: not worth calling back all
            for pin in range(offsets[factor], offsets[factor + 1]):
                other = members[pin]
                if not waiting[other] and labels[other] != best:
                    waiting[other] = True
                    queue[tail] = other
                    tail = tail + 1 if tail < nodes else 0
    return saved


@compiled
def swap(
    offsets: Array, node_offsets: Array, incident: Array, weights: Array, sizes: Array,
    rival_offsets: Array, rivals: Array, labels: Array, state: State, order: Array, gamma: float,
    limit: float, tolerance: float, tries: int,
) -> float:  # fmt: skip
    """Exchange pairs of nodes between services where that takes something off the cost.

    Finds what a size limit or a fixed number of services hides from single moves. Each node is
    tried against at most `tries` nodes of each service it is tied to. Returns what was saved.
    """
    load = state[0]
    nodes = sizes.shape[0]
    pull = np.zeros(nodes, np.float64)
    seen = np.empty(nodes + 1, np.int32)
    saved = 0.0
    by_cluster = np.argsort(labels)
    starts = np.searchsorted(labels[by_cluster], np.arange(nodes + 1))
    for index in range(order.shape[0]):
        node = order[index]
        home = labels[node]
        found = ties(node, offsets, node_offsets, incident, weights, labels, state, pull, seen)
        done = False
        for near in range(1, found):
            away = seen[near]
            span = starts[away + 1] - starts[away]
            step = max(1, span // tries)
            for place in range(starts[away], starts[away + 1], step):
                other = by_cluster[place]
                if labels[other] != away or other == node:
                    continue
                size, others_size = sizes[node], sizes[other]
                grown_away = load[away] - others_size + size
                grown_home = load[home] - size + others_size
                if grown_away > limit or grown_home > limit:
                    continue
                if not _welcome(node, away, other, rival_offsets, rivals, labels):
                    continue
                if not _welcome(other, home, node, rival_offsets, rivals, labels):
                    continue
                gain = _exchange_gain(
                    node, other, home, away, offsets, node_offsets, incident, weights, state
                ) + 0.5 * gamma * (
                    load[home] ** 2 + load[away] ** 2 - grown_home**2 - grown_away**2
                )
                if gain > tolerance:
                    shift(node, away, offsets, node_offsets, incident, sizes, labels, state)
                    shift(other, home, offsets, node_offsets, incident, sizes, labels, state)
                    saved += gain
                    done = True
                    break
            if done:
                break
        for entry in range(found):
            pull[seen[entry]] = 0.0
    return saved


@compiled
def _welcome(
    node: int, cluster: int, leaving: int, rival_offsets: Array, rivals: Array, labels: Array
) -> bool:
    """Whether no rival of a node is in a cluster, but for one that is leaving it (-1: none)."""
    for entry in range(rival_offsets[node], rival_offsets[node + 1]):
        rival = rivals[entry]
        if rival != leaving and labels[rival] == cluster:
            return False
    return True


@compiled
def _exchange_gain(
    node: int, other: int, home: int, away: int, offsets: Array, node_offsets: Array,
    incident: Array, weights: Array, state: State,
) -> float:  # fmt: skip
    """What exchanging two nodes saves in coupling; factors that hold both stay as they are."""
    slot_cluster, slot_count, slot_length = state[2], state[3], state[4]
    gain = 0.0
    for side in range(2):
        mover = node if side == 0 else other
        partner = other if side == 0 else node
        source = home if side == 0 else away
        target = away if side == 0 else home
        skip = node_offsets[partner]
        for entry in range(node_offsets[mover], node_offsets[mover + 1]):
            factor = incident[entry]
            while skip < node_offsets[partner + 1] and incident[skip] < factor:
                skip += 1
            if skip < node_offsets[partner + 1] and incident[skip] == factor:
                continue
            inside = 0
            reached = 0
            start = offsets[factor]
            for slot in range(start, start + slot_length[factor]):
                if slot_cluster[slot] == source:
                    inside = slot_count[slot]
                elif slot_cluster[slot] == target:
                    reached = slot_count[slot]
            if inside == 1:
                gain += weights[factor]
            if reached == 0:
                gain -= weights[factor]
    return gain


@compiled
def induced(
    nodes: Array, offsets: Array, members: Array, node_offsets: Array, incident: Array,
    weights: Array,
) -> tuple[Array, Array, Array]:  # fmt: skip
    """The factors among some nodes, numbered by their place in `nodes`, each cut down to them."""
    place = np.full(node_offsets.shape[0] - 1, -1, np.int32)
    for index in range(nodes.shape[0]):
        place[nodes[index]] = index
    taken = np.zeros(weights.shape[0], np.bool_)
    factors = 0
    pins = 0
    for index in range(nodes.shape[0]):
        for entry in range(node_offsets[nodes[index]], node_offsets[nodes[index] + 1]):
            pins += 1
            if not taken[incident[entry]]:
                taken[incident[entry]] = True
                factors += 1
    out_offsets = np.zeros(factors + 1, np.int64)
    out_members = np.empty(pins, np.int32)
    out_weights = np.empty(factors, np.float64)
    kept = 0
    end = 0
    for index in range(nodes.shape[0]):
        for entry in range(node_offsets[nodes[index]], node_offsets[nodes[index] + 1]):
            factor = incident[entry]
            if not taken[factor]:
                continue
            taken[factor] = False
            start = end
            for pin in range(offsets[factor], offsets[factor + 1]):
                if place[members[pin]] >= 0:
                    out_members[end] = place[members[pin]]
                    end += 1
            if end - start < 2:
                end = start
                continue
            out_weights[kept] = weights[factor]
            kept += 1
            out_offsets[kept] = end
    return out_offsets[: kept + 1].copy(), out_members[:end].copy(), out_weights[:kept].copy()


@compiled
def agglomerate(
    offsets: Array, members: Array, node_offsets: Array, incident: Array, weights: Array,
    sizes: Array, apart: Array, alpha: float, limit: float,
) -> Array:  # fmt: skip
    """Merge nodes pair by pair, always the pair that a falling load price would merge next.

    That is the pair with the largest (shared weight + α) / (size · size). `apart[a, b]` forbids.
    Returns the merges in order, as pairs (kept, dissolved), fewer where none more is allowed.
    """
    nodes = sizes.shape[0]
    load = sizes.copy()
    together = np.zeros((nodes, nodes), np.float64)
    for factor in range(weights.shape[0]):
        for left in range(offsets[factor], offsets[factor + 1]):
            for right in range(offsets[factor], offsets[factor + 1]):
                if left != right:
                    together[members[left], members[right]] += weights[factor]
    faint = 1e-12 * (weights.sum() + alpha) + 1e-300
    labels = np.arange(nodes).astype(np.int32)
    following = np.full(nodes, -1, np.int64)  # nodes of one cluster, chained
    last = np.arange(nodes)
    alive = np.ones(nodes, np.bool_)
    best = np.full(nodes, -1, np.int64)
    worth = np.full(nodes, -1.0, np.float64)
    stale = np.ones(nodes, np.bool_)
    stamp = np.full(weights.shape[0], -1, np.int64)
    counted = np.full(nodes, -1, np.int64)
    merges = np.empty((max(nodes - 1, 0), 2), np.int32)
    done = 0
    while done < nodes - 1:
        chosen = -1
        for one in range(nodes):
            if not alive[one]:
                continue
            if stale[one]:
                stale[one] = False
                best[one] = -1
                worth[one] = -1.0
                for other in range(nodes):
                    if other == one or not alive[other] or apart[one, other]:
                        continue
                    if load[one] + load[other] > limit:
                        continue
                    value = _worth(together[one, other] + alpha + faint, load[one], load[other])
                    if value > worth[one]:
                        worth[one] = value
                        best[one] = other
            if best[one] >= 0 and (chosen < 0 or worth[one] > worth[chosen]):
                chosen = one
        if chosen < 0:
            break
        keep = min(chosen, best[chosen])
        drop = max(chosen, best[chosen])
        merges[done, 0] = keep
        merges[done, 1] = drop
        for other in range(nodes):
            together[keep, other] += together[drop, other]
            if apart[drop, other]:
                apart[keep, other] = True
                apart[other, keep] = True
        # A factor over keep, drop and a third was counted twice towards the third.
        member = keep
        while member >= 0:
            for entry in range(node_offsets[member], node_offsets[member + 1]):
                stamp[incident[entry]] = 2 * done
            member = following[member]
        member = drop
        while member >= 0:
            for entry in range(node_offsets[member], node_offsets[member + 1]):
                factor = incident[entry]
                if stamp[factor] != 2 * done:
                    continue
                stamp[factor] = 2 * done + 1
                for pin in range(offsets[factor], offsets[factor + 1]):
                    third = labels[members[pin]]
                    if third != keep and third != drop and counted[third] != factor:
                        counted[third] = factor
                        together[keep, third] -= weights[factor]
                for pin in range(offsets[factor], offsets[factor + 1]):
                    counted[labels[members[pin]]] = -1
            member = following[member]
        member = drop
        while member >= 0:
            labels[member] = keep
            member = following[member]
        following[last[keep]] = drop
        last[keep] = last[drop]
        load[keep] += load[drop]
        alive[drop] = False
        for other in range(nodes):
            together[other, keep] = together[keep, other]
            if alive[other] and (best[other] == keep or best[other] == drop):
                stale[other] = True
        together[keep, keep] = 0.0
        stale[keep] = True
        for other in range(nodes):
            if not alive[other] or other == keep or stale[other] or apart[keep, other]:
                continue
            if load[keep] + load[other] > limit:
                continue
            value = _worth(together[keep, other] + alpha + faint, load[keep], load[other])
            if value > worth[other]:
                worth[other] = value
                best[other] = keep
        done += 1
    return merges[:done].copy()


@compiled
def _worth(saved: float, one: float, other: float) -> float:
    """The load price up to which merging two clusters of these sizes saves more than it costs."""
    return saved / (one * other + 1e-300)


@compiled
def best_by_subsets(price: Array, fewest: int, most: int, nodes: int) -> tuple[float, Array]:
    """Cheapest partition of `nodes` nodes when `price[subset]` is each subset's (inf: forbidden).

    Dynamic programming over subsets. Returns the cheapest cost and the cluster of each node.
    """
    full = (1 << nodes) - 1
    best = np.full((most + 1, full + 1), np.inf)
    choice = np.zeros((most + 1, full + 1), np.int32)
    best[0, 0] = 0.0
    for count in range(1, most + 1):
        for mask in range(1, full + 1):
            lowest = mask & -mask
            rest = mask ^ lowest
            part = rest
            while True:
                subset = part | lowest
                value = price[subset] + best[count - 1, mask ^ subset]
                if value < best[count, mask]:
                    best[count, mask] = value
                    choice[count, mask] = subset
                if part == 0:
                    break
                part = (part - 1) & rest
    count = -1
    for tried in range(max(fewest, 0), most + 1):
        if best[tried, full] < np.inf and (count < 0 or best[tried, full] < best[count, full]):
            count = tried
    labels = np.full(nodes, -1, np.int32)
    if count < 0:
        return np.inf, labels
    value = best[count, full]
    mask = full
    while count > 0:
        subset = choice[count, mask]
        for node in range(nodes):
            if subset >> node & 1:
                labels[node] = count - 1
        mask ^= subset
        count -= 1
    return value, labels
