"""Where modules and tables stand on the map: services apart, what is tied together close by."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import cos, pi, sin, sqrt

import networkx as nx

from analyzer.report.report import Document

_GOLDEN_ANGLE = pi * (3 - sqrt(5))
_TIES_DRAWN = {False: 700, True: 260}  # inside and crossing; more is a smear, and slow to pan
_LARGEST_FACTOR = 12  # members; a factor over half the code says nothing about any two of them
_SEED = 7


@dataclass(frozen=True, slots=True)
class Spot:
    """A module's part in one service, or a table."""

    id: str
    kind: str  # module or table
    service: str
    size: float  # lines of code of a module's part, columns of a table
    path: str
    line: int
    x: float = 0.0
    y: float = 0.0


@dataclass(frozen=True, slots=True)
class Tie:
    """Coupling between two spots."""

    first: str
    second: str
    weight: float
    crossing: bool


@dataclass(frozen=True, slots=True)
class ModuleMap:
    """What the map shows."""

    spots: tuple[Spot, ...]
    ties: tuple[Tie, ...]  # the strongest
    centres: Mapping[str, tuple[float, float]]  # of the services' discs


def module_map(document: Document) -> ModuleMap:
    """Lay the codebase out: each service a disc of its modules and tables."""
    spots, spot_of_node = _spots(document)
    weights = _weights(document, spot_of_node)
    centres = _centres(spots, weights)
    placed = _placed(spots, weights, centres)
    return ModuleMap(spots=placed, ties=_strongest(spots, weights), centres=centres)


def _strongest(spots: list[Spot], weights: Mapping[tuple[str, str], float]) -> tuple[Tie, ...]:
    homes = {spot.id: spot.service for spot in spots}
    ties = sorted(
        (
            Tie(first, second, weight, homes[first] != homes[second])
            for (first, second), weight in weights.items()
        ),
        key=lambda tie: (-tie.weight, tie.first, tie.second),
    )
    return tuple(
        tie
        for crossing, most in _TIES_DRAWN.items()
        for tie in [tie for tie in ties if tie.crossing == crossing][:most]
    )


def _spots(document: Document) -> tuple[list[Spot], dict[str, str]]:
    spot_of_node: dict[str, str] = {}
    parts: dict[tuple[str, str], list[dict[str, object]]] = defaultdict(list)
    for unit in document["units"]:
        if unit["service"]:
            parts[unit["module"], unit["service"]].append(unit)
            spot_of_node[unit["id"]] = _part(unit["module"], unit["service"])
    paths = {module["id"]: module["path"] for module in document["modules"]}
    spots = [
        Spot(
            id=_part(module, service),
            kind="module",
            service=service,
            size=float(sum(int(str(unit["lines"])) for unit in units)),
            path=paths.get(module, module),
            line=min(int(str(unit["line"])) for unit in units),
        )
        for (module, service), units in parts.items()
    ]
    for table in document["tables"]:
        if table["service"]:
            spot = f"table {table['id']}"
            spot_of_node[table["id"]] = spot_of_node.get(table["id"], spot)
            spot_of_node[f"table:{table['id']}"] = spot
            size = float(len(table["columns"]))
            spots.append(Spot(spot, "table", table["service"], size, table["path"], table["line"]))
    return sorted(spots, key=lambda spot: spot.id), spot_of_node


def _part(module: str, service: str) -> str:
    return f"module {module} in {service}"


def _weights(document: Document, spot_of_node: Mapping[str, str]) -> dict[tuple[str, str], float]:
    """Pairwise projection of the factors onto spots."""
    weights: dict[tuple[str, str], float] = defaultdict(float)
    for factor in document["factors"]:
        touched = sorted({spot_of_node[m] for m in factor["members"] if m in spot_of_node})
        if 2 <= len(touched) <= _LARGEST_FACTOR:
            for pair in combinations(touched, 2):
                weights[pair] += factor["weight"] / (len(touched) - 1)
    return weights


def _centres(
    spots: list[Spot], weights: Mapping[tuple[str, str], float]
) -> dict[str, tuple[float, float]]:
    homes = {spot.id: spot.service for spot in spots}
    between: dict[tuple[str, str], float] = defaultdict(float)
    for (first, second), weight in weights.items():
        pair = sorted((homes[first], homes[second]))
        if pair[0] != pair[1]:
            between[pair[0], pair[1]] += weight
    members: dict[str, int] = defaultdict(int)
    for spot in spots:
        members[spot.service] += 1
    graph = nx.Graph()
    graph.add_nodes_from(sorted(members))
    strongest = max(between.values(), default=1.0)
    for (first, second), weight in sorted(between.items()):
        graph.add_edge(first, second, weight=sqrt(weight / strongest))
    found = nx.spring_layout(graph, k=2.2, iterations=200, seed=_SEED) if members else {}
    radii = {service: _radius(count) for service, count in members.items()}
    return _apart({service: (float(x), float(y)) for service, (x, y) in found.items()}, radii)


def _radius(count: int) -> float:
    return sqrt(count) + 0.8


def _apart(
    centres: dict[str, tuple[float, float]], radii: Mapping[str, float]
) -> dict[str, tuple[float, float]]:
    """Scale the discs' centres up until no two overlap, then pull each back to the middle."""
    names = sorted(centres)
    scale = 0.0
    for first, second in combinations(names, 2):
        (ax, ay), (bx, by) = centres[first], centres[second]
        distance = max(sqrt((ax - bx) ** 2 + (ay - by) ** 2), 0.05)
        scale = max(scale, (radii[first] + radii[second] + 1.5) / distance)
    spread = {name: (x * scale, y * scale) for name, (x, y) in centres.items()}
    return _packed(spread, radii)


def _packed(
    centres: dict[str, tuple[float, float]], radii: Mapping[str, float]
) -> dict[str, tuple[float, float]]:
    """Move discs towards the middle, the nearest first, as far as they do not touch another."""
    names = sorted(centres, key=lambda n: (centres[n][0] ** 2 + centres[n][1] ** 2, n))
    packed: dict[str, tuple[float, float]] = {}
    for name in names:
        x, y = centres[name]
        factor = next(
            step / 40
            for step in range(1, 41)
            if all(
                (x * step / 40 - px) ** 2 + (y * step / 40 - py) ** 2
                >= (radii[name] + radii[other] + 1.5) ** 2
                for other, (px, py) in packed.items()
            )
            or step == 40
        )
        packed[name] = (x * factor, y * factor)
    return packed


def _placed(
    spots: list[Spot],
    weights: Mapping[tuple[str, str], float],
    centres: Mapping[str, tuple[float, float]],
) -> tuple[Spot, ...]:
    """Within a disc, what is tied most strongly stands in the middle."""
    strength: dict[str, float] = defaultdict(float)
    for (first, second), weight in weights.items():
        strength[first] += weight
        strength[second] += weight
    by_service: dict[str, list[Spot]] = defaultdict(list)
    for spot in sorted(spots, key=lambda spot: (-strength[spot.id], spot.id)):
        by_service[spot.service].append(spot)
    placed = []
    for service, members in sorted(by_service.items()):
        cx, cy = centres[service]
        for rank, spot in enumerate(members):
            radius, angle = sqrt(rank), rank * _GOLDEN_ANGLE
            x, y = cx + radius * cos(angle), cy + radius * sin(angle)
            placed.append(
                Spot(
                    spot.id,
                    spot.kind,
                    spot.service,
                    spot.size,
                    spot.path,
                    spot.line,
                    round(x, 3),
                    round(y, 3),
                )
            )
    return tuple(placed)
