"""Hides where code stands: modules get meaningless names, in an order that says nothing either.

What stays visible are the identifiers of units and tables and everything between them. Hidden are:
module and package names, file paths, the app label and its prefix in table names, the text of
imports (through the vocabulary), and the version history.
"""

import hashlib
from dataclasses import fields, is_dataclass, replace
from typing import Any

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.evidence import Evidence
from analyzer.facts.tables import Table


def blinded(facts: CodebaseFacts) -> tuple[CodebaseFacts, dict[str, str]]:
    """The same codebase without places, and new node id → old node id."""
    modules = {module.id: _alias("m", module.id) for module in facts.modules}
    names = {unit.id: _hidden_unit(unit.id, unit.module, modules) for unit in facts.units}
    names |= {module: alias for module, alias in modules.items() if module not in names}
    prefixes = {table.name: _without_label(table) for table in facts.tables}
    taken: dict[str, int] = {}
    tables: dict[str, str] = {}
    for table, bare in sorted(prefixes.items()):
        taken[bare] = taken.get(bare, 0) + 1
        tables[table] = bare if taken[bare] == 1 else f"{bare}_{taken[bare]}"
    hide = _Hider(names=names, tables=tables)
    hidden = CodebaseFacts(
        digest=facts.digest,
        **{
            field.name: tuple(hide(fact) for fact in getattr(facts, field.name))
            for field in fields(CodebaseFacts)
            if field.name
            in {
                "modules",
                "units",
                "vocabularies",
                "imports",
                "references",
                "tables",
                "foreign_keys",
                "schema_changes",
                "accesses",
                "joins",
                "transactions",
                "locks",
                "entry_points",
                "messages",
            }
        },
    )
    back = {hide.names[unit.id]: unit.id for unit in facts.units}
    back |= {hide.tables[table.name]: table.name for table in facts.tables}
    return hidden, back


class _Hider:
    """Replaces every id and place in a fact, whatever its type."""

    def __init__(self, *, names: dict[str, str], tables: dict[str, str]) -> None:
        self.names = names
        self.tables = tables

    def __call__(self, value: Any) -> Any:
        if isinstance(value, Evidence):
            return Evidence("hidden", 1)
        if isinstance(value, Table):
            value = replace(value, app="", columns=())
        if is_dataclass(value) and not isinstance(value, type):
            changes = {f.name: self._field(f.name, getattr(value, f.name)) for f in fields(value)}
            return replace(value, **changes)
        if isinstance(value, tuple):
            return tuple(self(item) for item in value)
        if isinstance(value, str):
            return self.names.get(value, self.tables.get(value, value))
        return value

    def _field(self, name: str, value: Any) -> Any:
        if name == "path":
            return "hidden"
        if name in {"table", "tables", "target"} and value in self.tables:
            return self.tables[value]
        return self(value)


def _alias(kind: str, name: str) -> str:
    return kind + hashlib.sha256(name.encode()).hexdigest()[:12]


def _hidden_unit(unit: str, module: str, modules: dict[str, str]) -> str:
    alias = modules.get(module, _alias("m", module))
    return f"{alias}:{unit.partition(':')[2]}" if ":" in unit else alias


def _without_label(table: Table) -> str:
    return table.name.removeprefix(f"{table.app}_") if table.app else table.name
