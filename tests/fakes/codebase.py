"""A codebase's facts from a few words: `Codebase().module("shop.orders").unit("Order", line=3)`."""

from typing import Any

from analyzer.facts.codebase_facts import CodebaseFacts, merged
from analyzer.facts.entry_points import EntryPoint, EntryPointKind, Message
from analyzer.facts.evidence import Evidence
from analyzer.facts.modules import Module, ModuleRole, Unit, UnitKind, Vocabulary
from analyzer.facts.references import Reference, ReferenceKind
from analyzer.facts.tables import AccessMode, ForeignKey, Join, SchemaChange, Table, TableAccess
from analyzer.facts.transactions import Lock, TransactionScope


class Codebase:
    """Collects facts; every adder returns the codebase, so that they chain."""

    def __init__(self) -> None:
        self._parts: list[CodebaseFacts] = []
        self._line = 0

    def facts(self) -> CodebaseFacts:
        """All that was added, merged the way the readers' facts are."""
        return merged(CodebaseFacts(digest="d" * 64), *self._parts)

    def units(
        self, module: str, *names: str, kind: UnitKind = "class", role: ModuleRole = "product"
    ) -> "Codebase":
        """A module with top-level classes (or functions) of ten lines each."""
        path = f"{module.replace('.', '/')}.py"
        return self._add(
            modules=(Module(module, path, 10 * len(names), "python", role=role),),
            units=tuple(
                Unit(f"{module}:{name}", module, name, kind, 10 * i + 1, 10 * i + 10, 10)
                for i, name in enumerate(names)
            ),
        )

    def body(self, module: str) -> "Codebase":
        """What the module's own body does, five lines of it."""
        path = f"{module.replace('.', '/')}.py"
        return self._add(
            modules=(Module(module, path, 5, "python"),),
            units=(Unit(module, module, "", "module", 1, 5, 5),),
        )

    def words(self, unit: str, **terms: int) -> "Codebase":
        return self._add(vocabularies=(Vocabulary(unit, tuple(sorted(terms.items()))),))

    def table(self, name: str, *, defined_by: str | None = None, **more: Any) -> "Codebase":
        kind = more.pop("kind", "model")
        fact = Table(name, kind, self._here(), defined_by=defined_by, **more)
        return self._add(tables=(fact,))

    def key(self, source: str, target: str, **more: Any) -> "Codebase":
        kind = more.pop("kind", "foreign_key")
        fact = ForeignKey(source, f"{target}_id", target, kind, self._here(), **more)
        return self._add(foreign_keys=(fact,))

    def change(self, unit: str, *tables: str) -> "Codebase":
        """A migration that creates or alters tables."""
        return self._add(schema_changes=(SchemaChange(unit, tables, self._here()),))

    def access(
        self, unit: str, table: str, mode: AccessMode = "read", *via: str, operation: str = ""
    ) -> "Codebase":
        access = TableAccess(unit, table, mode, self._here(), via, operation)
        return self._add(accesses=(access,))

    def refers(
        self, source: str, target: str, kind: ReferenceKind = "call", member: str = ""
    ) -> "Codebase":
        return self._add(references=(Reference(source, target, kind, self._here(), member),))

    def join(self, unit: str, *tables: str) -> "Codebase":
        return self._add(joins=(Join(unit, tuple(sorted(tables)), self._here()),))

    def transaction(self, unit: str, *written: str, **more: Any) -> "Codebase":
        here = self._here()
        accesses = tuple(TableAccess(unit, table, "write", here) for table in written)
        kind = more.pop("kind", "block")
        scope = TransactionScope(str(here), unit, kind, here, here.line + 5, accesses, **more)
        return self._add(transactions=(scope,))

    def lock(self, unit: str, table: str) -> "Codebase":
        return self._add(locks=(Lock(unit, "row", table, self._here()),))

    def entry(self, name: str, unit: str, kind: EntryPointKind = "http") -> "Codebase":
        return self._add(entry_points=(EntryPoint(kind, name, unit, self._here()),))

    def message(self, unit: str, receiver: str, name: str = "sent") -> "Codebase":
        return self._add(messages=(Message("task", name, unit, self._here(), receiver),))

    def _here(self) -> Evidence:
        self._line += 1
        return Evidence("code.py", self._line)

    def _add(self, **facts: Any) -> "Codebase":
        self._parts.append(CodebaseFacts(**facts))
        return self
