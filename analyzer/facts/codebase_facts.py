"""Everything that was read from one snapshot."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from analyzer.facts.configuration import ResourceUse, Secret, Setting
from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.entry_points import EntryPoint, Message
from analyzer.facts.history import CoChange, ModuleHistory
from analyzer.facts.modules import Module, Unit, Vocabulary
from analyzer.facts.ordering import in_order
from analyzer.facts.references import Import, Reference
from analyzer.facts.tables import ForeignKey, Join, SchemaChange, Table, TableAccess
from analyzer.facts.transactions import Lock, TransactionScope


@dataclass(frozen=True, slots=True)
class CodebaseFacts:
    """All facts of one snapshot; every tuple is sorted and free of duplicates."""

    digest: str = ""  # of the snapshot
    modules: tuple[Module, ...] = ()
    units: tuple[Unit, ...] = ()
    vocabularies: tuple[Vocabulary, ...] = ()
    imports: tuple[Import, ...] = ()
    references: tuple[Reference, ...] = ()
    tables: tuple[Table, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    schema_changes: tuple[SchemaChange, ...] = ()
    accesses: tuple[TableAccess, ...] = ()
    joins: tuple[Join, ...] = ()
    transactions: tuple[TransactionScope, ...] = ()
    locks: tuple[Lock, ...] = ()
    entry_points: tuple[EntryPoint, ...] = ()
    messages: tuple[Message, ...] = ()
    settings: tuple[Setting, ...] = ()
    secrets: tuple[Secret, ...] = ()
    resources: tuple[ResourceUse, ...] = ()
    module_histories: tuple[ModuleHistory, ...] = ()
    co_changes: tuple[CoChange, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()


def merged(*parts: CodebaseFacts) -> CodebaseFacts:
    """Facts of all parts, sorted and without duplicates; the digest is the first non-empty one."""
    digest = next((part.digest for part in parts if part.digest), "")
    ordered = {
        field.name: in_order(fact for part in parts for fact in getattr(part, field.name))
        for field in fields(CodebaseFacts)
        if field.name != "digest"
    }
    facts = CodebaseFacts(digest=digest, **ordered)
    return _with_history_of_modules(_with_one_of_each_table(facts))


def _with_one_of_each_table(facts: CodebaseFacts) -> CodebaseFacts:
    """Keep one fact for each table: what maps it is believed before what only mentions it.

    SQL names a table in any case; a mapper says exactly what it is called.
    """
    mapped = {table.name.lower(): table.name for table in facts.tables if table.kind != "sql"}
    names = {
        table: mapped.get(table.name.lower(), table.name.lower())
        if table.kind == "sql"
        else table.name
        for table in facts.tables
    }
    chosen: dict[str, Table] = {}
    for table in facts.tables:
        known = chosen.get(names[table])
        if known is None or _trust(table) < _trust(known):
            chosen[names[table]] = table
    if len(chosen) == len(facts.tables):
        return facts
    left_out = {
        (table.name, table.evidence.path)
        for table in facts.tables
        if chosen[names[table]] is not table and chosen[names[table]].kind != "sql"
    }
    keys = {key for key in facts.foreign_keys if (key.source, key.evidence.path) not in left_out}
    return replace(facts, tables=in_order(chosen.values()), foreign_keys=in_order(keys))


def _trust(table: Table) -> tuple[bool, bool, int]:
    return table.kind == "sql", table.role != "product", -len(table.columns)


def collected(facts: Iterable[object], *, digest: str = "") -> CodebaseFacts:
    """Facts of all kinds, mixed and perhaps repeated, put in their places and in order."""
    by_kind: dict[type, list[object]] = {kind: [] for kind in FIELD_OF}
    for fact in facts:
        by_kind[type(fact)].append(fact)
    ordered = {FIELD_OF[kind]: in_order(found) for kind, found in by_kind.items()}
    return CodebaseFacts(digest=digest, **ordered)  # type: ignore[arg-type]


def _with_history_of_modules(facts: CodebaseFacts) -> CodebaseFacts:
    """Put modules in the place of the paths that a history speaks of, where they are known."""
    if not facts.modules or not (facts.module_histories or facts.co_changes):
        return facts
    ids = {module.path: module.id for module in facts.modules}
    histories = {
        replace(one, module=ids.get(one.module, one.module)) for one in facts.module_histories
    }
    changes = set()
    for change in facts.co_changes:
        pair = sorted(ids.get(path, path) for path in (change.first, change.second))
        changes.add(replace(change, first=pair[0], second=pair[1]))
    return replace(
        facts, module_histories=tuple(sorted(histories)), co_changes=tuple(sorted(changes))
    )


FIELD_OF: dict[type, str] = {
    Module: "modules",
    Unit: "units",
    Vocabulary: "vocabularies",
    Import: "imports",
    Reference: "references",
    Table: "tables",
    ForeignKey: "foreign_keys",
    SchemaChange: "schema_changes",
    TableAccess: "accesses",
    Join: "joins",
    TransactionScope: "transactions",
    Lock: "locks",
    EntryPoint: "entry_points",
    Message: "messages",
    Setting: "settings",
    Secret: "secrets",
    ResourceUse: "resources",
    ModuleHistory: "module_histories",
    CoChange: "co_changes",
    Diagnostic: "diagnostics",
}
