"""Seamline's edges against grimp's: what both have, and why one has what the other has not."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from analyzer.readers.python.imports import imports_of
from analyzer.readers.python.project import Project
from analyzer.readers.python.reader import project_of

Edge = tuple[str, str]

# Why an edge is on one side only; whatever fits none of these is unexplained.
CATEGORIES = {
    "itself": "a module imports itself; Seamline has no use for such an edge",
    "no package": "a file stands in no package (no `__init__.py` above it); grimp does not see it",
    "not parsed": "grimp needs valid Python 3 and was given the file empty; Seamline reads on",
    "second root": "a module is imported under a name that leads out of a folder which is on the "
    "path at run time as well; grimp was given one root",
    "unexplained": "",
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """The outcome for one project."""

    name: str
    modules: int
    common: int
    only_seamline: dict[str, int]
    only_grimp: dict[str, int]
    examples: tuple[str, ...]
    imported: int  # modules of the project that grimp imported; must be 0

    @property
    def unexplained(self) -> int:
        """Edges on one side only that no category explains."""
        both = (self.only_seamline, self.only_grimp)
        return sum(side.get("unexplained", 0) for side in both)


def compare(name: str, root: Path) -> Comparison:
    """Read a project both ways."""
    theirs = _grimp(root)
    files = {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*.py"))}
    project = project_of(files, name=name)
    ours = _edges(project)
    reference = {(source, target) for source, target in theirs["edges"]}
    known = frozenset(theirs["modules"])
    unparsed = frozenset(theirs["unparsed"])
    only_ours = {edge: _why(edge, known, unparsed, project) for edge in ours - reference}
    only_theirs = {edge: _why(edge, known, unparsed, project) for edge in reference - ours}
    return Comparison(
        name=name,
        modules=len(known),
        common=len(ours & reference),
        only_seamline=dict(sorted(Counter(only_ours.values()).items())),
        only_grimp=dict(sorted(Counter(only_theirs.values()).items())),
        examples=tuple(_examples(only_ours, "+") + _examples(only_theirs, "-")),
        imported=len(theirs["imported"]),
    )


def _grimp(root: Path) -> dict[str, list[str]]:
    command = [sys.executable, "-m", "benchmarks.oracle_grimp.grimp_edges", str(root)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=600)
    answer: dict[str, list[str]] = json.loads(done.stdout)
    return answer


def _edges(project: Project) -> set[Edge]:
    return {
        (module.path, project.modules[fact.target].path)
        for module in project.modules.values()
        for fact in imports_of(project, module)
    }


def _why(edge: Edge, known: frozenset[str], unparsed: frozenset[str], project: Project) -> str:
    source, target = edge
    if source == target:
        return "itself"
    if source in unparsed:
        return "not parsed"
    if source not in known or target not in known:
        return "no package"
    return "second root" if _names_a_second_root(source, project) else "unexplained"


def _names_a_second_root(source: str, project: Project) -> bool:
    """Whether the file imports something under a name that only another folder explains."""
    for module in project.modules.values():
        if module.path == source:
            return any(
                (project.absolute(module, index) or "").partition(".")[0] in project.aliases
                for index in range(len(module.imports))
            )
    return False


def _examples(edges: dict[Edge, str], sign: str) -> list[str]:
    found = [f"{sign} {source} → {target}" for (source, target), why in sorted(edges.items())
             if why == "unexplained"]  # fmt: skip
    return found[:5]
