"""Weights by layer in files of the layout of :mod:`n3fit.storage.stored_weights`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from n3fit.errors import DataError
from n3fit.storage.stored_weights import StoredWeight, read_stored_weights, write_stored_weights
from n3fit.typing import Array, Weights

MAX_SHOWN = 6
"""Maximum number of differences in an error message."""


def write_weights(path: Path, weights: Weights) -> None:
    """Write the arrays of each layer to a file of any name.

    Raises
    ------
    ResourceError
        The file cannot be written.
    """
    write_stored_weights(path, stored_weights_of(weights))


def stored_weights_of(weights: Weights) -> list[StoredWeight]:
    """Return the arrays of each layer with their paths in a file; ``/`` in the name of a layer is ``_`` in the path."""
    stored: list[StoredWeight] = []
    keys: set[str] = set()
    for layer, arrays in weights.items():
        key = layer.replace("/", "_")
        while key in keys:
            key += "_"
        keys.add(key)
        stored += [
            StoredWeight(f"layers/{key}/vars/{place}", layer, np.asarray(array), place, owner=layer)
            for place, array in enumerate(arrays)
        ]
    return stored


def read_weights(path: Path) -> dict[str, list[Array]]:
    """Read the arrays of each layer, without the layers of constants (such as the nodes of the sum rules).

    Returns
    -------
    dict
        Name of the layer -> its arrays, in the order of ``layer.weights`` in Keras.

    Raises
    ------
    DataError
        Not a file of weights, or the order of its arrays is not known.
    ResourceError
        The file is missing, cannot be read or is too large.
    """
    by_layer = group_by_layer(path, read_stored_weights(path))
    return {
        layer: [weight.values for weight in weights]
        for layer, weights in by_layer.items()
        if not all(weight.constant for weight in weights)
    }


def group_by_layer(path: Path, weights: Sequence[StoredWeight]) -> dict[str, list[StoredWeight]]:
    """Return the weights of each outermost layer in their order.

    Raises
    ------
    DataError
        The order is not known: Keras does not record it for layers of several classes inside one layer.
    """
    by_layer: dict[str, list[StoredWeight]] = {}
    for weight in weights:
        by_layer.setdefault(weight.layer, []).append(weight)
    for layer, of_layer in by_layer.items():
        of_layer.sort(key=lambda weight: -1 if weight.place is None else weight.place)
        if [weight.place for weight in of_layer] != list(range(len(of_layer))):
            raise DataError(
                f"{path}: the order of the weights of {layer} is not known",
                hint="write the file with MetaModel.save_weights",
            )
    return by_layer


def compare_shapes(path: Path, weights: Weights, expected: Weights) -> None:
    """Check that the arrays of a file have the layers and shapes of those of a model.

    Parameters
    ----------
    path : Path
        The file, for the message.
    weights, expected : mapping
        Name of a layer -> its arrays, in the file and in the model.

    Raises
    ------
    DataError
        The layers that differ, each with the shapes expected and received.
    """
    have = {layer: [tuple(array.shape) for array in arrays] for layer, arrays in weights.items()}
    required = {layer: [tuple(array.shape) for array in arrays] for layer, arrays in expected.items()}
    differences = [
        f"{layer}: expected {required.get(layer, 'nothing')}, received {have.get(layer, 'nothing')}"
        for layer in sorted(have | required)
        if have.get(layer) != required.get(layer)
    ]
    if differences:
        more = f"; and {len(differences) - MAX_SHOWN} more" if len(differences) > MAX_SHOWN else ""
        raise DataError(
            f"{path}: weights of another architecture; {'; '.join(differences[:MAX_SHOWN])}{more}",
            hint="use the runcard or the model that the weights were trained with",
        )
