"""How sure the place of each node is, and what pulls it elsewhere."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import exp, log1p

from analyzer.coupling.factor import Factor, Node
from analyzer.coupling.factor_graph import FactorGraph
from analyzer.partition.partition import Certainty
from analyzer.partition.problem import Prices

# Pulls shown for each of the two services.
PULLS_SHOWN = 5
# What ties a node beyond this strength, a little more than one package does, makes it no surer.
STRONGEST = 4.0


@dataclass(frozen=True, slots=True)
class Hold:
    """What holds a node where it is."""

    own: float  # weight that ties it to its own service
    other: float  # to the service that pulls most besides, or would be the cheapest to move to

    @property
    def margin(self) -> float:
        """(own - other) / (own + other), from -1 to 1; 0 without ties."""
        both = self.own + self.other
        return (self.own - self.other) / both if both else 0.0

    @property
    def strength(self) -> float:
        """ln(1 + own)."""
        return log1p(self.own)


@dataclass(frozen=True, slots=True)
class Curve:
    """Logistic curve from what holds a node to the chance that an expert agrees.

    Fitted on the tuning half of the public corpus, each project counting alike, and checked on the
    other half; benchmarks/RECOVERY.md has the calibration table of both.
    """

    intercept: float
    margin: float
    strength: float

    def at(self, hold: Hold) -> float:
        """Chance that the node is where an expert would put it."""
        return self.of(margin=hold.margin, strength=hold.strength)

    def of(self, *, margin: float, strength: float) -> float:
        """The same from the features."""
        strength = min(strength, STRONGEST)
        score = self.intercept + self.margin * margin + self.strength * strength
        return round(1 / (1 + exp(-score)), 4)


UNITS = Curve(intercept=-1.57, margin=0.0, strength=1.12)
TABLES = Curve(intercept=-2.03, margin=0.0, strength=0.97)


def certainties(
    graph: FactorGraph, *, homes: Mapping[str, str], prices: Prices
) -> tuple[Certainty, ...]:
    """How sure each node's home is; in the order of nodes.

    The runner-up is the service to which moving the node would cost least; among services that
    the node has no tie to, none is a runner-up.
    """
    load: defaultdict[str, float] = defaultdict(float)
    for node in graph.nodes:
        load[homes[node.id]] += node.size
    incident = _incident(graph)
    found: list[Certainty] = []
    for node in graph.nodes:
        home = homes[node.id]
        ties = _ties(node.id, incident[node.id], homes)
        own = sum(weight for _, weight in ties.get(home, ()))
        regrets: dict[str, float] = {}
        for service in sorted(ties.keys() - {home}):
            saved = sum(weight for _, weight in ties[service])
            crowding = node.size * (load[service] - load[home] + node.size)
            regrets[service] = own - saved + prices.load * crowding
        rival = min(regrets, key=lambda s: (regrets[s], s)) if regrets else None
        other = sum(weight for _, weight in ties[rival]) if rival else 0.0
        curve = TABLES if node.kind == "table" else UNITS
        found.append(
            Certainty(
                node=node.id,
                confidence=curve.at(Hold(own, other)),
                runner_up=rival,
                regret=round(regrets[rival], 6) if rival else 0.0,
                pulls=_pulls(ties, home, rival),
            )
        )
    return tuple(found)


def holds(graph: FactorGraph, *, homes: Mapping[str, str]) -> Iterator[tuple[Node, Hold]]:
    """What holds each node; its rival is the service that pulls most besides its own."""
    incident = _incident(graph)
    for node in graph.nodes:
        ties = _ties(node.id, incident[node.id], homes)
        pull = {service: sum(weight for _, weight in found) for service, found in ties.items()}
        own = pull.pop(homes[node.id], 0.0)
        yield node, Hold(own, max(pull.values(), default=0.0))


def _incident(graph: FactorGraph) -> dict[str, list[Factor]]:
    incident: dict[str, list[Factor]] = {node.id: [] for node in graph.nodes}
    for factor in graph.factors:
        for member in factor.members:
            incident[member].append(factor)
    return incident


def _ties(
    node: str, factors: list[Factor], homes: Mapping[str, str]
) -> dict[str, list[tuple[str, float]]]:
    """For each service, the factors that the node shares with others in it."""
    ties: dict[str, list[tuple[str, float]]] = {}
    for factor in factors:
        services = Counter(homes[member] for member in factor.members if member != node)
        for service in services:
            ties.setdefault(service, []).append((factor.id, factor.weight))
    return ties


def _pulls(
    ties: Mapping[str, list[tuple[str, float]]], home: str, rival: str | None
) -> tuple[tuple[str, str, float], ...]:
    pulls: list[tuple[str, str, float]] = []
    for service in (home, rival):
        strongest = sorted(ties.get(service or "", ()), key=lambda tie: (-tie[1], tie[0]))
        pulls += [(service or "", factor, weight) for factor, weight in strongest[:PULLS_SHOWN]]
    return tuple(sorted(pulls, key=lambda pull: (-pull[2], pull[0], pull[1])))
