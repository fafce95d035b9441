"""What is asked of the partitioner."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Constraints:
    """What people decided; the partitioner honours all of it or says which of it conflict.

    Services are named by the people who pin to them. `services` is an exact number of services,
    or an inclusive range; `size_limit` bounds the sum of node sizes in one service.
    """

    pins: tuple[tuple[str, str], ...] = ()  # (node, service)
    must_link: tuple[tuple[str, ...], ...] = ()  # groups that stay together
    cannot_link: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()  # (service id, display name)
    services: tuple[int, int] | None = None
    size_limit: float | None = None


@dataclass(frozen=True, slots=True)
class Prices:
    """The objective's two prices; see `analyzer.partition.objective`."""

    load: float  # γ, per squared unit of size
    service: float  # α, per service
