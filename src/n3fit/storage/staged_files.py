"""Files of a folder that is moved to its place as a whole: written at once, and flushed to the disk together."""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from n3fit.errors import ResourceError

_THREADS = 8
"""Files that are flushed at the same time where a file system cannot be flushed as a whole."""


@dataclass(frozen=True)
class WrittenFile:
    """Size in bytes and SHA-256 of a file."""

    size: int
    sha256: str


class StagedFiles:
    """Writes the files of a folder that is not read before it is moved to its place.

    A single file may be incomplete after a crash, but then the folder is not in its place: see
    :func:`n3fit.storage.staging.stage`. Before the move :meth:`flush` brings all files to the disk.

    Parameters
    ----------
    root : Path
        The folder, which exists.

    Attributes
    ----------
    written : dict of str to WrittenFile
        By path in the folder, with ``/`` between its parts.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.written: dict[str, WrittenFile] = {}
        self._folders: set[str] = set()

    def write(self, name: str, content: bytes | str) -> None:
        """Write ``content`` (text as UTF-8) to the path ``name`` in the folder; folders on the way are created.

        Raises
        ------
        ResourceError
            The folder cannot be written to, or the disk is full.
        """
        data = content.encode() if isinstance(content, str) else content
        folder = name.rpartition("/")[0]
        try:
            if folder not in self._folders:
                (self.root / folder).mkdir(parents=True, exist_ok=True)
                self._folders.add(folder)
            with open(f"{self.root}/{name}", "wb", buffering=0) as stream:  # noqa: PTH123 a Path for each takes as long as the file
                _write_all(stream.fileno(), data)
        except OSError as error:
            raise _not_written(self.root / name, error) from error
        self.written[name] = WrittenFile(len(data), hashlib.sha256(data).hexdigest())

    def flush(self) -> None:
        """Wait until everything in the folder is on the disk.

        Raises
        ------
        ResourceError
            The system reports that something could not be written.
        """
        try:
            if not _sync_file_system(self.root):
                _sync_each(self.root)
        except OSError as error:
            raise _not_written(self.root, error) from error


def _write_all(descriptor: int, data: bytes) -> None:
    """Write all bytes: the system may take only a part of them at once."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _sync_file_system(folder: Path) -> bool:
    """Flush the file system of a folder at once, and return whether the system has a function for that: Linux has."""
    if not sys.platform.startswith("linux"):
        return False
    function = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
    if function is None:
        return False
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if function(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)
    return True


def _sync_each(root: Path) -> None:
    """Flush every file and folder below ``root``; several at a time, which the system can join."""
    with ThreadPoolExecutor(_THREADS) as pool:
        for _ in pool.map(_sync, _entries(root)):
            pass


def _entries(root: Path) -> Iterator[tuple[Path, int]]:
    """Yield the files and folders below ``root``, with the flags to open them."""
    for folder, _, names in os.walk(root):
        yield from ((Path(folder, name), os.O_RDWR) for name in names)  # Windows flushes only what is open for writing
        yield Path(folder), os.O_RDONLY


def _sync(entry: tuple[Path, int]) -> None:
    path, flags = entry
    if flags == os.O_RDONLY:
        with suppress(OSError):  # Windows does not flush folders
            _sync_descriptor(path, flags)
    else:
        _sync_descriptor(path, flags)


def _sync_descriptor(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _not_written(path: Path, error: OSError) -> ResourceError:
    return ResourceError(
        f"{path}: cannot be written ({error.strerror or error})", hint="check the disk space and the permissions"
    )
