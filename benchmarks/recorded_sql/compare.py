"""What a recording says against what the analyzer says: table x unit x mode."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cache

from analyzer.facts.codebase_facts import CodebaseFacts
from analyzer.facts.modules import Unit
from analyzer.facts.tables import TableAccess
from benchmarks.recorded_sql.recording import Bases, Observed, Touch, UnitAt


@dataclass(frozen=True, slots=True)
class Comparison:
    """Touches of one project, on the tables that its own models map."""

    found: tuple[Touch, ...]  # recorded, and claimed of the unit that ran the query
    elsewhere: tuple[Touch, ...]  # handed on: claimed of the unit that built the query
    missed: tuple[Touch, ...]  # recorded, not claimed
    unconfirmed: tuple[Touch, ...]  # claimed, not recorded
    confirmed: tuple[Touch, ...]  # claimed, and recorded directly or through calls
    library: tuple[Touch, ...]  # recorded on tables of libraries, claimed
    library_missed: tuple[Touch, ...]

    @property
    def recorded(self) -> int:
        """How many touches the run made."""
        return len(self.found) + len(self.elsewhere) + len(self.missed)

    @property
    def strict_recall(self) -> float:
        """Share of what was recorded that is claimed of the unit that ran the query."""
        return len(self.found) / self.recorded if self.recorded else 1.0

    @property
    def recall(self) -> float:
        """The same; a query that one unit builds and another runs may be claimed of either."""
        claimed = len(self.found) + len(self.elsewhere)
        return claimed / self.recorded if self.recorded else 1.0


def units_by_place(facts: CodebaseFacts) -> UnitAt:
    """A function that names the product unit at a path and line."""
    modules = {module.path: module for module in facts.modules}
    spans: dict[str, list[Unit]] = defaultdict(list)
    for unit in sorted(facts.units, key=lambda unit: (unit.module, unit.line)):
        if unit.name:
            spans[unit.module].append(unit)
    starts = {module: [unit.line for unit in units] for module, units in spans.items()}

    def unit_at(path: str, line: int) -> str | None:
        module = modules.get(path)
        if module is None or module.role != "product":
            return None
        index = bisect_right(starts.get(module.id, []), line) - 1
        if index >= 0 and line <= spans[module.id][index].end_line:
            return spans[module.id][index].id
        return module.id

    return unit_at


def bases_of(facts: CodebaseFacts) -> Bases:
    """A function that names all classes of the snapshot that a class inherits from."""
    direct: dict[str, set[str]] = defaultdict(set)
    for reference in facts.references:
        if reference.kind == "inheritance":
            direct[reference.source].add(reference.target)

    @cache
    def bases(unit: str) -> frozenset[str]:
        found: set[str] = set()
        waiting = sorted(direct.get(unit, ()))
        while waiting:
            base = waiting.pop()
            if base not in found:
                found.add(base)
                waiting.extend(sorted(direct.get(base, ())))
        return frozenset(found)

    return bases


def claims(facts: CodebaseFacts) -> dict[Touch, TableAccess]:
    """Every claimed touch with its shortest proof, of units of product code."""
    product = {module.id for module in facts.modules if module.role == "product"}
    owner = {unit.id: unit.module for unit in facts.units}
    best: dict[Touch, TableAccess] = {}
    for access in facts.accesses:
        if owner.get(access.unit) not in product:
            continue
        touch = (access.unit, access.table, access.mode)
        if touch not in best or _length(access) < _length(best[touch]):
            best[touch] = access
    return best


def compare(facts: CodebaseFacts, observed: Observed) -> Comparison:
    """Recall over what was recorded directly; what is claimed besides is unconfirmed."""
    own = {
        table.name
        for table in facts.tables
        if table.role == "product" and table.kind not in ("library", "sql")
    }
    known = {table.name for table in facts.tables}
    claimed = set(claims(facts))
    recorded = {touch for touch in observed.direct if touch[1] in own}
    other = {touch for touch in observed.direct if touch[1] not in own and touch[1] in known}
    everything = set(observed.direct) | set(observed.through) | _built(observed)
    found = recorded & claimed
    handed = {
        item for touch in recorded - claimed for item in _charged(touch, observed, claimed)
    } - found
    on_own = {touch for touch in claimed if touch[1] in own}
    return Comparison(
        found=tuple(sorted(found)),
        elsewhere=tuple(sorted(handed & claimed)),
        missed=tuple(sorted(handed - claimed)),
        unconfirmed=tuple(sorted(on_own - everything)),
        confirmed=tuple(sorted(on_own & everything)),
        library=tuple(sorted(other & claimed)),
        library_missed=tuple(sorted(other - claimed)),
    )


def _charged(touch: Touch, observed: Observed, claimed: Set[Touch]) -> Iterator[Touch]:
    """Who claims a touch that its unit does not; or else who is charged with it."""
    for asked in sorted(observed.others[touch]):
        others = [(unit, touch[1], touch[2]) for unit in asked]
        yield next((other for other in others if other in claimed), others[0])


def _built(observed: Observed) -> set[Touch]:
    return {
        (unit, table, mode)
        for (_, table, mode), others in observed.others.items()
        for asked in others
        for unit in asked
    }


def _length(access: TableAccess) -> tuple[int, str]:
    return len(access.via), repr(access)
