"""Factors from a shared vocabulary: nodes that, with what they use, speak the same words."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import log
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from analyzer.coupling.product import Product
from analyzer.coupling.reason import Reason
from analyzer.coupling.semantic import table_words, words_of
from analyzer.facts.evidence import Evidence

Matrix = npt.NDArray[np.float32]

# Each node is tied to this many of those that speak most like it.
NEIGHBOURS = 8
# Cosine below which two nodes do not speak alike.
ALIKE = 0.2
# How much more a word in a node's own name counts than one in its body.
NAME_COUNTS = 5
# A word used by more than this share of all nodes says nothing.
COMMONPLACE = 0.1
# Words are projected to this many dimensions; cosines keep within about a tenth.
DIMENSIONS = 128
# How many times each node takes on half of what its neighbours say.
HOPS = 8
# Kinds of factors along which words spread, with their shares.
SPREADING: Mapping[str, float] = {
    "mapping": 3.0,
    "write": 1.0,
    "read": 1.0,
    "binding": 1.0,
    "foreign_key": 1.0,
    "many_to_many": 1.0,
    "join": 1.0,
    "call": 1.0,
    "instantiation": 1.0,
    "attribute": 1.0,
    "name": 1.0,
    "typing": 1.0,
    "inheritance": 1.0,
    "naming": 1.0,
    "co_test": 1.0,
}

# scipy's sparse module has no annotations.
_sparse: Any = sparse


def vocabulary_reasons(product: Product, *, others: Sequence[Reason]) -> Iterator[Reason]:
    """Each node with those whose vocabulary is nearest to its own; strength is the cosine.

    A node's vocabulary is the tf-idf of the words in its name and body, smoothed along the other
    factors: a short function says little itself, but much by what it calls. Smoothing before
    comparing is the filter of attributed graph clustering (Zhang, Liu, Li, Wu: Attributed graph
    clustering via adaptive graph convolution, IJCAI 2019).
    """
    nodes = sorted([*product.units, *product.nodes.values()])
    if len(nodes) < 3:
        return
    position = {node: index for index, node in enumerate(nodes)}
    words = _projected(_tf_idf(_spoken(product, position)))
    spread = hearing(others, position, SPREADING)
    for _ in range(HOPS):
        words = _directions(words)
        words = (words + spread @ words) / 2
    places = _places(product, nodes)
    for one, other, alike in _nearest(_directions(words)):
        yield Reason("vocabulary", (nodes[one], nodes[other]), alike, (places[one],))


def _spoken(product: Product, position: Mapping[str, int]) -> list[Counter[str]]:
    """For each node how often it says each word; two adjoining words of a name are one more."""
    spoken: list[Counter[str]] = [Counter() for _ in position]
    for unit in product.units.values():
        _add_name(spoken[position[unit.id]], words_of(unit.name))
    for vocabulary in product.facts.vocabularies:
        if vocabulary.unit in product.units:
            spoken[position[vocabulary.unit]].update(dict(vocabulary.terms))
    for name, table in product.tables.items():
        _add_name(spoken[position[product.nodes[name]]], table_words(table))
    return spoken


def _add_name(said: Counter[str], words: Sequence[str]) -> None:
    for word in words:
        said[word] += NAME_COUNTS
    for one, other in pairwise(words):
        said[one + other] += NAME_COUNTS


def _tf_idf(spoken: Sequence[Counter[str]]) -> Any:
    spread = Counter(word for said in spoken for word in said)
    most = max(3.0, COMMONPLACE * len(spoken))
    kept = sorted(word for word, nodes in spread.items() if 2 <= nodes <= most)
    column = {word: index for index, word in enumerate(kept)}
    cells = [
        (row, column[word], (1 + log(count)) * log(len(spoken) / spread[word]))
        for row, said in enumerate(spoken)
        for word, count in sorted(said.items())
        if word in column
    ]
    rows, columns, values = zip(*cells, strict=True) if cells else ((), (), ())
    shape = (len(spoken), max(1, len(kept)))
    return _sparse.csr_matrix((values, (rows, columns)), shape=shape, dtype=np.float32)


def _projected(matrix: Any) -> Matrix:
    """Random directions keep cosines (Johnson and Lindenstrauss); the seed is fixed."""
    directions = np.random.default_rng(0).standard_normal((matrix.shape[1], DIMENSIONS))
    projected: Matrix = matrix @ directions.astype(np.float32)
    return projected


def hearing(
    reasons: Sequence[Reason], position: Mapping[str, int], shares: Mapping[str, float]
) -> Any:
    """Rows that sum to one: how much each node listens to each other node.

    Nodes listen to each other by the strength of their ties times the share of the tie's kind.
    """
    rows: list[int] = []
    columns: list[int] = []
    values: list[float] = []
    for reason in reasons:
        members = sorted(set(reason.members))
        share = shares.get(reason.kind, 0.0) * reason.strength / max(1, len(members) - 1)
        for one in members if share > 0 else ():
            for other in members:
                if one != other:
                    rows.append(position[one])
                    columns.append(position[other])
                    values.append(share)
    shape = (len(position), len(position))
    matrix = _sparse.csr_matrix((values, (rows, columns)), shape=shape, dtype=np.float32)
    heard = np.asarray(matrix.sum(axis=1)).ravel()
    heard[heard == 0] = 1.0
    return _sparse.diags(1 / heard).tocsr().astype(np.float32) @ matrix


def _directions(words: Matrix) -> Matrix:
    lengths = np.linalg.norm(words, axis=1, keepdims=True)
    lengths[lengths == 0] = 1.0
    directions: Matrix = words / lengths
    return directions


def _nearest(words: Matrix) -> Iterator[tuple[int, int, float]]:
    """Pairs of a node and one of its nearest neighbours, each pair once."""
    found: dict[tuple[int, int], float] = {}
    kept = min(NEIGHBOURS, len(words) - 1)
    for start in range(0, len(words), 1024):
        alike = words[start : start + 1024] @ words.T
        rows = np.arange(len(alike))
        alike[rows, start + rows] = -1.0
        best = np.argpartition(-alike, kept - 1, axis=1)[:, :kept]
        for row in rows:
            for column in best[row]:
                if alike[row, column] >= ALIKE:
                    pair = (min(start + row, column), max(start + row, column))
                    found[int(pair[0]), int(pair[1])] = round(float(alike[row, column]), 4)
    for (one, other), cosine in sorted(found.items()):
        yield one, other, cosine


def _places(product: Product, nodes: Sequence[str]) -> list[Evidence]:
    tables = {product.nodes[name]: table.evidence for name, table in product.tables.items()}
    return [tables[node] if node in tables else product.place_of(node) for node in nodes]
