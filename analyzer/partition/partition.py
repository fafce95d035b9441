"""A service for every node, what its boundaries cost, and how far from the optimum it can be."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Optimality:
    """Cost of a partition and the proven bound below which no partition can be."""

    cost: float
    lower_bound: float
    gap: float  # (cost - lower_bound) / cost; 0 where cost is 0
    proven_optimal: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class Boundary:
    """Where two services meet, with its price list."""

    first: str
    second: str
    price: float
    factors: tuple[tuple[str, float], ...]  # (factor id, what it pays here), dearest first


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure the assignment of one node is, and what pulls it elsewhere."""

    node: str
    confidence: float  # 0-1, calibrated against expert decompositions
    runner_up: str | None  # the next best service, where there is one
    regret: float  # what moving it there would add to the cost
    pulls: tuple[tuple[str, str, float], ...] = ()  # (service, factor id, weight), strongest first


@dataclass(frozen=True, slots=True)
class Service:
    """A service candidate: a bounded context with the name of a business capability."""

    id: str  # stable slug of the name
    name: str
    terms: tuple[str, ...]
    members: tuple[str, ...]  # node ids, sorted
    size: float


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The best partition found with one number of services."""

    services: int
    gamma: float
    cost: float
    lower_bound: float
    assignment: tuple[int, ...]  # service index for each node in the graph's order
    recommended: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Partition:
    """Service candidates for a factor graph."""

    services: tuple[Service, ...]
    assignment: tuple[tuple[str, str], ...]  # (node, service id), sorted
    shared: tuple[tuple[str, str], ...]  # (unit, why it is shared kernel)
    boundaries: tuple[Boundary, ...]
    certainties: tuple[Certainty, ...]
    optimality: Optimality
    curve: tuple[CurvePoint, ...]
    prices: tuple[float, float]  # (load γ, service α) that were used
