"""The stages in order; each takes the artefact before it and gives its own."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain

import numpy as np

from analyzer import __version__
from analyzer.coupling.build import Coupling, build_factor_graph
from analyzer.coupling.factor_graph import FactorGraph, compact
from analyzer.coupling.layers import layer_units, set_aside
from analyzer.coupling.product_facts import product_facts
from analyzer.facts.codebase_facts import CodebaseFacts, merged
from analyzer.facts.diagnostics import Diagnostic
from analyzer.intake.snapshot import Snapshot
from analyzer.metrics.scorecard import measure, measure_services, warning
from analyzer.partition.assembly import homes_of, service_ids, services_of
from analyzer.partition.boundaries import boundaries_of
from analyzer.partition.confidence import certainties
from analyzer.partition.mapped_classes import with_mapped_classes
from analyzer.partition.naming import ServiceName, service_names
from analyzer.partition.objective import terms
from analyzer.partition.partition import Optimality, Partition
from analyzer.partition.problem import Constraints
from analyzer.partition.solve import Solution, solve, with_proof
from analyzer.plan.migration_plan import migration_plan
from analyzer.progress import Progress
from analyzer.readers.language_reader import ReadingTools, WarmingReader
from analyzer.readers.registry import READERS
from analyzer.report.document import CUT_SHORT, DEGENERATE, Codebase, Findings, document_of
from analyzer.report.report import Document, Report
from analyzer.store.codec import Artefact, decode, encode
from analyzer.store.library import library
from analyzer.store.result_store import ResultStore


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of the way, as people see it."""

    name: str
    title: str


STAGES = (
    Stage("intake", "Taking in the source"),
    Stage("reading", "Reading the code"),
    Stage("coupling", "Weighing the coupling"),
    Stage("partition", "Finding the services"),
    Stage("plan", "Planning the migration"),
    Stage("report", "Writing the report"),
)


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may ask of an analysis."""

    constraints: Constraints = field(default_factory=Constraints)
    services: tuple[int, int] | None = None  # overrides the number in the constraints
    jobs: int = 1
    seed: int = 0
    time_limit: float = 30.0  # seconds for the search

    def asked(self) -> Constraints:
        """The constraints with the number of services that was asked for."""
        if self.services is None:
            return self.constraints
        return replace(self.constraints, services=self.services)


@dataclass(frozen=True, slots=True)
class Run:
    """What every stage is given besides its artefact."""

    options: Options
    progress: Progress
    store: ResultStore
    clock: Callable[[], float] = time.monotonic
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, *, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Tell that a stage runs, and how long it took; gives a function that counts items."""
        began, done = self.clock(), 0

        def advance(more: int) -> None:
            nonlocal done
            done += more
            self.progress.advanced(stage=name, done=done)

        self.progress.started(stage=name, total=total)
        yield advance
        self.seconds[name] = round(self.clock() - began, 3)
        self.progress.finished(stage=name)


def analysed(snapshot: Snapshot, run: Run) -> Report:
    """All stages after intake: read, weigh, cut, plan and report a snapshot."""
    facts, coupling = weighed(snapshot, run)
    codebase = Codebase(snapshot.name, snapshot.digest)
    return decided(codebase, facts, coupling, run, finds_layers=True)


def weighed(snapshot: Snapshot, run: Run) -> tuple[CodebaseFacts, Coupling]:
    """The facts about the product code of a snapshot, and the coupling in them."""
    facts = read(snapshot, run)
    with run.stage("coupling", total=1) as advance:
        coupling = build_factor_graph(facts)
        units = {node.id for node in coupling.graph.nodes if node.kind == "unit"}
        kept = frozenset(units | {unit for unit, _ in coupling.shared})
        advance(1)
    return product_facts(facts, units=kept), coupling


def decided(
    codebase: Codebase,
    facts: CodebaseFacts,
    coupling: Coupling,
    run: Run,
    *,
    finds_layers: bool = False,
) -> Report:
    """Cut the graph under the options' constraints, and plan and report what follows.

    `finds_layers`: whether layers that the cut lays bare join the shared kernel.
    """
    coupling, partition, diagnostics = cut(facts, coupling, run, finds_layers=finds_layers)
    with run.stage("plan", total=1) as advance:
        plan = migration_plan(facts, partition)
        advance(1)
    with run.stage("report", total=4) as advance:
        metrics = _metrics(facts, partition)
        advance(1)
        service_metrics = _service_metrics(facts, partition)
        advance(1)
        curve_metrics = _curve_metrics(coupling.graph, partition)
        advance(1)
        findings = Findings(
            codebase=codebase,
            facts=facts,
            graph=coupling.graph,
            partition=partition,
            plan=plan,
            constraints=run.options.asked(),
            metrics=metrics,
            service_metrics=service_metrics,
            curve_metrics=curve_metrics,
            diagnostics=diagnostics,
        )
        document = document_of(findings, generated={})
        advance(1)
    document["generated"] = _generated(run, partition)
    return Report(document)


def read(snapshot: Snapshot, run: Run) -> CodebaseFacts:
    """What all readers say of a snapshot; from the store if it was read before."""
    work = [(reader, reader.files(snapshot)) for reader in READERS]
    with run.stage("reading", total=sum(len(found) for _, found in work)) as advance:

        def make() -> CodebaseFacts:
            tools = ReadingTools(store=run.store, advance=advance, jobs=run.options.jobs)
            parts = [reader.read(snapshot, tools) for reader, found in work if found]
            own = CodebaseFacts(digest=snapshot.digest, diagnostics=snapshot.diagnostics)
            return merged(own, *parts)

        digest = _digest("facts", snapshot.digest, snapshot.history_commit)
        return _stored(run.store, "facts", digest, CodebaseFacts, make)


def files_to_read(snapshot: Snapshot) -> tuple[tuple[str, ...], ...]:
    """The paths that each reader reads."""
    return tuple(
        tuple(file.path for file in reader.files(snapshot))
        for reader in READERS
        if isinstance(reader, WarmingReader)
    )


def read_some(snapshot: Snapshot, paths: frozenset[str], run: Run) -> None:
    """Fill the store with what single files say."""
    tools = ReadingTools(store=run.store, advance=lambda _: None, jobs=run.options.jobs)
    for reader in READERS:
        if isinstance(reader, WarmingReader):
            chosen = [file for file in reader.files(snapshot) if file.path in paths]
            reader.warm(snapshot, chosen, tools)


def cut(
    facts: CodebaseFacts, coupling: Coupling, run: Run, *, finds_layers: bool = False
) -> tuple[Coupling, Partition, tuple[Diagnostic, ...]]:
    """The services, with names, prices and certainties, and what is to be said about them."""
    with run.stage("partition") as advance:
        solution = _solved(coupling.graph, run, advance)
        if finds_layers and (layers := _layers(facts, coupling.graph, solution, run.options)):
            coupling = set_aside(coupling, layers)
            solution = _solved(coupling.graph, run, advance)
        solution = with_proof(
            coupling.graph,
            solution,
            constraints=with_mapped_classes(coupling.graph, run.options.asked()),
            time_limit=run.options.time_limit,
        )
        partition = _partition(facts, coupling, solution, run.options)
    return coupling, partition, tuple(_remarks(facts, partition, solution))


def _solved(graph: FactorGraph, run: Run, advance: Callable[[int], None]) -> Solution:
    def watch(_: Optimality) -> None:
        advance(1)

    return solve(
        graph,
        constraints=with_mapped_classes(graph, run.options.asked()),
        seed=run.options.seed,
        time_limit=run.options.time_limit,
        jobs=run.options.jobs,
        watcher=watch,
        proves=False,
    )


def _layers(
    facts: CodebaseFacts, graph: FactorGraph, solution: Solution, options: Options
) -> tuple[tuple[str, str], ...]:
    services = zip(graph.nodes, solution.assignment, strict=True)
    homes = {node.id: str(service) for node, service in services}
    decided_on = options.asked().nodes_named().values()
    return layer_units(facts, homes, fixed=frozenset(chain.from_iterable(decided_on)))


def _partition(
    facts: CodebaseFacts, coupling: Coupling, solution: Solution, options: Options
) -> Partition:
    graph = coupling.graph
    named = _named(facts, graph, solution)
    given = {index: service for service, index in solution.pinned}
    ids = service_ids({index: name.name for index, name in named.items()}, given=given)
    chosen = dict(options.asked().names)
    homes = homes_of(graph, solution.assignment, ids=ids)
    return Partition(
        services=services_of(
            graph,
            homes,
            names={ids[i]: chosen.get(ids[i], name.name) for i, name in named.items()},
            terms={ids[i]: name.terms for i, name in named.items()},
        ),
        assignment=tuple(sorted(homes.items())),
        shared=coupling.shared,
        boundaries=boundaries_of(graph, homes),
        certainties=certainties(graph, homes=homes, prices=solution.prices),
        optimality=solution.optimality,
        curve=solution.curve,
        prices=(solution.prices.load, solution.prices.service),
    )


def _named(facts: CodebaseFacts, graph: FactorGraph, solution: Solution) -> dict[int, ServiceName]:
    keys = {node.id: str(i) for node, i in zip(graph.nodes, solution.assignment, strict=True)}
    named = service_names(facts, assignment=keys)
    return {int(key): name for key, name in named.items()}


def _remarks(
    facts: CodebaseFacts, partition: Partition, solution: Solution
) -> Iterator[Diagnostic]:
    if solution.cut_short:
        text = "the search was ended by its time limit; a longer one may find a cheaper cut"
        yield Diagnostic("", 0, "warning", CUT_SHORT, text)
    degenerate = warning(facts, assignment=dict(partition.assignment))
    if degenerate:
        yield Diagnostic("", 0, "warning", DEGENERATE, degenerate)


def _metrics(facts: CodebaseFacts, partition: Partition) -> Document:
    return {
        m.key: {"title": m.title, "value": m.value, "better": m.better, "source": m.source}
        for m in measure(facts, assignment=dict(partition.assignment))
    }


def _service_metrics(facts: CodebaseFacts, partition: Partition) -> dict[str, Document]:
    measured = measure_services(facts, assignment=dict(partition.assignment))
    return {
        service: {
            "afferent": coupling.afferent,
            "efferent": coupling.efferent,
            "instability": round(coupling.instability, 6),
        }
        for service, coupling in measured.items()
    }


def _curve_metrics(graph: FactorGraph, partition: Partition) -> list[Document]:
    hypergraph = compact(graph)
    found = (terms(hypergraph, np.asarray(p.assignment, np.int32)) for p in partition.curve)
    return [{"coupling_paid": round(t.coupling, 6), "load": round(t.load, 6)} for t in found]


def _generated(run: Run, partition: Partition) -> Document:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "version": __version__,
        "seconds": {**run.seconds, "search": round(partition.optimality.seconds, 3)},
        "jobs": run.options.jobs,
    }


def _stored(
    store: ResultStore,
    kind: str,
    digest: str,
    artefact: type[Artefact],
    make: Callable[[], Artefact],
) -> Artefact:
    """The artefact from the store, or made and stored. A damaged one is made again."""
    content = store.get(kind=kind, digest=digest)
    if content is not None:
        try:
            return decode(artefact, content)
        except ValueError:
            pass
    made = make()
    store.put(kind=kind, digest=digest, content=encode(made))
    return made


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join((library(), *parts)).encode()).hexdigest()
