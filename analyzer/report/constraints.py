"""What people decided, as rows: the shape of a report's `constraints` and of a constraints file."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from analyzer.errors import UnusableInput
from analyzer.partition.problem import Constraints

Row = dict[str, Any]

KINDS: Mapping[str, tuple[str, ...]] = {
    "pin": ("node", "service"),
    "must_link": ("nodes",),
    "cannot_link": ("nodes",),
    "name": ("service", "name"),
    "services": ("at_least", "at_most"),
    "size_limit": ("size",),
}


def rows_of_constraints(constraints: Constraints) -> list[Row]:
    """One row for each decision, in the order they were made in each kind."""
    rows: list[Row] = []
    rows += [{"kind": "pin", "node": n, "service": s} for n, s in constraints.pins]
    rows += [{"kind": "must_link", "nodes": list(nodes)} for nodes in constraints.must_link]
    rows += [{"kind": "cannot_link", "nodes": list(nodes)} for nodes in constraints.cannot_link]
    rows += [{"kind": "name", "service": s, "name": n} for s, n in constraints.names]
    if constraints.services is not None:
        low, high = constraints.services
        rows.append({"kind": "services", "at_least": low, "at_most": high})
    if constraints.size_limit is not None:
        rows.append({"kind": "size_limit", "size": constraints.size_limit})
    return rows


def constraints_of_rows(rows: Sequence[Mapping[str, Any]]) -> Constraints:
    """The decisions that rows stand for. Raises `UnusableInput`, naming the row that is wrong."""
    for number, row in enumerate(rows, start=1):
        _refuse_if_wrong(number, row)
    by_kind = {kind: [row for row in rows if row["kind"] == kind] for kind in KINDS}
    counts = by_kind["services"]
    limits = by_kind["size_limit"]
    return Constraints(
        pins=tuple((row["node"], row["service"]) for row in by_kind["pin"]),
        must_link=tuple(tuple(row["nodes"]) for row in by_kind["must_link"]),
        cannot_link=tuple((row["nodes"][0], row["nodes"][1]) for row in by_kind["cannot_link"]),
        names=tuple((row["service"], row["name"]) for row in by_kind["name"]),
        services=(counts[-1]["at_least"], counts[-1]["at_most"]) if counts else None,
        size_limit=float(limits[-1]["size"]) if limits else None,
    )


def read_constraints(content: bytes) -> Constraints:
    """A constraints file, TOML or JSON, told apart by its first character."""
    try:
        text = content.decode("utf-8-sig")
        document = json.loads(text) if text.lstrip()[:1] == "{" else tomllib.loads(text)
    except ValueError as error:
        raise UnusableInput(f"The constraints are neither TOML nor JSON: {error}.") from error
    rows = document.get("constraints")
    if not isinstance(rows, list) or set(document) != {"constraints"}:
        raise UnusableInput("A constraints file holds one list, `constraints`, and nothing else.")
    return constraints_of_rows(rows)


def _refuse_if_wrong(number: int, row: object) -> None:
    where = f"Constraint {number}"
    if not isinstance(row, Mapping) or row.get("kind") not in KINDS:
        raise UnusableInput(f"{where} needs a `kind`: one of {', '.join(KINDS)}.")
    expected = KINDS[row["kind"]]
    if set(row) != {"kind", *expected}:
        raise UnusableInput(f"{where} is a {row['kind']} and takes {', '.join(expected)}.")
    for key in expected:
        if not _is_right(row["kind"], key, row[key]):
            raise UnusableInput(f"{where}: {key} cannot be {json.dumps(row[key])}.")


def _is_right(kind: str, key: str, value: object) -> bool:
    if key == "nodes":
        names = isinstance(value, list) and all(isinstance(node, str) and node for node in value)
        return names and (len(value) == 2 if kind == "cannot_link" else len(value) >= 2)  # type: ignore[arg-type]
    if key in ("at_least", "at_most"):
        return isinstance(value, int) and not isinstance(value, bool) and value >= 1
    if key == "size":
        return isinstance(value, int | float) and not isinstance(value, bool) and value > 0
    return isinstance(value, str) and bool(value.strip())
