"""The content of many files of weights whose layers and shapes are equal, such as those of the replicas of a fit.

HDF5 takes milliseconds to lay out a file. Files of the same layers and shapes differ only in the numbers of their
arrays, each of which lies at one place of the file: the file of the first replica is laid out by HDF5, and those of the
others are copies of it with other numbers.
"""

from __future__ import annotations

from io import BytesIO
from typing import Any

import h5py
import numpy as np

from n3fit.storage.stored_weights import StoredWeight, weights_to_bytes
from n3fit.storage.weights import stored_weights_of
from n3fit.typing import Weights

Layout = tuple[tuple[Any, ...], ...]


class WeightsTemplate:
    """Files of weights, each with the same bytes as :func:`n3fit.storage.weights.write_weights` writes.

    The first file of a layout and the second are laid out by HDF5. Only if the copy of the first with the numbers of
    the second equals the second, byte by byte, are the others copies too.
    """

    def __init__(self) -> None:
        self._layout: Layout | None = None
        self._content = b""
        self._places: dict[str, int] = {}
        self._checked: bool | None = None

    def encode(self, weights: Weights) -> bytes:
        """Return the content of the file of the arrays of each layer."""
        stored = stored_weights_of(weights)
        layout = tuple((entry.path, entry.layer, entry.values.dtype.str, entry.values.shape) for entry in stored)
        if layout != self._layout:
            content = weights_to_bytes(stored)
            self._layout, self._content, self._checked = layout, content, None
            self._places = _places_of_arrays(content)
            return content
        if self._checked:
            return self._filled(stored)
        content = weights_to_bytes(stored)
        if self._checked is None:
            self._checked = self._filled(stored) == content
        return content

    def _filled(self, weights: list[StoredWeight]) -> bytes:
        content = bytearray(self._content)
        for entry in weights:
            place = self._places.get(entry.path)
            if place is not None:
                numbers = np.ascontiguousarray(entry.values).tobytes()
                content[place : place + len(numbers)] = numbers
        return bytes(content)


def _places_of_arrays(content: bytes) -> dict[str, int]:
    """Return the first byte of each array in the content of an HDF5 file, by its path; empty arrays have none."""
    places: dict[str, int] = {}

    def note(path: str, item: Any) -> None:
        place = item.id.get_offset() if isinstance(item, h5py.Dataset) else None
        if place is not None:
            places[path] = int(place)

    with h5py.File(BytesIO(content), "r") as file:
        file.visititems(note)
    return places
