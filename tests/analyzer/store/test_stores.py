"""Both stores keep the same promise."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.store.directory import DirectoryStore
from analyzer.store.memory import MemoryStore
from analyzer.store.result_store import ResultStore


@pytest.fixture(params=["memory", "directory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ResultStore:
    return MemoryStore() if request.param == "memory" else DirectoryStore(tmp_path / "store")


def test_what_was_put_is_got_back(store: ResultStore) -> None:
    store.put(kind="python-module/1", digest="ab12", content=b"\x00facts")

    assert store.get(kind="python-module/1", digest="ab12") == b"\x00facts"


def test_an_absent_result_is_none(store: ResultStore) -> None:
    assert store.get(kind="python-module/1", digest="ab12") is None


def test_kinds_do_not_mix(store: ResultStore) -> None:
    store.put(kind="one", digest="ab12", content=b"1")

    assert store.get(kind="two", digest="ab12") is None


def test_several_are_got_at_once_without_the_absent_ones(store: ResultStore) -> None:
    store.put_many(kind="one", contents={"aa": b"1", "bb": b"2"})

    assert store.get_many(kind="one", digests=["bb", "cc", "aa"]) == {"aa": b"1", "bb": b"2"}


def test_putting_again_replaces(store: ResultStore) -> None:
    store.put(kind="one", digest="aa", content=b"old")
    store.put(kind="one", digest="aa", content=b"new")

    assert store.get(kind="one", digest="aa") == b"new"


def test_readers_see_only_whole_results_while_writers_race(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    whole = b"x" * 100_000
    seen: list[bytes] = []

    def write() -> None:
        for _ in range(20):
            store.put(kind="one", digest="abcd", content=whole)

    def read() -> None:
        for _ in range(100):
            found = store.get(kind="one", digest="abcd")
            if found is not None:
                seen.append(found)

    _run_together([write, write, read, read])

    assert set(seen) <= {whole}
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["abcd"]


def test_a_second_store_on_the_same_folder_sees_the_results(tmp_path: Path) -> None:
    DirectoryStore(tmp_path).put(kind="one", digest="aa", content=b"1")

    assert DirectoryStore(tmp_path).get(kind="one", digest="aa") == b"1"


@pytest.mark.parametrize(("kind", "digest"), [("one", "../aa"), ("../one", "aa"), ("one", "a/b")])
def test_a_key_cannot_leave_the_folder(tmp_path: Path, kind: str, digest: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        DirectoryStore(tmp_path).put(kind=kind, digest=digest, content=b"")


def _run_together(functions: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
