"""The sheets of claims that people checked: seeded samples of what no recording confirmed.

A sample is the first claims in the order of a digest, so it hardly changes when a few claims come
or go; verdicts are kept by claim and survive a new sample. The sheets are edited by hand.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from analyzer.facts.tables import TableAccess

SEED = "2026-11-24"
HERE = Path(__file__).parent
COLUMNS = ("project", "place", "unit", "mode", "table", "via", "verdict", "reason")
VERDICTS = ("right", "wrong")

Key = tuple[str, str, str, str]  # project, unit, table, mode


@dataclass(frozen=True, slots=True)
class Sheet:
    """One file of checked claims, and how many there are to be."""

    path: Path
    size: int


IMPROVED_ON = Sheet(HERE / "hand_check.csv", 200)
HELD_OUT = Sheet(HERE / "held_out_check.csv", 60)
SQLALCHEMY = Sheet(HERE / "sqlalchemy_check.csv", 60)
SQLALCHEMY_HELD_OUT = Sheet(HERE / "sqlalchemy_held_out_check.csv", 60)
PEEWEE = Sheet(HERE / "peewee_check.csv", 60)
PEEWEE_HELD_OUT = Sheet(HERE / "peewee_held_out_check.csv", 60)


@dataclass(frozen=True, slots=True)
class Row:
    """One claim of the sample; verdict and reason are empty until somebody has looked."""

    project: str
    place: str
    unit: str
    mode: str
    table: str
    via: str
    verdict: str = ""
    reason: str = ""

    @property
    def key(self) -> Key:
        """What a verdict is kept under."""
        return (self.project, self.unit, self.table, self.mode)


def drawn(claims: Mapping[Key, TableAccess], size: int = IMPROVED_ON.size) -> tuple[Key, ...]:
    """The sample: in the order of a digest of seed and claim."""

    def rank(key: Key) -> str:
        return hashlib.sha256("\n".join((SEED, *key)).encode()).hexdigest()

    return tuple(sorted(claims, key=rank)[:size])


def sheet(
    claims: Mapping[Key, TableAccess], known: Iterable[Row], size: int = IMPROVED_ON.size
) -> tuple[Row, ...]:
    """The sample with the verdicts that are known already."""
    verdicts = {row.key: row for row in known}
    rows = []
    for key in sorted(drawn(claims, size)):
        project, unit, table, mode = key
        access = claims[key]
        old = verdicts.get(key)
        rows.append(
            Row(
                project=project,
                place=str(access.evidence),
                unit=unit,
                mode=mode,
                table=table,
                via=" > ".join(access.via),
                verdict=old.verdict if old else "",
                reason=old.reason if old else "",
            )
        )
    return tuple(rows)


def read_sheet(path: Path) -> tuple[Row, ...]:
    """What stands in the sheet."""
    if not path.is_file():
        return ()
    with path.open(newline="", encoding="utf-8") as file:
        return tuple(Row(**row) for row in csv.DictReader(file))


def write_sheet(rows: Iterable[Row], path: Path) -> None:
    """Put the sample where people fill in what they found."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows([getattr(row, column) for column in COLUMNS] for row in rows)


def precision(rows: Iterable[Row]) -> tuple[int, int]:
    """Claims found right, and claims that were looked at."""
    judged = [row for row in rows if row.verdict in VERDICTS]
    return sum(row.verdict == "right" for row in judged), len(judged)
