"""A snapshot is there as a whole or not at all."""

import threading
from pathlib import Path

import pytest

from analyzer.errors import Cancelled, UnusableInput
from analyzer.intake.taking import open_snapshot, take_snapshot
from analyzer.progress import SilentProgress
from tests.fakes.packing import as_folder, as_zip

TREE = {"shop/models.py": b"1", "README": b"r"}


class CancelledAtOnce(SilentProgress):
    def advanced(self, *, stage: str, done: int) -> None:
        raise Cancelled("stopped")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_nothing_remains_of_a_refused_source(tmp_path: Path) -> None:
    (tmp_path / "a.tar").write_bytes(b"no archive")

    with pytest.raises(UnusableInput):
        take_snapshot(str(tmp_path / "a.tar"), into=tmp_path / "out" / "snapshot")
    assert names_in(tmp_path / "out") == []


def test_nothing_remains_of_a_cancelled_intake(tmp_path: Path) -> None:
    source = as_folder({f"{n}.py": b"" for n in range(500)}, tmp_path / "source")

    with pytest.raises(Cancelled):
        take_snapshot(str(source), into=tmp_path / "out" / "s", progress=CancelledAtOnce())
    assert names_in(tmp_path / "out") == []


def test_taking_again_replaces_the_snapshot(tmp_path: Path) -> None:
    take_snapshot(str(as_zip(TREE, tmp_path / "a.zip")), into=tmp_path / "out" / "s")
    take_snapshot(str(as_zip({"b.py": b""}, tmp_path / "b.zip")), into=tmp_path / "out" / "s")

    assert [f.path for f in open_snapshot(tmp_path / "out" / "s").files] == ["b.py"]
    assert names_in(tmp_path / "out") == ["s"]


def test_a_refused_source_leaves_the_old_snapshot(tmp_path: Path) -> None:
    old = take_snapshot(str(as_zip(TREE, tmp_path / "a.zip")), into=tmp_path / "out" / "s")

    with pytest.raises(UnusableInput):
        take_snapshot(str(tmp_path / "missing"), into=tmp_path / "out" / "s")
    assert open_snapshot(tmp_path / "out" / "s") == old


def test_a_folder_with_other_content_is_not_overwritten(tmp_path: Path) -> None:
    other = as_folder({"thesis.tex": b"precious"}, tmp_path / "other")

    with pytest.raises(UnusableInput, match="holds something else"):
        take_snapshot(str(as_folder(TREE, tmp_path / "source")), into=other)
    assert (other / "thesis.tex").read_bytes() == b"precious"


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    take_snapshot(str(as_folder(TREE, tmp_path / "source")), into=tmp_path / "empty")

    assert open_snapshot(tmp_path / "empty").name == "source"


def test_a_snapshot_inside_its_own_source_does_not_take_itself(tmp_path: Path) -> None:
    source = as_folder(TREE, tmp_path / "source")

    snapshot = take_snapshot(str(source), into=source / "out" / "snapshot")
    again = take_snapshot(str(source), into=source / "out" / "snapshot")

    assert {file.path for file in snapshot.files} == set(TREE)
    assert again.digest == snapshot.digest


def test_two_takers_of_one_target_leave_a_whole_snapshot(tmp_path: Path) -> None:
    source = str(as_folder({f"{n}.py": b"x" for n in range(200)}, tmp_path / "source"))
    failures: list[Exception] = []

    def take() -> None:
        try:
            take_snapshot(source, into=tmp_path / "out" / "s")
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert len(open_snapshot(tmp_path / "out" / "s").files) == 200
    assert names_in(tmp_path / "out") == ["s"]


@pytest.mark.parametrize("source", ["", "missing", "a\0b", "x" * 5000, "no/such/folder"])
def test_a_source_that_is_nothing_is_refused_with_what_could_be_given(
    tmp_path: Path, source: str
) -> None:
    with pytest.raises(UnusableInput, match="Give a folder, an archive"):
        take_snapshot(source, into=tmp_path / "snapshot")


def test_there_is_no_snapshot_where_none_was_taken(tmp_path: Path) -> None:
    with pytest.raises(UnusableInput, match="no snapshot"):
        open_snapshot(tmp_path)
