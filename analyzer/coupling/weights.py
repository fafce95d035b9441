"""Every weight of the coupling graph in one table, each with its reason.

A factor's weight is its kind's weight times a strength that the builder of the kind computes (how
telling this observation is, about 1 for a plain one). Only ratios matter: the price of load is
found relative to them. The values were fitted on the tuning half of the public corpus and on the
sample shop; benchmarks/RECOVERY.md says how, and what they recover.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

# How a node's load grows with the weight of its factors, and the load of what nothing is known of.
# By lines of code, load parted what belongs together; with the weight itself, hubs count too much.
LOAD_EXPONENT = 0.75
LEAST_LOAD = 0.01
# What a package binds loads by a tenth: it says where code stands, not what there is to be done.
LOAD_OF_PLACE = 0.1


@dataclass(frozen=True, slots=True)
class FactorKind:
    """One kind of factor: what it joins, how much it weighs, and why."""

    name: str
    joins: Literal["tables", "units", "units and tables"]
    weight: float
    reason: str


KINDS: tuple[FactorKind, ...] = (
    FactorKind("mapping", "units and tables", 8.0, "the class that maps a table is its code"),
    FactorKind("write", "units and tables", 1.2, "whoever writes a table decides what it means"),
    FactorKind("read", "units and tables", 0.6, "a read can become a query to the owner"),
    FactorKind(
        "binding",
        "units and tables",
        3.0,
        "a form, serializer or view made for one model exists because of that model",
    ),
    FactorKind("foreign_key", "tables", 5.0, "a constraint that no two databases can share"),
    FactorKind("many_to_many", "tables", 6.0, "a join table is part of the table that declares it"),
    FactorKind("join", "tables", 0.5, "a query over two databases must be composed by hand"),
    FactorKind("co_write", "tables", 1.0, "tables written by one unit tend to be one aggregate"),
    FactorKind(
        "co_migration", "tables", 9.0, "tables that one migration creates or alters change together"
    ),
    FactorKind(
        "transaction",
        "units and tables",
        0.2,
        "what commits together needs a saga once it is apart",
    ),
    FactorKind("lock", "units and tables", 2.0, "a lock holds only inside one database"),
    FactorKind("call", "units", 0.5, "a call becomes a remote call"),
    FactorKind("instantiation", "units", 1.2, "making an object takes knowing its class"),
    FactorKind("attribute", "units", 1.5, "naming a thing without calling it binds as much"),
    FactorKind("name", "units", 1.0, "a dotted string that the framework resolves is a call"),
    FactorKind("decoration", "units", 0.5, "decorators are mostly technical"),
    FactorKind("typing", "units", 0.8, "an annotation can become a copy of the type"),
    FactorKind(
        "inheritance", "units", 0.7, "base classes are mostly technical and glue what is apart"
    ),
    FactorKind("message", "units", 0.1, "a signal or task is already loose coupling"),
    FactorKind("routing", "units", 0.5, "what is served under one path is one capability"),
    FactorKind(
        "vocabulary",
        "units and tables",
        1.0,
        "what speaks the same words, with what it uses, means the same domain",
    ),
    FactorKind("naming", "units and tables", 2.0, "code is named after the data it serves"),
    FactorKind("table_naming", "tables", 1.25, "tables of one domain share words in their names"),
    FactorKind("co_test", "units", 0.8, "a test exercises one capability"),
    FactorKind("co_change", "units", 0.5, "what changes together belongs together"),
    FactorKind("authorship", "units", 0.1, "what one team maintains can be one team's service"),
    FactorKind(
        "package", "units and tables", 45.0, "authors put together what they think of as one thing"
    ),
    FactorKind(
        "module", "units and tables", 6.0, "what stands in one short file was written together"
    ),
)

WEIGHTS: Mapping[str, float] = MappingProxyType({kind.name: kind.weight for kind in KINDS})


def load_of(coupling: float, usual: float) -> float:
    """The size of a node by the weight of its factors; 1 where that is the usual weight."""
    return round(max(LEAST_LOAD, (coupling / usual) ** LOAD_EXPONENT if usual else 1.0), 6)
