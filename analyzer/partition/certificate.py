"""The proof of a semidefinite bound: any multipliers and prices prove one, good ones a high one.

Costs, multipliers and prices make a matrix A such that every partition costs at least

    constant − Σ triangle multipliers + Σ prices + nodes · min(0, λ)

with λ its least eigenvalue (see `analyzer.partition.relaxation`). That A with something added to
its diagonal has none below zero is proven in double precision by a Cholesky factorisation, which
exists only if a matrix is positive semidefinite up to rounding (Rump, "Verification of positive
definiteness", BIT 2006).
"""

from typing import Any

import numpy as np

from analyzer.coupling.factor_graph import Floats, Indices
from analyzer.partition.pair_costs import PairCosts, Singles

LANCZOS = 150
TRIES = 16  # of a factorisation
GROWTH = 1.1  # of what is added, from the first try to the second; once more each time after
LEAST = 0.01  # of the mean price: what is added for each unit of lift, however low the price


def certified(
    costs: PairCosts, apart: Singles, triangles: Indices, drawn: Singles, prices: Floats
) -> float:
    """The bound that multipliers and prices prove, whatever they are."""
    matrix = costs.matrix()
    half = (drawn.astype(np.float64) / 2)[:, None]
    for one, other, sign in ((0, 1, 1.0), (0, 2, 1.0), (1, 2, -1.0)):
        for ends in ((one, other), (other, one)):
            np.add.at(matrix, (triangles[:, ends[0]], triangles[:, ends[1]]), sign * half[:, 0])
    for start in range(0, len(matrix), 512):
        rows = slice(start, start + 512)
        matrix[rows] -= (apart[rows].astype(np.float64) + apart[:, rows].T) / 2
    nodes = len(matrix)
    matrix[np.arange(nodes), np.arange(nodes)] -= prices
    magnitude = _magnitude(matrix)
    total = costs.constant - float(drawn.sum(dtype=np.float64)) + float(prices.sum())
    raised = _lift(matrix, np.abs(prices) + LEAST * float(np.abs(prices).mean()) + 1e-300)
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
    lift = max(-_least_eigenvalue(matrix, shape**-0.5) * 1.02, 1e-7)
    for number in range(TRIES):
        matrix[diagonal, diagonal] += lift * shape
        positive = _is_positive(matrix)
        matrix[diagonal, diagonal] -= lift * shape
        if positive:
            return lift * shape
        lift *= GROWTH ** (number + 1)
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
