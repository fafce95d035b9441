"""One cut of one project, scored against its own apps."""

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from analyzer.coupling.build import Coupling, build_factor_graph
from analyzer.coupling.coupling_graph import coupling_graph
from analyzer.coupling.factor_graph import FactorGraph
from analyzer.coupling.weights import WEIGHTS
from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.metrics.agreement import adjusted_rand_index
from analyzer.metrics.mojofm import mojo_fm
from analyzer.partition.mapped_classes import with_mapped_classes
from analyzer.partition.problem import Constraints
from analyzer.partition.solve import solve, sweep
from benchmarks.corpus import CACHE, HERE
from benchmarks.environments import environment
from benchmarks.recovery.blinding import blinded
from benchmarks.recovery.reference import Reference, reference_of

SHARED = "(shared kernel)"
# What a method may see of where code stands: nothing; which units share a file, but no name or path
# of it; everything.
BLIND, FILES, SIGHTED = MODES = ("blind", "files", "sighted")
HIDDEN = (BLIND, FILES)
TIME_LIMIT = 6.0  # processor seconds a cut

# What a plain reference graph knows: who refers to whom, keys, and which unit touches which table.
PLAIN = dict.fromkeys(
    (
        "call",
        "attribute",
        "instantiation",
        "typing",
        "name",
        "mapping",
        "foreign_key",
        "read",
        "write",
    ),
    1.0,
)


@dataclass(frozen=True, slots=True)
class Score:
    """Agreement with the reference."""

    units_ari: float
    units_mojo: float
    tables_ari: float
    tables_mojo: float
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Subject:
    """A project ready to be cut: its facts as the method may see them, and the reference."""

    facts: CodebaseFacts
    reference: Reference
    original: Mapping[str, str]  # node id as seen → node id in the reference
    mode: str


def subject(facts: CodebaseFacts, *, mode: str) -> Subject:
    """Hide the paths, unless the method may see them: one of `MODES`."""
    reference = reference_of(facts)
    if mode == SIGHTED:
        return Subject(facts, reference, {}, mode)
    hidden, original = blinded(facts)
    return Subject(hidden, reference, original, mode)


def weigh(
    case: Subject, *, agreeing: bool = True, weights: Mapping[str, float] = WEIGHTS
) -> Coupling:
    """Its factor graph."""
    return build_factor_graph(
        case.facts,
        sighted=case.mode == SIGHTED,
        files=case.mode != BLIND,
        agreeing=agreeing,
        weights=weights,
    )


def cut(
    case: Subject, coupling: Coupling, *, services: int, proves: bool = True
) -> tuple[dict[str, str], float]:
    """Seamline's own partition at a number of services: node as seen → service; and seconds."""
    started = time.process_time()
    asked = Constraints(services=(services, services))
    solution = solve(
        coupling.graph,
        constraints=with_mapped_classes(coupling.graph, asked),
        time_limit=TIME_LIMIT,
        proves=proves,
    )
    seconds = time.process_time() - started
    homes = {n.id: str(s) for n, s in zip(coupling.graph.nodes, solution.assignment, strict=True)}
    return homes | {unit: SHARED for unit, _ in coupling.shared}, seconds


def peers(coupling: Coupling, *, services: int) -> Iterator[tuple[str, dict[str, str], float]]:
    """What stock methods make of the pairwise projection of the same graph."""
    graph = coupling.graph
    position = {node.id: index for index, node in enumerate(graph.nodes)}
    edges = [
        (position[one], position[other], data["weight"])
        for one, other, data in coupling_graph(graph).edges(data=True)
    ]
    task = json.dumps({"nodes": len(graph.nodes), "edges": edges, "services": services})
    python = environment(CACHE / "bench-venv", lock=HERE / "peers.txt", python="3.11")
    command = [str(python), str(HERE / "recovery" / "peers.py")]
    answer = subprocess.run(command, input=task, capture_output=True, text=True, check=True)
    for method, found in json.loads(answer.stdout).items():
        homes = {node.id: str(found["labels"][position[node.id]]) for node in graph.nodes}
        yield method, homes | {unit: SHARED for unit, _ in coupling.shared}, found["seconds"]


def score(
    case: Subject, homes: Mapping[str, str], *, fewest_tables: int = 0, seconds: float = 0.0
) -> Score:
    """Agreement over the apps that own at least so many tables."""
    reference = case.reference.owning(fewest_tables) if fewest_tables else case.reference
    found = {case.original.get(node, node): home for node, home in homes.items()}
    units, tables = reference.units, reference.tables
    return Score(
        units_ari=adjusted_rand_index(found=found, reference=units),
        units_mojo=mojo_fm(found=found, reference=units),
        tables_ari=adjusted_rand_index(found=found, reference=tables),
        tables_mojo=mojo_fm(found=found, reference=tables),
        seconds=seconds,
    )


def thinned_out(graph: FactorGraph, *, share: float, seed: int) -> FactorGraph:
    """The same graph with a share of its factors left out at random."""
    draw = Random(seed)
    return FactorGraph(graph.nodes, tuple(f for f in graph.factors if draw.random() >= share))


def recommended_number(graph: FactorGraph) -> int:
    """How many services the curve recommends."""
    asked = with_mapped_classes(graph, Constraints())
    return next(p.services for p in sweep(graph, constraints=asked) if p.recommended)
