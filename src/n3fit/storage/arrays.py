"""Named arrays and a JSON header in one block of bytes that is read without copying.

Layout: ``MAGIC``; the SHA-256 of all that follows; the length of the header in eight bytes; the header as JSON; the
arrays one after the other, each at a multiple of ``ALIGNMENT``. Numbers and booleans only: nothing in it can run code.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MAGIC = b"n3fitar1"
ALIGNMENT = 64

_DIGEST = hashlib.sha256().digest_size
_START = len(MAGIC) + _DIGEST
_KINDS = "biuf"
"""Booleans, integers and floating-point numbers."""


def pack_arrays(header: Mapping[str, Any], arrays: Mapping[str, Array]) -> bytes:
    """Give the bytes that hold ``header`` (plain JSON) and ``arrays``; the same content gives the same bytes."""
    layout: list[tuple[str, str, tuple[int, ...], int]] = []
    offset = 0
    for name, array in arrays.items():
        if array.dtype.kind not in _KINDS:
            raise ValueError(f"{name}: expected numbers or booleans, received the type {array.dtype}")
        layout.append((name, array.dtype.str, array.shape, offset))
        offset += _aligned(array.nbytes)
    text = json.dumps({"header": dict(header), "arrays": layout}, sort_keys=True).encode()
    start = _aligned(_START + 8 + len(text))
    content = bytearray(start + offset)
    content[: len(MAGIC)] = MAGIC
    content[_START : _START + 8] = len(text).to_bytes(8, "little")
    content[_START + 8 : _START + 8 + len(text)] = text
    for (_, _, _, place), array in zip(layout, arrays.values(), strict=True):
        target = np.frombuffer(content, dtype=array.dtype, count=array.size, offset=start + place)
        target[...] = array.ravel()
    content[len(MAGIC) : _START] = hashlib.sha256(memoryview(content)[_START:]).digest()
    return bytes(content)


def unpack_arrays(content: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """Give header and arrays, which are read-only views of ``content``.

    Raises
    ------
    ValueError
        These are not the bytes that were packed.
    """
    if content[: len(MAGIC)] != MAGIC:
        raise ValueError("it does not begin like a file of arrays")
    if content[len(MAGIC) : _START] != hashlib.sha256(memoryview(content)[_START:]).digest():
        raise ValueError("its checksum is wrong")
    length = int.from_bytes(content[_START : _START + 8], "little")
    description = json.loads(content[_START + 8 : _START + 8 + length])
    start = _aligned(_START + 8 + length)
    arrays = {}
    for name, kind, shape, offset in description["arrays"]:
        dtype = np.dtype(str(kind))
        if dtype.kind not in _KINDS:
            raise ValueError(f"{name}: expected numbers or booleans, received the type {dtype}")
        values = np.frombuffer(content, dtype=dtype, count=math.prod(shape), offset=start + offset)
        arrays[str(name)] = values.reshape(shape)
    return description["header"], arrays


def _aligned(size: int) -> int:
    return -(-size // ALIGNMENT) * ALIGNMENT
