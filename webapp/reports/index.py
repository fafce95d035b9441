"""A report's document, indexed for the pages."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import Any

Row = Mapping[str, Any]

COLOURS = 12  # of services, in the style sheet; with more services they repeat
LIBRARY = "Shared library"


class ReportIndex:
    """One report; everything that is looked up by id is found in a step."""

    def __init__(self, document: Row) -> None:
        self.document = document

    def rows(self, key: str) -> list[Row]:
        """The list under a key of the report; empty where the report has none."""
        return self.document.get(key, [])

    def planned(self, key: str) -> list[Row]:
        """The list under a key of the report's plan."""
        return self.document.get("plan", {}).get(key, [])

    @cached_property
    def services(self) -> dict[str, Row]:
        return {service["id"]: service for service in self.rows("services")}

    @cached_property
    def colours(self) -> dict[str, int]:
        return {service: number % COLOURS for number, service in enumerate(self.services)}

    @cached_property
    def units(self) -> dict[str, Row]:
        return {unit["id"]: unit for unit in self.rows("units")}

    @cached_property
    def modules(self) -> dict[str, Row]:
        return {module["id"]: module for module in self.rows("modules")}

    @cached_property
    def tables(self) -> dict[str, Row]:
        return {table["id"]: table for table in self.rows("tables")}

    @cached_property
    def factors(self) -> dict[str, Row]:
        return {factor["id"]: factor for factor in self.rows("factors")}

    @cached_property
    def tables_of_nodes(self) -> dict[str, str]:
        """The table behind each node that is one; a node's id can carry a prefix."""
        return {
            node["id"]: node["id"] if node["id"] in self.tables else node["id"][len("table:") :]
            for node in self.rows("nodes")
            if node["kind"] == "table"
        }

    @cached_property
    def lines_of_services(self) -> dict[str, int]:
        lines: dict[str, int] = defaultdict(int)
        for unit in self.units.values():
            lines[unit["service"] or ""] += unit.get("lines", 0)
        return lines

    @cached_property
    def ownerships(self) -> dict[str, Row]:
        """The plan's word on each table."""
        return {
            ownership["table"]: ownership
            for database in self.planned("databases")
            for ownership in database["tables"]
        }

    def name_of(self, service: str | None) -> str:
        """The service's name for people."""
        known = self.services.get(service or "")
        return known["name"] if known else service or LIBRARY

    def path_of(self, unit: str) -> str:
        """The file in which a unit stands."""
        known = self.units.get(unit)
        module = self.modules.get(known["module"]) if known else self.modules.get(unit)
        return module["path"] if module else ""

    def line_of(self, unit: str) -> int:
        """Where a unit begins."""
        known = self.units.get(unit)
        return known["line"] if known else 1

    def service_of(self, node: str) -> str | None:
        """The service of a unit or table."""
        known = self.units.get(node) or self.tables.get(self.tables_of_nodes.get(node, node))
        return known["service"] if known else None
