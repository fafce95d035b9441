"""Pricing: whether a set of nodes is worth more than it costs, under prices on nodes.

Give node i the price π_i. The reduced cost of a set c is

    r(c) = Σ over factors that touch c   w_f  +  γ · size(c)² / 2  +  α  −  Σ over i in c   π_i

Where no set has a negative one, Σ π − Σ w bounds every partition's cost from below, because a
partition costs Σ over its services (r(c) + π(c)) − Σ w. `least_with` finds the least reduced cost
of the sets whose first node is a given one by branch and bound; `descend` only looks for
negative ones.
"""

import numpy as np

from analyzer.partition.kernels import Array, compiled

FREE, IN, OUT = 0, 1, 2


@compiled
def descend(
    offsets: Array, members: Array, node_offsets: Array, incident: Array,
    weights: Array, sizes: Array, prices: Array, gamma: float, alpha: float, limit: float,
    rival_offsets: Array, rivals: Array, inside: Array, anchor: int,
) -> float:  # fmt: skip
    """Add and drop single nodes of the set `inside` (changed in place) while that lowers r.

    The anchor stays in. Returns the reduced cost reached.
    """
    nodes = sizes.shape[0]
    cover = np.zeros(weights.shape[0], np.int32)
    load = 0.0
    value = alpha
    joining = np.empty(nodes, np.float64)  # what adding a node does, but for the load
    leaving = np.zeros(nodes, np.float64)  # what dropping a node gives back, but for the load
    banned = np.zeros(nodes, np.int32)
    for node in range(nodes):
        if inside[node]:
            load += sizes[node]
            value -= prices[node]
            for entry in range(node_offsets[node], node_offsets[node + 1]):
                cover[incident[entry]] += 1
            for entry in range(rival_offsets[node], rival_offsets[node + 1]):
                banned[rivals[entry]] += 1
    value += 0.5 * gamma * load * load
    for node in range(nodes):
        joining[node] = -prices[node]
        leaving[node] = prices[node]
    for factor in range(weights.shape[0]):
        if cover[factor] > 0:
            value += weights[factor]
        for pin in range(offsets[factor], offsets[factor + 1]):
            node = members[pin]
            if cover[factor] == 0:
                joining[node] += weights[factor]
            elif cover[factor] == 1 and inside[node]:
                leaving[node] -= weights[factor]
    for _ in range(4 * nodes + 16):
        best = -1
        best_change = -1e-9
        for node in range(nodes):
            size = sizes[node]
            if inside[node]:
                if node == anchor:
                    continue
                change = leaving[node] - gamma * size * (load - 0.5 * size)
            else:
                if banned[node] > 0 or load + size > limit:
                    continue
                change = joining[node] + gamma * size * (load + 0.5 * size)
            if change < best_change:
                best_change = change
                best = node
        if best < 0:
            break
        value += best_change
        step = -1 if inside[best] else 1
        load += step * sizes[best]
        for entry in range(rival_offsets[best], rival_offsets[best + 1]):
            banned[rivals[entry]] += step
        for entry in range(node_offsets[best], node_offsets[best + 1]):
            factor = incident[entry]
            before = cover[factor]
            cover[factor] = before + step
            weight = weights[factor]
            for pin in range(offsets[factor], offsets[factor + 1]):
                node = members[pin]
                if before == 0:
                    joining[node] -= weight
                elif cover[factor] == 0:
                    joining[node] += weight
                if node == best:
                    continue
                if inside[node]:
                    if before == 1:
                        leaving[node] += weight
                    elif before == 2 and step < 0:
                        leaving[node] -= weight
        inside[best] = step > 0
        leaving[best] = prices[best]
        if step > 0:
            for entry in range(node_offsets[best], node_offsets[best + 1]):
                if cover[incident[entry]] == 1:
                    leaving[best] -= weights[incident[entry]]
    return value


@compiled
def least_with(
    offsets: Array, members: Array, node_offsets: Array, incident: Array,
    weights: Array, sizes: Array, prices: Array, gamma: float, alpha: float, limit: float,
    rival_offsets: Array, rivals: Array, status: Array, threshold: float, enough: float,
    budget: int, found: Array,
) -> tuple[float, float, int]:  # fmt: skip
    """A lower bound on the reduced cost of all sets that `status` allows, by branch and bound.

    Branches on single nodes. A branch is given up where its bound reaches `threshold`; with the
    budget spent, or a set below `enough` met, open branches count with their bounds. Returns the
    bound, the least reduced cost of a set met (copied into `found`), and the budget left.

    The bound of a branch: a factor that no chosen node touches yet may give its weight to its
    free members in any shares, which makes all but the load linear; the load γS²/2 is at least
    γ(tS − t²/2) for every t. Shares that even out what members have left are the best for all t
    at once (they are the minimum-norm base of the coverage function; Fujishige, 1980), and
    levelling factor by factor leads there.
    """
    nodes = sizes.shape[0]
    pins = members.shape[0]
    stack = np.empty((nodes + 2, nodes), np.int8)
    shares = np.zeros((nodes + 2, pins), np.float64)
    pending = np.full(nodes + 2, -np.inf, np.float64)  # bound of what waits at each depth
    for node in range(nodes):
        stack[0, node] = status[node]
    height = 1
    bound = np.inf
    best = np.inf
    rest = np.empty(nodes, np.float64)
    active = np.empty(weights.shape[0], np.int64)
    root = True
    stopped = False
    while height > 0:
        top = height - 1
        status = stack[top]
        share = shares[top]
        if pending[top] >= threshold or budget <= 0 or stopped:
            bound = min(bound, pending[top])
            height -= 1
            continue
        floor = pending[top]
        tangent = 0.0
        value = 0.0
        closed = False
        rounds = 40 if root else 4
        root = False
        while True:
            budget -= 1
            value, load, listed = chosen_value(
                offsets, members, weights, sizes, prices, gamma, alpha, status, share, rest, active
            )
            if value < best:
                best = value
                for node in range(nodes):
                    found[node] = status[node] == IN
                stopped = best < enough
            relaxed = -np.inf
            for sweep in range(rounds):
                level(offsets, members, weights, sizes, status, share, rest, active[:listed])
                if sweep % 4 == 3:
                    tangent = tangent_size(rest, sizes, status, gamma, limit - load)
                    relaxed = relaxed_value(value, rest, sizes, status, gamma, tangent)
                    if relaxed >= threshold:
                        break
            rounds = 4
            floor = max(floor, relaxed)
            if floor >= threshold:
                closed = True
                break
            # What would lift the bound to the threshold need not be tried.
            room = threshold - relaxed
            changed = False
            for node in range(nodes):
                if status[node] != FREE:
                    continue
                linear = rest[node] + gamma * sizes[node] * tangent
                if load + sizes[node] > limit:
                    status[node] = OUT
                    changed = True
                elif linear >= room:
                    status[node] = OUT
                    bound = min(bound, threshold)
                    changed = True
                elif -linear >= room:
                    status[node] = IN
                    bound = min(bound, threshold)
                    changed = True
            if not changed:
                break
            clash(status, rival_offsets, rivals)
            if not legal(status, sizes, limit, rival_offsets, rivals):
                floor = np.inf
                closed = True
                break
        if closed:
            bound = min(bound, floor)
            height -= 1
            continue
        branch = branching_node(
            node_offsets, incident, weights, rest, sizes, status, gamma, tangent
        )
        if branch < 0:
            bound = min(bound, max(floor, value))
            height -= 1
            continue
        stack[height, :] = status
        shares[height, :] = share
        pending[top] = floor
        pending[height] = floor
        status[branch] = OUT
        stack[height, branch] = IN
        for entry in range(rival_offsets[branch], rival_offsets[branch + 1]):
            stack[height, rivals[entry]] = OUT
        height += 1
    return bound, best, budget


@compiled
def chosen_value(
    offsets: Array, members: Array, weights: Array, sizes: Array, prices: Array,
    gamma: float, alpha: float, status: Array, share: Array, rest: Array, active: Array,
) -> tuple[float, float, int]:  # fmt: skip
    """Reduced cost of what is chosen and its size; what each free node adds, into `rest`.

    Shares are made valid: none for members that are not free or of factors paid already. The
    factors whose shares are still to choose are listed in `active`; their number comes last.
    """
    listed = 0
    value = alpha
    load = 0.0
    for node in range(sizes.shape[0]):
        if status[node] == IN:
            load += sizes[node]
            value -= prices[node]
    value += 0.5 * gamma * load * load
    for node in range(sizes.shape[0]):
        rest[node] = gamma * sizes[node] * load - prices[node]
    for factor in range(weights.shape[0]):
        covered = False
        free = 0
        given = 0.0
        for pin in range(offsets[factor], offsets[factor + 1]):
            state = status[members[pin]]
            if state == IN:
                covered = True
            elif state == FREE:
                free += 1
                given += share[pin]
            else:
                share[pin] = 0.0
        if covered:
            value += weights[factor]
            for pin in range(offsets[factor], offsets[factor + 1]):
                share[pin] = 0.0
        elif free > 0:
            more = (weights[factor] - given) / free
            for pin in range(offsets[factor], offsets[factor + 1]):
                node = members[pin]
                if status[node] == FREE:
                    share[pin] = max(share[pin] + more, 0.0)
                    rest[node] += share[pin]
            if free > 1:
                active[listed] = factor
                listed += 1
    return value, load, listed


@compiled
def level(
    offsets: Array, members: Array, weights: Array, sizes: Array,
    status: Array, share: Array, rest: Array, active: Array,
) -> None:  # fmt: skip
    """Share each factor's weight anew: its members' rests, per size, as even as can be."""
    for index in range(active.shape[0]):
        factor = active[index]
        start = offsets[factor]
        end = offsets[factor + 1]
        total = 0.0
        for pin in range(start, end):
            total += share[pin]
        if total <= 0.0:
            continue
        # Fill from the lowest member up to a common level; drop members that stand above it.
        room = total
        capacity = 0.0
        for pin in range(start, end):
            node = members[pin]
            if status[node] == FREE:
                rest[node] -= share[pin]
                share[pin] = 0.0
                room += rest[node]
                capacity += sizes[node]
        high = room / capacity
        while True:
            dropped = False
            for pin in range(start, end):
                node = members[pin]
                if status[node] == FREE and share[pin] == 0.0 and rest[node] > high * sizes[node]:
                    share[pin] = -1.0
                    room -= rest[node]
                    capacity -= sizes[node]
                    dropped = True
            if not dropped or capacity <= 0.0:
                break
            high = room / capacity
        for pin in range(start, end):
            node = members[pin]
            if status[node] == FREE:
                if share[pin] < 0.0:
                    share[pin] = 0.0
                else:
                    share[pin] = max(high * sizes[node] - rest[node], 0.0)
                    rest[node] += share[pin]


@compiled
def levelled(
    offsets: Array, members: Array, weights: Array, sizes: Array, prices: Array, sweeps: int
) -> tuple[Array, Array]:  # fmt: skip
    """Even shares when nothing is chosen yet, and what they leave each node."""
    nodes = sizes.shape[0]
    share = np.zeros(members.shape[0], np.float64)
    rest = np.empty(nodes, np.float64)
    active = np.empty(weights.shape[0], np.int64)
    status = np.zeros(nodes, np.int8)
    _, _, listed = chosen_value(
        offsets, members, weights, sizes, prices, 0.0, 0.0, status, share, rest, active
    )
    for _ in range(sweeps):
        level(offsets, members, weights, sizes, status, share, rest, active[:listed])
    return share, rest


@compiled
def screened(
    offsets: Array, members: Array, node_offsets: Array, incident: Array,
    weights: Array, sizes: Array, prices: Array, gamma: float, alpha: float, limit: float,
    share: Array, rest: Array, status: Array, anchor: int, threshold: float,
) -> float:  # fmt: skip
    """Bound the reduced cost of sets with the anchor under given shares, in one pass.

    Nodes that cannot be in a set below the threshold are marked OUT in `status`.
    """
    nodes = sizes.shape[0]
    left = rest.copy()
    value = alpha - prices[anchor] + 0.5 * gamma * sizes[anchor] ** 2
    for entry in range(node_offsets[anchor], node_offsets[anchor + 1]):
        factor = incident[entry]
        value += weights[factor]
        for pin in range(offsets[factor], offsets[factor + 1]):
            left[members[pin]] -= share[pin]
    for node in range(nodes):
        left[node] += gamma * sizes[node] * sizes[anchor]
    tangent = tangent_size(left, sizes, status, gamma, limit - sizes[anchor])
    bound = relaxed_value(value, left, sizes, status, gamma, tangent)
    if bound < threshold:
        for node in range(nodes):
            spare = left[node] + gamma * sizes[node] * tangent
            if status[node] == FREE and spare >= threshold - bound:
                status[node] = OUT
    return bound


@compiled
def tangent_size(rest: Array, sizes: Array, status: Array, gamma: float, most: float) -> float:
    """The t whose tangent bounds best: the size that the nodes have that are worth taking at t."""
    low = 0.0
    high = 0.0
    for node in range(sizes.shape[0]):
        if status[node] == FREE and rest[node] < 0.0:
            high += sizes[node]
    high = min(high, most)
    for _ in range(30):
        middle = 0.5 * (low + high)
        chosen = 0.0
        for node in range(sizes.shape[0]):
            if status[node] == FREE and rest[node] + gamma * sizes[node] * middle < 0.0:
                chosen += sizes[node]
        if chosen > middle:
            low = middle
        else:
            high = middle
        if high - low < 1e-3:
            break
    return 0.5 * (low + high)


@compiled
def relaxed_value(
    value: float, rest: Array, sizes: Array, status: Array, gamma: float, tangent: float
) -> float:
    """The branch's bound under the present shares and tangent."""
    total = value - 0.5 * gamma * tangent * tangent
    for node in range(sizes.shape[0]):
        if status[node] == FREE:
            linear = rest[node] + gamma * sizes[node] * tangent
            if linear < 0.0:
                total += linear
    return total


@compiled
def branching_node(
    node_offsets: Array, incident: Array, weights: Array,
    rest: Array, sizes: Array, status: Array, gamma: float, tangent: float,
) -> int:  # fmt: skip
    """The free node whose factors weigh most, of those that the relaxation takes in, if any."""
    branch = -1
    heaviest = -1.0
    for node in range(sizes.shape[0]):
        if status[node] != FREE:
            continue
        weight = 0.0
        for entry in range(node_offsets[node], node_offsets[node + 1]):
            weight += weights[incident[entry]]
        if rest[node] + gamma * sizes[node] * tangent <= 1e-6 * weight:
            weight += 1e12
        if weight > heaviest:
            heaviest = weight
            branch = node
    return branch


@compiled
def clash(status: Array, rival_offsets: Array, rivals: Array) -> None:
    """Rule out the rivals of what is chosen."""
    for node in range(status.shape[0]):
        if status[node] == IN:
            for entry in range(rival_offsets[node], rival_offsets[node + 1]):
                if status[rivals[entry]] == FREE:
                    status[rivals[entry]] = OUT


@compiled
def legal(status: Array, sizes: Array, limit: float, rival_offsets: Array, rivals: Array) -> bool:
    """Whether what is chosen keeps to rivals and size limit."""
    load = 0.0
    for node in range(status.shape[0]):
        if status[node] == IN:
            load += sizes[node]
            for entry in range(rival_offsets[node], rival_offsets[node + 1]):
                if status[rivals[entry]] == IN:
                    return False
    return load <= limit
