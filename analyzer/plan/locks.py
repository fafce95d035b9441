"""Locks and shared resources that tie services together while they run."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence
from analyzer.plan.landscape import LIBRARY, Ground, Landscape

Remedy = Literal[
    "owner-operation",  # the owner of the row does the locked work behind an operation of its own
    "one-owner",  # one service owns the key; the others call it
    "per-process",  # it never reached beyond one process: replace it where several instances run
]


_LETTERS_OF_A_KEY = 3


@dataclass(frozen=True, slots=True, order=True)
class RuntimeCoupling:
    """A lock, cache key or other shared thing that must go before services can run apart."""

    kind: str
    target: str
    services: tuple[str, ...]
    owner: str  # service that keeps it
    remedy: Remedy
    reason: str
    uses: tuple[Ground, ...]


def couplings_to_remove(landscape: Landscape) -> tuple[RuntimeCoupling, ...]:
    """Foreign row and table locks, and keys that several services use."""
    return tuple(sorted({*_foreign_locks(landscape), *_shared_keys(landscape)}))


def _foreign_locks(landscape: Landscape) -> Iterable[RuntimeCoupling]:
    uses: dict[tuple[str, str], list[tuple[str, Ground]]] = defaultdict(list)
    for lock in landscape.facts.locks:
        owner = landscape.service_of_table.get(lock.target)
        user = landscape.service_of_unit.get(lock.unit)
        if lock.kind in ("row", "table") and owner and user and user != owner:
            ground = Ground(f"{lock.unit} takes a {lock.kind} lock", lock.evidence)
            uses[lock.kind, lock.target].append((user, ground))
    for (kind, table), users in uses.items():
        owner = landscape.service_of_table[table]
        others = {user for user, _ in users}
        yield RuntimeCoupling(
            kind=kind,
            target=table,
            services=tuple(sorted({owner, *others})),
            owner=owner,
            remedy="owner-operation",
            reason=(
                f"{_listed(landscape, others)} locks rows of {landscape.name(owner)}: check and "
                f"change become one operation of {landscape.name(owner)}"
            ),
            uses=tuple(sorted(ground for _, ground in users)),
        )


def _shared_keys(landscape: Landscape) -> Iterable[RuntimeCoupling]:
    uses: dict[tuple[str, str], set[tuple[str, str, Ground]]] = defaultdict(set)
    for kind, target, unit, mode, evidence in _uses_of_keys(landscape):
        service = landscape.service_of_unit.get(unit, LIBRARY)
        if service != LIBRARY and _says_something(target):
            ground = Ground(f"{unit} {mode} {target}", evidence)
            uses[kind, target].add((service, mode, ground))
    for (kind, target), users in uses.items():
        services = {service for service, _, _ in users}
        if len(services) < 2:
            continue
        owner = min(services, key=lambda service: (-_writes(users, service), service))
        process_only = kind == "thread lock"
        yield RuntimeCoupling(
            kind=kind,
            target=target,
            services=tuple(sorted(services)),
            owner=owner,
            remedy="per-process" if process_only else "one-owner",
            reason=(
                "separate processes do not share it"
                if process_only
                else f"{_listed(landscape, services)} use the same {kind} key; "
                f"{landscape.name(owner)} writes it most and keeps it"
            ),
            uses=tuple(sorted(ground for _, _, ground in users)),
        )


def _says_something(key: str) -> bool:
    """Whether a pattern is more than holes: `*_*` may be any key of anybody."""
    return sum(letter.isalnum() for letter in key) >= _LETTERS_OF_A_KEY


def _uses_of_keys(landscape: Landscape) -> Iterable[tuple[str, str, str, str, Evidence]]:
    for lock in landscape.facts.locks:
        if lock.kind not in ("row", "table"):
            yield f"{lock.kind} lock", lock.target, lock.unit, "locks", lock.evidence
    for use in landscape.facts.resources:
        mode = "writes" if use.mode == "write" else "reads"
        yield use.kind, use.name, use.unit, mode, use.evidence


def _writes(users: set[tuple[str, str, Ground]], service: str) -> int:
    return sum(1 for user, mode, _ in users if user == service and mode != "reads")


def _listed(landscape: Landscape, services: Iterable[str]) -> str:
    return ", ".join(sorted(landscape.name(service) for service in services))
