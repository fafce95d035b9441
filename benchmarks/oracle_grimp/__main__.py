"""Runs the comparison over the corpus and writes it down."""

import json
import sys
from dataclasses import asdict

from benchmarks.corpus import CACHE, HERE, projects
from benchmarks.oracle_grimp.compare import CATEGORIES, Comparison, compare

RESULT = HERE / "ORACLE_GRIMP.md"
OUTCOMES = CACHE / "oracle_grimp"


def main(names: list[str]) -> int:
    """Compare the named projects, or all; 1 if an edge is unexplained or something was imported.

    The page is made of everything that was ever compared on this machine, so that a long run can
    be taken up where it was left.
    """
    OUTCOMES.mkdir(parents=True, exist_ok=True)
    for project in projects():
        if project.folder.is_dir() and (not names or project.name in names):
            outcome = compare(project.name, project.folder)
            (OUTCOMES / f"{project.name}.json").write_text(json.dumps(asdict(outcome)))
            print("\n".join((row_of(outcome), *outcome.examples)), flush=True)
    found = [json.loads(path.read_text()) for path in sorted(OUTCOMES.glob("*.json"))]
    results = [Comparison(**one) for one in found]
    RESULT.write_text(document_of(results))
    return int(any(one.unexplained or one.imported for one in results))


def document_of(results: list[Comparison]) -> str:
    """The page that is published."""
    edges = sum(one.common for one in results)
    imported = sum(one.imported for one in results)
    unexplained = sum(one.unexplained for one in results)
    lines = [
        "# Import edges against grimp",
        "",
        "Made by `python -m benchmarks.oracle_grimp`. Each edge is a pair of files, so that both",
        "sides may name modules as they like. grimp parses and never imports; a hook counted the",
        f"modules of the projects that were imported meanwhile: {imported}.",
        "",
        f"{edges:,} edges in common over {len(results)} projects; unexplained: {unexplained}.",
        "",
        "| project | modules | in common | only Seamline | only grimp | unexplained |",
        "| --- | ---: | ---: | --- | --- | ---: |",
        *(row_of(one) for one in results),
        "",
        "## Why one side has an edge that the other has not",
        "",
        *(f"- **{name}**: {text}." for name, text in CATEGORIES.items() if text),
        "",
    ]
    examples = [f"- {one.name}: `{text}`" for one in results for text in one.examples]
    if examples:
        lines += ["## Unexplained (+ Seamline, - grimp)", "", *examples, ""]
    return "\n".join(lines)


def row_of(one: Comparison) -> str:
    """One line of the table."""
    cells = (
        one.name, f"{one.modules:,}", f"{one.common:,}", _counts(one.only_seamline),
        _counts(one.only_grimp), str(one.unexplained),
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items()) or "0"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
