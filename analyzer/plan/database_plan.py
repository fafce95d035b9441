"""A database for each service: owners of tables, and the way there in three stages."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import TableAccess
from analyzer.plan.aggregates import Aggregate
from analyzer.plan.landscape import LIBRARY, Ground, Landscape
from analyzer.plan.queries import CrossServiceQuery
from analyzer.plan.references import Reference
from analyzer.plan.sagas import Saga
from analyzer.plan.wording import agreeing, counted, listed

StageName = Literal["private-tables", "schema", "database"]


@dataclass(frozen=True, slots=True, order=True)
class Accessor:
    """A unit that reads or writes a table today."""

    service: str
    unit: str
    mode: str
    evidence: Evidence


@dataclass(frozen=True, slots=True, order=True)
class Ownership:
    """A table, its one owner to be, and who touches it today."""

    table: str
    owner: str
    reason: str
    defined_at: Evidence
    writers: tuple[Accessor, ...]
    readers: tuple[Accessor, ...]


@dataclass(frozen=True, slots=True, order=True)
class MigrationStep:
    """One change that can be released alone."""

    action: str
    grounds: tuple[Ground, ...]  # the places to change
    check: str
    undo: str


@dataclass(frozen=True, slots=True, order=True)
class Stage:
    """A state to stay in: private tables, then a schema, then a database of its own."""

    name: StageName
    steps: tuple[MigrationStep, ...]


@dataclass(frozen=True, slots=True, order=True)
class DatabasePlan:
    """How one service gets its own database."""

    service: str
    tables: tuple[Ownership, ...]
    aggregates: tuple[Aggregate, ...]
    stages: tuple[Stage, ...]


def database_plans(
    landscape: Landscape,
    *,
    aggregates: tuple[Aggregate, ...],
    references: tuple[Reference, ...],
    queries: tuple[CrossServiceQuery, ...],
    sagas: tuple[Saga, ...],
) -> tuple[DatabasePlan, ...]:
    """One plan for each service that owns tables, in the order of the services."""
    owned: dict[str, list[str]] = {service.id: [] for service in landscape.partition.services}
    for table, owner in sorted(landscape.service_of_table.items()):
        owned[owner].append(table)
    return tuple(
        DatabasePlan(
            service=service,
            tables=tuple(_ownership(landscape, table) for table in tables),
            aggregates=tuple(a for a in aggregates if a.service == service),
            stages=(
                Stage("private-tables", tuple(_private_tables(landscape, service, queries, sagas))),
                Stage("schema", tuple(_schema(service, tables, references))),
                Stage("database", tuple(_database(landscape, service, tables, references))),
            ),
        )
        for service, tables in owned.items()
        if tables
    )


def _ownership(landscape: Landscape, table: str) -> Ownership:
    owner = landscape.service_of_table[table]
    accessors = sorted({_accessor(landscape, a) for a in landscape.own_accesses(table)})
    writers = tuple(a for a in accessors if a.mode == "write")
    readers = tuple(a for a in accessors if a.mode == "read")
    return Ownership(
        table=table,
        owner=owner,
        reason=_why_owner(landscape, table, owner, writers, readers),
        defined_at=landscape.tables[table].evidence,
        writers=writers,
        readers=readers,
    )


def _accessor(landscape: Landscape, access: TableAccess) -> Accessor:
    return Accessor(
        service=landscape.service_of_unit[access.unit],
        unit=access.unit,
        mode=access.mode,
        evidence=access.evidence,
    )


def _why_owner(
    landscape: Landscape,
    table: str,
    owner: str,
    writers: tuple[Accessor, ...],
    readers: tuple[Accessor, ...],
) -> str:
    name = landscape.name(owner)
    if writers:
        return _share(landscape, name, owner, writers, "writes")
    if readers:
        return "nothing writes it; " + _share(landscape, name, owner, readers, "reads")
    neighbours = _tied_tables(landscape, table, owner)
    if neighbours:
        return f"no access was found; foreign keys tie it to {', '.join(neighbours[:4])} of {name}"
    return f"no access and no foreign key was found; placed with {name} by its definition alone"


def _share(
    landscape: Landscape, name: str, owner: str, accessors: tuple[Accessor, ...], verb: str
) -> str:
    """How many of the lines that write (or read) a table stand in its owner."""
    places = {(accessor.service, accessor.evidence) for accessor in accessors}
    lines = Counter(service for service, _ in places)
    own, total = lines[owner], sum(lines.values())
    do = verb.removesuffix("s")
    others = listed(
        f"{landscape.name(service)} {count}"
        for service, count in sorted(lines.items(), key=lambda pair: (-pair[1], pair[0]))
        if service != owner
    )
    if own == total:
        if total == 1:
            return f"the only line that {verb} it stands in {name}"
        return f"{'both' if total == 2 else f'all {total}'} lines that {do} it stand in {name}"
    if not own:
        it_is = f"the only line that {verb} it stands" if total == 1 else f"{total} lines {do} it"
        return f"{it_is} elsewhere ({others}); other ties put it in {name}"
    return (
        f"{own} of {total} lines that {do} it {agreeing(own, 'stands', 'stand')} in {name}; "
        f"the others: {others}"
    )


def _tied_tables(landscape: Landscape, table: str, owner: str) -> list[str]:
    ends = {
        key.target if key.source == table else key.source
        for key in landscape.facts.foreign_keys
        if table in (key.source, key.target)
    }
    return sorted(end for end in ends - {table} if landscape.service_of_table.get(end) == owner)


def _private_tables(
    landscape: Landscape,
    service: str,
    queries: tuple[CrossServiceQuery, ...],
    sagas: tuple[Saga, ...],
) -> Iterable[MigrationStep]:
    """Nobody but the owner touches the tables any more; the database is still shared."""
    name = landscape.name(service)
    for mode, verb in (("read", "reads"), ("write", "writes")):
        uses = tuple(foreign_uses(landscape, service, mode))
        if uses:
            yield MigrationStep(
                action=f"Replace {counted(len(uses), f'foreign {mode}')} by operations of {name}",
                grounds=uses,
                check=f"no unit outside {name} {verb} its tables",
                undo="switch the caller back to the table; the database is still shared",
            )
    for query in queries:
        if service in query.services and query.asked_by == service:
            yield MigrationStep(
                action=f"Replace the join in {query.unit} by {_article(query.replacement)}",
                grounds=(Ground(query.reason, query.evidence),),
                check="the old and the new way give the same rows for recorded requests",
                undo="switch back to the join; the tables are still in one database",
            )
    for saga in sagas:
        if saga.coordinator == service:
            yield MigrationStep(
                action=f"Replace the transaction of {saga.unit} by a saga",
                grounds=(Ground(saga.style_reason, saga.evidence),),
                check="each step, failed on purpose, leaves the data as the transaction would",
                undo="switch back to the one transaction; the tables are still in one database",
            )


def _article(replacement: str) -> str:
    return "an API composition" if replacement == "api-composition" else "a read model"


def foreign_uses(landscape: Landscape, service: str, mode: str) -> list[Ground]:
    """Every line outside a service that reads or writes its tables."""
    verb = "writes" if mode == "write" else "reads"
    grounds = {
        Ground(
            f"{landscape.stands_in(access)} ({landscape.name(user)}) {verb} {table}",
            access.evidence,
        )
        for table, owner in landscape.service_of_table.items()
        if owner == service
        for access in landscape.own_accesses(table)
        if access.mode == mode and (user := landscape.service_of_unit[access.unit]) != service
    }
    return sorted(grounds)


def _schema(
    service: str, tables: list[str], references: tuple[Reference, ...]
) -> Iterable[MigrationStep]:
    """The tables stand in a schema of their own, tied to no other by a constraint."""
    crossing = [
        reference
        for reference in references
        if service in (reference.from_service, reference.to_service)
        and reference.disposition in ("identifier", "replica", "cascade-by-event")
        and reference.kind != "generic"
        and reference.from_service != reference.to_service
    ]
    if crossing:
        yield MigrationStep(
            action=(
                f"Drop {counted(len(crossing), 'foreign-key constraint')} to and from other "
                f"services; keep the columns"
            ),
            grounds=tuple(
                Ground(f"{r.source}.{r.column} → {r.target}: {r.reason}", r.evidence)
                for r in crossing
            ),
            check="a nightly query finds no row whose identifier is unknown to its owner",
            undo="create the constraints again, once that query finds none",
        )
    yield MigrationStep(
        action=(
            f"Move {counted(len(tables), 'table')} into a schema that only this service's "
            f"database user may use"
        ),
        grounds=(),
        check="the monolith's own database user is refused on the schema",
        undo="move the tables back; a move of schema copies no rows",
    )


def _database(
    landscape: Landscape, service: str, tables: list[str], references: tuple[Reference, ...]
) -> Iterable[MigrationStep]:
    """The schema moves to a database server of its own."""
    replicas = sorted(
        {r.target for r in references if r.from_service == service and r.disposition == "replica"}
    )
    if replicas:
        yield MigrationStep(
            action=f"Fill read-only copies of {', '.join(replicas)} from the owners' events",
            grounds=tuple(
                Ground(r.reason, r.evidence)
                for r in references
                if r.from_service == service and r.disposition == "replica"
            ),
            check="row counts and checksums of copy and original agree for a full day",
            undo="read from the owner again; the copies are not the source of anything",
        )
    order = _parents_first(landscape, tables)
    yield MigrationStep(
        action=f"Copy and keep replicated, parents first: {', '.join(order)}",
        grounds=tuple(Ground(f"{t} is defined here", landscape.tables[t].evidence) for t in order),
        check="row counts and checksums agree and the replication lag is below a second",
        undo="stop the replication and drop the copy; nothing reads it yet",
    )
    yield MigrationStep(
        action="Switch reads, then writes, to the new database; replicate back to the old one",
        grounds=(),
        check="no write reaches the old tables for a full business cycle",
        undo="switch back: the old tables are kept up to date by the replication in reverse",
    )


def _parents_first(landscape: Landscape, tables: list[str]) -> list[str]:
    """An order in which each table follows those it refers to; cycles are entered by name."""
    inside = set(tables)
    parents: dict[str, set[str]] = {table: set() for table in tables}
    for key in landscape.facts.foreign_keys:
        if key.source in inside and key.target in inside and key.source != key.target:
            parents[key.source].add(key.target)
    order: list[str] = []
    left = sorted(tables)
    while left:
        free = [table for table in left if not parents[table] & set(left)] or left[:1]
        order += free
        left = [table for table in left if table not in free]
    return order


def library_uses(landscape: Landscape) -> tuple[Ground, ...]:
    """Lines of the shared kernel that touch tables, which a library of services must not do."""
    return tuple(
        sorted(
            Ground(f"{access.unit} {access.mode}s {table}", access.evidence)
            for table in landscape.service_of_table
            for access in landscape.own_accesses(table)
            if landscape.service_of_unit[access.unit] == LIBRARY
        )
    )
