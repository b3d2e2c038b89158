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


def _of_replica(model: PDFModel, flavours: Sequence[str], replica: SeededReplica) -> dict[str, Floats]:
    found: Any = model.initial_values(flavours, generator(replica.seed, PURPOSE, replica.number))
    if not isinstance(found, Mapping) or not found or not all(isinstance(name, str) and name for name in found):
        raise TypeError(f"expected a mapping of names to arrays, received {found!r:.60}")
    values = {name: np.asarray(array, dtype=np.float64) for name, array in found.items()}
    for name, array in values.items():
        if "/" in name:
            raise ValueError(f"expected names without '/', received {name!r}")
        if not np.isfinite(array).all():
            raise ValueError(f"{name}: expected finite numbers, received others")
    return values
