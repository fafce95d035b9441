"""Compares the analyzer with SQLAlchemy's metadata: `python -m benchmarks.oracle_sqlalchemy`.

Each project is installed, with the versions that its lock pins, into an environment of its own; its
models are imported there and the metadata is dumped. The analyzer sees only the project's wheel.
Without names, all projects run and benchmarks/ORACLE_SQLALCHEMY.md is written anew.
"""

import json
import sys
import tomllib
from pathlib import Path

from analyzer.facts.codebase_facts import CodebaseFacts, collected, merged
from analyzer.readers.python.reader import project_of
from analyzer.readers.python.sqlalchemy.models import read_schema
from analyzer.readers.python.sqlalchemy.tables import table_facts
from benchmarks import environments
from benchmarks.environments import Entry
from benchmarks.oracle_django.__main__ import print_outcome, source_of
from benchmarks.oracle_django.compare import compare
from benchmarks.oracle_django.report import Outcome, Page
from benchmarks.oracle_sqlalchemy.compare import analyzer_facts, metadata_facts

HERE = Path(__file__).parent
PAGE = Page(
    HERE.parent / "ORACLE_SQLALCHEMY.md",
    title="Tables against SQLAlchemy's metadata",
    command="python -m benchmarks.oracle_sqlalchemy",
)


def main(arguments: list[str]) -> int:
    """Run the named projects, or all; exit code 1 where a difference is not explained."""
    projects = tomllib.loads((HERE / "projects.toml").read_text())["project"]
    measured = PAGE.measured_by(run)
    return environments.main(arguments, projects, locks=HERE / "locks", measured=measured)


def run(project: Entry) -> Outcome:
    """Compare one project and print what differs."""
    name = str(project["name"])
    document = metadata(project)
    facts = facts_of_tree(source_of(name))
    agreements = compare(
        metadata_facts(document, not_own=tuple(project.get("not_own", ()))),
        analyzer_facts(facts.tables, facts.foreign_keys),
    )
    agreements.pop("many-to-many tables")  # metadata does not tell them from others
    outcome = Outcome(name, document["sqlalchemy"], agreements, project.get("explained", ()))
    print_outcome(outcome)
    return outcome


def metadata(project: Entry) -> dict[str, object]:
    """What SQLAlchemy says, in the project's own environment."""
    name = str(project["name"])
    python = environments.environment(
        environments.ORACLE / name,
        lock=HERE / "locks" / f"{name}.txt",
        python=str(project["python"]),
    )
    command = [python, "-W", "ignore", HERE / "dump.py", project["metadata"], *project["imports"]]
    variables = {"PYTHONPATH": str(HERE / "setups")}
    return json.loads(environments.dumped(command, environment=variables))


def facts_of_tree(root: Path) -> CodebaseFacts:
    """The analyzer's tables of a tree."""
    files = {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.py"))}
    return merged(collected(table_facts(read_schema(project_of(files)))))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
