"""The published page of an oracle: figures by project, and every difference with its reason."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.attempts import Failure, attempted, failed_lines
from benchmarks.environments import Entry
from benchmarks.oracle_django.compare import Agreement, Fact


@dataclass(frozen=True, slots=True)
class Outcome:
    """One project's comparison."""

    name: str
    version: str  # of the mapper that answered
    agreements: dict[str, Agreement]
    explanations: Sequence[dict[str, str]] = ()

    def reason(self, fact: Fact) -> str | None:
        """Why the fact stands on one side only, if that is known."""
        text = " ".join(fact)
        found = (one["reason"] for one in self.explanations if text.startswith(one["fact"]))
        return next(found, None)

    @property
    def unexplained(self) -> list[Fact]:
        """Differences that nobody has explained."""
        return [fact for fact in self.differences if self.reason(fact) is None]

    @property
    def differences(self) -> list[Fact]:
        """All facts that stand on one side only."""
        sides = [(one.missed, one.invented) for one in self.agreements.values()]
        return [fact for missed, invented in sides for fact in (*missed, *invented)]


@dataclass(frozen=True, slots=True)
class Page:
    """Which page an oracle's figures are published on."""

    path: Path
    title: str
    command: str

    def measured_by(
        self, run: Callable[[Entry], Outcome]
    ) -> Callable[[Sequence[Entry], bool], bool]:
        """Measures projects and publishes all of them; whether every difference is explained."""

        def measured(projects: Sequence[Entry], complete: bool) -> bool:
            outcomes, failures = attempted({str(one["name"]): one for one in projects}, run)
            if complete:
                write_report(
                    self.path,
                    title=self.title,
                    command=self.command,
                    outcomes=outcomes,
                    failures=failures,
                )
            return not failures and not any(outcome.unexplained for outcome in outcomes)

        return measured


def write_report(
    path: Path,
    *,
    title: str,
    command: str,
    outcomes: list[Outcome],
    failures: Sequence[Failure] = (),
) -> None:
    """Write the page."""
    today = datetime.now(tz=UTC).date().isoformat()
    lines = [
        f"# {title}",
        "",
        f"`{command}` wrote this on {today}. Each project runs in an environment of its own",
        "with the versions that its lock pins; the analyzer sees only the project's wheel, never",
        "what is installed. Figures are precision / recall (number of facts that both sides have).",
        "",
        *_table(outcomes),
        "",
        "## Every difference",
        "",
        *_differences(outcomes),
        *failed_lines(failures),
    ]
    path.write_text("\n".join(lines) + "\n")


def _table(outcomes: list[Outcome]) -> Iterable[str]:
    if not outcomes:
        return
    kinds = list(outcomes[0].agreements)
    yield "| project | mapper | " + " | ".join(kinds) + " |"
    yield "| --- | --- |" + " --- |" * len(kinds)
    for outcome in outcomes:
        cells = [
            f"{one.precision:.3f} / {one.recall:.3f} ({len(one.both):,})"
            for one in outcome.agreements.values()
        ]
        yield f"| {outcome.name} | {outcome.version} | " + " | ".join(cells) + " |"


def _differences(outcomes: list[Outcome]) -> Iterable[str]:
    for outcome in outcomes:
        for kind, agreement in outcome.agreements.items():
            for word, facts in (("missed", agreement.missed), ("only ours", agreement.invented)):
                for fact in facts:
                    reason = outcome.reason(fact) or "**not explained yet**"
                    yield f"- {outcome.name}, {kind}, {word}: `{' '.join(fact)}`: {reason}"
    if not any(outcome.differences for outcome in outcomes):
        yield "None."
