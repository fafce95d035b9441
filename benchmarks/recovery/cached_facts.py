"""Facts of corpus projects, kept in benchmarks/cache/facts while the readers stay the same."""

import hashlib
import pickle
from functools import cache
from pathlib import Path

from analyzer.facts.codebase_facts import CodebaseFacts, merged
from analyzer.intake.snapshot import Snapshot
from analyzer.intake.taking import open_snapshot, take_snapshot
from analyzer.readers.language_reader import ReadingTools
from analyzer.readers.registry import READERS
from analyzer.store.memory import MemoryStore
from benchmarks.corpus import CACHE, HERE, Project, fetch


def facts_of(project: Project, *, fresh: bool = False) -> CodebaseFacts:
    """What the readers say about a project; `fresh` reads it again."""
    kept = CACHE / "facts" / f"{project.name}-{project.version}-{_readers()}.pickle"
    if kept.is_file() and not fresh:
        facts: CodebaseFacts = pickle.loads(kept.read_bytes())
        return facts
    facts = read(_snapshot(project))
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(pickle.dumps(facts))
    return facts


def read(snapshot: Snapshot) -> CodebaseFacts:
    """All facts of a snapshot, as the pipeline reads them."""
    tools = ReadingTools(store=MemoryStore(), advance=lambda files: None)
    parts = [reader.read(snapshot, tools) for reader in READERS]
    return merged(CodebaseFacts(digest=snapshot.digest), *parts)


@cache
def _readers() -> str:
    """Digest of everything that reading depends on."""
    state = hashlib.sha256()
    for room in ("facts", "intake", "readers", "sql"):
        for source in sorted((HERE.parent / "analyzer" / room).rglob("*.py")):
            state.update(source.read_bytes())
    return state.hexdigest()[:12]


def _snapshot(project: Project) -> Snapshot:
    into: Path = CACHE / "snapshots" / f"{project.name}-{project.version}"
    if not into.is_dir():
        into.parent.mkdir(parents=True, exist_ok=True)
        return take_snapshot(str(fetch(project)), into=into)
    return open_snapshot(into)
