"""`python -m benchmarks.recovery [NAME …]` measures and writes benchmarks/RECOVERY.md.

What was measured is kept in benchmarks/cache/recovery, in a folder for each state of the code and a
file for each project and phase; what is not there yet is measured (for the named projects, or for
all), on two processors, then everything of this state is written down.
"""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from analyzer.coupling.build import Coupling
from analyzer.coupling.weights import WEIGHTS
from analyzer.partition.confidence import holds
from benchmarks.corpus import CACHE, Project, projects
from benchmarks.recovery.cached_facts import facts_of
from benchmarks.recovery.page import NOTHING, write_page
from benchmarks.recovery.trial import (
    BLIND,
    FILES,
    HIDDEN,
    MODES,
    PLAIN,
    SIGHTED,
    Subject,
    cut,
    peers,
    recommended_number,
    score,
    subject,
    thinned_out,
    weigh,
)

KEPT = CACHE / "recovery"
OWN = "Seamline"

# Every project of the corpus whose reference has eight or more apps and twenty or more tables; the
# others (apache-superset, arches, askbot, ckan, django-cms, evennia, privacyidea, pulpcore) are
# divided too little for recovery to mean much. corpus.toml says which half each is in.
MEASURED = (
    *("django-oscar", "kiwitcms", "mayan-edms", "misago", "modoboa", "nautobot", "pretix"),
    *("tendenci", "weblate"),  # up to here the tuning half
    *("allianceauth", "froide", "geonode", "indico", "kolibri", "label-studio", "netbox"),
    *("patchman", "reviewboard", "shuup", "wagtail", "wger"),
)
# Where each kind of factor is left out once: the smaller projects, half of them of the tuning half.
ABLATED = (
    *("django-oscar", "kiwitcms", "misago", "modoboa"),
    *("allianceauth", "froide", "patchman", "wger"),
)
# A graph larger than this is left out of the stock methods' plain graph, to save time.
PLAIN_LIMIT = 3000
PROCESSORS = 2
# How often the recommended number is looked for with so many of the factors left out.
THINNED, LEFT_OUT = 4, 0.05


def own(project: Project) -> dict[str, Any]:
    """Seamline's own cuts of a project, in every mode."""
    facts = facts_of(project)
    blind = subject(facts, mode=BLIND)
    apps, owning = len(blind.reference.apps), len(blind.reference.owning(3).apps)
    found: dict[str, Any] = {
        "project": project.name,
        "half": project.half,
        "revision": _revision(),
        "units": len(blind.reference.units),
        "tables": len(blind.reference.tables),
        "apps": apps,
        "apps owning tables": owning,
    }
    for mode in MODES:
        case = blind if mode == BLIND else subject(facts, mode=mode)
        coupling = weigh(case)
        homes, seconds = cut(case, coupling, services=apps)
        fewer, more_seconds = cut(case, coupling, services=max(2, owning))
        found[mode] = {
            "all apps": asdict(score(case, homes, seconds=seconds)),
            "apps owning tables": asdict(score(case, fewer, fewest_tables=3, seconds=more_seconds)),
        }
        found[f"{mode} certainty"] = list(_certainty(case, coupling, homes))
    return found


def stock(project: Project) -> dict[str, Any]:
    """Stock methods on the same graph and on a plain one, with paths hidden, blind and by files."""
    facts = facts_of(project)
    return {
        f"{graph}, {mode}": scores
        for mode in HIDDEN
        for graph, scores in _stock(subject(facts, mode=mode)).items()
    }


def _stock(case: Subject) -> dict[str, Any]:
    services = len(case.reference.apps)
    same = weigh(case)
    found = {"same graph": _peer_scores(case, same, services=services)}
    if len(same.graph.nodes) <= PLAIN_LIMIT:
        plain = weigh(case, agreeing=False, weights=PLAIN)
        found["plain graph"] = _peer_scores(case, plain, services=services)
    return found


def unmigrated(project: Project) -> dict[str, Any]:
    """Seamline's own cuts with paths hidden where nothing is known of migrations."""
    facts = facts_of(project)
    found = {}
    for mode in HIDDEN:
        case = subject(facts, mode=mode)
        coupling = weigh(case, weights={**WEIGHTS, "co_migration": 0.0})
        homes, seconds = cut(case, coupling, services=len(case.reference.apps))
        found[f"{mode}, no migrations"] = asdict(score(case, homes, seconds=seconds))
    return found


def ablation(project: Project) -> dict[str, Any]:
    """Each kind of factor left out once, with files seen and sighted."""
    if project.name not in ABLATED:
        return {}
    facts = facts_of(project)
    modes = (FILES, SIGHTED)
    return {"ablation": {mode: dict(_ablation(subject(facts, mode=mode))) for mode in modes}}


def numbers(project: Project) -> dict[str, Any]:
    """The recommended number of services, sighted: of the whole graph and of thinned ones."""
    case = subject(facts_of(project), mode=SIGHTED)
    graph = weigh(case).graph
    thinned = [thinned_out(graph, share=LEFT_OUT, seed=seed) for seed in range(THINNED)]
    return {
        "apps with a table": len(case.reference.owning(1).apps),
        "recommended": [recommended_number(one) for one in (graph, *thinned)],
    }


PHASES = (own, unmigrated, ablation, stock, numbers)


@cache
def _revision() -> str:
    command = ["git", "rev-parse", "--short", "HEAD"]
    return subprocess.run(command, cwd=CACHE.parent, capture_output=True, text=True).stdout.strip()


def _peer_scores(case: Subject, coupling: Coupling, *, services: int) -> dict[str, Any]:
    return {
        method: asdict(score(case, homes, seconds=seconds))
        for method, homes, seconds in peers(coupling, services=services)
    }


def _ablation(case: Subject) -> Iterator[tuple[str, Any]]:
    """What is left without each kind of factor, and without none."""
    kinds = {factor.kind for factor in weigh(case).graph.factors}
    for kind in (NOTHING, *sorted(kinds)):
        coupling = weigh(case, weights={**WEIGHTS, kind: 0.0})
        homes, _ = cut(case, coupling, services=len(case.reference.apps), proves=False)
        yield kind, asdict(score(case, homes))


def _certainty(
    case: Subject, coupling: Coupling, homes: Mapping[str, str]
) -> Iterator[tuple[str, float, float, bool]]:
    """(kind, margin, strength, whether the reference agrees) for each node that it knows."""
    reference = {**case.reference.units, **case.reference.tables}
    label = {n.id: reference.get(case.original.get(n.id, n.id)) for n in coupling.graph.nodes}
    majority = _majority(homes, label)
    for node, hold in holds(coupling.graph, homes=homes):
        if label[node.id] is not None:
            agrees = majority.get(homes[node.id]) == label[node.id]
            yield node.kind, round(hold.margin, 4), round(hold.strength, 4), agrees


def _majority(homes: Mapping[str, str], label: Mapping[str, str | None]) -> dict[str, str]:
    """The app that most of a service's nodes come from."""
    count: dict[str, dict[str, int]] = {}
    for node, app in label.items():
        if app is not None:
            apps = count.setdefault(homes[node], {})
            apps[app] = apps.get(app, 0) + 1
    return {home: max(sorted(apps), key=apps.__getitem__) for home, apps in count.items()}


def main(names: list[str]) -> None:
    """Measure what was not measured yet, small projects first, and write the page.

    With `--write` alone, nothing is measured and the page is written from what there is.
    """
    kept = KEPT / _revision()
    kept.mkdir(parents=True, exist_ok=True)
    chosen = [project for project in projects() if project.name in (names or MEASURED)]
    chosen.sort(key=lambda one: one.archive.stat().st_size)
    if names == ["--write"]:
        chosen = []
    with ProcessPoolExecutor(PROCESSORS) as pool:
        work = [pool.submit(_measure, p.__name__, one, kept) for p in PHASES for one in chosen]
    for failed in (done.exception() for done in work if done.exception()):
        print(f"failed: {failed!r}", file=sys.stderr)
    measured = sorted(path.name.split(".")[0] for path in kept.glob("*.own.json"))
    write_page([_all_of(kept, name) for name in measured], wanted=MEASURED)


def _measure(phase: str, project: Project, kept: Path) -> None:
    path = kept / f"{project.name}.{phase}.json"
    if not path.exists():
        print(phase, project.name, flush=True)
        path.write_text(json.dumps(globals()[phase](project)))


def _all_of(kept: Path, project: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for phase in PHASES:
        path = kept / f"{project}.{phase.__name__}.json"
        if path.exists():
            found |= json.loads(path.read_text())
    return found


if __name__ == "__main__":
    main(sys.argv[1:])
