"""Reading of HDF5 files from any source: arrays of numbers, stored plainly in the file itself, within limits.

Links to other places, external, virtual, chunked and compressed data, objects and texts are rejected before a number is
read, so that a file can neither open other files nor fill the memory, and nothing in it can run code.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from n3fit.errors import DataError, ResourceError

LARGEST_FILE = 256 * 2**20
"""Maximum size of a file in bytes, unless its arrays are expected to be larger."""

LARGEST_TOTAL = 512 * 2**20
"""Maximum size of all arrays of a file in bytes, unless they are expected to be larger."""

MAX_ARRAYS = 10_000
LONGEST_TEXT = 1000
"""Maximum number of characters of an attribute; longer ones are not kept."""

_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_HINT = "use a file of weights written by n3fit or by Keras"

Attributes = Mapping[str, str | int]


@dataclass(frozen=True)
class Hdf5Content:
    """Arrays and attributes of an HDF5 file.

    Parameters
    ----------
    arrays : mapping
        Path -> numbers.
    attributes : mapping
        Path of a group or array -> its texts and integers by name; "" is the root.
    """

    arrays: Mapping[str, NDArray[Any]]
    attributes: Mapping[str, Attributes]


def read_hdf5(path: Path, groups: Collection[str], *, size: int = 0) -> Hdf5Content:
    """Read all arrays below some groups.

    Parameters
    ----------
    path : Path
    groups : collection of str
        Names of groups at the root; what is elsewhere is not read.
    size : int
        Expected number of bytes of the arrays, if it is above the limits.

    Raises
    ------
    DataError
        Not HDF5 (a pickle or an archive, say), damaged, or with something else than plain arrays of numbers.
    ResourceError
        The file is missing, cannot be read or is too large.
    """
    _check_start_and_size(path, size)
    try:
        with h5py.File(path, "r") as file:
            reader = _Reader(path, max(LARGEST_TOTAL, 2 * size))
            reader.note_attributes("", file)
            for name in sorted(set(groups) & set(file)):
                reader.read_child(file, name, name)
            return Hdf5Content(reader.arrays, reader.attributes)
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise DataError(f"{path}: damaged HDF5 file ({error})", hint="restore it or fit again") from error


def _check_start_and_size(path: Path, size: int) -> None:
    try:
        length = path.stat().st_size
        with path.open("rb") as stream:
            start = stream.read(len(_SIGNATURE))
    except FileNotFoundError as error:
        raise ResourceError(f"{path}: missing", hint="check its name, restore it or fit again") from error
    except OSError as error:
        raise ResourceError(f"{path}: cannot be read ({error.strerror or error})") from error
    if start != _SIGNATURE:
        raise DataError(f"{path}: expected an HDF5 file, received {_kind(start)}", hint=_HINT)
    largest = max(LARGEST_FILE, 2 * size)
    if length > largest:
        raise ResourceError(f"{path}: expected at most {largest} bytes, received {length}")


def _kind(start: bytes) -> str:
    if not start:
        return "an empty file"
    return "a .keras archive" if start[:2] == b"PK" else f"a file that begins with {start!r}"


class _Reader:
    """Recursive reading of one file."""

    def __init__(self, path: Path, largest: int) -> None:
        self.path = path
        self.largest = largest
        self.total = 0
        self.arrays: dict[str, NDArray[Any]] = {}
        self.attributes: dict[str, dict[str, str | int]] = {}
        self._groups: set[Any] = set()

    def note_attributes(self, place: str, item: Any) -> None:
        """Keep the short texts and the integers among the attributes of a group or array."""
        found: dict[str, str | int] = {}
        for name in item.attrs:
            stored = item.attrs.get_id(name)
            if stored.shape != () or not (stored.dtype.kind in "iub" or h5py.check_string_dtype(stored.dtype)):
                continue
            value = item.attrs[name]
            if isinstance(value, (np.integer, np.bool_)):
                found[name] = int(value)
            elif isinstance(value, str) and len(value) <= LONGEST_TEXT:
                found[name] = value
        self.attributes[place] = found

    def read_child(self, parent: Any, name: str, place: str) -> None:
        """Read a group with everything below it, or an array."""
        if parent.id.links.get_info(name.encode()).type != h5py.h5l.TYPE_HARD:
            raise self._rejected(f"{place}: expected a group or array, received a link to another place")
        child = parent[name]
        if isinstance(child, h5py.Group):
            address = h5py.h5o.get_info(child.id).addr
            if address in self._groups:
                raise self._rejected(f"{place}: expected each group once, received it twice")
            self._groups.add(address)
            self.note_attributes(place, child)
            for inner in child:
                self.read_child(child, inner, f"{place}/{inner}")
        else:
            self._read_array(child, place)

    def _read_array(self, dataset: Any, place: str) -> None:
        plain = isinstance(dataset, h5py.Dataset) and not (dataset.is_virtual or dataset.external or dataset.chunks)
        if not plain or dataset.dtype.kind not in "fiub":
            raise self._rejected(f"{place}: expected an array of numbers, stored contiguously in the file")
        self.total += int(dataset.nbytes)
        if self.total > self.largest or len(self.arrays) >= MAX_ARRAYS:
            raise self._rejected(f"expected at most {MAX_ARRAYS} arrays with {self.largest} bytes, received more")
        self.arrays[place] = np.asarray(dataset[()])
        self.note_attributes(place, dataset)

    def _rejected(self, reason: str) -> DataError:
        return DataError(f"{self.path}: {reason}", hint=_HINT)
