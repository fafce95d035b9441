"""The inner loops of the semidefinite relaxation: what pairs cost, vectors' turns, triangles.

Each node v has a vector of length one; x(u, v) stands for their product. Rows of a matrix are
handled in blocks: the products with all other vectors and the sums over them are left to the
linear algebra library, what lies between is here. All of it is in single precision and proves
nothing.
"""

import numpy as np

from analyzer.partition.kernels import Array, compiled

TILE = 64


@compiled
def charge(
    products: Array, apart: Array, start: int, sizes: Array, half: Array, soft: Array, keep: bool
) -> None:
    """In place of each product x, put what its pair costs for each unit of x, without ties.

    `products` and `apart`, the multipliers of x ≥ 0, are rows from `start` on. Multipliers rise
    where x is negative and fall where it is positive, by the product of the nodes' `soft`; `keep`
    says whether they stay so.
    """
    nodes = sizes.shape[0]
    none = np.float32(0.0)
    for row in range(products.shape[0]):
        node = start + row
        size, own, give = sizes[node], half[node], soft[node]
        for other in range(nodes):
            raised = max(apart[row, other] - give * soft[other] * products[row, other], none)
            products[row, other] = size * sizes[other] * (own + half[other]) - raised
            if keep:
                apart[row, other] = raised
        products[row, node] = none
        if keep:
            apart[row, node] = none


@compiled
def tie(rows: Array, start: int, offsets: Array, others: Array, values: Array) -> None:
    """Add the entries of a sparse matrix to rows from `start` on."""
    for row in range(rows.shape[0]):
        for entry in range(offsets[start + row], offsets[start + row + 1]):
            rows[row, others[entry]] += values[entry]


@compiled
def turn(
    pull: Array, block: Array, start: int, vectors: Array, inertia: Array, beyond: float,
    prices: Array,
) -> None:  # fmt: skip
    """Turn the vectors of a block, one by one, towards where each costs least.

    `pull` is each node's sum of costs times vectors as they were, `block` the costs among the
    block's nodes. Inertia holds a vector back; it goes past the point of least cost by the part
    `beyond` of its way (successive over-relaxation), which below 1 never makes it dearer.
    What a node costs at that point is put into `prices`.
    """
    rows, rank = pull.shape
    moved = np.zeros((rows, rank), np.float32)
    way = np.empty(rank, np.float32)
    for row in range(rows):
        node = start + row
        for place in range(rank):
            way[place] = pull[row, place] - inertia[node] * vectors[node, place]
        for other in range(row):
            cost = block[row, start + other]
            for place in range(rank):
                way[place] += cost * moved[other, place]
        length = 0.0
        for place in range(rank):
            length += np.float64(way[place]) ** 2
        length = np.sqrt(length)
        prices[node] = -length
        if length <= 1e-30:
            continue
        scale = np.float32(-(1.0 + beyond) / length)
        past = np.float32(beyond)
        length = 0.0
        for place in range(rank):
            way[place] = scale * way[place] - past * vectors[node, place]
            length += np.float64(way[place]) ** 2
        scale = np.float32(1.0 / np.sqrt(length))
        for place in range(rank):
            moved[row, place] = scale * way[place] - vectors[node, place]
            vectors[node, place] = scale * way[place]


@compiled
def even_out(matrix: Array) -> None:
    """Put the mean of (u, v) and (v, u) in both places, tile by tile."""
    nodes = matrix.shape[0]
    for top in range(0, nodes, TILE):
        for left in range(top, nodes, TILE):
            for row in range(top, min(top + TILE, nodes)):
                for column in range(max(left, row + 1), min(left + TILE, nodes)):
                    mean = np.float32(0.5) * (matrix[row, column] + matrix[column, row])
                    matrix[row, column] = mean
                    matrix[column, row] = mean


@compiled
def product(vectors: Array, node: int, other: int) -> float:
    """x of a pair."""
    total = np.float32(0.0)
    for place in range(vectors.shape[1]):
        total += vectors[node, place] * vectors[other, place]
    return float(total)


@compiled
def drawn_together(vectors: Array, triangles: Array, drawn: Array, soft: Array) -> Array:
    """The multipliers of triangle inequalities: higher where violated, lower where slack.

    A triangle (centre u, v, w) stands for x(u, v) + x(u, w) − x(v, w) ≤ 1.
    """
    raised = np.empty_like(drawn)
    for index in range(drawn.shape[0]):
        centre, left, right = triangles[index]
        excess = (
            product(vectors, centre, left)
            + product(vectors, centre, right)
            - product(vectors, left, right)
            - 1.0
        )
        raised[index] = max(drawn[index] + soft[index] * excess, 0.0)
    return raised


@compiled
def joined(one: Array, other: Array, count: int, most: int) -> Array:
    """The group that each group becomes part of, when pairs are joined in their order.

    None that has taken in another is taken in itself, so that no chains arise; at most `most` are.
    """
    roots = np.arange(count)
    taker = np.zeros(count, np.bool_)
    done = 0
    for index in range(one.shape[0]):
        if done == most:
            break
        small, into = one[index], roots[other[index]]
        if taker[small] or roots[small] != small or into == small:
            continue
        roots[small] = into
        taker[into] = True
        done += 1
    return roots
