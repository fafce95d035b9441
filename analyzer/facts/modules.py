"""Modules and the units inside them."""

from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence

# Only product code is cut into services. The rest is read for what it says about product code
# (migrations name tables, tests name what they exercise) and listed apart.
ModuleRole = Literal["product", "test", "migration", "vendored", "generated"]
UnitKind = Literal["class", "function", "module"]


@dataclass(frozen=True, slots=True, order=True)
class Module:
    """A source file as its language sees it."""

    id: str  # dotted name, unique in the snapshot
    path: str
    lines: int
    language: str
    role: ModuleRole = "product"
    understood: float = 1.0  # share of its lines that could be read, 0-1


@dataclass(frozen=True, slots=True, order=True)
class Unit:
    """What can be assigned to a service alone.

    Its id is `package.module:Name`, or `package.module` for what a module's own body does. Where a
    module defines a name twice (both arms of an `if`), there is one unit and it spans the first.
    """

    id: str
    module: str
    name: str  # "" for the module body
    kind: UnitKind
    line: int
    end_line: int
    lines: int  # of code: for a module body, only what no other unit of the module owns

    def evidence_in(self, path: str) -> Evidence:
        """Where the unit begins, given the path of its module."""
        return Evidence(path=path, line=self.line)


@dataclass(frozen=True, slots=True, order=True)
class Vocabulary:
    """Words of the domain that a unit uses: parts of identifiers and of docstrings, lower case."""

    unit: str
    terms: tuple[tuple[str, int], ...]  # (term, occurrences), sorted by term
