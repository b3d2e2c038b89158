"""Files of a folder that is moved to its place as a whole: written at once, and flushed to the disk together."""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from collections import deque
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from zlib import crc32

from n3fit.errors import ResourceError

_THREADS = 8
"""Files that are flushed at the same time where a file system cannot be flushed as a whole."""

_WRITERS = 3
"""Threads that write: to create a file takes the system longer than to fill it."""

_MOST_PENDING = 64
"""Files that wait in memory to be written."""


@dataclass(frozen=True)
class WrittenFile:
    """Size in bytes and SHA-256 of a file."""

    size: int
    sha256: str


class StagedFiles:
    """Writes the files of a folder that is not read before it is moved to its place.

    Threads write them while the next ones are prepared, those of one folder in their order. A single file may be
    incomplete after a crash, but then the folder is not in its place: see :func:`n3fit.storage.staging.stage`. Before
    the move :meth:`flush` brings all files to the disk. At the end of the context nothing is written any more.

    Parameters
    ----------
    root : Path
        The folder, which exists.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._written: dict[str, WrittenFile] = {}
        self._folders: set[str] = set()
        self._threads = [ThreadPoolExecutor(1, thread_name_prefix="writing files") for _ in range(_WRITERS)]
        self._pending: deque[Future[None]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for thread in self._threads:
            thread.shutdown(cancel_futures=True)

    def write(self, name: str, content: bytes | str) -> None:
        """Write ``content`` (text as UTF-8) to the path ``name`` in the folder; folders on the way are created.

        Raises
        ------
        ResourceError
            This file or one before it cannot be written, or the disk is full. The error may come with a later call.
        """
        while len(self._pending) >= _MOST_PENDING:
            self._pending.popleft().result()
        folder = name.rpartition("/")[0]
        thread = self._threads[crc32(folder.encode()) % _WRITERS]
        self._pending.append(thread.submit(self._write, folder, name, content))

    @property
    def written(self) -> Mapping[str, WrittenFile]:
        """The files written, by path in the folder, with ``/`` between its parts; waits for all of them.

        Raises
        ------
        ResourceError
            One of them cannot be written.
        """
        while self._pending:
            self._pending.popleft().result()
        return self._written

    def flush(self) -> None:
        """Wait until everything in the folder is on the disk.

        Raises
        ------
        ResourceError
            A file cannot be written, or the system reports that something could not be.
        """
        _ = self.written
        try:
            if not _sync_file_system(self.root):
                _sync_each(self.root)
        except OSError as error:
            raise _not_written(self.root, error) from error

    def _write(self, folder: str, name: str, content: bytes | str) -> None:
        data = content.encode() if isinstance(content, str) else content
        try:
            if folder not in self._folders:
                (self.root / folder).mkdir(parents=True, exist_ok=True)
                self._folders.add(folder)
            with open(f"{self.root}/{name}", "wb", buffering=0) as stream:  # noqa: PTH123 a Path for each takes as long as the file
                _write_all(stream.fileno(), data)
        except OSError as error:
            raise _not_written(self.root / name, error) from error
        self._written[name] = WrittenFile(len(data), hashlib.sha256(data).hexdigest())


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
