"""The inner loops of the semidefinite relaxation: vectors, repulsion between them, triangles.

Each node v has a vector of length one; x(u, v) stands for their product. `matrix` holds what a
pair costs for each unit of x, in single precision and with all multipliers in it; `apart` holds
the multipliers of x ≥ 0. Sums run in a fixed order, so that results do not depend on a processor.
"""

import numpy as np

from analyzer.partition.kernels import Array, compiled

NEAR = 0.25  # a pair with a smaller x is in no violated triangle that matters


@compiled
def settle(matrix: Array, vectors: Array, sweeps: int) -> Array:
    """Turn each vector, in turns, to where it costs least; return what each node costs then.

    These are the dual prices of the vectors' lengths (the mixing method: Wang, Chang and Kolter,
    "The mixing method", arXiv:1706.00476). The diagonal of `matrix` is to be zero.
    """
    nodes, rank = vectors.shape
    prices = np.zeros(nodes, np.float64)
    pull = np.empty(rank, np.float32)
    blocked = nodes - nodes % 4
    for _ in range(sweeps):
        for node in range(nodes):
            row = matrix[node]
            for place in range(rank):
                pull[place] = 0.0
            for other in range(0, blocked, 4):
                first, second = row[other], row[other + 1]
                third, fourth = row[other + 2], row[other + 3]
                for place in range(rank):
                    pull[place] += (
                        first * vectors[other, place] + second * vectors[other + 1, place]
                    ) + (third * vectors[other + 2, place] + fourth * vectors[other + 3, place])
            for other in range(blocked, nodes):
                for place in range(rank):
                    pull[place] += row[other] * vectors[other, place]
            square = 0.0
            for place in range(rank):
                square += np.float64(pull[place]) ** 2
            length = np.sqrt(square)
            prices[node] = -length
            if length > 0.0:
                scale = np.float32(-1.0 / length)
                for place in range(rank):
                    vectors[node, place] = scale * pull[place]
    return prices


@compiled
def push_apart(
    matrix: Array, apart: Array, vectors: Array, across: Array, sizes: Array, step: float,
    service: float, before_shares: Array, shares: Array,
) -> Array:  # fmt: skip
    """Raise the multipliers of x ≥ 0 where x is negative, lower them where it is positive.

    On the way, put new shares in place of those before. `across` is the transpose of `vectors`.
    Returns for each node the sum of all x, without signs.
    """
    nodes, rank = vectors.shape
    reached = np.empty(nodes, np.float64)
    old = (np.sqrt(service) * before_shares).astype(np.float32)
    new = (np.sqrt(service) * shares).astype(np.float32)
    products = np.empty(nodes, np.float32)
    for node in range(nodes):
        for other in range(nodes):
            products[other] = 0.0
        for place in range(rank):
            factor = vectors[node, place]
            for other in range(nodes):
                products[other] += factor * across[place, other]
        reach = np.float32(step * sizes[node])
        products[node] = 0.0
        total = np.float32(1.0)
        for other in range(nodes):
            total += abs(products[other])
            before = apart[node, other]
            after = max(before - reach * sizes[other] * products[other], np.float32(0.0))
            apart[node, other] = after
            matrix[node, other] += (
                before - after + (old[node] * old[other] - new[node] * new[other])
            )
        matrix[node, node] = 0.0
        reached[node] = total
    return reached


@compiled
def product(vectors: Array, node: int, other: int) -> float:
    """x of a pair."""
    total = np.float32(0.0)
    for place in range(vectors.shape[1]):
        total += vectors[node, place] * vectors[other, place]
    return float(total)


@compiled
def draw_together(
    matrix: Array, vectors: Array, triangles: Array, multipliers: Array, scale: Array, step: float
) -> None:
    """Raise the multipliers of violated triangle inequalities, lower those of slack ones.

    A triangle (centre u, v, w) stands for x(u, v) + x(u, w) − x(v, w) ≤ 1.
    """
    for index in range(multipliers.shape[0]):
        centre = triangles[index, 0]
        left = triangles[index, 1]
        right = triangles[index, 2]
        excess = (
            product(vectors, centre, left)
            + product(vectors, centre, right)
            - product(vectors, left, right)
            - 1.0
        )
        after = max(np.float32(multipliers[index] + step * scale[index] * excess), np.float32(0.0))
        change = np.float32(0.5) * (after - multipliers[index])
        if change != 0.0:
            multipliers[index] = after
            matrix[centre, left] += change
            matrix[left, centre] += change
            matrix[centre, right] += change
            matrix[right, centre] += change
            matrix[left, right] -= change
            matrix[right, left] -= change


@compiled
def violated(
    offsets: Array, others: Array, weights: Array, vectors: Array, most: int, least: float
) -> tuple[Array, Array]:  # fmt: skip
    """For each node as a centre, the triangles over two of its ties that are violated most.

    At most `most`, and half as many as it has ties on top, each violated by more than `least`.
    Returns them with the smaller weight of their two ties.
    """
    nodes = vectors.shape[0]
    room = nodes * most + others.shape[0] // 2
    triangles = np.empty((room, 3), np.int32)
    scale = np.empty(room, np.float32)
    worth = np.empty(room, np.float32)
    count = 0
    for centre in range(nodes):
        start = offsets[centre]
        degree = offsets[centre + 1] - start
        limit = most + degree // 2
        near = np.empty(degree, np.int64)
        close = np.empty(degree, np.float32)
        found = 0
        for entry in range(start, start + degree):
            x = product(vectors, centre, others[entry])
            if x > NEAR:
                near[found] = entry
                close[found] = x
                found += 1
        first = count
        lowest = count  # of this centre's, the one that is violated least
        for i in range(found):
            for j in range(i + 1, found):
                if close[i] + close[j] <= least:
                    continue
                left, right = others[near[i]], others[near[j]]
                excess = close[i] + close[j] - product(vectors, left, right) - 1.0
                if excess <= least:
                    continue
                weight = np.float32(min(weights[near[i]], weights[near[j]]))
                value = excess * weight
                place = count
                if count - first >= limit:
                    if value <= worth[lowest]:
                        continue
                    place = lowest
                else:
                    count += 1
                triangles[place, 0] = centre
                triangles[place, 1] = left
                triangles[place, 2] = right
                scale[place] = weight
                worth[place] = value
                if count - first >= limit:
                    for index in range(first, count):
                        if worth[index] < worth[lowest]:
                            lowest = index
    return triangles[:count].copy(), scale[:count].copy()
