"""The same tree is the same state, however it comes."""

from pathlib import Path

import pytest

from analyzer.intake.snapshot import Snapshot
from analyzer.intake.taking import open_snapshot, take_snapshot
from tests.fakes.packing import Picture, as_folder, as_git, as_tar, as_zip

TREE: Picture = {
    "setup.py": b"from setuptools import setup\n",
    "shop/__init__.py": b"",
    "shop/models.py": b"class Order: ...\n",
    "shop/templates/größe.html": "<p>größe</p>".encode(),
    "shop/data/nested.zip": b"PK\x03\x04 never opened",
}
NOISE: Picture = {
    "node_modules/left-pad/index.js": b"x",
    "shop/__pycache__/models.cpython-311.pyc": b"x",
    "shop/fast.so": b"x",
    "env/pyvenv.cfg": b"home = /usr",
    "env/lib/python3.11/os.py": b"x",
    ".tox/py311/bin/activate": b"x",
}


def snapshots_of(picture: Picture, work: Path) -> dict[str, Snapshot]:
    wrapped = {f"shop-1.0/{path}": content for path, content in picture.items()}
    sources = {
        "folder": as_folder(picture, work / "folder"),
        "zip": as_zip(picture, work / "tree.zip"),
        "wrapped zip": as_zip(wrapped, work / "wrapped.zip"),
        "tar": as_tar(picture, work / "tree.tar"),
        "tar.gz": as_tar(wrapped, work / "tree.tar.gz", mode="w:gz"),
        "tar.bz2": as_tar(picture, work / "tree.tar.bz2", mode="w:bz2"),
        "tar.xz": as_tar(wrapped, work / "tree.tar.xz", mode="w:xz"),
        "reversed tar": as_tar(dict(reversed(picture.items())), work / "reversed.tar"),
        "git": as_git(picture, work / "git"),
        "git url": f"file://{work / 'git'}",
        "bare git": work / "git" / ".git",
    }
    return {
        name: take_snapshot(str(source), into=work / "snapshots" / name)
        for name, source in sources.items()
    }


def test_every_kind_of_source_gives_the_same_digest(tmp_path: Path) -> None:
    snapshots = snapshots_of(TREE, tmp_path)

    assert len({snapshot.digest for snapshot in snapshots.values()}) == 1
    assert all([f.path for f in s.files] == sorted(TREE) for s in snapshots.values())


def test_what_is_not_source_changes_neither_digest_nor_files(tmp_path: Path) -> None:
    snapshots = snapshots_of(TREE | NOISE, tmp_path)

    plain = take_snapshot(str(as_folder(TREE, tmp_path / "plain")), into=tmp_path / "snapshot")
    assert {snapshot.digest for snapshot in snapshots.values()} == {plain.digest}


def test_what_is_not_source_is_counted(tmp_path: Path) -> None:
    snapshots = snapshots_of(TREE | NOISE, tmp_path)

    said = {
        name: [(found.code, found.message) for found in snapshot.diagnostics]
        for name, snapshot in snapshots.items()
    }
    assert said["zip"] == [
        ("compiled-files", "1 compiled file was left out."),
        ("ignored-folders", "1 folder of caches was left out."),
        ("ignored-folders", "1 folder of installed packages was left out."),
        ("ignored-folders", "2 folders of virtual environments were left out."),
    ]
    assert all(found == said["zip"] for name, found in said.items())


def test_the_content_can_be_read(tmp_path: Path) -> None:
    snapshot = take_snapshot(str(as_zip(TREE, tmp_path / "t.zip")), into=tmp_path / "snapshot")

    assert {file.path: snapshot.read(file) for file in snapshot.files} == TREE


def test_a_snapshot_can_be_opened_again(tmp_path: Path) -> None:
    taken = take_snapshot(str(as_git(TREE, tmp_path / "git")), into=tmp_path / "snapshot")

    assert open_snapshot(tmp_path / "snapshot") == taken


def test_the_history_comes_along_from_a_repository(tmp_path: Path) -> None:
    snapshots = snapshots_of(TREE, tmp_path)

    with_history = {name for name, snapshot in snapshots.items() if snapshot.history}
    assert with_history == {"git", "git url", "bare git"}
    assert len({snapshots[name].history_commit for name in with_history}) == 1


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("pretix-2024.1.0.tar.gz", "pretix-2024.1.0"),
        ("shop.zip", "shop"),
        ("netbox-4.0-py3-none-any.whl", "netbox-4.0-py3-none-any"),
    ],
)
def test_a_codebase_is_named_after_its_archive(tmp_path: Path, file: str, name: str) -> None:
    archive = tmp_path / file
    if file.endswith("gz"):
        as_tar(TREE, archive, mode="w:gz")
    else:
        as_zip(TREE, archive)

    assert take_snapshot(str(archive), into=tmp_path / "snapshot").name == name


@pytest.mark.parametrize(
    ("picture", "first"),
    [
        ({"shop/__init__.py": b"", "shop/models.py": b""}, "shop/__init__.py"),
        ({"shop/models.py": b"", "shop/views.py": b""}, "shop/models.py"),
        ({"src/shop/models.py": b""}, "src/shop/models.py"),
        ({"shop-1.0/shop/models.py": b""}, "shop/models.py"),
        ({"work/manage.py": b"", "work/shop/models.py": b""}, "manage.py"),
        ({"work/README": b"", "work/models.py": b""}, "README"),
        ({"a.py": b"", "shop/models.py": b""}, "a.py"),
    ],
)
def test_a_folder_that_only_wraps_is_dropped(tmp_path: Path, picture: Picture, first: str) -> None:
    snapshot = take_snapshot(str(as_zip(picture, tmp_path / "t.zip")), into=tmp_path / "snapshot")

    assert snapshot.files[0].path == first
