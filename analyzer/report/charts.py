"""One function a figure. Figures carry no colours of the page: whoever shows them sets those."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from math import sqrt

import plotly.graph_objects as go

from analyzer.report.map_layout import ModuleMap, Spot, module_map
from analyzer.report.report import Document

# Told apart by people with any colour vision, on white and on black.
PALETTE = (
    "#4477c8", "#e08a2e", "#2f9e77", "#c8567d", "#8a6fc9", "#b0a02c",
    "#3aa6c2", "#d0604c", "#6f9a3b", "#a9748f", "#5f7f95", "#b58153",
)  # fmt: skip
KEPT, PAID = "#2f9e77", "#d0604c"
_LINE = "rgba(130,140,155,.22)"
_CROSSING = "rgba(208,96,76,.35)"
_BOUNDARY = "rgba(208,96,76,.22)"
_BOUNDARY_WIDTHS = (14, 10, 7, 4, 2)  # dearest fifth of all that is paid first
_LABELLED = 22  # services with a label on the map; with more they cover each other


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure, and what a person is told about it."""

    key: str
    title: str
    says: str
    draw: Callable[[Document], go.Figure]


def colours_of(document: Document) -> dict[str, str]:
    """A colour for each service, in the order of the report."""
    ids = [service["id"] for service in document["services"]]
    return {service: PALETTE[index % len(PALETTE)] for index, service in enumerate(ids)}


def map_chart(document: Document) -> go.Figure:
    """Modules and tables, clustered by service; red lines are coupling that is paid."""
    laid_out = module_map(document)
    figure = go.Figure()
    for trace in _boundary_traces(document, laid_out):
        figure.add_trace(trace)
    for crossing in (False, True):
        figure.add_trace(_tie_trace(laid_out, crossing=crossing))
    for service in document["services"]:
        figure.add_trace(_service_trace(document, laid_out, service))
    axis = {"visible": False, "scaleratio": 1}
    figure.update_layout(
        _plain(height=820),
        margin={"l": 10, "r": 10, "t": 10, "b": 10},
        xaxis=axis,
        yaxis={**axis, "scaleanchor": "x"},
        dragmode="pan",
        hovermode="closest",
        legend={"orientation": "h", "yanchor": "top", "y": 0, "x": 0},
        annotations=_labels(document, laid_out),
    )
    return figure


def _boundary_traces(document: Document, laid_out: ModuleMap) -> list[go.Scatter]:
    """A line between the middles of two services, the broader the dearer."""
    boundaries = [b for b in document["boundaries"] if b["price"] > 0]
    whole = sum(boundary["price"] for boundary in boundaries)
    rows: dict[int, list[tuple[float, float] | None]] = defaultdict(list)
    so_far = 0.0
    for boundary in boundaries:
        width = _BOUNDARY_WIDTHS[min(4, int(5 * so_far / whole))]
        so_far += boundary["price"]
        ends = laid_out.centres.get(boundary["first"]), laid_out.centres.get(boundary["second"])
        if None not in ends:
            rows[width] += [*ends, None]
    return [
        go.Scatter(
            x=[point and point[0] for point in points],
            y=[point and point[1] for point in points],
            mode="lines",
            line={"width": width, "color": _BOUNDARY},
            hoverinfo="skip",
            showlegend=False,
        )
        for width, points in sorted(rows.items())
    ]


def _tie_trace(laid_out: ModuleMap, *, crossing: bool) -> go.Scatter:
    at = {spot.id: spot for spot in laid_out.spots}
    xs: list[float | None] = []
    ys: list[float | None] = []
    for tie in laid_out.ties:
        if tie.crossing == crossing:
            first, second = at[tie.first], at[tie.second]
            xs += [first.x, second.x, None]
            ys += [first.y, second.y, None]
    return go.Scatter(
        x=xs,
        y=ys,
        mode="lines",
        line={"width": 1, "color": _CROSSING if crossing else _LINE},
        hoverinfo="skip",
        name="coupling across a boundary" if crossing else "coupling inside",
    )


def _service_trace(document: Document, laid_out: ModuleMap, service: Document) -> go.Scatter:
    spots = [spot for spot in laid_out.spots if spot.service == service["id"]]
    return go.Scatter(
        x=[spot.x for spot in spots],
        y=[spot.y for spot in spots],
        mode="markers",
        name=escape(service["name"]),
        text=[_spot_text(spot, service["name"]) for spot in spots],
        hovertemplate="%{text}<extra></extra>",
        marker={
            "color": colours_of(document)[service["id"]],
            "size": [round(_marker_size(spot), 1) for spot in spots],
            "symbol": ["square" if spot.kind == "table" else "circle" for spot in spots],
            "line": {"width": 1, "color": "rgba(255,255,255,.6)"},
        },
    )


def _spot_text(spot: Spot, service: str) -> str:
    if spot.kind == "table":
        what = f"table <b>{escape(spot.id.removeprefix('table '))}</b>"
    else:
        name = spot.id.removeprefix("module ").rpartition(" in ")[0]
        what = f"module <b>{escape(name)}</b>, {spot.size:.0f} lines"
    return f"{what}<br>{escape(service)}<br>{escape(spot.path)}:{spot.line}"


def _marker_size(spot: Spot) -> float:
    return min(34.0, 11.0 if spot.kind == "table" else 6.0 + sqrt(spot.size) / 2)


def _labels(document: Document, laid_out: ModuleMap) -> list[dict[str, object]]:
    by_service: dict[str, list[Spot]] = defaultdict(list)
    for spot in laid_out.spots:
        by_service[spot.service].append(spot)
    shown = sorted(document["services"], key=lambda s: (-len(by_service[s["id"]]), s["id"]))
    return [
        {
            "x": sum(spot.x for spot in by_service[service["id"]]) / len(by_service[service["id"]]),
            "y": max(spot.y for spot in by_service[service["id"]]) + 0.9,
            "text": f"<b>{escape(service['name'])}</b>",
            "showarrow": False,
            "font": {"size": 13},
        }
        for service in shown[:_LABELLED]
        if by_service[service["id"]]
    ]


def curve_chart(document: Document) -> go.Figure:
    """What the best partition costs for each number of services that was tried."""
    rows = document["curve"]
    chosen = [row for row in rows if row["services"] == len(document["services"])]
    figure = go.Figure()
    figure.add_trace(
        go.Scatter(
            x=[row["services"] for row in rows],
            y=[_coupling(row) for row in rows],
            mode="lines+markers",
            name="coupling paid across boundaries",
            line={"color": PALETTE[0]},
        )
    )
    if chosen:
        figure.add_trace(
            go.Scatter(
                x=[chosen[0]["services"]],
                y=[_coupling(chosen[0])],
                mode="markers",
                name="this report",
                marker={"size": 15, "color": PAID, "symbol": "diamond"},
            )
        )
    figure.update_layout(
        _plain(height=360),
        xaxis={"title": "number of services", "range": [0, _far_enough(document)]},
        yaxis={"title": "coupling paid", "rangemode": "tozero", "range": _heights(document)},
    )
    return figure


def _far_enough(document: Document) -> int:
    """Where the curve first ends: beyond a few times the services nobody looks, but may zoom."""
    last = max((row["services"] for row in document["curve"]), default=1)
    return min(last + 1, max(20, 4 * len(document["services"])))


def _heights(document: Document) -> list[float]:
    shown = [r for r in document["curve"] if r["services"] <= _far_enough(document)]
    return [0, 1.08 * max((_coupling(row) for row in shown), default=1.0)]


def _coupling(row: Document) -> float:
    return float(row["metrics"].get("coupling_paid", row["cost"]))


def size_chart(document: Document) -> go.Figure:
    """Lines of code and tables of each service."""
    services = document["services"][::-1]
    lines = lines_by_service(document)
    names = [escape(service["name"]) for service in services]
    figure = go.Figure()
    figure.add_trace(
        go.Bar(
            y=names,
            x=[lines[service["id"]] for service in services],
            orientation="h",
            name="lines of code",
            marker={"color": [colours_of(document)[service["id"]] for service in services]},
            text=[_tables(len(service["tables"])) for service in services],
            textposition="auto",
        )
    )
    figure.update_layout(
        _plain(height=max(260, 26 * len(services) + 90)),
        showlegend=False,
        xaxis={"title": "lines of code"},
        yaxis={"automargin": True},
    )
    return figure


def _tables(number: int) -> str:
    return "1 table" if number == 1 else f"{number} tables"


def lines_by_service(document: Document) -> dict[str, int]:
    """Lines of code of the units of each service."""
    lines: dict[str, int] = defaultdict(int)
    for unit in document["units"]:
        lines[unit["service"] or ""] += unit["lines"]
    return lines


def boundary_chart(document: Document) -> go.Figure:
    """What is paid between each two services."""
    services = document["services"]
    index = {service["id"]: number for number, service in enumerate(services)}
    prices = [[0.0] * len(services) for _ in services]
    for boundary in document["boundaries"]:
        first, second = index[boundary["first"]], index[boundary["second"]]
        prices[first][second] = prices[second][first] = round(boundary["price"], 2)
    names = [escape(service["name"]) for service in services]
    figure = go.Figure(
        go.Heatmap(
            z=prices,
            x=names,
            y=names,
            colorscale=[[0, "rgba(68,119,200,.04)"], [0.35, "#8fb0df"], [1, "#c8567d"]],
            hovertemplate="%{y} and %{x}: %{z:.2f}<extra></extra>",
            xgap=1,
            ygap=1,
        )
    )
    figure.update_layout(
        _plain(height=max(360, 24 * len(services) + 160)),
        xaxis={"automargin": True, "tickangle": -40},
        yaxis={"automargin": True, "autorange": "reversed"},
    )
    return figure


def coupling_chart(document: Document) -> go.Figure:
    """The share of each kind of coupling that stays inside services, and the share that is paid."""
    kept: dict[str, float] = defaultdict(float)
    cut: dict[str, float] = defaultdict(float)
    for factor in document["factors"]:
        (cut if factor["paid"] > 0 else kept)[factor["kind"]] += factor["weight"]
    whole = {kind: kept[kind] + cut[kind] for kind in {*kept, *cut}}
    kinds = sorted((k for k in whole if whole[k] > 0), key=lambda k: (-cut[k] / whole[k], k))[::-1]
    figure = go.Figure()
    for name, weights, colour in (("kept inside", kept, KEPT), ("cut", cut, PAID)):
        figure.add_trace(
            go.Bar(
                y=[kind.replace("_", " ") for kind in kinds],
                x=[round(weights[kind] / whole[kind], 4) for kind in kinds],
                text=[f"{weights[kind]:.1f} of {whole[kind]:.1f}" for kind in kinds],
                textposition="none",
                hovertemplate="%{y}: %{text} " + name + "<extra></extra>",
                orientation="h",
                name=name,
                marker={"color": colour},
            )
        )
    figure.update_layout(
        _plain(height=max(260, 24 * len(kinds) + 110)),
        barmode="stack",
        xaxis={"title": "share by weight", "tickformat": ".0%", "range": [0, 1]},
        yaxis={"automargin": True},
    )
    return figure


def confidence_chart(document: Document) -> go.Figure:
    """How sure the placement of units and tables is."""
    figure = go.Figure()
    assigned = {"units": document["units"], "tables": document["tables"]}
    for (name, rows), colour in zip(assigned.items(), (PALETTE[0], PALETTE[1]), strict=True):
        shares = _shares(row["confidence"] for row in rows if row["service"])
        figure.add_trace(
            go.Bar(
                x=[f"{step * 10}–{step * 10 + 10} %" for step in range(10)],
                y=shares,
                name=name,
                marker={"color": colour},
            )
        )
    figure.update_layout(
        _plain(height=320),
        xaxis={"title": "confidence"},
        yaxis={"title": "share", "tickformat": ".0%"},
        bargap=0.2,
    )
    return figure


def _shares(confidences: Iterable[float]) -> list[float]:
    counts = [0] * 10
    for confidence in confidences:
        counts[min(9, int(confidence * 10))] += 1
    total = max(1, sum(counts))
    return [round(count / total, 4) for count in counts]


def _plain(*, height: int) -> dict[str, object]:
    return {
        "template": "none",
        "height": height,
        "margin": {"l": 60, "r": 20, "t": 20, "b": 50},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "legend": {"orientation": "h", "yanchor": "top", "y": -0.16, "x": 0},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": "#8a94a0", "activecolor": "#4477c8"},
    }


CHARTS = (
    Chart(
        "map",
        "Modules and tables by service",
        "Circles are modules (a module that is to be split stands in several services), squares "
        "are tables. Red is coupling that crosses a boundary: broad lines between services are the "
        "price of the boundary, thin ones its strongest single ties. Click a name to hide it.",
        map_chart,
    ),
    Chart(
        "sizes", "Size of the services", "Lines of code; the number of tables beside.", size_chart
    ),
    Chart(
        "boundaries",
        "Price of each boundary",
        "The weight of all factors that two services pay together. Dark means dear.",
        boundary_chart,
    ),
    Chart(
        "coupling",
        "Coupling kept and cut, by kind",
        "The share of each kind that the cut keeps inside services, the most cut first.",
        coupling_chart,
    ),
    Chart(
        "curve",
        "Cost by number of services",
        "The best partition found for each number of services; flat stretches are good places to "
        "stop.",
        curve_chart,
    ),
    Chart(
        "confidence",
        "Confidence of the placement",
        "Share of units and tables by how sure their service is.",
        confidence_chart,
    ),
)
