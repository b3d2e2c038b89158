"""Frozen dataclasses of arrays whose first axis is the replica: choosing replicas and joining groups of them.

A field is an array ``(R, ...)``, again such a dataclass, or None. A field that all replicas share is declared with
``field(metadata=SHARED)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field, fields, is_dataclass, replace
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Chosen = NDArray[np.bool_] | NDArray[np.integer] | Sequence[int]
ArraysT = TypeVar("ArraysT")

SHARED = MappingProxyType({"shared by all replicas": True})
"""Metadata of a field without replica axis."""


def take_replicas(arrays: ArraysT, chosen: Chosen) -> ArraysT:
    """Return the arrays of some replicas.

    Parameters
    ----------
    arrays : dataclass
        With R replicas.
    chosen : (R,) bool, or sequence of int
        A mask, or indices in the order of the result.
    """
    places = np.asarray(chosen)
    rows = np.flatnonzero(places) if places.dtype == np.bool_ else places.astype(np.intp)
    return _take(arrays, rows)


def join_replicas(parts: Sequence[ArraysT]) -> ArraysT:
    """Return the replicas of several objects one after the other; shared fields are those of the first."""
    first = parts[0]
    values = {}
    for entry in fields(first):  # type: ignore[arg-type]
        if _is_shared(entry):
            continue
        pieces = [getattr(part, entry.name) for part in parts]
        if pieces[0] is not None:
            values[entry.name] = join_replicas(pieces) if is_dataclass(pieces[0]) else np.concatenate(pieces)
    return replace(first, **values)  # type: ignore[type-var]


def _take(arrays: ArraysT, rows: NDArray[np.intp]) -> ArraysT:
    values = {}
    for entry in fields(arrays):  # type: ignore[arg-type]
        value = getattr(arrays, entry.name)
        if not _is_shared(entry) and value is not None:
            values[entry.name] = _take(value, rows) if is_dataclass(value) else value[rows]
    return replace(arrays, **values)  # type: ignore[type-var]


def _is_shared(entry: Field[Any]) -> bool:
    return entry.metadata == SHARED
