"""Repositories made to run something: nothing of theirs is ever obeyed."""

import os
import shutil
from pathlib import Path

import pytest

from analyzer.errors import UnusableInput
from analyzer.intake.git import git_url, without_credentials
from analyzer.intake.limits import Limits
from analyzer.intake.taking import take_snapshot
from tests.fakes.packing import as_folder, as_git, commit, git

TREE = {"shop/models.py": b"class Order: ...\n", "README": b"r"}


def trap(folder: Path, name: str) -> tuple[Path, Path]:
    """A program that leaves a mark when it is run, and the mark."""
    mark = folder / f"{name}.mark"
    program = folder / f"{name}.sh"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    return program, mark


def test_hooks_and_settings_of_a_repository_start_nothing(tmp_path: Path) -> None:
    repository = as_git(TREE, tmp_path / "repository")
    program, mark = trap(tmp_path, "trap")
    for hook in ("post-checkout", "reference-transaction", "post-upload-pack", "pre-auto-gc"):
        shutil.copy(program, repository / ".git" / "hooks" / hook)
    for key in ("core.fsmonitor", "core.sshCommand", "core.pager", "core.editor", "gpg.program",
                "core.alternateRefsCommand", "uploadpack.packObjectsHook", "diff.external",
                "filter.evil.smudge", "filter.evil.clean", "credential.helper"):  # fmt: skip
        git(repository, "config", key, str(program))
    (repository / ".git" / "info" / "attributes").write_text("* filter=evil diff=evil\n")

    for source in (repository, repository / ".git", f"file://{repository}"):
        snapshot = take_snapshot(str(source), into=tmp_path / "snapshot")
        assert [file.path for file in snapshot.files] == ["README", "shop/models.py"]
        assert snapshot.history
    assert not mark.exists()


def test_filters_and_attributes_in_the_tree_change_no_byte(tmp_path: Path) -> None:
    attributes = b"* filter=evil text eol=crlf ident export-subst\nREADME export-ignore\n"
    tree = TREE | {".gitattributes": attributes, "id.py": b"$Id$ $Format:%H$\n"}
    repository = as_git(tree, tmp_path / "repository")

    snapshot = take_snapshot(f"file://{repository}", into=tmp_path / "snapshot")

    assert {file.path: snapshot.read(file) for file in snapshot.files} == tree


def test_submodules_and_links_are_left_out(tmp_path: Path) -> None:
    repository = as_git(TREE, tmp_path / "repository")
    program, mark = trap(tmp_path, "trap")
    (repository / "passwd").symlink_to("/etc/passwd")
    (repository / ".gitmodules").write_text(
        f'[submodule "x"]\n\tpath = x\n\turl = ext::{program}\n\tupdate = !{program}\n'
    )
    head = git(repository, "rev-parse", "HEAD").strip()
    git(repository, "update-index", "--add", "--cacheinfo", f"160000,{head},x")
    git(repository, "add", "passwd", ".gitmodules")
    git(repository, "commit", "-q", "-m", "traps")

    snapshot = take_snapshot(f"file://{repository}", into=tmp_path / "snapshot")

    assert [file.path for file in snapshot.files] == [".gitmodules", "README", "shop/models.py"]
    assert {(d.code, d.path) for d in snapshot.diagnostics} == {
        ("not-a-file", "passwd"),
        ("submodule", "x"),
    }
    assert not mark.exists()


@pytest.mark.parametrize(
    "url",
    ["ext::sh -c 'touch {mark}'", "ext://sh", "http://example.org/x.git", "git://example.org/x",
     "fd::0", "--upload-pack=touch {mark}", "-oProxyCommand=touch {mark}@host:x"],
)  # fmt: skip
def test_only_listed_protocols_reach_a_repository(tmp_path: Path, url: str) -> None:
    mark = tmp_path / "mark"

    with pytest.raises(UnusableInput, match=r"allowed|nothing at"):
        take_snapshot(url.format(mark=mark), into=tmp_path / "snapshot")
    assert not mark.exists()


def test_a_server_can_refuse_repositories_of_its_own_machine(tmp_path: Path) -> None:
    repository = as_git(TREE, tmp_path / "repository")

    with pytest.raises(UnusableInput, match="file: here"):
        take_snapshot(
            f"file://{repository}", into=tmp_path / "snapshot", limits=Limits(protocols=("https",))
        )


def test_a_branch_or_tag_can_be_named(tmp_path: Path) -> None:
    repository = as_git(TREE, tmp_path / "repository")
    git(repository, "tag", "v1")
    (repository / "later.py").write_text("")
    commit(repository, "later")

    old = take_snapshot(f"file://{repository}#v1", into=tmp_path / "old")
    new = take_snapshot(f"file://{repository}#main", into=tmp_path / "new")

    assert len(new.files) == len(old.files) + 1


@pytest.mark.parametrize("revision", ["--upload-pack=x", "$(touch x)", "no-such-branch"])
def test_a_revision_that_is_none_is_refused(tmp_path: Path, revision: str) -> None:
    repository = as_git(TREE, tmp_path / "repository")

    with pytest.raises(UnusableInput, match="branch"):
        take_snapshot(f"file://{repository}#{revision}", into=tmp_path / "snapshot")
    assert not (tmp_path / "snapshot").exists()


def test_a_bundle_is_a_repository(tmp_path: Path) -> None:
    repository = as_git(TREE, tmp_path / "repository")
    git(repository, "bundle", "create", "-q", str(tmp_path / "shop.bundle"), "HEAD", "main")

    snapshot = take_snapshot(str(tmp_path / "shop.bundle"), into=tmp_path / "snapshot")

    assert (snapshot.name, len(snapshot.files)) == ("shop", 2)


def test_only_the_newest_history_is_taken(tmp_path: Path) -> None:
    repository = as_git(TREE, tmp_path / "repository")
    for n in range(5):
        (repository / "README").write_text(str(n))
        commit(repository, str(n))

    snapshot = take_snapshot(
        str(repository), into=tmp_path / "snapshot", limits=Limits(history_commits=3)
    )

    assert snapshot.history
    assert git(snapshot.history, "rev-list", "--count", "HEAD").strip() == "3"


def test_a_work_tree_with_a_broken_repository_is_still_taken(tmp_path: Path) -> None:
    folder = as_folder(TREE | {".git/HEAD": b"nonsense"}, tmp_path / "folder")

    snapshot = take_snapshot(str(folder), into=tmp_path / "snapshot")

    assert (len(snapshot.files), snapshot.history) == (2, None)
    assert [d.code for d in snapshot.diagnostics] == ["history-unreadable"]


def test_without_git_a_clear_word_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository = as_git(TREE, tmp_path / "repository")
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(UnusableInput, match="Git is not installed"):
        take_snapshot(f"file://{repository}", into=tmp_path / "snapshot")
    assert take_snapshot(str(repository), into=tmp_path / "snapshot").history is None


def test_a_password_in_a_url_is_never_repeated(tmp_path: Path) -> None:
    url = f"file://user:hunter2@localhost{tmp_path}/none"

    with pytest.raises(UnusableInput) as raised:
        take_snapshot(url, into=tmp_path / "snapshot")

    assert "hunter2" not in str(raised.value)
    assert without_credentials("https://u:hunter2@h/x?token=hunter2") == "https://h/x"


def test_what_a_git_url_looks_like() -> None:
    assert git_url("git@example.org:team/shop.git")
    assert git_url("https://example.org/team/shop.git#v1").name == "shop"  # type: ignore[union-attr]
    assert git_url("shop/models.py") is None
    assert git_url("-oProxyCommand=x@host:y") is None


def test_nothing_of_the_callers_secrets_reaches_git(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = tmp_path / "environment"
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "git"
    program.write_text(f"#!/bin/sh\n/usr/bin/env > {seen}\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SECRET_KEY", "hunter2")

    with pytest.raises(UnusableInput):
        take_snapshot("https://example.invalid/x.git", into=tmp_path / "snapshot")

    assert "hunter2" not in seen.read_text()
