"""An archive as a source: zip (and wheels), tar, and tar packed with gzip, bzip2 or xz.

Archives inside the archive are kept as they are and never opened.
"""

import bz2
import gzip
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Protocol, Self

from analyzer.errors import UnusableInput
from analyzer.intake.limits import MIB, Limits, Meter
from analyzer.intake.tree import Tree, UnreadableEntry

SUFFIXES = (
    ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".tbz", ".txz", ".tar", ".zip", ".whl",
)  # fmt: skip
KINDS = "zip, whl, tar, tar.gz, tar.bz2 and tar.xz"

# Tar entries that are read into memory whole: names and attributes of the entry after them.
TAR_HEADER_TYPES = frozenset({b"x", b"g", b"X", b"L", b"K"})
TAR_HEADER_BYTES = 1 * MIB

# What a packed file begins with, and how it is unpacked.
GZIP_MAGIC = b"\x1f\x8b"
BZIP2_MAGIC = b"BZh"
XZ_MAGIC = b"\xfd7zXZ\x00"
TAR_MAGIC, TAR_MAGIC_AT = b"ustar", 257
# An xz header may ask for a dictionary of gigabytes; real archives stay far below this.
XZ_MEMORY = 256 * MIB
# Zip entries by other methods (LZMA among them, with a dictionary of any size) are refused.
ZIP_METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2})
ZIP_ENCRYPTED = 0x1
ZIP_UTF8 = 0x800
# A zip's directory is read as a whole, so its size is bounded before that.
ZIP_DIRECTORY_BYTES_PER_FILE = 300
_ZIP_END = struct.Struct("<4s4H2LH")
_ZIP_END_MAGIC = b"PK\x05\x06"

_DAMAGED = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, struct.error)


def fill_from_archive(tree: Tree, archive: Path) -> None:
    """Unpack the regular files of an archive and drop the folder that merely wraps them.

    Raises `UnusableInput` if it is no archive, is damaged or encrypted, or passes a limit.
    """
    limits = tree.meter.limits
    size = archive.stat().st_size
    if size > limits.archive_bytes:
        raise UnusableInput(
            f"The archive is larger than {limits.archive_bytes // MIB:,} MiB. "
            "Pack the source code alone, without data, media and build results."
        )
    tree.meter.packed_bytes = size
    with archive.open("rb") as content:
        if _is_zip(content):
            _fill_from_zip(tree, content)
        else:
            _fill_from_tar(tree, content, size)
    tree.drop_top_folder()
    tree.drop_marked_folders()


def _is_zip(content: BinaryIO) -> bool:
    content.seek(0)
    start = content.read(TAR_MAGIC_AT + len(TAR_MAGIC))
    if start.startswith((b"PK\x03\x04", _ZIP_END_MAGIC)):
        return True
    # A tar with a zip in it also ends like a zip.
    packed = start.startswith((GZIP_MAGIC, BZIP2_MAGIC, XZ_MAGIC))
    return not packed and start[TAR_MAGIC_AT:] != TAR_MAGIC and zipfile.is_zipfile(content)


def _fill_from_zip(tree: Tree, content: BinaryIO) -> None:
    _check_zip_directory(content, tree.meter.limits)
    try:
        archive = zipfile.ZipFile(content)
    except (*_DAMAGED, UnicodeDecodeError, NotImplementedError, ValueError) as error:
        raise UnusableInput("The zip archive is damaged. Pack it again.") from error
    with archive:
        entries = [(_zip_name(entry), entry) for entry in archive.infolist()]
        for name, entry in entries:
            _take_zip_entry(tree, archive, name, entry)


def _take_zip_entry(
    tree: Tree, archive: zipfile.ZipFile, name: str, entry: zipfile.ZipInfo
) -> None:
    if entry.flag_bits & ZIP_ENCRYPTED:
        raise UnusableInput("The zip archive is encrypted. Pack it again without a password.")
    kind = (entry.external_attr >> 16) & 0o170000
    if kind not in (0, 0o100000, 0o040000):
        tree.leave_out(name, code="not-a-file")
    elif entry.compress_type not in ZIP_METHODS:
        tree.leave_out(name, code="unreadable-file")
    elif not name.endswith("/"):
        tree.add(name, _zip_chunks(archive, entry), size=entry.file_size)


def _zip_chunks(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
    try:
        with archive.open(entry) as content:
            while chunk := content.read(MIB):
                yield chunk
    except (*_DAMAGED, NotImplementedError, RuntimeError, UnicodeDecodeError) as error:
        raise UnreadableEntry(entry.filename) from error


def _zip_name(entry: zipfile.ZipInfo) -> str:
    # The original name: zipfile cuts names at a NUL, which would let two readers of the same
    # archive see two different trees.
    name = entry.orig_filename
    if not entry.flag_bits & ZIP_UTF8:
        # Most packers write UTF-8 without saying so; the standard's own code page is the rest.
        with suppress(UnicodeError):
            name = name.encode("cp437").decode("utf-8")
    return name.replace("\\", "/")


def _check_zip_directory(content: BinaryIO, limits: Limits) -> None:
    """Raises `UnusableInput` if reading the list of entries alone would take too much memory."""
    content.seek(0, 2)
    start = max(0, content.tell() - 65535 - _ZIP_END.size)
    content.seek(start)
    tail = content.read()
    at = len(tail) - _ZIP_END.size
    if tail[at : at + 4] != _ZIP_END_MAGIC or tail[-2:] != b"\0\0":
        at = tail.rfind(_ZIP_END_MAGIC)
    if at < 0 or len(tail) - at < _ZIP_END.size:
        raise UnusableInput("The zip archive is damaged. Pack it again.")
    directory = _ZIP_END.unpack_from(tail, at)[5]
    # 0xFFFFFFFF: the size stands in the larger record of archives beyond 4 GiB or 65,535 files.
    if directory == 0xFFFFFFFF and start + at >= 56 + 20:
        content.seek(start + at - 56 - 20)
        directory = int.from_bytes(content.read(48)[40:48], "little")
    content.seek(0)
    if directory > limits.files * ZIP_DIRECTORY_BYTES_PER_FILE:
        raise UnusableInput(
            f"The archive lists more than {limits.files:,} files. "
            "Pack the part of it that holds the application's own code."
        )


def _fill_from_tar(tree: Tree, content: BinaryIO, size: int) -> None:
    meter = Meter(limits=tree.meter.limits, clock=tree.meter.clock, packed_bytes=size)
    stream = _MeteredStream(_unpacked(content), meter)
    taken = 0
    try:
        # As a stream: nothing is ever sought, so that what was skipped is counted as well.
        with tarfile.open(
            fileobj=stream,  # type: ignore[call-overload]
            mode="r|",
            tarinfo=_BoundedTarInfo,
            encoding="utf-8",
        ) as archive:
            while entry := archive.next():
                taken += 1
                _take_tar_entry(tree, archive, entry)
                archive.members.clear()  # else the list of all entries stays in memory
    except (tarfile.TarError, UnreadableEntry, ValueError, OverflowError) as error:
        if taken:
            text = "The archive is damaged or incomplete. Pack it again."
        else:
            text = f"This is not an archive that can be read. {KINDS} are."
        raise UnusableInput(text) from error


class _BoundedTarInfo(tarfile.TarInfo):
    """Refuses headers that would be read into memory whole and are larger than any real one."""

    @classmethod
    def frombuf(cls, buf: bytes | bytearray, encoding: str, errors: str) -> Self:
        """As in the base class. Raises `UnusableInput` for a header of absurd size."""
        entry = super().frombuf(buf, encoding, errors)
        if entry.type in TAR_HEADER_TYPES and entry.size > TAR_HEADER_BYTES:
            raise UnusableInput("The tar archive has a header larger than any real one.")
        return entry


def _take_tar_entry(tree: Tree, archive: tarfile.TarFile, entry: tarfile.TarInfo) -> None:
    name = entry.name
    while name.startswith("./"):
        name = name[2:]
    if entry.isreg() and not entry.issparse():
        tree.add(name, _tar_chunks(archive, entry), size=entry.size)
    elif not entry.isdir():
        tree.leave_out(name, code="not-a-file")


def _tar_chunks(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> Iterator[bytes]:
    content = archive.extractfile(entry)
    while content and (chunk := content.read(MIB)):
        yield chunk


def _unpacked(content: BinaryIO) -> "_Readable":
    content.seek(0)
    magic = content.read(6)
    content.seek(0)
    if magic.startswith(GZIP_MAGIC):
        return gzip.GzipFile(fileobj=content)
    if magic.startswith(BZIP2_MAGIC):
        return _Decompressed(content, bz2.BZ2Decompressor)
    if magic == XZ_MAGIC:
        return _Decompressed(content, lambda: lzma.LZMADecompressor(memlimit=XZ_MEMORY))
    return content


class _Readable(Protocol):
    def read(self, size: int = ..., /) -> bytes: ...


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


class _Decompressed:
    """Reads a packed file of one or more streams with bounded memory."""

    def __init__(self, packed: BinaryIO, make: Callable[[], _Decompressor]) -> None:
        self._packed = packed
        self._make = make
        self._current = make()

    def read(self, size: int = -1, /) -> bytes:
        """Up to `size` bytes, fewer only at the end. Raises EOFError if the end is missing."""
        parts: list[bytes] = []
        missing = size
        while missing > 0:
            part = self._next(missing)
            if part is None:
                break
            parts.append(part)
            missing -= len(part)
        return b"".join(parts)

    def _next(self, size: int) -> bytes | None:
        current = self._current
        data = b""
        if current.eof:
            data = current.unused_data or self._packed.read(64 * 1024)
            if not data.strip(b"\0"):  # padding after the last stream
                return None
            current = self._current = self._make()
        elif current.needs_input:
            data = self._packed.read(64 * 1024)
            if not data:
                raise EOFError("the packed file ends early")
        return current.decompress(data, size)


class _MeteredStream:
    """Counts all that is read, taken or skipped."""

    def __init__(self, stream: _Readable, meter: Meter) -> None:
        self._stream = stream
        self._meter = meter

    def read(self, size: int, /) -> bytes:
        """What the stream gives, counted."""
        try:
            chunk = self._stream.read(size)
        except _DAMAGED as error:
            raise UnreadableEntry("the packed stream") from error
        self._meter.count_bytes(len(chunk))
        return chunk
