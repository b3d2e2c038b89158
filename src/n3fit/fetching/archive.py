"""Unpacking of archives from servers: plain files and folders below one folder, and no more of them than plausible."""

from __future__ import annotations

import gzip
import shutil
import tarfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from types import MappingProxyType
from typing import IO, Self, cast

from n3fit.errors import DataError
from n3fit.fetching.transfer import check_space
from n3fit.storage.large_files import LFS_SIGNATURE

_GZIP = b"\x1f\x8b"
_LARGEST_READ = 2**21
_LARGEST_END = 2**24
_LONGEST_NAME = 500
_HEAD = 200
_CHUNK = 2**20
_DAMAGE = (
    *(gzip.BadGzipFile, zlib.error, EOFError, tarfile.TarError),
    *(ValueError, OverflowError, LookupError, RecursionError),  # from fields that tarfile does not check
)
_KINDS: Mapping[bytes, str] = MappingProxyType(
    {
        tarfile.SYMTYPE: "a symbolic link",
        tarfile.LNKTYPE: "a hard link",
        tarfile.CHRTYPE: "a device",
        tarfile.BLKTYPE: "a device",
        tarfile.FIFOTYPE: "a named pipe",
    }
)


class ArchiveError(DataError):
    """A file that is not an archive, is damaged, or has a member that is not unpacked."""


@dataclass(frozen=True)
class Limits:
    """What an archive may hold.

    Parameters
    ----------
    members : int
        Files and folders.
    size : int
        Bytes of all files together.
    ratio : float
        Bytes of all files for each byte of the archive, beyond the first ``free`` bytes.
    free : int
    """

    members: int = 100_000
    size: int = 64 * 2**30
    ratio: float = 100.0
    free: int = 64 * 2**20


def unpack(archive: Path, target: Path, limits: Limits) -> int:
    """Unpack the files of a compressed tar archive into ``target``, an existing empty folder.

    All names must be below one folder with the name of ``target``.

    Returns
    -------
    int
        Number of files.

    Raises
    ------
    ArchiveError
        The file is no such archive, is damaged, goes beyond a limit, or has a member with another place, or that is
        neither a file nor a folder; the message has the member.
    ResourceError
        The disk is too small.
    OSError
        The folder cannot be written to.
    """
    most = min(limits.size, int(limits.free + limits.ratio * archive.stat().st_size))
    size = 0
    written: set[PurePosixPath] = set()
    with _open_stream(archive) as stream, _named_damage():
        bundle = tarfile.open(fileobj=cast("IO[bytes]", stream), mode="r:")  # noqa: SIM115 - the stream is closed
        for number, member in enumerate(_members(bundle)):
            name = _check_member(member, target.name)
            size += member.size
            if number >= limits.members:
                raise ArchiveError(f"expected at most {limits.members} files and folders, received more")
            if size > most:
                raise ArchiveError(
                    f"{member.name!r}: expected at most {most / 1e6:.0f} MB in all files of this archive, received more"
                )
            if name in written:
                raise ArchiveError(f"{member.name!r}: expected every file once, received it twice")
            check_space(target, member.size, "unpacking")
            place = target.joinpath(*name.parts[1:])
            if member.isdir():
                _make_folder(place, member.name)
            else:
                _make_folder(place.parent, member.name)
                _extract(bundle, member, place)
                written.add(name)
        stream.check_end()
    return len(written)


class _Stream:
    """Decompressed bytes for tarfile, of which no header can request any number at once.

    tarfile reads a header with a long name in one piece, of the size that it announces. It also takes a damaged header
    for the end of the archive, and does not read up to the checksum at the end of the compressed bytes.
    """

    def __init__(self, path: Path) -> None:
        self._stream = gzip.open(path, "rb")  # noqa: SIM115 - closed in __exit__
        self._block = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._stream.close()

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= _LARGEST_READ:
            raise ArchiveError("expected headers with names of files, received a header of several megabytes")
        self._block = self._stream.read(size)
        return self._block

    def seek(self, position: int, whence: int = 0) -> int:
        return self._stream.seek(position, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def check_end(self) -> None:
        """Check that only zeros, and few, follow the last member, and the checksum of the compressed bytes."""
        if self._block.strip(b"\0") or self._stream.read(_LARGEST_END).strip(b"\0") or self._stream.read(1):
            raise ArchiveError("expected the end of the archive, received a damaged header or other bytes")


def _open_stream(archive: Path) -> _Stream:
    """Return the decompressed bytes of an archive after a look at its first bytes."""
    with archive.open("rb") as stream:
        head = stream.read(_HEAD)
    if not head.startswith(_GZIP):
        raise ArchiveError(f"expected an archive (.tar.gz), received {_describe(head)}")
    return _Stream(archive)


def _describe(head: bytes) -> str:
    if head.startswith(LFS_SIGNATURE):
        return "a Git-LFS pointer"
    if head.lstrip().lower().startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    return f"a file that begins with {head[:20]!r}" if head else "an empty file"


@contextmanager
def _named_damage() -> Iterator[None]:
    """Raise ArchiveError for the errors that damaged archives cause."""
    try:
        yield
    except _DAMAGE as error:
        raise ArchiveError(f"the archive is damaged or incomplete ({error})") from error


def _members(bundle: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Yield the members of an archive, which are not kept with all that their headers hold."""
    while (member := bundle.next()) is not None:
        yield member
        bundle.members.clear()  # type: ignore[attr-defined]


def _check_member(member: tarfile.TarInfo, top: str) -> PurePosixPath:
    """Return the name of a member that may be unpacked below the folder ``top``."""
    name = PurePosixPath(member.name)
    if name.is_absolute() or PureWindowsPath(member.name).anchor:
        problem = "an absolute path"
    elif ".." in name.parts:
        problem = "a path with '..'"
    elif "\\" in member.name or not member.name.isprintable() or len(member.name) > _LONGEST_NAME:
        problem = "a name that not every system has"
    elif member.type not in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.DIRTYPE) or member.sparse is not None:
        problem = _KINDS.get(member.type, "an entry of another kind")
    elif member.size < 0:
        problem = f"{member.size} bytes"
    elif name.parts[:1] != (top,) and not (member.isdir() and not name.parts):
        problem = "another place"
    elif name.parts == (top,) and not member.isdir():
        problem = "a file in place of the folder"
    else:
        return name
    raise ArchiveError(f"{member.name[:_HEAD]!r}: expected files and folders below {top}/, received {problem}")


def _make_folder(folder: Path, name: str) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ArchiveError(f"{name!r}: expected a file or a folder, received both with the same name") from error


def _extract(bundle: tarfile.TarFile, member: tarfile.TarInfo, place: Path) -> None:
    """Write one file, with the permissions of new files."""
    if place.exists():
        raise ArchiveError(f"{member.name!r}: expected a file or a folder, received both with the same name")
    source = bundle.extractfile(member)
    assert source is not None  # a plain file
    with source, place.open("xb") as stream:
        shutil.copyfileobj(source, stream, _CHUNK)
