"""The document arranged for a person: what formats for people show, computed once for all."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Any

from analyzer.report.charts import colours_of, lines_by_service
from analyzer.report.comparison import BREAKS_A_BOUNDARY
from analyzer.report.report import Document

LIBRARY_NAME = "Shared library"
_UNSURE_BELOW = 0.6
_REASONS_SHOWN = 8  # factors named for each boundary
_BOUNDARIES_SHOWN = 60


@dataclass(frozen=True, slots=True)
class Figure:
    """One number at the top of the page."""

    value: str
    label: str
    note: str


@dataclass(frozen=True, slots=True)
class Part:
    """The lines of a module that go to one service."""

    service: str
    units: int
    lines: int
    ranges: str


@dataclass(frozen=True, slots=True)
class SplitModule:
    """A module whose units go to several services."""

    id: str
    path: str
    lines: int
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Toll:
    """What two services pay where they meet, dearest reasons first."""

    first: str
    second: str
    price: float
    share: float  # of all that is paid
    reasons: tuple[tuple[Document, float], ...]  # (factor, what it pays here): what code does
    left_out: int
    hints: tuple[tuple[str, float], ...]  # (kind, what it pays here): likeness and the like


@dataclass(frozen=True, slots=True)
class ServiceView:
    """One service with everything that is said about it."""

    id: str
    name: str
    colour: str
    terms: tuple[str, ...]
    lines: int
    units: tuple[Document, ...]
    tables: tuple[str, ...]
    entry_points: tuple[Document, ...]
    operations: tuple[Document, ...]
    database: Document | None
    metrics: Mapping[str, Any]
    confidence: float  # median over its units and tables
    neighbours: tuple[tuple[str, float], ...]  # (service, price), dearest first


class Reading:
    """The views of one document."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.plan: Document = document["plan"]
        self.names = {service["id"]: service["name"] for service in document["services"]}
        self.colours = colours_of(document)
        self.modules = {module["id"]: module for module in document["modules"]}
        self.units = {unit["id"]: unit for unit in document["units"]}
        self.factors = {factor["id"]: factor for factor in document["factors"]}

    def name(self, service: str | None) -> str:
        """The name of a service for people."""
        return str(self.names.get(service or "", LIBRARY_NAME))

    def place(self, unit: str) -> Document:
        """Path and line where a unit begins."""
        found = self.units.get(unit)
        if found is None:
            return {"path": "", "line": 0}
        return {"path": self.modules[found["module"]]["path"], "line": found["line"]}

    @cached_property
    def paid(self) -> float:
        """Coupling paid across all boundaries."""
        return float(sum(factor["paid"] for factor in self.document["factors"]))

    @cached_property
    def cut_share(self) -> float:
        """The part of what code ties together that is cut, by weight; likeness is left out."""
        made = [f for f in self.document["factors"] if f["kind"] in BREAKS_A_BOUNDARY]
        whole = sum(factor["weight"] for factor in made)
        cut = sum(factor["weight"] for factor in made if factor["paid"] > 0)
        return cut / whole if whole else 0.0

    @cached_property
    def crossing_keys(self) -> tuple[Document, ...]:
        """Foreign keys between tables of different services, and those without a known target."""
        return tuple(k for k in self.document["foreign_keys"] if k["disposition"] != "keep")

    @cached_property
    def sagas(self) -> tuple[tuple[Document, tuple[Document, ...]], ...]:
        """Sagas by the place where their transaction opens: the widest, and the others there."""
        places = _grouped(((s["path"], s["line"]), s) for s in self.plan["sagas"])
        groups = []
        for found in places.values():
            widest = max(found, key=lambda saga: (len(saga["services"]), saga["unit"]))
            others = tuple(saga for saga in found if saga["id"] != widest["id"])
            groups.append((widest, others))
        return tuple(sorted(groups, key=lambda group: (-len(group[0]["services"]), group[0]["id"])))

    def transactions(self, disposition: str) -> tuple[Document, ...]:
        """Transactions with one disposition."""
        found = self.document["transactions"]
        return tuple(t for t in found if t["disposition"] == disposition)

    @cached_property
    def figures(self) -> tuple[Figure, ...]:
        """The numbers at the top."""
        d = self.document
        owned = sum(1 for table in d["tables"] if table["service"])
        product = [m for m in d["modules"] if m["role"] == "product"]
        keys = [k for k in self.crossing_keys if k["disposition"] != "unassigned"]
        return (
            Figure(f"{len(d['services']):,}", "service candidates", self._size_range()),
            Figure(
                f"{owned:,}", "tables with one owner", f"{len(d['foreign_keys']):,} foreign keys"
            ),
            Figure(
                f"{sum(m['lines'] for m in product):,}",
                "lines of product code",
                f"in {len(product):,} modules; {len(self.split_modules):,} to be split",
            ),
            Figure(
                f"{100 * self.cut_share:.1f} %",
                "of what code ties is cut",
                "by weight; the rest stays inside",
            ),
            Figure(
                f"{len(self.plan['sagas']):,}",
                "transactions become sagas",
                f"of {len(d['transactions']):,} transactions",
            ),
            Figure(f"{len(keys):,}", "foreign keys cross", "and lose their constraint"),
            Figure(
                f"{len(self.plan['queries']):,}",
                "queries cross",
                "to be composed or given a read model",
            ),
            Figure(f"{d['optimality']['gap'] * 100:.1f} %", "from the proven bound", self._proof()),
        )

    def _size_range(self) -> str:
        lines = [view.lines for view in self.services]
        return f"{min(lines):,} to {max(lines):,} lines each" if lines else ""

    def _proof(self) -> str:
        if self.document["optimality"]["proven_optimal"]:
            return "no cheaper cut exists"
        return "no cut can be cheaper by more"

    @cached_property
    def services(self) -> tuple[ServiceView, ...]:
        """All services, the largest first."""
        views = [self._service(service) for service in self.document["services"]]
        return tuple(sorted(views, key=lambda view: (-view.lines, view.id)))

    def _service(self, service: Document) -> ServiceView:
        id = service["id"]
        units = [self.units[unit] for unit in service["units"]]
        sure = [unit["confidence"] for unit in units]
        sure += [self._tables[table]["confidence"] for table in service["tables"]]
        return ServiceView(
            id=id,
            name=service["name"],
            colour=self.colours[id],
            terms=tuple(service["terms"]),
            lines=lines_by_service(self.document)[id],
            units=tuple(sorted(units, key=lambda unit: (-unit["lines"], unit["id"]))),
            tables=tuple(service["tables"]),
            entry_points=self._entries.get(id, ()),
            operations=next((a["operations"] for a in self.plan["apis"] if a["service"] == id), ()),
            database=next((b for b in self.plan["databases"] if b["service"] == id), None),
            metrics=service["metrics"],
            confidence=median(sure) if sure else 0.0,
            neighbours=tuple(self._neighbours.get(id, ())),
        )

    @cached_property
    def _tables(self) -> dict[str, Document]:
        return {table["id"]: table for table in self.document["tables"]}

    @cached_property
    def _entries(self) -> dict[str, tuple[Document, ...]]:
        return _grouped((e["service"] or "", e) for e in self.document["entry_points"])

    @cached_property
    def _neighbours(self) -> dict[str, list[tuple[str, float]]]:
        found: dict[str, list[tuple[str, float]]] = defaultdict(list)
        for boundary in self.document["boundaries"]:
            found[boundary["first"]].append((boundary["second"], boundary["price"]))
            found[boundary["second"]].append((boundary["first"], boundary["price"]))
        return found

    @cached_property
    def tolls(self) -> tuple[Toll, ...]:
        """The dearest boundaries with their dearest reasons."""
        return tuple(self._toll(b) for b in self.document["boundaries"][:_BOUNDARIES_SHOWN])

    def _toll(self, boundary: Document) -> Toll:
        paid = [(self.factors[id], price) for id, price in boundary["factors"]]
        done = [pair for pair in paid if pair[0]["kind"] in BREAKS_A_BOUNDARY]
        hints: dict[str, float] = defaultdict(float)
        for factor, price in paid:
            if factor["kind"] not in BREAKS_A_BOUNDARY:
                hints[factor["kind"]] += price
        return Toll(
            first=boundary["first"],
            second=boundary["second"],
            price=boundary["price"],
            share=boundary["price"] / self.paid if self.paid else 0.0,
            reasons=tuple(done[:_REASONS_SHOWN]),
            left_out=max(0, len(done) - _REASONS_SHOWN),
            hints=tuple(sorted(hints.items(), key=lambda hint: (-hint[1], hint[0]))),
        )

    @cached_property
    def split_modules(self) -> tuple[SplitModule, ...]:
        """Modules whose units go to several services, the most torn first."""
        by_module = _grouped((unit["module"], unit) for unit in self.document["units"])
        split = [
            SplitModule(m["id"], m["path"], m["lines"], _parts(by_module.get(m["id"], ())))
            for m in self.document["modules"]
            if len(m["services"]) > 1
        ]
        return tuple(sorted(split, key=lambda m: (-len(m.parts), -m.lines, m.id)))

    @cached_property
    def unsure(self) -> tuple[Document, ...]:
        """Units and tables whose service is in doubt, the least sure first."""
        units = [
            {**unit, "what": unit["kind"], **self.place(unit["id"])} for unit in self.units.values()
        ]
        tables = [{**table, "what": "table"} for table in self.document["tables"]]
        doubted = [
            {**row, "pulls": self._pulls(row)}
            for row in (*units, *tables)
            if row["service"] and row["confidence"] < _UNSURE_BELOW
        ]
        return tuple(sorted(doubted, key=lambda row: (row["confidence"], row["id"])))

    def _pulls(self, row: Document) -> list[tuple[str, str, float]]:
        """(service, kind, weight) of what pulls a unit or table, strongest first."""
        weights: dict[tuple[str, str], float] = defaultdict(float)
        for service, factor, weight in row["pulls"]:
            weights[service, self.factors[factor]["kind"]] += weight
        pulls = [(service, kind, weight) for (service, kind), weight in weights.items()]
        return sorted(pulls, key=lambda pull: (-pull[2], pull[:2]))

    @cached_property
    def diagnostics(self) -> tuple[tuple[str, str, int, tuple[Document, ...]], ...]:
        """(severity, code, number, examples) of everything that was not understood."""
        groups = _grouped(((d["severity"], d["code"]), d) for d in self.document["diagnostics"])
        order = {"error": 0, "warning": 1, "info": 2}
        return tuple(
            (severity, code, len(found), found[:40])
            for (severity, code), found in sorted(
                groups.items(), key=lambda group: (order[group[0][0]], group[0][1])
            )
        )

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """What must be said before anything else about the cut."""
        codes = ("degenerate-cut", "search-cut-short")
        return tuple(d["message"] for d in self.document["diagnostics"] if d["code"] in codes)

    @cached_property
    def phases(self) -> tuple[tuple[str, tuple[Document, ...]], ...]:
        """The roadmap by the service that is cut loose, in order; "" are the foundations."""
        return tuple(_grouped((step["phase"], step) for step in self.plan["roadmap"]).items())

    @cached_property
    def recommendation(self) -> Document | None:
        """The point of the curve that is recommended; none where people set the number."""
        if any(row["kind"] == "services" for row in self.document["constraints"]):
            return None
        return next((row for row in self.document["curve"] if row["recommended"]), None)

    @cached_property
    def kinds_of_entry(self) -> dict[str, int]:
        """Number of entry points of each kind."""
        return dict(sorted(Counter(e["kind"] for e in self.document["entry_points"]).items()))


def _parts(units: Iterable[Document]) -> tuple[Part, ...]:
    by_service = _grouped((unit["service"] or "", unit) for unit in units)
    parts = [
        Part(
            service=service,
            units=len(found),
            lines=sum(unit["lines"] for unit in found),
            ranges=_ranges(found),
        )
        for service, found in by_service.items()
    ]
    return tuple(sorted(parts, key=lambda part: (-part.lines, part.service)))


def _ranges(units: Iterable[Document]) -> str:
    """`3–20, 45–60`: where the units stand; the module's body is between the others."""
    spans = sorted((u["line"], u["end_line"]) for u in units if u["kind"] != "module")
    merged: list[list[int]] = []
    for start, end in spans:
        if merged and start <= merged[-1][1] + 3:
            merged[-1][1] = max(merged[-1][1], end)
        else:
            merged.append([start, end])
    texts = [f"{start}–{end}" if end > start else str(start) for start, end in merged]
    more = len(texts) - 12
    return ", ".join(texts[:12]) + (f" and {more} more" if more > 0 else "") or "module body"


def _grouped(pairs: Iterable[tuple[Any, Document]]) -> dict[Any, tuple[Document, ...]]:
    groups: dict[Any, list[Document]] = defaultdict(list)
    for key, value in pairs:
        groups[key].append(value)
    return {key: tuple(values) for key, values in groups.items()}
