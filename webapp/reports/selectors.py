"""What each page of a report shows, as plain values."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import Http404, QueryDict

from webapp.accounts.models import User
from webapp.analyses import selectors as analyses
from webapp.analyses.models import AnalysisRun
from webapp.reports.graph import graph_of
from webapp.reports.index import ReportIndex, Row

ROWS_ON_A_PAGE = 100
DEAREST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Listing:
    """One page of a filtered list, and the filters that led to it."""

    page: Page[Any]
    query: str
    chosen: Mapping[str, str]  # of each filter
    choices: Mapping[str, list[tuple[str, str]]]  # value and words of each filter
    rest: str  # the address's query without the page number

    @property
    def is_filtered(self) -> bool:
        return bool(self.query or any(self.chosen.values()))


def report_for(user: User, run_id: int) -> tuple[AnalysisRun, ReportIndex]:
    """The user's own finished run and its report.

    Raises `Http404` for any other run.
    """
    run = analyses.finished_run_for(user, run_id)
    return run, index_of(run.pk)


@lru_cache(maxsize=3)
def index_of(run_id: int) -> ReportIndex:
    """The run's report, indexed; reports never change."""
    return ReportIndex(analyses.document_of(AnalysisRun(pk=run_id)))


@lru_cache(maxsize=8)
def graph(run_id: int) -> dict[str, Any]:
    """The run's clustered graph."""
    return graph_of(index_of(run_id))


def overview(index: ReportIndex) -> dict[str, Any]:
    """The figures of the whole, and one row for each service."""
    cut_keys = [k for k in index.rows("foreign_keys") if k["from_service"] != k["to_service"]]
    spread = [t for t in index.rows("transactions") if len(t["services"]) > 1]
    split = [m for m in index.rows("modules") if len(m["services"]) > 1]
    return {
        "codebase": index.document["codebase"],
        "optimality": index.document.get("optimality", {}),
        "counts": {
            "modules": len(index.modules),
            "units": len(index.units),
            "tables": len(index.tables),
            "services": len(index.services),
            "transactions": len(index.rows("transactions")),
            "spread_transactions": len(spread),
            "foreign_keys": len(index.rows("foreign_keys")),
            "cut_keys": len(cut_keys),
            "split_modules": len(split),
            "sagas": len(index.planned("sagas")),
            "entry_points": len(index.rows("entry_points")),
        },
        "services": service_rows(index),
        "metrics": metric_rows(index.document.get("metrics", {})),
        "diagnostics": dict(Counter(row["severity"] for row in index.rows("diagnostics"))),
    }


def metric_rows(metrics: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Key and value of each metric, with its title and source where the report gives them."""
    return [
        {"key": key, **(value if isinstance(value, Mapping) else {"value": value})}
        for key, value in metrics.items()
    ]


def service_rows(index: ReportIndex) -> list[dict[str, Any]]:
    """Every service with what it holds, the largest first."""
    entries = Counter(entry["service"] for entry in index.rows("entry_points"))
    prices = _price_of_boundaries(index)
    rows = [
        {
            "id": service["id"],
            "name": service["name"],
            "terms": service["terms"],
            "tables": len(service["tables"]),
            "units": len(service["units"]),
            "lines": index.lines_of_services[service["id"]],
            "entry_points": entries[service["id"]],
            "price": prices[service["id"]],
            "metrics": metric_rows(service["metrics"]),
        }
        for service in index.services.values()
    ]
    return sorted(rows, key=lambda row: (-row["lines"], row["name"]))


def service_page(index: ReportIndex, service_id: str) -> dict[str, Any]:
    """One service: what it owns, offers and pays.

    Raises `Http404` where there is no such service.
    """
    service = index.services.get(service_id)
    if service is None:
        raise Http404("There is no such service.")
    return {
        "service": service,
        "colour": index.colours[service_id],
        "row": next(row for row in service_rows(index) if row["id"] == service_id),
        "tables": [table_row(index, index.tables[name]) for name in service["tables"]],
        "modules": _modules_of(index, service),
        "entry_points": _of_service(index.rows("entry_points"), service_id)[:DEAREST_SHOWN],
        "boundaries": [b for b in boundary_rows(index) if service_id in (b["first"], b["second"])],
        "api": next((a for a in index.planned("apis") if a["service"] == service_id), None),
        "events": [e for e in index.planned("events") if e["producer"] == service_id],
        "database": next(
            (d for d in index.planned("databases") if d["service"] == service_id), None
        ),
    }


def boundary_rows(index: ReportIndex) -> list[dict[str, Any]]:
    """Every pair of services that meet, the dearest first."""
    rows = [
        {
            "first": boundary["first"],
            "second": boundary["second"],
            "price": boundary["price"],
            "factors": len(boundary["factors"]),
        }
        for boundary in index.rows("boundaries")
    ]
    return sorted(rows, key=lambda row: (-row["price"], row["first"], row["second"]))


def boundary_page(index: ReportIndex, first: str, second: str) -> dict[str, Any]:
    """The price list of one boundary: what is paid, and the lines that make it so.

    Raises `Http404` where the two do not meet.
    """
    pair = {first, second}
    for boundary in index.rows("boundaries"):
        if {boundary["first"], boundary["second"]} == pair:
            priced = [
                {**index.factors[factor], "paid_here": paid}
                for factor, paid in boundary["factors"][:DEAREST_SHOWN]
            ]
            by_kind: dict[str, float] = defaultdict(float)
            for factor, paid in boundary["factors"]:
                by_kind[index.factors[factor]["kind"]] += paid
            kinds = sorted(by_kind.items(), key=lambda item: -item[1])
            hidden = len(boundary["factors"]) - len(priced)
            return {"boundary": boundary, "factors": priced, "kinds": kinds, "hidden": hidden}
    raise Http404("These services do not meet.")


def table_row(index: ReportIndex, table: Row) -> dict[str, Any]:
    """One table with the services that read and write it."""
    return {
        **table,
        "readers": _services_of_accesses(index, table, "read"),
        "writers": _services_of_accesses(index, table, "write"),
        "column_count": len(table["columns"]),
    }


def table_page(index: ReportIndex, table_id: str) -> dict[str, Any]:
    """One table: columns, keys, accesses with their lines, owner and what pulls it elsewhere.

    Raises `Http404` where there is no such table.
    """
    table = index.tables.get(table_id)
    if table is None:
        raise Http404("There is no such table.")
    accesses = [
        {**access, "service": index.service_of(access["unit"])} for access in table["accesses"]
    ]
    keys = index.rows("foreign_keys")
    return {
        "table": table_row(index, table),
        "ownership": index.ownerships.get(table_id),
        "accesses": sorted(accesses, key=lambda a: (a["mode"] != "write", a["path"], a["line"])),
        "keys_out": [key for key in keys if key["source"] == table_id],
        "keys_in": [key for key in keys if key["target"] == table_id],
        "transactions": [t for t in index.rows("transactions") if table_id in t["writes"]],
        "pulls": _pulls(index, table),
    }


def transaction_page(index: ReportIndex, transaction_id: str) -> dict[str, Any]:
    """One transaction and, where it spans services, the saga that takes its place.

    Raises `Http404` where there is no such transaction.
    """
    for transaction in index.rows("transactions"):
        if transaction["id"] == transaction_id:
            sagas = index.planned("sagas")
            saga = next((s for s in sagas if s["transaction"] == transaction_id), None)
            return {"transaction": transaction, "saga": saga}
    raise Http404("There is no such transaction.")


def split_modules(index: ReportIndex) -> list[dict[str, Any]]:
    """Modules whose units go to several services, with the lines of each part."""
    parts: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for unit in index.units.values():
        parts[unit["module"]][unit["service"] or ""].append(unit)
    rows = [
        {
            **module,
            "parts": [
                {"service": service, "units": units, "lines": sum(u["lines"] for u in units)}
                for service, units in sorted(parts[module["id"]].items())
            ],
        }
        for module in index.modules.values()
        if len(module["services"]) > 1
    ]
    return sorted(rows, key=lambda row: (-len(row["parts"]), -row["lines"]))


def listing(
    rows: Iterable[Row], asked: QueryDict, *, filters: Mapping[str, Callable[[Row], Any]]
) -> Listing:
    """The rows that the address asks for, by words, by filters and by page."""
    rows = list(rows)
    query = asked.get("q", "").strip()
    chosen = {name: asked.get(name, "") for name in filters}
    choices = {
        name: sorted({(str(value), str(value)) for row in rows for value in _values(read(row))})
        for name, read in filters.items()
    }
    kept = [
        row
        for row in rows
        if _has_words(row, query.lower().split())
        and all(
            not value or value in map(str, _values(filters[name](row)))
            for name, value in chosen.items()
        )
    ]
    rest = asked.copy()
    rest.pop("page", None)
    page = Paginator(kept, ROWS_ON_A_PAGE).get_page(asked.get("page"))
    return Listing(page, query, chosen, choices, rest.urlencode())


def search(index: ReportIndex, query: str, *, limit: int = 30) -> list[dict[str, str]]:
    """Tables, units and modules whose name has the words; whole names before parts of names."""
    words = query.lower().split()
    if not words:
        return []
    found = []
    for kind, names in (("table", index.tables), ("unit", index.units), ("module", index.modules)):
        for name in names:
            if all(word in name.lower() for word in words):
                found.append((len(name), name, kind))
    return [{"kind": kind, "id": name} for _, name, kind in sorted(found)[:limit]]


def _modules_of(index: ReportIndex, service: Row) -> list[dict[str, Any]]:
    """The service's units by module, the largest module first."""
    units: dict[str, list[Row]] = defaultdict(list)
    for unit in service["units"]:
        units[index.units[unit]["module"]].append(index.units[unit])
    rows = [
        {
            "id": module,
            "path": index.modules[module]["path"],
            "split": len(index.modules[module]["services"]) > 1,
            "units": sorted(members, key=lambda unit: unit["line"]),
            "lines": sum(unit["lines"] for unit in members),
        }
        for module, members in units.items()
    ]
    return sorted(rows, key=lambda row: (-row["lines"], row["id"]))


def _price_of_boundaries(index: ReportIndex) -> Mapping[str, float]:
    prices: dict[str, float] = defaultdict(float)
    for boundary in index.rows("boundaries"):
        prices[boundary["first"]] += boundary["price"]
        prices[boundary["second"]] += boundary["price"]
    return prices


def _pulls(index: ReportIndex, row: Row) -> list[dict[str, Any]]:
    """What ties a node to services, strongest first, each with a line that proves it."""
    return [
        {"service": service, "factor": index.factors[factor], "weight": weight}
        for service, factor, weight in row.get("pulls", ())
        if factor in index.factors
    ]


def _of_service(rows: Iterable[Row], service: str) -> list[Row]:
    return [row for row in rows if row["service"] == service]


def _services_of_accesses(index: ReportIndex, table: Row, mode: str) -> list[str]:
    services = {
        index.service_of(access["unit"]) or ""
        for access in table["accesses"]
        if access["mode"] == mode
    }
    return sorted(services)


def _values(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list | tuple) else () if value is None else (value,)


def _has_words(row: Row, words: list[str]) -> bool:
    text = " ".join(str(value) for value in row.values()).lower() if words else ""
    return all(word in text for word in words)
