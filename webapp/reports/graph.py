"""The clustered graph: services, their modules and tables, and the coupling between those."""

from collections import defaultdict
from itertools import combinations
from typing import Any

from webapp.reports.index import ReportIndex, Row

# A factor over more spots than this says nothing about any two of them.
LARGEST_FACTOR = 12
KINDS_NAMED = 4
SPOTS_SHOWN = 1500
EDGES_SHOWN = 4000


def graph_of(index: ReportIndex) -> dict[str, Any]:
    """What the page draws: compound services, module parts and tables, and weighted edges.

    A module whose units go to several services appears once in each. Where there are too many
    modules to draw, the least coupled are left out and counted.
    """
    spots, spot_of_node = _spots(index)
    weights = _weights(index, spot_of_node)
    shown = _most_coupled(spots, weights)
    edges = _edges({pair: row for pair, row in weights.items() if shown.issuperset(pair)}, spots)
    services = [
        {"id": service["id"], "name": service["name"], "colour": index.colours[service["id"]]}
        for service in index.services.values()
    ]
    return {
        "services": services,
        "spots": [spot for key, spot in spots.items() if key in shown],
        "edges": edges[:EDGES_SHOWN],
        "left_out": {"spots": len(spots) - len(shown), "edges": max(0, len(edges) - EDGES_SHOWN)},
    }


def _spots(index: ReportIndex) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """The things to draw, and in which of them each node of the factor graph is."""
    spots: dict[str, dict[str, Any]] = {}
    spot_of_node: dict[str, str] = {}
    tables = {table: node for node, table in index.tables_of_nodes.items()}
    for table in index.tables.values():
        if table["service"]:
            key = f"t:{table['id']}"
            spots[key] = _spot(key, "table", table["id"], table, path=table["path"])
            spot_of_node[tables.get(table["id"], table["id"])] = key
    for unit in index.units.values():
        if unit["service"]:
            key = f"m:{unit['module']}@{unit['service']}"
            path = index.path_of(unit["id"])
            spot = spots.setdefault(key, _spot(key, "module", unit["module"], unit, path=path))
            spot["size"] += unit.get("lines", 0)
            spot["line"] = min(spot["line"], unit["line"])
            spot_of_node[unit["id"]] = key
    for spot in spots.values():
        split = spot["kind"] == "module" and len(index.modules[spot["label"]]["services"]) > 1
        spot["split"] = split
    return spots, spot_of_node


def _spot(key: str, kind: str, label: str, row: Row, *, path: str) -> dict[str, Any]:
    size = len(row.get("columns", ())) if kind == "table" else 0
    return {
        "id": key,
        "kind": kind,
        "label": label,
        "service": row["service"],
        "size": size,
        "path": path,
        "line": row["line"],
    }


def _weights(
    index: ReportIndex, spot_of_node: dict[str, str]
) -> dict[tuple[str, str], dict[str, float]]:
    """For each pair of spots, the weight of each kind of factor between them."""
    weights: dict[tuple[str, str], dict[str, float]] = defaultdict(lambda: defaultdict(float))
    for factor in index.rows("factors"):
        touched = sorted({spot_of_node[m] for m in factor["members"] if m in spot_of_node})
        if 2 <= len(touched) <= LARGEST_FACTOR:
            share = factor["weight"] / (len(touched) - 1)
            for pair in combinations(touched, 2):
                weights[pair][factor["kind"]] += share
    return weights


def _most_coupled(
    spots: dict[str, dict[str, Any]], weights: dict[tuple[str, str], dict[str, float]]
) -> set[str]:
    """All spots, or as many as can be drawn: tables first, then by coupling."""
    if len(spots) <= SPOTS_SHOWN:
        return set(spots)
    ends: dict[str, float] = defaultdict(float)
    for pair, kinds in weights.items():
        for end in pair:
            ends[end] += sum(kinds.values())
    ranked = sorted(spots, key=lambda key: (spots[key]["kind"] != "table", -ends[key], key))
    return set(ranked[:SPOTS_SHOWN])


def _edges(
    weights: dict[tuple[str, str], dict[str, float]], spots: dict[str, dict[str, Any]]
) -> list[dict[str, Any]]:
    """The heaviest first, those that a boundary cuts before those inside a service."""
    rows = []
    for (first, second), kinds in sorted(weights.items()):
        dearest = sorted(kinds, key=lambda kind: (-kinds[kind], kind))[:KINDS_NAMED]
        rows.append(
            {
                "source": first,
                "target": second,
                "weight": round(sum(kinds.values()), 3),
                "kinds": [[kind, round(kinds[kind], 2)] for kind in dearest],
                "cut": spots[first]["service"] != spots[second]["service"],
            }
        )
    return sorted(rows, key=lambda row: (not row["cut"], -row["weight"]))
