"""The facts about product code alone: what is cut, planned, measured and reported."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Protocol, TypeVar

from analyzer.coupling.product import tables_of_the_past
from analyzer.facts.codebase_facts import CodebaseFacts


class _OfUnit(Protocol):
    @property
    def unit(self) -> str: ...


Fact = TypeVar("Fact", bound=_OfUnit)


def product_facts(facts: CodebaseFacts, *, units: frozenset[str]) -> CodebaseFacts:
    """Leave out what tests, migrations, vendored and generated code say; keep these units' facts.

    Modules and diagnostics stay: they tell what there was and what was not understood. Histories
    and imports are left out; coupling has taken from them what there was.
    """
    past = tables_of_the_past(facts)
    tables = tuple(t for t in facts.tables if t.role != "test" and t.name not in past)
    known = {table.name for table in tables}
    return replace(
        facts,
        units=tuple(unit for unit in facts.units if unit.id in units),
        vocabularies=_said_by(facts.vocabularies, units),
        imports=(),
        references=tuple(r for r in facts.references if r.source in units and r.target in units),
        tables=tables,
        foreign_keys=tuple(key for key in facts.foreign_keys if key.source in known),
        accesses=tuple(a for a in _said_by(facts.accesses, units) if a.table in known),
        joins=_said_by(facts.joins, units),
        transactions=_said_by(facts.transactions, units),
        locks=_said_by(facts.locks, units),
        entry_points=_said_by(facts.entry_points, units),
        messages=_said_by(facts.messages, units),
        settings=_said_by(facts.settings, units),
        resources=_said_by(facts.resources, units),
        module_histories=(),
        co_changes=(),
    )


def _said_by(facts: Iterable[Fact], units: frozenset[str]) -> tuple[Fact, ...]:
    return tuple(fact for fact in facts if fact.unit in units)
