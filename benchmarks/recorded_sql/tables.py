"""The pages that are published: figures, and misses grouped by cause."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from analyzer.facts.tables import TableAccess
from benchmarks.recorded_sql.causes import CAUSES, cause
from benchmarks.recorded_sql.compare import Comparison
from benchmarks.recorded_sql.environments import Recorded
from benchmarks.recorded_sql.recording import Observed, Statement, Touch

HERE = Path(__file__).parent
# The parts of the page, by mapper; each begins with a heading of its own.
TEMPLATES = {
    "django": HERE / "results_template.md",
    "sqlalchemy": HERE / "sqlalchemy_template.md",
    "peewee": HERE / "peewee_template.md",
}
SHOWN = 12  # examples of each cause and project


@dataclass(frozen=True, slots=True)
class Measured:
    """One project: what ran, what was recorded, what agrees."""

    project: Recorded
    tests: str
    observed: Observed
    comparison: Comparison
    claimed: Mapping[Touch, TableAccess]
    beside: Mapping[str, Comparison] = field(default_factory=dict)  # of sessions: other charges

    def line(self) -> str:
        """The row of the table."""
        comparison = self.comparison
        cells = (
            self.project.name,
            self.tests,
            f"{self.observed.statements:,}",
            f"{comparison.recorded:,}",
            f"{comparison.strict_recall:.3f}",
            f"{comparison.recall:.3f}",
            *(f"{one.recall:.3f} of {one.recorded:,}" for one in self.beside.values()),
            f"{len(comparison.confirmed):,}",
            f"{len(comparison.unconfirmed):,}",
        )
        return "| " + " | ".join(cells) + " |"

    def statement(self, touch: Touch) -> Statement:
        """One statement behind a miss."""
        if touch in self.observed.direct:
            return self.observed.direct[touch][0]
        unit, table, mode = touch
        run = next(
            key
            for key, others in sorted(self.observed.others.items())
            if key[1:] == (table, mode) and any(asked[0] == unit for asked in others)
        )
        return self.observed.direct[run][0]


@dataclass(frozen=True, slots=True)
class Group:
    """Projects that one recall and one precision are given for."""

    measured: Sequence[Measured]
    checked: tuple[int, int]  # claims found right, claims looked at

    def figures(self) -> dict[str, str]:
        """By their names in the template."""
        found = sum(len(one.comparison.found) for one in self.measured)
        elsewhere = sum(len(one.comparison.elsewhere) for one in self.measured)
        recorded = sum(one.comparison.recorded for one in self.measured)
        right, judged = self.checked
        return {
            "rows": "\n".join(one.line() for one in self.measured),
            "recall": f"{(found + elsewhere) / recorded:.3f}" if recorded else "not measured",
            "strict": f"{found / recorded:.3f}" if recorded else "not measured",
            "precision": f"{right / judged:.3f}" if judged else "not measured yet",
            "judged": str(judged),
        }


def results_page(groups: Mapping[str, Group], *, template: Path, when: str) -> str:
    """A part of RECORDED_SQL.md."""
    figures = {
        f"{name}_{key}": text
        for name, group in groups.items()
        for key, text in group.figures().items()
    }
    return template.read_text("utf-8").format(when=when, **figures)


def heading(mapper: str) -> str:
    """The line that a mapper's part of the page begins with."""
    return TEMPLATES[mapper].read_text("utf-8").partition("\n")[0]


def with_part(page: str, mapper: str, part: str) -> str:
    """The page with one of its parts in place of what it was."""
    headings = {heading(one): one for one in TEMPLATES}
    parts = dict.fromkeys(TEMPLATES, "")
    current = next(iter(TEMPLATES))
    for line in page.splitlines(keepends=True):
        current = headings.get(line.rstrip("\n"), current)
        parts[current] += line
    parts[mapper] = part
    return "\n".join(text.strip("\n") + "\n" for text in parts.values() if text)


def misses_page(measured: Sequence[Measured]) -> str:
    """misses.md: what was recorded and not claimed, by cause."""
    lines = ["# What was recorded and not claimed", ""]
    counts: Counter[str] = Counter()
    grouped: dict[str, list[tuple[Measured, Touch]]] = defaultdict(list)
    for one in measured:
        for touch in one.comparison.missed:
            name = cause(one, touch)
            counts[name] += 1
            grouped[name].append((one, touch))
    lines += ["| cause | touches |", "| --- | ---: |"]
    lines += [f"| {CAUSES[name]} | {count} |" for name, count in counts.most_common()]
    for name, _ in counts.most_common():
        lines += ["", f"## {CAUSES[name]}", ""]
        shown: Counter[str] = Counter()
        for one, touch in grouped[name]:
            shown[one.project.name] += 1
            if shown[one.project.name] <= SHOWN:
                lines.append(_example(one, touch))
    return "\n".join(lines) + "\n"


def _example(one: Measured, touch: Touch) -> str:
    unit, table, mode = touch
    statement = one.statement(touch)
    path, line = statement.stack[0]
    return f"- {one.project.name} `{unit}` {mode}s `{table}` at {path}:{line}"
