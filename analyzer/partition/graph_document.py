"""GRAPH.json in, PARTITION.json out: anyone's graph can be cut."""

import hashlib
from collections.abc import Callable, Mapping
from itertools import pairwise
from math import isfinite
from typing import Any

from analyzer.coupling.factor import Factor, Node, NodeKind
from analyzer.coupling.factor_graph import FactorGraph
from analyzer.errors import UnusableInput
from analyzer.partition.problem import Constraints, Prices
from analyzer.partition.solve import Solution, Watcher, solve


def partition_graph(
    document: Mapping[str, Any],
    *,
    constraints: Constraints | None = None,
    prices: Prices | None = None,
    seed: int = 0,
    time_limit: float = 30.0,
    jobs: int = 1,
    watcher: Watcher = lambda optimality: None,
    stopped: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Partition the graph of a GRAPH.json document and return a PARTITION.json document.

    The options are those of `analyzer.partition.solve.solve`.

    Raises `UnusableInput`, saying where, for a document that is none.
    """
    graph = graph_from_document(document)
    solution = solve(
        graph, constraints=constraints, prices=prices, seed=seed, time_limit=time_limit,
        jobs=jobs, watcher=watcher, stopped=stopped,
    )  # fmt: skip
    return _partition_document(graph, solution)


def _partition_document(graph: FactorGraph, solution: Solution) -> dict[str, Any]:
    named = {index: service for service, index in solution.pinned}
    names = _service_names(max(solution.assignment, default=-1) + 1, named)
    optimality = solution.optimality
    return {
        "assignment": {
            node.id: names[service]
            for node, service in zip(graph.nodes, solution.assignment, strict=True)
        },
        "cost": optimality.cost,
        "lower_bound": optimality.lower_bound,
        "gap": optimality.gap,
        "proven_optimal": optimality.proven_optimal,
        "seconds": optimality.seconds,
        "services": len(names),
        "prices": {"load": solution.prices.load, "service": solution.prices.service},
        "reason": solution.reason,
        "cut_short": solution.cut_short,
    }


def _service_names(count: int, named: dict[int, str]) -> list[str]:
    taken = set(named.values())
    free = (f"service-{n}" for n in range(1, 2 * count + len(taken) + 1))
    unnamed = (name for name in free if name not in taken)
    return [named.get(index) or next(unnamed) for index in range(count)]


def graph_from_document(document: Mapping[str, Any]) -> FactorGraph:
    """Read a GRAPH.json document.

    Raises `UnusableInput`, saying where, for a document that is none.
    """
    nodes = _list(document, "nodes")
    parsed = tuple(sorted(_node(entry, f"nodes[{i}]") for i, entry in enumerate(nodes)))
    known = {node.id for node in parsed}
    if len(known) < len(parsed):
        twice = next(a.id for a, b in pairwise(parsed) if a.id == b.id)
        raise UnusableInput(f"nodes: the id {twice!r} stands there more than once")
    factors = [
        _factor(entry, f"factors[{i}]", known) for i, entry in enumerate(_list(document, "factors"))
    ]
    return FactorGraph(nodes=parsed, factors=_with_distinct_ids(factors))


def graph_document(graph: FactorGraph) -> dict[str, Any]:
    """Write a factor graph as a GRAPH.json document."""
    return {
        "nodes": [{"id": n.id, "kind": n.kind, "size": n.size} for n in graph.nodes],
        "factors": [
            {"kind": f.kind, "weight": f.weight, "members": list(f.members)} for f in graph.factors
        ],
    }


def _list(document: Any, key: str) -> list[Any]:
    if not isinstance(document, Mapping):
        raise UnusableInput("a graph is an object with the keys 'nodes' and 'factors'")
    value = document.get(key)
    if not isinstance(value, list):
        raise UnusableInput(f"{key}: a list was expected, not {_kind(value)}")
    return value


def _node(entry: Any, where: str) -> Node:
    if not isinstance(entry, Mapping):
        raise UnusableInput(f"{where}: an object was expected, not {_kind(entry)}")
    kind = entry.get("kind", "unit")
    if kind not in ("unit", "table"):
        raise UnusableInput(f"{where}.kind: 'unit' or 'table' was expected, not {kind!r}")
    node_kind: NodeKind = "table" if kind == "table" else "unit"
    return Node(
        id=_text(entry, "id", where),
        kind=node_kind,
        size=_amount(entry.get("size", 1.0), f"{where}.size"),
    )


def _factor(entry: Any, where: str, known: set[str]) -> Factor:
    if not isinstance(entry, Mapping):
        raise UnusableInput(f"{where}: an object was expected, not {_kind(entry)}")
    members = entry.get("members")
    if not isinstance(members, list) or len(members) < 2:
        raise UnusableInput(f"{where}.members: a list of two or more node ids was expected")
    for member in members:
        if not isinstance(member, str) or member not in known:
            raise UnusableInput(f"{where}.members: {member!r} is not the id of a node")
    if len(set(members)) < len(members):
        raise UnusableInput(f"{where}.members: a node stands there more than once")
    kind = _text(entry, "kind", where) if "kind" in entry else "factor"
    ordered = tuple(sorted(members))
    digest = hashlib.sha256("\0".join((kind, *ordered)).encode()).hexdigest()[:16]
    return Factor(
        id=f"{kind}:{digest}",
        kind=kind,
        members=ordered,
        weight=_amount(entry.get("weight", 1.0), f"{where}.weight"),
    )


def _with_distinct_ids(factors: list[Factor]) -> tuple[Factor, ...]:
    """Sorted by id; where a document repeats a factor, the repetitions are numbered."""
    distinct: list[Factor] = []
    for factor in sorted(factors):
        if distinct and distinct[-1].id.partition("#")[0] == factor.id:
            number = int(distinct[-1].id.partition("#")[2] or 1) + 1
            factor = Factor(f"{factor.id}#{number}", factor.kind, factor.members, factor.weight)
        distinct.append(factor)
    return tuple(sorted(distinct))


def _text(entry: Mapping[str, Any], key: str, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise UnusableInput(f"{where}.{key}: a text was expected, not {_kind(value)}")
    return value


def _amount(value: Any, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnusableInput(f"{where}: a number was expected, not {_kind(value)}")
    if not isfinite(value) or value < 0:
        raise UnusableInput(f"{where}: a finite number, zero or more, was expected, not {value!r}")
    return float(value)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "a truth value"}
    return "nothing" if value is None else names.get(type(value), "a number")
