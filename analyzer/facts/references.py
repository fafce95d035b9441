"""Who refers to whom."""

from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence

ReferenceKind = Literal[
    "call",  # a function or method of the target is called
    "inheritance",
    "instantiation",
    "attribute",  # the target is named without being called (passed on, compared, subscripted)
    "decoration",
    "typing",  # only an annotation, or under TYPE_CHECKING
    "name",  # a dotted string that the framework resolves to the target
]


@dataclass(frozen=True, slots=True, order=True)
class Import:
    """One module imports another module of the snapshot."""

    source: str
    target: str
    evidence: Evidence
    typing_only: bool = False
    deferred: bool = False  # inside a function: resolved when called, often to dodge a cycle


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """One unit refers to another unit of the snapshot; once for each line that does so."""

    source: str
    target: str
    kind: ReferenceKind
    evidence: Evidence
    member: str = ""  # the method or attribute of the target that is used, where known
