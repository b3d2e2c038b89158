"""Cache on disk for arrays that take long to compute, each under a hash of everything that it depends on.

A module that caches declares one :class:`ArrayStore`. Entries are files of :mod:`n3fit.storage.arrays`, so that nothing
in them can run code; a damaged entry, or one that was stored for something else, is computed again. Entries appear
complete, and concurrent processes store the same bytes under the same key. All stores together take at most ``LIMIT``
bytes: beyond it the least recently used entries are removed, with those of earlier versions of n3fit.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from n3fit.errors import ResourceError
from n3fit.storage.arrays import SUFFIX, Array, arrays_from_bytes, write_arrays
from n3fit.storage.files import cache_directory

logger = logging.getLogger(__name__)

LIMIT = 3 * 2**30
"""Bytes that the entries of all stores may take together."""

_FOLDER = "arrays"
_EARLIER_FOLDERS = ("operators", "commondata")
"""Folders of earlier versions of n3fit; they count towards the limit, and nothing is written there any more."""

_STORE = "store"
_KEY = "key"


def content_key(*parts: str | int | float | bool | None | Array) -> str:
    """Return the hash of some values and arrays: type, shape and content of each, in this order."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            array = np.ascontiguousarray(part)
            digest.update(f"{part.dtype.str}{part.shape}:".encode())
            digest.update(array.data.cast("B") if array.size else b"")
        else:
            digest.update(f"{type(part).__name__}:{part!r}:".encode())
        digest.update(b"\0")
    return digest.hexdigest()


@dataclass(frozen=True)
class Entry:
    """An entry of the cache: its read-only arrays and the header that was stored with them."""

    header: Mapping[str, Any]
    arrays: dict[str, Array]


@dataclass(frozen=True)
class ArrayStore:
    """A kind of arrays in the cache.

    Parameters
    ----------
    name : str
        Name of its folder.
    version : int
        To be raised when a change of the code gives other arrays for the same key.
    """

    name: str
    version: int

    def path(self, key: str) -> Path:
        """Return the file of an entry; it may not exist yet."""
        return cache_directory() / _FOLDER / self._label / f"{key}{SUFFIX}"

    def contains(self, key: str) -> bool:
        """Return whether there is an entry; only :meth:`load` shows whether it is damaged."""
        return self.path(key).is_file()

    def load(self, key: str) -> Entry | None:
        """Read an entry; None when there is none, or it is damaged or foreign."""
        path = self.path(key)
        if not path.is_file():
            return None
        try:
            header, arrays = arrays_from_bytes(path.read_bytes())
            if (header.pop(_STORE, None), header.pop(_KEY, None)) != (self._label, key):
                raise ValueError("it was stored for something else")
        except FileNotFoundError:  # another process removed it at this moment
            return None
        except (OSError, ValueError) as error:
            logger.warning("%s: damaged cache entry (%s); computing it again", path, error)
            return None
        with suppress(OSError):
            os.utime(path)
        return Entry(header, arrays)

    def save(self, key: str, arrays: Mapping[str, Array], header: Mapping[str, Any] | None = None) -> Entry:
        """Write an entry with a header (plain JSON), and return it as it will be read.

        A cache that cannot be written gives a warning only.
        """
        # in the memory layout of files: sums over another order in memory round differently
        stored = {name: np.asarray(array, order="C").view() for name, array in arrays.items()}
        for array in stored.values():
            array.setflags(write=False)
        try:
            content = {**(header or {}), _STORE: self._label, _KEY: key}
            # an entry that a crash of the system leaves damaged is found by its checksum
            write_arrays(self.path(key), stored, content, durable=False)
            drop_oldest(LIMIT)
        except ResourceError as error:
            # the same text for every entry, so that the command shows it once
            reason = getattr(error.__cause__, "strerror", None) or error
            logger.warning("the cache cannot be used: nothing can be written to %s (%s)", cache_directory(), reason)
        return Entry(dict(header or {}), stored)

    def get_or_compute(self, key: str, compute: Callable[[], Mapping[str, Array]]) -> dict[str, Array]:
        """Return the read-only arrays of an entry; if there is none, it is computed and stored.

        Parameters
        ----------
        key : str
            From :func:`content_key`, of all that the arrays depend on.
        compute : callable
            Function that returns the arrays by name.
        """
        entry = self.load(key) or self.save(key, compute())
        return entry.arrays

    @property
    def _label(self) -> str:
        return f"{self.name}-{self.version}"


def drop_oldest(limit: int) -> None:
    """Remove the least recently used entries until all together take at most ``limit`` bytes."""
    entries = []
    for path in _cached_files():
        with suppress(OSError):
            status = path.stat()
            entries.append((status.st_mtime_ns, status.st_size, path))
    excess = sum(size for _, size, _ in entries) - limit
    for _, size, path in sorted(entries):
        if excess <= 0:
            return
        with suppress(OSError):
            path.unlink(missing_ok=True)
        excess -= size


def _cached_files() -> Iterator[Path]:
    """Yield all files of the cache, with those of earlier versions and unfinished ones of killed processes."""
    for folder in (_FOLDER, *_EARLIER_FOLDERS):
        for parent, _, names in os.walk(cache_directory() / folder):
            yield from (Path(parent, name) for name in names)
