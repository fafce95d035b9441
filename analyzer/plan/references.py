"""What becomes of each foreign key."""

from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import ForeignKey
from analyzer.plan.landscape import Landscape

Disposition = Literal[
    "keep",  # both tables in one database: the constraint stays
    "identifier",  # the constraint goes, the column keeps the identifier; details by API
    "replica",  # the constraint goes, the referring service keeps a read-only copy of the rows
    "cascade-by-event",  # as identifier, and deletion follows an event of the owner
    "move-together",  # rows of both tables are one thing; no boundary should run here
    "unassigned",  # one end belongs to no service: a library's table, or unknown
]

_MANY_REFERRERS = 3  # services that refer to a table before copying it beats asking for it


@dataclass(frozen=True, slots=True, order=True)
class Reference:
    """A foreign key, the services at its ends, and what becomes of it."""

    source: str
    column: str
    target: str
    kind: str
    evidence: Evidence
    from_service: str
    to_service: str
    disposition: Disposition
    reason: str


def references_of(landscape: Landscape) -> tuple[Reference, ...]:
    """Decide on every foreign key whose table is assigned to a service."""
    keys = landscape.facts.foreign_keys
    return tuple(
        _decide(landscape, key) for key in keys if key.source in landscape.service_of_table
    )


def _decide(landscape: Landscape, key: ForeignKey) -> Reference:
    source = landscape.service_of_table[key.source]
    target = landscape.service_of_table.get(key.target, "")
    disposition, reason = _judge(landscape, key, source, target)
    return Reference(
        source=key.source,
        column=key.column,
        target=key.target,
        kind=key.kind,
        evidence=key.evidence,
        from_service=source,
        to_service=target,
        disposition=disposition,
        reason=reason,
    )


def _judge(
    landscape: Landscape, key: ForeignKey, source: str, target: str
) -> tuple[Disposition, str]:
    name = landscape.name
    if key.kind == "generic":
        return "identifier", "holds type and id of any row; the database never enforced it"
    if not target:
        return "unassigned", f"{key.target} is assigned to no service"
    if source == target:
        return "keep", f"both tables belong to {name(source)}"
    if key.kind == "parent_link":
        return "move-together", (
            f"{key.source} and {key.target} share their primary key: one row in two tables; "
            f"pin both to {name(source)} or both to {name(target)}"
        )
    if key.on_delete.upper() == "CASCADE":
        return "cascade-by-event", (
            f"deleting from {key.target} deletes here: {name(target)} publishes the deletion, "
            f"{name(source)} carries it out"
        )
    referrers = _referring_services(landscape, key.target)
    writers = _writing_services(landscape, key.target)
    if len(referrers) >= _MANY_REFERRERS and writers <= {target}:
        return "replica", (
            f"{len(referrers)} services refer to {key.target} and only {name(target)} writes it"
        )
    return "identifier", f"{name(source)} keeps the identifier and asks {name(target)} for the rest"


def _referring_services(landscape: Landscape, table: str) -> set[str]:
    owner = landscape.service_of_table
    keys = (key for key in landscape.facts.foreign_keys if key.target == table)
    return {owner[key.source] for key in keys if key.source in owner} - {owner[table]}


def _writing_services(landscape: Landscape, table: str) -> set[str]:
    return {
        landscape.service_of_unit[access.unit]
        for access in landscape.own_accesses(table)
        if access.mode == "write"
    }
