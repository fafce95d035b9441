"""Documentation is under test: what is there is documented, and what is documented is there."""

import argparse
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analyzer import api
from analyzer.cli import parser
from analyzer.coupling.weights import KINDS
from analyzer.report.constraints import KINDS as CONSTRAINT_KINDS

DOCS = Path(__file__).parents[2] / "docs"


def _words(page: str) -> set[str]:
    text = (DOCS / page).read_text(encoding="utf-8")
    return {word for code in re.findall(r"`([^`]+)`", text) for word in re.findall(r"[\w-]+", code)}


def _keys(node: Mapping[str, Any]) -> Iterator[str]:
    for key, inner in node.get("properties", {}).items():
        yield key
        yield from _keys(inner)
    if isinstance(node.get("items"), Mapping):
        yield from _keys(node["items"])


def test_every_key_of_a_report_is_documented() -> None:
    assert sorted(set(_keys(api.schema())) - _words("reading-a-report.md")) == []


def test_every_option_of_the_command_line_is_documented() -> None:
    text = (DOCS / "command-line.md").read_text(encoding="utf-8")
    commands = next(
        action.choices
        for action in parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    for name, command in commands.items():
        assert f"## `seamline {name}" in text
        for action in command._actions:
            for option in action.option_strings:
                if option.startswith("--") and option != "--help":
                    assert re.search(f"`[^`]*{option}[ `]", text), f"{name} {option}"


def test_every_format_and_stage_is_documented() -> None:
    assert {one.name for one in api.FORMATS} <= _words("command-line.md")
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    for stage in api.STAGES:
        assert f"`{stage.name}` | {stage.title} |" in index


def test_every_kind_of_factor_is_documented() -> None:
    assert sorted({kind.name for kind in KINDS} - _words("concepts.md")) == []


def test_every_kind_of_constraint_is_documented() -> None:
    words = _words("constraints.md")
    assert set(CONSTRAINT_KINDS) <= words
    assert {key for keys in CONSTRAINT_KINDS.values() for key in keys} <= words


def test_links_between_pages_lead_somewhere() -> None:
    for page in DOCS.rglob("*.md"):
        for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
