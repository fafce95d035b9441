"""Runs the comparison over projects that can be installed, and writes it down."""

import json
import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from analyzer.facts.entry_points import EntryPoint
from analyzer.readers.python import syntax
from analyzer.readers.python.django.regex import readable_regex
from analyzer.readers.python.reader import facts_of, project_of
from benchmarks import corpus, environments
from benchmarks.attempts import attempted, failed_lines

HERE = Path(__file__).parent
DJANGO = HERE.parent / "oracle_django"
RESULT = HERE.parent / "ORACLE_URLS.md"
OUTCOMES = corpus.CACHE / "oracle_urls"
# Pages that Django's admin makes; Seamline gives one route for all pages of a class.
ADMIN = re.compile(r"(^|/)admin\.py$|/admin/")

View = tuple[str, str]  # file, top-level name
Route = tuple[str, str, str]  # path, file, top-level name


@dataclass(frozen=True, slots=True)
class Outcome:
    """How far both agree on one project; a view is a file and a name."""

    name: str
    views: int
    views_found: int
    routes: int
    routes_found: int
    said: int
    said_true: int
    missed: tuple[str, ...]
    untrue: tuple[str, ...] = ()  # said, and not resolved with the settings of the environment


def main(names: list[str]) -> int:
    """Compare the named projects, or all; exit code 1 where one could not be measured.

    The page is made of everything that was ever compared on this machine.
    """
    OUTCOMES.mkdir(parents=True, exist_ok=True)
    projects = tomllib.loads((DJANGO / "projects.toml").read_text())["project"]
    chosen = {one["name"]: one for one in projects if not names or one["name"] in names}
    _, failures = attempted(chosen, _run)
    found = [json.loads(path.read_text()) for path in sorted(OUTCOMES.glob("*.json"))]
    outcomes = [Outcome(**one) for one in found]
    page = [*document_of([one for one in outcomes if one.routes]), *failed_lines(failures)]
    RESULT.write_text("\n".join(page) + "\n")
    return 1 if failures else 0


def _run(project: environments.Entry) -> None:
    outcome = compare(project)
    (OUTCOMES / f"{outcome.name}.json").write_text(json.dumps(asdict(outcome)))
    print(row_of(outcome), *outcome.missed[:15], *outcome.untrue[:15], sep="\n", flush=True)


def compare(project: environments.Entry) -> Outcome:
    """Django's patterns against the facts of the project's wheel."""
    name = str(project["name"])
    tree = corpus.fetch(next(one for one in corpus.projects() if one.name == name))
    truth = resolved(project, tree)
    said = routes_of(tree)
    views, views_said = {route[1:] for route in truth}, {route[1:] for route in said}
    missed = [f"- {path} {file}:{view}" for path, file, view in sorted(truth - said)]
    untrue = [f"+ {path} {file}:{view}" for path, file, view in sorted(said - truth)]
    return Outcome(
        name=name,
        views=len(views),
        views_found=len(views & views_said),
        routes=len(truth),
        routes_found=len(truth & said),
        said=len(said),
        said_true=len(said & truth),
        missed=tuple(missed[:200]),
        untrue=tuple(untrue[:200]),
    )


def resolved(project: environments.Entry, tree: Path) -> set[Route]:
    """What Django says, in the project's own environment."""
    name = str(project["name"])
    python = environments.environment(
        environments.ORACLE / name,
        lock=DJANGO / "locks" / f"{name}.txt",
        python=str(project["python"]),
    )
    paths = [DJANGO / "settings", tree, *(tree / part for part in project.get("path", ()))]
    variables = {
        "DJANGO_SETTINGS_MODULE": str(project["settings"]),
        "PYTHONPATH": ":".join(str(path) for path in paths),
        **project.get("environment", {}),
    }
    command = [python, "-W", "ignore", HERE / "dump.py", tree]
    patterns = json.loads(environments.dumped(command, environment=variables))["patterns"]
    routes = {(path_of(parts), file, view) for parts, file, view in patterns}
    foreign = tuple(f"/{part}/" for part in project.get("not_own", ()))
    return {
        (path, file, view)
        for path, file, view in routes
        if "<format>" not in path
        and not ADMIN.search(file)
        and not any(part in f"/{file}" for part in foreign)
    }


def routes_of(tree: Path) -> set[Route]:
    """What Seamline says."""
    files = {str(path.relative_to(tree)): path.read_bytes() for path in sorted(tree.rglob("*.py"))}
    with syntax.deep_recursion():
        project = project_of(files)
        facts = facts_of(project)
    modules = {module.id: module.path for module in project.modules.values()}
    found = set()
    for fact in facts:
        is_field = isinstance(fact, EntryPoint) and "#" in fact.name  # of a GraphQL schema
        if isinstance(fact, EntryPoint) and fact.kind == "http" and ":" in fact.unit:
            if is_field:
                continue
            module, _, name = fact.unit.partition(":")
            path = plain(fact.name.partition(" ")[2])
            found.add((path, modules[module], name))
    return {route for route in found if not ADMIN.search(route[1])}


def path_of(parts: Iterable[tuple[str, str]]) -> str:
    """The whole route as Seamline writes it, without converters."""
    texts = (readable_regex(text) if kind == "regex" else text for kind, text in parts)
    return plain("/" + "".join(texts))


def plain(path: str) -> str:
    """A route without converters, doubled slashes and holes at its beginning."""
    path = re.sub(r"<\w+:(\w+)>", r"<\1>", path)
    return re.sub(r"/{2,}", "/", path.replace("/*", "/", 1) if path.startswith("/*") else path)


def document_of(outcomes: list[Outcome]) -> list[str]:
    """The page that is published."""
    return [
        "# Routes against Django's own resolver",
        "",
        "Made by `python -m benchmarks.oracle_urls`. In each project's own environment Django",
        "resolves its URL patterns; Seamline reads the same wheel without running it. A view",
        "is a file and a top-level name; a route is a path and a view. Views of others, the",
        "admin's pages and format suffixes are left out on both sides.",
        "",
        "| project | views found | recall | routes found | recall | of the routes said |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *(row_of(one) for one in outcomes),
        "",
        "Routes that are said and not resolved are not all wrong: a project may have several",
        "root URL modules of which its settings choose one, plugins that are not installed in",
        "the environment, and branches that the settings leave out.",
        "",
        "Missed: mayan-edms adds the API patterns of each app to another list while it starts, so",
        "that their paths begin too late; netbox registers some views of every model in a loop.",
        "The page was made project by project, the last ones at the last change.",
        "",
    ]


def row_of(one: Outcome) -> str:
    """One line of the table."""
    cells = (
        one.name,
        f"{one.views_found:,} of {one.views:,}",
        _share(one.views_found, one.views),
        f"{one.routes_found:,} of {one.routes:,}",
        _share(one.routes_found, one.routes),
        _share(one.said_true, one.said),
    )
    return f"| {' | '.join(cells)} |"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.3f}" if whole else "–"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
