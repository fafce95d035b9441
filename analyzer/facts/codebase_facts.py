"""Everything that was read from one snapshot."""

from dataclasses import dataclass, fields, replace

from analyzer.facts.configuration import ResourceUse, Secret, Setting
from analyzer.facts.diagnostics import Diagnostic
from analyzer.facts.entry_points import EntryPoint, Message
from analyzer.facts.history import CoChange, ModuleHistory
from analyzer.facts.modules import Module, Unit, Vocabulary
from analyzer.facts.references import Import, Reference
from analyzer.facts.tables import ForeignKey, Join, Table, TableAccess
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
    collected: dict[str, tuple[object, ...]] = {}
    for field in fields(CodebaseFacts):
        if field.name == "digest":
            continue
        distinct = {fact for part in parts for fact in getattr(part, field.name)}
        collected[field.name] = tuple(sorted(distinct, key=_order))
    return _with_history_of_modules(CodebaseFacts(digest=digest, **collected))  # type: ignore[arg-type]


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


def _order(fact: object) -> str:
    # repr orders None beside str, which the generated comparisons of dataclasses cannot.
    return repr(fact)
