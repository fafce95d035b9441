"""From commits to what changes together and whose it is."""

import subprocess
import time
from pathlib import Path

import pytest

from analyzer.facts.codebase_facts import CodebaseFacts, merged
from analyzer.facts.history import CoChange
from analyzer.facts.modules import Module
from analyzer.intake.snapshot import Snapshot
from analyzer.intake.taking import take_snapshot
from analyzer.readers.git_history.log import author_digest, parsed
from analyzer.readers.git_history.reader import GitHistoryReader
from analyzer.readers.git_history.tally import LARGE_COMMIT
from analyzer.readers.language_reader import ReadingTools
from analyzer.store.memory import MemoryStore
from tests.fakes.packing import as_git, commit, git

TREE = {"shop/orders.py": b"1\n", "shop/stock.py": b"1\n", "README": b"r\n"}


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    return as_git(TREE, tmp_path / "repository")


def change(repository: Path, message: str, *paths: str) -> None:
    for path in paths:
        with (repository / path).open("a") as file:
            file.write(f"{message}\n")
    commit(repository, message)


def snapshot_of(repository: Path) -> Snapshot:
    return take_snapshot(str(repository), into=repository.parent / "snapshot")


def read(snapshot: Snapshot, store: MemoryStore | None = None) -> CodebaseFacts:
    tools = ReadingTools(store=store or MemoryStore(), advance=lambda done: None)
    return GitHistoryReader().read(snapshot, tools)


def test_files_that_change_together_are_coupled(repository: Path) -> None:
    change(repository, "one", "shop/orders.py", "shop/stock.py")
    change(repository, "two", "shop/orders.py")

    facts = read(snapshot_of(repository))

    assert facts.co_changes == (CoChange("shop/orders.py", "shop/stock.py", 2, 2.0),)
    assert [(h.module, h.commits, h.churn) for h in facts.module_histories] == [
        ("shop/orders.py", 3, 3),
        ("shop/stock.py", 2, 2),
    ]


def test_one_common_commit_is_chance(repository: Path) -> None:
    assert read(snapshot_of(repository)).co_changes == ()


def test_authors_are_counted_under_a_digest(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(repository, "one", "shop/orders.py")

    facts = read(snapshot_of(repository))

    assert facts.module_histories[0].authors == ((author_digest(b"A@example.org "), 2),)
    assert "example" not in repr(facts)


def test_a_moved_file_keeps_its_history(repository: Path) -> None:
    change(repository, "one", "shop/orders.py")
    git(repository, "mv", "shop/orders.py", "shop/purchases.py")
    commit(repository, "move")
    change(repository, "two", "shop/purchases.py")

    histories = {h.module: h.commits for h in read(snapshot_of(repository)).module_histories}

    assert histories == {"shop/purchases.py": 4, "shop/stock.py": 1}


def test_a_commit_that_changes_everything_says_nothing(repository: Path) -> None:
    many = [f"shop/m{n}.py" for n in range(LARGE_COMMIT + 1)]
    for _ in range(3):
        change(repository, "reformat", *many)

    facts = read(snapshot_of(repository))

    assert facts.co_changes == ()
    assert [(d.code, d.message.split(" commits")[0]) for d in facts.diagnostics] == [
        ("large-commits", "3 of 4")
    ]


def test_merging_with_modules_puts_their_names_in_place_of_paths(repository: Path) -> None:
    change(repository, "one", "shop/orders.py", "shop/stock.py")
    modules = CodebaseFacts(
        modules=(
            Module("shop.zz_orders", "shop/orders.py", 1, "python"),
            Module("shop.stock", "shop/stock.py", 1, "python"),
        )
    )

    facts = merged(read(snapshot_of(repository)), modules)

    assert facts.co_changes == (CoChange("shop.stock", "shop.zz_orders", 2, 2.0),)
    assert [h.module for h in facts.module_histories] == ["shop.stock", "shop.zz_orders"]


def test_a_snapshot_without_history_has_no_such_facts(repository: Path, tmp_path: Path) -> None:
    git(repository, "archive", "-o", str(tmp_path / "a.zip"), "HEAD")

    assert read(take_snapshot(str(tmp_path / "a.zip"), into=tmp_path / "s")) == CodebaseFacts()


def test_a_second_reading_comes_from_the_store(repository: Path) -> None:
    change(repository, "one", "shop/orders.py", "shop/stock.py")
    snapshot, store = snapshot_of(repository), MemoryStore()
    first = read(snapshot, store)
    assert snapshot.history is not None
    snapshot.history.rename(snapshot.history.with_name("gone"))

    assert read(snapshot, store) == first


def test_merges_are_not_changes(repository: Path) -> None:
    git(repository, "checkout", "-q", "-b", "side")
    change(repository, "side", "shop/stock.py")
    git(repository, "checkout", "-q", "main")
    change(repository, "main", "shop/orders.py")
    git(repository, "merge", "-q", "--no-ff", "-m", "merge", "side")

    histories = {h.module: h.commits for h in read(snapshot_of(repository)).module_histories}

    assert histories == {"shop/orders.py": 2, "shop/stock.py": 2}


@pytest.mark.parametrize(
    "tokens",
    [
        [],
        [b""],
        [b"\n1\t2\tx"],
        [b"\x01a", b"\n1\t2\t"],
        [b"\x01a", b"\n1\t2\t", b"old"],
        [b"\x01a", b"nonsense", b"\t", b"-\t-\tpicture.png"],
        [b"\x01" + b"a" * 100, b"\xff\t\xfe\t\xfd"],
    ],
)
def test_a_damaged_log_is_read_as_far_as_it_goes(tokens: list[bytes]) -> None:
    assert len(list(parsed(tokens))) == sum(token.startswith(b"\x01") for token in tokens)


def test_the_cost_of_a_long_history_is_bounded(tmp_path: Path) -> None:
    repository = long_history(tmp_path / "repository", commits=12_000)

    started = time.monotonic()
    snapshot = snapshot_of(repository)
    facts = read(snapshot)

    assert time.monotonic() - started < 60
    assert [d.code for d in facts.diagnostics] == ["history-cut"]
    assert sum(h.commits for h in facts.module_histories) == 20_000


def long_history(folder: Path, *, commits: int) -> Path:
    """A repository where each commit changes two of fifty files."""
    git(folder.parent, "init", "-q", "--bare", str(folder))
    lines = []
    for n in range(commits):
        lines.append(
            f"commit refs/heads/main\ncommitter A <a{n % 9}@example.org> {n} +0000\ndata 1\nx\n"
        )
        for file in (n % 50, (n * 7 + 1) % 50):
            text = f"x = {n}\n"
            lines.append(f"M 100644 inline m{file}.py\ndata {len(text)}\n{text}\n")
    subprocess.run(
        ["git", "fast-import", "--quiet"],
        cwd=folder,
        input="".join(lines).encode(),
        check=True,
    )
    git(folder, "symbolic-ref", "HEAD", "refs/heads/main")
    return folder
