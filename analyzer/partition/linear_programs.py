"""HiGHS behind two functions: a linear programme, and a cover by sets with integers."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

import numpy as np

from analyzer.coupling.factor_graph import Floats

NODES = 2_000  # of branch and bound, for a cover


def maximised(
    gains: Floats, rows: Any, limits: Floats, bounds: Sequence[tuple[float, float | None]]
) -> Floats:
    """The x with the largest gain, where rows · x ≤ limits and x keeps to its bounds."""
    optimize: Any = import_module("scipy.optimize")  # half a second to import
    result = optimize.linprog(-gains, A_ub=rows, b_ub=limits, bounds=bounds, method="highs")
    return np.asarray(result.x, np.float64)


def incidence(sets: Sequence[Sequence[int]], elements: int) -> Any:
    """A sparse matrix with a row for each set and a one for each of its elements."""
    sparse: Any = import_module("scipy.sparse")
    lengths = [len(entry) for entry in sets]
    flat = np.concatenate([np.asarray(entry) for entry in sets])
    rows = np.repeat(np.arange(len(lengths)), lengths)
    return sparse.csr_matrix((np.ones(len(flat)), (rows, flat)), shape=(len(sets), elements))


def beside(*parts: Any) -> Any:
    """Matrices side by side."""
    sparse: Any = import_module("scipy.sparse")
    return sparse.hstack(parts).tocsr()


def cheapest_cover(
    sets: Sequence[Sequence[int]], prices: Sequence[float], elements: int, number: tuple[int, int]
) -> list[int] | None:
    """Which of the sets cover each element once at the least price; none if none was found."""
    optimize: Any = import_module("scipy.optimize")
    cover = incidence(sets, elements).T
    result = optimize.milp(
        np.asarray(prices),
        constraints=[
            optimize.LinearConstraint(cover, 1, 1),
            optimize.LinearConstraint(np.ones((1, len(sets))), *number),
        ],
        integrality=np.ones(len(sets)),
        bounds=optimize.Bounds(0, 1),
        options={"node_limit": NODES},
    )
    return None if result.x is None else np.flatnonzero(result.x > 0.5).tolist()
