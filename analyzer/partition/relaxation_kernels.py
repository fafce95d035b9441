"""The inner loops of the semidefinite relaxation: vectors, repulsion between them, triangles.

Each node v has a vector of length one; x(u, v) stands for their product. `matrix` holds what a
pair costs for each unit of x, in single precision and with all multipliers in it; `apart` holds
the multipliers of x ≥ 0. Products of many nodes at once are left to the library of linear algebra.
"""

import numpy as np

from analyzer.partition.kernels import Array, compiled

BLOCK = 128  # nodes whose products are taken at once
NEAR = 0.25  # a pair with a smaller x is in no violated triangle that matters


def settle(matrix: Array, vectors: Array, sweeps: int, beyond: float = 0.0) -> Array:
    """Turn each vector, in turns, to where it costs least; return what each node costs then.

    Or `beyond` that place, by this part of the way, which settles sooner. What is returned are the
    dual prices of the vectors' lengths (the mixing method: Wang, Chang and Kolter, "The mixing
    method", arXiv:1706.00476). The diagonal of `matrix` is to be zero.
    """
    prices = np.zeros(len(vectors))
    for _ in range(sweeps):
        for start in range(0, len(vectors), BLOCK):
            rows = matrix[start : start + BLOCK]
            turn(rows, vectors, start, rows @ vectors, prices, beyond)
    return prices


@compiled
def turn(
    rows: Array, vectors: Array, start: int, pull: Array, prices: Array, beyond: float
) -> None:
    """Turn the vectors of some nodes, given what pulls them before the first of them turns."""
    count, rank = pull.shape
    change = np.empty(rank, np.float32)
    past = np.float32(1.0 + beyond)
    back = np.float32(beyond)
    for index in range(count):
        node = start + index
        square = 0.0
        for place in range(rank):
            square += np.float64(pull[index, place]) ** 2
        length = np.sqrt(square)
        prices[node] = -length
        if length == 0.0:
            continue
        scale = np.float32(-1.0 / length)
        if beyond > 0.0:
            square = 0.0
            for place in range(rank):
                wanted = past * scale * pull[index, place] - back * vectors[node, place]
                pull[index, place] = wanted
                square += np.float64(wanted) ** 2
            scale = np.float32(1.0 / np.sqrt(square))
        for place in range(rank):
            turned = scale * pull[index, place]
            change[place] = turned - vectors[node, place]
            vectors[node, place] = turned
        for later in range(index + 1, count):
            weight = rows[later, node]
            for place in range(rank):
                pull[later, place] += weight * change[place]


def push_apart(
    matrix: Array, apart: Array, vectors: Array, sizes: Array, step: float, service: float,
    before_shares: Array, shares: Array,
) -> None:  # fmt: skip
    """Raise the multipliers of x ≥ 0 where x is negative, lower them where it is positive.

    On the way, put new shares in place of those before.
    """
    across = np.ascontiguousarray(vectors.T)
    old = (np.sqrt(service) * before_shares).astype(np.float32)
    new = (np.sqrt(service) * shares).astype(np.float32)
    for start in range(0, len(vectors), BLOCK):
        products = vectors[start : start + BLOCK] @ across
        push(matrix, apart, products, start, sizes, step, old, new)


@compiled
def push(
    matrix: Array, apart: Array, products: Array, start: int, sizes: Array, step: float,
    old: Array, new: Array,
) -> None:  # fmt: skip
    """The same for some nodes, given their x with all others."""
    none = np.float32(0.0)
    for index in range(products.shape[0]):
        node = start + index
        reach = np.float32(step * sizes[node])
        owed, due = old[node], new[node]
        row, multipliers, x = matrix[node], apart[node], products[index]
        x[node] = none
        for other in range(x.shape[0]):
            before = multipliers[other]
            after = before - reach * sizes[other] * x[other]
            after = after if after > none else none
            multipliers[other] = after
            row[other] += (before - after) + (owed * old[other] - due * new[other])
        row[node] = none


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
