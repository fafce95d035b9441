"""The same facts whatever the number of processes, and from a store that is warm or cold."""

from pathlib import Path

import pytest

from analyzer.facts.codebase_facts import collected
from analyzer.intake.snapshot import Snapshot, SourceFile, digest_of
from analyzer.readers.language_reader import ReadingTools
from analyzer.readers.python import parallel, reading
from analyzer.readers.python.reader import PythonReader, facts_of, project_of
from analyzer.store.memory import MemoryStore

SAMPLE = Path(__file__).parents[4] / "sample_monolith"


def sample_files() -> dict[str, bytes]:
    return {path.relative_to(SAMPLE).as_posix(): path.read_bytes() for path in SAMPLE.rglob("*.py")}


def test_two_processes_say_what_one_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "LINES_WORTH_A_PROCESS", 500)
    files = sample_files()
    alone = collected(facts_of(project_of(files)))
    assert collected(facts_of(project_of(files), jobs=2)) == alone
    assert len(alone.accesses) > 1_000


def test_a_warm_store_saves_the_parsing_and_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("a.py", "b.py"):
        (tmp_path / path).write_text(f"import {'ab'[path == 'a.py']}\n")
    files = tuple(SourceFile(path, path, 10) for path in ("a.py", "b.py"))
    snapshot = Snapshot("two", tmp_path, files, digest_of(files))
    finished: list[int] = []
    tools = ReadingTools(MemoryStore(), finished.append, 1)
    reader = PythonReader()
    reader.warm(snapshot, files[:1], tools)
    read: list[str] = []
    lower_shard = reading.lower_shard

    def spy(root: Path, shard: tuple[SourceFile, ...]) -> reading.Shard:
        read.extend(file.path for file in shard)
        return lower_shard(root, shard)

    monkeypatch.setattr(reading, "lower_shard", spy)
    facts = reader.read(snapshot, tools)
    assert read == ["b.py"]
    assert [(one.source, one.target) for one in facts.imports] == [("a", "b"), ("b", "a")]
    assert sum(finished) == 3  # one while warming, two while reading
