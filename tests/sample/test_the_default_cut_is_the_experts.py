"""With default options, tables and lines of the sample go where the expert put them."""

import re
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from analyzer.api import MemoryStore, analyze, take_snapshot

ROOT = Path(__file__).parents[2]
LINES_OF_A_TABLE = 20  # so that tables and code count alike when a service is recognised


@cache
def expected() -> dict[str, str]:
    """Unit or table → the expert's service, "shared" for the shared kernel."""
    text = (Path(__file__).parent / "expected_decomposition.toml").read_text("utf-8")
    written = tomllib.loads(text)
    homes = dict.fromkeys(written["shared"]["units"], "shared")
    for service, members in written["services"].items():
        homes |= dict.fromkeys([*members.get("tables", ()), *members.get("units", ())], service)
    return homes


@pytest.fixture(scope="module")
def document(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    into = tmp_path_factory.mktemp("sample") / "snapshot"
    snapshot = take_snapshot(str(ROOT / "sample_monolith"), into=into)
    return dict(analyze(snapshot, store=MemoryStore()).document)


def placed(document: dict[str, Any]) -> dict[str, tuple[str, float]]:
    """Unit or table → the expert's service that its service stands for, and its weight.

    A service stands for the expert's service from which most of it comes.
    """
    rows = [(u["id"], u["service"], float(u["lines"])) for u in document["units"]]
    rows += [(t["id"], t["service"], LINES_OF_A_TABLE) for t in document["tables"]]
    content: dict[str, Counter[str]] = {}
    for node, service, weight in rows:
        if service and node in expected():
            content.setdefault(service, Counter())[expected()[node]] += weight  # type: ignore[assignment]
    stands_for = {service: count.most_common(1)[0][0] for service, count in content.items()}
    return {node: (stands_for.get(service, "shared"), weight) for node, service, weight in rows}


def test_nine_tables_in_ten_go_where_the_expert_put_them(document: dict[str, Any]) -> None:
    found = placed(document)
    tables = [t["id"] for t in document["tables"] if t["id"] in expected()]
    right = [table for table in tables if found[table][0] == expected()[table]]
    assert len(right) / len(tables) >= 0.9, sorted(set(tables) - set(right))


def test_four_lines_in_five_go_where_the_expert_put_them(document: dict[str, Any]) -> None:
    found = placed(document)
    units = [u["id"] for u in document["units"] if u["id"] in expected()]
    whole = sum(found[unit][1] for unit in units)
    right = sum(found[unit][1] for unit in units if found[unit][0] == expected()[unit])
    assert right / whole >= 0.8


def test_there_are_about_as_many_services_as_the_expert_drew(document: dict[str, Any]) -> None:
    assert 8 <= len(document["services"]) <= 16


def test_the_prices_in_the_page_that_follows_a_cut_are_the_report_s(
    document: dict[str, Any],
) -> None:
    page = (ROOT / "docs" / "following-a-cut.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([\d.]+) \| `(.+?)` \| `(.+?)` \|$", page, re.MULTILINE)
    assert rows
    for kind, weight, other, place in rows:
        members = sorted(["store_review", other])
        (factor,) = (
            f for f in document["factors"] if f["kind"] == kind and sorted(f["members"]) == members
        )
        assert factor["weight"] == pytest.approx(float(weight), abs=0.05)
        assert place in [f"{e['path']}:{e['line']}" for e in factor["evidence"]]


def test_what_was_set_aside_is_not_called_unsure(document: dict[str, Any]) -> None:
    rows = [*document["units"], *document["tables"]]
    assert any(row["role"] == "shared" for row in document["units"])
    assert all((row["confidence"] is None) == (row["service"] is None) for row in rows)
