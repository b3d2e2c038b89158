"""Arrays that take long to compute, kept on disk under the hash of everything that they depend on.

An entry is one file of :mod:`n3fit.storage.arrays`: arrays, the key and a checksum, no pickles. A damaged entry, or one
that was made for another key, is computed again. Entries appear complete; processes that store the same one at the
same time store the same bytes. Beyond ``LIMIT`` bytes the entries not used for longest are dropped.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import ResourceError
from n3fit.storage import cache_directory, write_atomically
from n3fit.storage.arrays import pack_arrays, unpack_arrays

logger = logging.getLogger(__name__)

Array = NDArray[Any]

LIMIT = 3 * 2**30
"""Bytes that all entries may take together."""

SUFFIX = ".arrays"

_UNREADABLE = (OSError, ValueError, KeyError, TypeError)


def content_key(*parts: str | int | float | bool | None | Array) -> str:
    """Give the hash of some values and arrays: type, shape and content of each, in this order."""
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


def cached_arrays(kind: str, key: str, compute: Callable[[], Mapping[str, Array]]) -> dict[str, Array]:
    """Give the arrays stored under a key, or compute and store them.

    Parameters
    ----------
    kind : str
        What they are: the name of their folder.
    key : str
        From :func:`content_key`; it must depend on all that ``compute`` depends on, its code included.
    compute : callable
        Gives the arrays by name.

    Returns
    -------
    dict of str to array
        Read-only.
    """
    stored = load_arrays(kind, key)
    if stored is None:
        # as they will be read back: sums over another order in memory round differently
        stored = {name: np.array(array, order="C") for name, array in compute().items()}
        store_arrays(kind, key, stored)
    for array in stored.values():
        array.setflags(write=False)
    return stored


def has_arrays(kind: str, key: str) -> bool:
    """Tell whether there is an entry under a key; whether it is whole shows when it is loaded."""
    return _entry(kind, key).is_file()


def load_arrays(kind: str, key: str) -> dict[str, Array] | None:
    """Give the arrays stored under a key; None when there are none or they are damaged."""
    path = _entry(kind, key)
    if not path.is_file():
        return None
    try:
        header, arrays = unpack_arrays(path.read_bytes())
        if header != {"key": key}:
            raise ValueError("it was stored under another key")
    except _UNREADABLE as error:
        logger.warning("%s: the cached arrays are broken (%s); computing them again", path, error)
        return None
    with suppress(OSError):
        os.utime(path)
    return arrays


def store_arrays(kind: str, key: str, arrays: Mapping[str, Array]) -> None:
    """Store arrays under a key. A cache that cannot be written is only worth a warning."""
    try:
        write_atomically(_entry(kind, key), pack_arrays({"key": key}, arrays))
    except ResourceError as error:
        logger.warning("the cache of arrays cannot be used: %s", error)
        return
    drop_oldest(LIMIT)


def drop_oldest(limit: int) -> None:
    """Remove the entries not used for longest until all together take at most ``limit`` bytes."""
    entries = []
    for path in _folder().glob("*/[!.]*"):
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


def _folder() -> Path:
    return cache_directory() / "arrays"


def _entry(kind: str, key: str) -> Path:
    return _folder() / kind / f"{key}{SUFFIX}"
