"""Named arrays and a JSON header in one file of the safetensors format, with a checksum.

The header and the checksum are in the only metadata entry of the file: safetensors does not keep the order of several
entries, and the same content must give the same bytes. Numbers and booleans only: nothing in such a file can run code.
"""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Mapping, Set
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from n3fit.errors import DataError, ResourceError
from n3fit.storage.files import write_atomically

Array = NDArray[Any]

SUFFIX = ".safetensors"

LARGEST_FILE = 4 * 2**30
"""Bytes of the largest file that is read."""

_ENTRY = "n3fit"
_METADATA = "__metadata__"  # reserved by the format
_DTYPES = MappingProxyType(
    {
        "BOOL": "?",
        **{f"{kind}{8 * size}": f"<{kind.lower()}{size}" for kind in "IU" for size in (1, 2, 4, 8)},
        **{f"F{8 * size}": f"<f{size}" for size in (2, 4, 8)},
    }
)
_NAMES = MappingProxyType({np.dtype(text): name for name, text in _DTYPES.items()})
_HINT = "the file is damaged; restore it or fit again"


def arrays_to_bytes(arrays: Mapping[str, Array], header: Mapping[str, Any] | None = None) -> bytes:
    """Return the content of a file with ``arrays`` and ``header`` (plain JSON); the same input gives the same bytes.

    Raises
    ------
    ValueError
        An array does not hold numbers or booleans, or its name is reserved.
    """
    plain = {name: _plain(name, array) for name, array in arrays.items()}
    text = json.dumps(dict(header or {}), sort_keys=True, allow_nan=False)
    entry = json.dumps({"checksum": _checksum(text, plain), "header": text})
    return _serialise(plain, {_ENTRY: entry})


def arrays_from_bytes(content: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return the header and the arrays, which are read-only views of ``content``.

    Raises
    ------
    ValueError
        The content was not written by :func:`arrays_to_bytes`, or it was changed since.
    """
    # safetensors.numpy.load returns no metadata, and copies every array
    try:
        start = 8 + int.from_bytes(content[:8], "little")
        layout = json.loads(content[8:start])
        entry = json.loads(layout.pop(_METADATA)[_ENTRY])
        arrays = {str(name): _view(content, start, description) for name, description in layout.items()}
        text, checksum = entry["header"], entry["checksum"]
        header = dict(json.loads(text))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not a file of arrays: {type(error).__name__} {error}") from error
    if checksum != _checksum(text, arrays):
        raise ValueError("the checksum of its content is wrong")
    return header, arrays


def read_arrays(path: Path, *expected: Set[str]) -> dict[str, Array]:
    """Read the arrays of a file of a fit folder.

    Parameters
    ----------
    path : Path
    expected : sets of str
        Names of the arrays, no more and no fewer; with several sets those of any of them.

    Returns
    -------
    dict of str to array
        Read-only.

    Raises
    ------
    DataError
        The file is not a file of arrays, is damaged, or has other arrays.
    ResourceError
        The file is missing, cannot be read, or is larger than 4 GB.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST_FILE:
            raise ResourceError(f"{path}: {size} bytes, expected at most {LARGEST_FILE}")
        _, arrays = arrays_from_bytes(path.read_bytes())
    except FileNotFoundError as error:
        raise ResourceError(f"{path}: missing", hint="the fit folder is incomplete; restore it or fit again") from error
    except OSError as error:
        raise ResourceError(f"{path}: cannot be read ({error.strerror or error})") from error
    except ValueError as error:
        raise DataError(f"{path}: {error}", hint=_HINT) from error
    if expected and arrays.keys() not in expected:
        difference = ", ".join(sorted(arrays.keys() ^ expected[0]))
        raise DataError(f"{path}: expected other arrays; missing or unknown: {difference}", hint=_HINT)
    return arrays


def write_arrays(
    path: Path, arrays: Mapping[str, Array], header: Mapping[str, Any] | None = None, *, durable: bool = True
) -> None:
    """Write arrays and a header to ``path``, completely or not at all; ``durable`` as for a text.

    Raises
    ------
    ResourceError
        The folder cannot be written to, or the disk is full.
    """
    write_atomically(path, arrays_to_bytes(arrays, header), durable=durable)


def _plain(name: str, array: Array) -> Array:
    """Return an array in native byte order, contiguous in memory."""
    native = np.asarray(array, dtype=array.dtype.newbyteorder("="), order="C")
    if native.dtype not in _NAMES:
        raise ValueError(f"{name}: expected numbers or booleans of at most 64 bits, received the type {array.dtype}")
    if name == _METADATA:
        raise ValueError(f"{name}: this name of an array is reserved")
    return native


def _serialise(arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> bytes:
    """Return the safetensors file of native, contiguous arrays.

    Eight bytes with the length of the layout; the layout, JSON of type, shape and place of each array, padded to a
    multiple of eight bytes; the arrays without gaps, little-endian, those of larger elements first so that all of them
    are aligned.
    """
    layout: dict[str, Any] = {_METADATA: metadata}
    parts: list[memoryview] = []
    end = 0
    for name in sorted(arrays, key=lambda name: (-arrays[name].dtype.itemsize, name)):
        array = arrays[name]
        start, end = end, end + array.nbytes
        layout[name] = {"dtype": _NAMES[array.dtype], "shape": array.shape, "data_offsets": (start, end)}
        little = array.astype(array.dtype.newbyteorder("<"), copy=False)
        parts.append(little.reshape(-1).view(np.uint8).data)
    text = json.dumps(layout, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *parts])


def _view(content: bytes, start: int, description: Mapping[str, Any]) -> Array:
    """Return the array that an entry of the layout describes; offsets count from ``start``."""
    dtype, shape = np.dtype(_DTYPES[description["dtype"]]), description["shape"]
    first, last = description["data_offsets"]
    count = math.prod(shape)
    if first < 0 or last - first != count * dtype.itemsize:
        raise ValueError(f"expected {count * dtype.itemsize} bytes for the shape {shape}, received {last - first}")
    return np.frombuffer(content, dtype=dtype, count=count, offset=start + first).reshape(shape)


def _checksum(header: str, arrays: Mapping[str, Array]) -> str:
    """Return the CRC-32 of the header and of type, shape and content of the arrays in the order of their names.

    It finds damage, at several times the speed of a cryptographic hash; it is no protection against forgery.
    """
    value = zlib.crc32(header.encode())
    for name in sorted(arrays):
        array = arrays[name]
        value = zlib.crc32(f"{name}\0{array.dtype.str}{array.shape}\0".encode(), value)
        value = zlib.crc32(array.reshape(-1).view(np.uint8).data, value)
    return f"{value:08x}"
