"""Compares the analyzer with Django's own registry: `python -m benchmarks.oracle_django [NAME …]`.

Each project is installed, with the versions that its lock pins, into an environment of its own;
`django.setup()` runs there and its registry is dumped. The analyzer sees only the project's wheel.
Without names, all projects run and benchmarks/ORACLE_DJANGO.md is written anew.
"""

import json
import sys
import tomllib
from pathlib import Path

from analyzer.facts.codebase_facts import CodebaseFacts, collected, merged
from analyzer.readers.python.django.models import read_schema
from analyzer.readers.python.django.tables import table_facts
from analyzer.readers.python.reader import project_of
from benchmarks import corpus, environments
from benchmarks.environments import Entry
from benchmarks.oracle_django.compare import Agreement, analyzer_facts, compare, registry_facts
from benchmarks.oracle_django.report import Outcome, Page

HERE = Path(__file__).parent
PAGE = Page(
    HERE.parent / "ORACLE_DJANGO.md",
    title="Tables against Django's own registry",
    command="python -m benchmarks.oracle_django",
)


def main(arguments: list[str]) -> int:
    """Run the named projects, or all; exit code 1 where a difference is not explained."""
    projects = tomllib.loads((HERE / "projects.toml").read_text())["project"]
    measured = PAGE.measured_by(run)
    return environments.main(arguments, projects, locks=HERE / "locks", measured=measured)


def run(project: Entry) -> Outcome:
    """Compare one project and print what differs."""
    name = str(project["name"])
    document = registry(project)
    facts = facts_of_tree(source_of(name))
    agreements = compare(
        registry_facts(document, not_own=project.get("not_own", ())),
        analyzer_facts(facts.tables, facts.foreign_keys, own_apps(document, project)),
    )
    outcome = Outcome(name, document["django"], agreements, project.get("explained", ()))
    print_outcome(outcome)
    return outcome


def registry(project: Entry) -> dict[str, object]:
    """What Django says, in the project's own environment."""
    name = str(project["name"])
    python = environments.environment(
        environments.ORACLE / name,
        lock=HERE / "locks" / f"{name}.txt",
        python=str(project["python"]),
    )
    tree = source_of(name)  # the very files that the analyzer reads
    paths = [HERE / "settings", tree, *(tree / part for part in project.get("path", ()))]
    variables = {
        "DJANGO_SETTINGS_MODULE": str(project["settings"]),
        "PYTHONPATH": ":".join(str(path) for path in paths),
        **project.get("environment", {}),
    }
    command = [python, "-W", "ignore", HERE / "dump.py", *project["roots"]]
    document = json.loads(environments.dumped(command, environment=variables))
    if not document["models"]:
        raise RuntimeError(f"{name}: none of the models in the registry is the project's own")
    return document


def own_apps(document: dict[str, object], project: Entry) -> list[str]:
    """Labels of the installed apps that are the project's own."""
    skipped = tuple(f"/{part}/" for part in project.get("not_own", ()))
    apps = document["apps"].items()
    return [label for label, path in apps if not any(part in path for part in skipped)]


def source_of(name: str) -> Path:
    """The unpacked wheel of the corpus."""
    project = next(one for one in corpus.projects() if one.name == name)
    return corpus.fetch(project)


def facts_of_tree(root: Path) -> CodebaseFacts:
    """The analyzer's tables of a tree."""
    files = {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.py"))}
    return merged(collected(table_facts(read_schema(project_of(files)))))


def print_outcome(outcome: Outcome) -> None:
    """One line for each kind of fact, and each difference."""
    for kind, agreement in outcome.agreements.items():
        print(outcome.name, kind, figures(agreement), flush=True)
        for sign, facts in (("-", agreement.missed), ("+", agreement.invented)):
            for fact in facts[:20]:
                print("   ", sign, " ".join(fact), outcome.reason(fact) or "NOT EXPLAINED")


def figures(agreement: Agreement) -> str:
    """Precision and recall in words."""
    return f"precision {agreement.precision:.3f} recall {agreement.recall:.3f}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
