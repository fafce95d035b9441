"""`python -m benchmarks.recovery [NAME …]` measures and writes benchmarks/RECOVERY.md.

What was measured is kept in benchmarks/cache/recovery, one file for each project; named projects
(or, without names, those that are not there yet) are measured, then all are written down.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from math import log1p
from typing import Any

from analyzer.coupling.build import Coupling
from analyzer.partition.confidence import strengths
from benchmarks.corpus import CACHE, Project, projects
from benchmarks.recovery.cached_facts import facts_of
from benchmarks.recovery.page import write_page
from benchmarks.recovery.trial import (
    PLAIN,
    Subject,
    cut,
    peers,
    score,
    subject,
    weigh,
    without_kind,
)

KEPT = CACHE / "recovery"
OWN = "Seamline"

# Measured by default: enough tables and apps for a reference, and small enough for two cores.
MEASURED = (
    *("django-oscar", "kiwitcms", "mayan-edms", "misago", "modoboa"),  # tuning half
    *("geonode", "netbox", "reviewboard", "shuup"),  # reporting half
)
# Where each kind of factor is left out once; small projects of the tuning half.
ABLATED = ("kiwitcms", "misago", "modoboa")


def measure(project: Project) -> dict[str, Any]:
    """Everything that the page says about one project."""
    facts = facts_of(project)
    blind = subject(facts, sighted=False)
    apps, owning = len(blind.reference.apps), len(blind.reference.owning(3).apps)
    found: dict[str, Any] = {
        "project": project.name,
        "half": project.half,
        "units": len(blind.reference.units),
        "tables": len(blind.reference.tables),
        "apps": apps,
        "apps owning tables": owning,
    }
    for mode in ("blind", "sighted"):
        case = blind if mode == "blind" else subject(facts, sighted=True)
        coupling = weigh(case)
        homes, seconds = cut(case, coupling, services=apps)
        fewer, more_seconds = cut(case, coupling, services=max(2, owning))
        found[mode] = {
            "all apps": asdict(score(case, homes, seconds=seconds)),
            "apps owning tables": asdict(score(case, fewer, fewest_tables=3, seconds=more_seconds)),
        }
        found[f"{mode} certainty"] = list(_certainty(case, coupling, homes))
        if mode == "blind":
            found["same graph"] = _peer_scores(case, coupling, services=apps)
            plain = weigh(case, weights=PLAIN)
            found["plain graph"] = _peer_scores(case, plain, services=apps)
            if project.name in ABLATED:
                found["ablation"] = dict(_ablation(case, coupling, services=apps))
    return found


def _peer_scores(case: Subject, coupling: Coupling, *, services: int) -> dict[str, Any]:
    return {
        method: asdict(score(case, homes, seconds=seconds))
        for method, homes, seconds in peers(coupling, services=services)
    }


def _ablation(case: Subject, coupling: Coupling, *, services: int) -> Iterator[tuple[str, Any]]:
    for kind in sorted({factor.kind for factor in coupling.graph.factors}):
        less = Coupling(without_kind(coupling.graph, kind), coupling.shared)
        homes, _ = cut(case, less, services=services)
        yield kind, asdict(score(case, homes))


def _certainty(
    case: Subject, coupling: Coupling, homes: Mapping[str, str]
) -> Iterator[tuple[str, float, float, bool]]:
    """(kind, margin, strength, whether the reference agrees) for each node that it knows."""
    reference = {**case.reference.units, **case.reference.tables}
    label = {n.id: reference.get(case.original.get(n.id, n.id)) for n in coupling.graph.nodes}
    majority = _majority(homes, label)
    for node, own, other in strengths(coupling.graph, homes=homes):
        if label[node.id] is not None:
            margin = (own - other) / (own + other) if own + other else 0.0
            agrees = majority.get(homes[node.id]) == label[node.id]
            yield node.kind, round(margin, 4), round(log1p(own), 4), agrees


def _majority(homes: Mapping[str, str], label: Mapping[str, str | None]) -> dict[str, str]:
    """The app that most of a service's nodes come from."""
    count: dict[str, dict[str, int]] = {}
    for node, app in label.items():
        if app is not None:
            apps = count.setdefault(homes[node], {})
            apps[app] = apps.get(app, 0) + 1
    return {home: max(sorted(apps), key=apps.__getitem__) for home, apps in count.items()}


def main(names: list[str]) -> None:
    KEPT.mkdir(parents=True, exist_ok=True)
    for project in projects():
        kept = KEPT / f"{project.name}.json"
        if project.name in names or (not names and project.name in MEASURED and not kept.exists()):
            print(project.name, flush=True)
            kept.write_text(json.dumps(measure(project)))
    found = [json.loads(kept.read_text()) for kept in sorted(KEPT.glob("*.json"))]
    write_page(found)


if __name__ == "__main__":
    main(sys.argv[1:])
