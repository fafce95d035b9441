"""The report: one document, and how it is written and read."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import jsonschema

from analyzer.errors import UnusableInput

SCHEMA = "seamline/report/1"
Document = dict[str, Any]

_ROWS_VALIDATED = 40  # of each list, when a report is loaded
_ENCODER = json.JSONEncoder(separators=(",", ":"), allow_nan=False)


@dataclass(frozen=True, slots=True, eq=False)
class Report:
    """What `report.json` holds; see docs/reading-a-report.md for every key.

    A report is told from another by being another object: its document is not to be changed.
    """

    document: Document

    def to_bytes(self) -> bytes:
        """The document as JSON: a key or an item of a list on each line, so that reports diff."""
        parts = (f"{_json(key)}: {_section(value)}" for key, value in self.document.items())
        return ("{\n" + ",\n".join(parts) + "\n}\n").encode()


def load_report(content: bytes) -> Report:
    """The report that these bytes hold. Raises `UnusableInput` if it is not one."""
    try:
        document = json.loads(content)
    except ValueError as error:
        raise UnusableInput(f"This is not a report: {error}.") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise UnusableInput(f"This is not a report of the kind {SCHEMA}.")
    fault = first_fault(_excerpt(document))
    if fault:
        raise UnusableInput(f"This report is damaged: {fault}.")
    return Report(document)


def first_fault(document: Document) -> str:
    """Where the document breaks the schema and how; "" if it is valid."""
    error = next(_validator().iter_errors(document), None)
    if error is None:
        return ""
    return f"{error.json_path}: {error.message[:200]}"


@cache
def schema() -> Document:
    """The JSON Schema of a report."""
    text = files("analyzer.report").joinpath("schema.json").read_text(encoding="utf-8")
    found: Document = json.loads(text)
    return found


@cache
def _validator() -> Any:
    return jsonschema.Draft202012Validator(schema())


def _excerpt(value: Any) -> Any:
    """The beginning of every list: to validate all of a large report takes minutes."""
    if isinstance(value, dict):
        return {key: _excerpt(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_excerpt(inner) for inner in value[:_ROWS_VALIDATED]]
    return value


def _section(value: object) -> str:
    if isinstance(value, list) and value:
        return _lines("[", value, "]")
    return _json(value)


def _lines(opening: str, items: Iterable[object], closing: str) -> str:
    return opening + "\n" + ",\n".join(_json(item) for item in items) + "\n" + closing


def _json(value: object) -> str:
    # ASCII only: a path that is no valid UTF-8 survives as the escapes of its surrogates.
    return _ENCODER.encode(value)
