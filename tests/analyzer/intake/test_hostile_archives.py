"""Archives made to do harm: nothing leaves the snapshot, and what was refused is said."""

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from analyzer.errors import UnusableInput
from analyzer.intake.limits import Limits
from analyzer.intake.snapshot import Snapshot
from analyzer.intake.taking import take_snapshot
from tests.fakes.packing import as_folder, as_tar, as_zip, regular

GOOD = {"shop/a.py": b"1", "README": b"r"}


def taken(source: Path, limits: Limits | None = None) -> Snapshot:
    return take_snapshot(str(source), into=source.parent / "snapshot", limits=limits)


def paths(snapshot: Snapshot) -> list[str]:
    return [file.path for file in snapshot.files]


def codes(snapshot: Snapshot) -> set[str]:
    return {found.code for found in snapshot.diagnostics}


def everything_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*")}


@pytest.mark.parametrize("pack", [as_zip, as_tar])
@pytest.mark.parametrize(
    "name",
    ["../evil.py", "/etc/evil.py", "shop/../../evil.py", "C:/evil.py", "..", "shop/.."],
)
def test_no_entry_is_written_outside(tmp_path: Path, pack: Callable[..., Path], name: str) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    snapshot = taken(pack({name: b"evil", **GOOD}, inner / "archive"))

    assert paths(snapshot) == ["README", "shop/a.py"]
    assert codes(snapshot) == {"unsafe-path"}
    assert everything_below(tmp_path) & {"evil.py", "inner/evil.py"} == set()


def test_backslashes_in_a_zip_are_folders_and_cannot_climb(tmp_path: Path) -> None:
    snapshot = taken(as_zip({"..\\evil.py": b"", "shop\\b.py": b"", **GOOD}, tmp_path / "a.zip"))

    assert paths(snapshot) == ["README", "shop/a.py", "shop/b.py"]
    assert codes(snapshot) == {"unsafe-path"}


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_in_a_tar_are_left_out(tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "a.tar", "w") as out:
        entry = tarfile.TarInfo("link")
        entry.type, entry.linkname = kind, "/etc/passwd"
        out.addfile(entry)
        # Writing through the link is the second half of the attack.
        out.addfile(regular("link/passwd", b"1"), io.BytesIO(b"1"))
        out.addfile(regular("README", b"r"), io.BytesIO(b"r"))

    snapshot = taken(tmp_path / "a.tar")

    assert paths(snapshot) == ["README", "link/passwd"]
    assert codes(snapshot) == {"not-a-file"}
    assert not (snapshot.root / "link").is_symlink()


def test_a_symbolic_link_in_a_zip_is_left_out(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as out:
        link = zipfile.ZipInfo("link")
        link.external_attr = 0o120777 << 16
        out.writestr(link, "/etc/passwd")
        out.writestr("README", "r")

    snapshot = taken(tmp_path / "a.zip")

    assert paths(snapshot) == ["README"]
    assert codes(snapshot) == {"not-a-file"}


def test_links_and_pipes_in_a_folder_are_neither_followed_nor_opened(tmp_path: Path) -> None:
    import os

    folder = as_folder(GOOD, tmp_path / "folder")
    (folder / "passwd").symlink_to("/etc/passwd")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    os.mkfifo(folder / "pipe")

    snapshot = taken(folder)

    assert paths(snapshot) == ["README", "shop/a.py"]
    assert [d.path for d in snapshot.diagnostics] == ["loop", "passwd", "pipe"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("suffix", ["zip", "tar"])
def test_of_two_entries_with_one_name_the_first_is_kept(tmp_path: Path, suffix: str) -> None:
    archive = tmp_path / f"a.{suffix}"
    if suffix == "zip":
        with zipfile.ZipFile(archive, "w") as packed:
            packed.writestr("README", "first")
            packed.writestr("README", "second")
    else:
        with tarfile.open(archive, "w") as tar:
            for content in (b"first", b"second"):
                tar.addfile(regular("README", content), io.BytesIO(content))

    snapshot = taken(archive)

    assert snapshot.read(snapshot.files[0]) == b"first"
    assert codes(snapshot) == {"duplicate-name"}


@pytest.mark.parametrize("names", [("shop/a.py", "shop/A.py"), ("shop/A.py", "shop/a.py")])
def test_of_two_names_that_differ_in_case_the_same_one_is_kept_in_any_order(
    tmp_path: Path, names: tuple[str, str]
) -> None:
    picture = {name: name.encode() for name in names} | {"README": b""}
    snapshot = taken(as_tar(picture, tmp_path / "a.tar"))

    assert paths(snapshot) == ["README", "shop/A.py"]
    assert snapshot.read(snapshot.files[1]) == b"shop/A.py"
    assert codes(snapshot) == {"case-collision"}


def test_a_file_where_another_entry_has_a_folder_is_left_out(tmp_path: Path) -> None:
    snapshot = taken(as_tar({"a/b": b"1", "a": b"2", "a/b/c": b"3"}, tmp_path / "a.tar"))

    assert len(snapshot.files) == 1
    assert codes(snapshot) == {"duplicate-name"}


@pytest.mark.parametrize(
    "name",
    ["new\nline.py", "bell\x07.py", "a" * 256, "/".join("d" * 65), "x/" + "y/" * 600 + "z"],
)
def test_names_that_cannot_be_kept_are_left_out(tmp_path: Path, name: str) -> None:
    snapshot = taken(as_tar({name: b"1", **GOOD}, tmp_path / "a.tar"))

    assert paths(snapshot) == ["README", "shop/a.py"]
    assert codes(snapshot) == {"unusable-name"}
    assert all(d.message.isprintable() and len(d.message) < 400 for d in snapshot.diagnostics)


def test_a_name_that_is_not_utf8_is_left_out(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.GNU_FORMAT) as out:
        for name in ("caf\udce9.py", "README"):
            out.addfile(regular(name, b"1"), io.BytesIO(b"1"))

    snapshot = taken(tmp_path / "a.tar")

    assert paths(snapshot) == ["README"]
    assert [d.path for d in snapshot.diagnostics] == ["caf\\udce9.py"]


def test_a_name_cut_at_a_nul_does_not_hide_an_entry(tmp_path: Path) -> None:
    archive = as_zip({"harmless.py@.txt": b"1", "README": b""}, tmp_path / "a.zip")
    archive.write_bytes(archive.read_bytes().replace(b"harmless.py@", b"harmless.py\0"))

    snapshot = taken(archive)

    assert paths(snapshot) == ["README"]
    assert codes(snapshot) == {"unusable-name"}


def test_a_zip_whose_two_lists_of_names_differ_gives_none_of_both(tmp_path: Path) -> None:
    archive = as_zip({"aaaa.py": b"1", "README": b""}, tmp_path / "a.zip")
    content = archive.read_bytes()
    archive.write_bytes(content.replace(b"aaaa.py", b"bbbb.py", 1))

    snapshot = taken(archive)

    assert paths(snapshot) == ["README"]
    assert codes(snapshot) == {"unreadable-file"}


def test_an_entry_with_a_wrong_checksum_is_left_out(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("a.py", b"unpacked content")
        out.writestr("README", b"r")
    archive.write_bytes(archive.read_bytes().replace(b"unpacked content", b"exchanged conten"))

    snapshot = taken(archive)

    assert paths(snapshot) == ["README"]
    assert codes(snapshot) == {"unreadable-file"}


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    archive = as_zip(GOOD, tmp_path / "a.zip")
    content = bytearray(archive.read_bytes())
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(magic)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(magic, at + 4)
    archive.write_bytes(content)

    refused(archive, "encrypted")


def test_a_zip_bomb_is_refused_long_before_it_is_unpacked(tmp_path: Path) -> None:
    archive = as_zip({f"{n}.py": bytes(40_000_000) for n in range(4)}, tmp_path / "a.zip")

    refused(archive, "times its size")


def test_a_packed_tar_bomb_is_refused_even_where_its_content_would_be_skipped(
    tmp_path: Path,
) -> None:
    archive = tmp_path / "a.tar.gz"
    with gzip.open(archive, "wb", compresslevel=9) as out:
        out.write(regular("node_modules/x", bytes(0)).tobuf()[:0])
        header = tarfile.TarInfo("node_modules/x")
        header.size = 200_000_000
        out.write(header.tobuf())
        for _ in range(200):
            out.write(bytes(1_000_000))

    refused(archive, "times its size")


def test_a_tar_header_of_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    header = tarfile.TarInfo("x")
    header.type, header.size = b"x", 3_000_000_000
    (tmp_path / "a.tar").write_bytes(header.tobuf(tarfile.GNU_FORMAT) + bytes(10_000))

    refused(tmp_path / "a.tar", "header larger than any real one")


def test_a_zip_that_claims_a_directory_of_gigabytes_is_refused(tmp_path: Path) -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, 2_000_000_000, 0, 0)
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04" + bytes(100) + end)

    refused(tmp_path / "a.zip", "lists more than")


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(files=1), "more than 1 files"),
        (Limits(total_bytes=1), "larger than 0 MiB unpacked"),
        (Limits(archive_bytes=10), "archive is larger"),
        (Limits(seconds=0), "took longer than 0 seconds"),
    ],
)
def test_each_limit_refuses_the_whole_source(tmp_path: Path, limits: Limits, said: str) -> None:
    refused(as_zip({"a.py": b"11", "b.py": b"22"}, tmp_path / "a.zip"), said, limits)


@pytest.mark.parametrize("pack", [as_zip, as_tar, as_folder])
def test_a_file_that_is_too_large_is_left_out_alone(
    tmp_path: Path, pack: Callable[..., Path]
) -> None:
    source = pack({"large.py": b"x" * 100, **GOOD}, tmp_path / "source")
    snapshot = taken(source, Limits(file_bytes=50))

    assert paths(snapshot) == ["README", "shop/a.py"]
    assert codes(snapshot) == {"file-too-large"}


@pytest.mark.parametrize(
    "content",
    [b"", b"print('hello')\n", b"PK\x03\x04 nothing more", b"\x1f\x8b\x08 nothing more", bytes(5)],
)
def test_what_is_no_archive_is_refused_with_what_would_be(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.bin").write_bytes(content)

    refused(tmp_path / "a.bin", "Pack it again|tar.gz")


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_an_archive_that_ends_early_is_refused(tmp_path: Path, mode: str) -> None:
    archive = as_tar({"a.py": bytes(range(256)) * 400, **GOOD}, tmp_path / "a.tar", mode=mode)
    content = archive.read_bytes()
    archive.write_bytes(content[: len(content) // 2])

    refused(archive, "damaged|not an archive")


def test_many_refused_entries_become_one_line_with_their_number(tmp_path: Path) -> None:
    picture = {f"../{n}": b"" for n in range(100)} | GOOD
    snapshot = taken(as_zip(picture, tmp_path / "a.zip"))

    assert len(snapshot.diagnostics) == 21
    assert snapshot.diagnostics[0].message == "80 more entries point outside the source."


def test_an_archive_without_files_is_refused(tmp_path: Path) -> None:
    refused(as_zip({}, tmp_path / "a.zip"), "no files")


def refused(source: Path, said: str, limits: Limits | None = None) -> None:
    before = everything_below(source.parent)
    with pytest.raises(UnusableInput, match=said):
        taken(source, limits)
    assert everything_below(source.parent) == before
