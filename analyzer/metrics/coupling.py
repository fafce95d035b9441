"""Afferent and efferent coupling, and the instability between them.

R. C. Martin: OO design quality metrics, an analysis of dependencies (1994); Agile Software
Development (2002), chapter 20.
"""

from dataclasses import dataclass

from analyzer.metrics.grouping import Assignment, Volumes


@dataclass(frozen=True, slots=True)
class ServiceCoupling:
    """Ca and Ce of one service, counted in units."""

    afferent: int  # units outside that depend on units inside
    efferent: int  # units inside that depend on units outside

    @property
    def instability(self) -> float:
        """I = Ce / (Ca + Ce): 0 is depended upon and stable, 1 depends on others; 0 where alone."""
        both = self.afferent + self.efferent
        return self.efferent / both if both else 0.0


def service_coupling(volumes: Volumes, *, assignment: Assignment) -> dict[str, ServiceCoupling]:
    """Ca and Ce for each service, in the order of their names.

    >>> calls = {("a", "b"): 3, ("c", "b"): 1}
    >>> service_coupling(calls, assignment={"a": "x", "b": "y", "c": "x"})["y"]
    ServiceCoupling(afferent=2, efferent=0)
    """
    incoming: dict[str, set[str]] = {service: set() for service in assignment.values()}
    outgoing: dict[str, set[str]] = {service: set() for service in assignment.values()}
    for (source, target), volume in volumes.items():
        own, other = assignment.get(source), assignment.get(target)
        if own is None or other is None or own == other or volume <= 0:
            continue
        outgoing[own].add(source)
        incoming[other].add(source)
    return {
        service: ServiceCoupling(len(incoming[service]), len(outgoing[service]))
        for service in sorted(incoming)
    }
