"""The variables of a PDF model: their initial values for each replica, and their shapes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from n3fit.pdf_models.interface import PDFModel
from n3fit.seeds import SeededReplica, generator
from n3fit.typing import Floats

PURPOSE = "pdf model"
"""Purpose of the random numbers of a model."""


def initial_values(model: PDFModel, flavours: Sequence[str], replicas: Sequence[SeededReplica]) -> dict[str, Floats]:
    """Return the initial values of the variables of R replicas, (R, ...) each, by their names.

    Those of a replica depend on its seed and its number alone.

    Raises
    ------
    TypeError, ValueError
        The model does not return finite arrays, or not the same names and shapes for every replica.
    """
    values = [_of_replica(model, flavours, replica) for replica in replicas]
    shapes = {name: array.shape for name, array in values[0].items()}
    for own in values:
        if {name: array.shape for name, array in own.items()} != shapes:
            raise ValueError("expected the same names and shapes for every replica, received others")
    return {name: np.stack([own[name] for own in values]) for name in shapes}


def variable_shapes(model: PDFModel, flavours: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Return the shapes of the variables of one replica, by their names and in their order.

    Raises
    ------
    TypeError, ValueError
        As :func:`initial_values`.
    """
    return {name: array.shape for name, array in _of_replica(model, flavours, SeededReplica(1, 0)).items()}


def check_initial_values(model: PDFModel, flavours: Sequence[str]) -> None:
    """Check that a model returns initial values that are determined by the generator of a replica alone.

    Raises
    ------
    TypeError, ValueError
        As :func:`initial_values`, or the same generator gives different values.
    """
    replicas = [SeededReplica(1, 0), SeededReplica(2, 0)]
    first, again = (initial_values(model, flavours, replicas) for _ in range(2))
    for name, values in first.items():
        if name not in again or not np.array_equal(values, again[name]):
            raise ValueError(f"{name}: expected the same values for the same generator, received others")


def _of_replica(model: PDFModel, flavours: Sequence[str], replica: SeededReplica) -> dict[str, Floats]:
    found: Any = model.initial_values(flavours, generator(replica.seed, PURPOSE, replica.number))
    if not isinstance(found, Mapping) or not found or not all(isinstance(name, str) for name in found):
        raise TypeError(f"expected a mapping of names to arrays, received {found!r:.60}")
    for name in found:
        if not (name.isidentifier() and name.isascii()):  # libraries and files refuse different other characters
            raise ValueError(f"expected names of ASCII letters, digits and underscores, received {name!r}")
    return {name: _as_numbers(name, values) for name, values in found.items()}


def _as_numbers(name: str, values: Any) -> Floats:
    """Return the values of a variable as an array of finite numbers."""
    array = np.asarray(values)
    if array.dtype.kind not in "fiu":
        raise TypeError(f"{name}: expected real numbers, received an array of type {array.dtype}")
    if array.size == 0:
        raise ValueError(f"{name}: expected numbers, received an array of shape {array.shape}")
    numbers: Floats = array.astype(np.float64)
    if not np.isfinite(numbers).all():
        raise ValueError(f"{name}: expected finite numbers, received others")
    return numbers
