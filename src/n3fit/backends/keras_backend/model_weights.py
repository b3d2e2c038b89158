"""Weights of a model in a file, see :mod:`n3fit.storage.stored_weights` for its layout."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import prod
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.backends.keras_backend.keras_private import keras_places
from n3fit.backends.keras_backend.replica_assignment import assignment_of
from n3fit.errors import DataError
from n3fit.storage.stored_weights import StoredWeight, read_stored_weights, write_stored_weights
from n3fit.storage.weights import compare_shapes, group_by_layer

Variables = Mapping[str, Sequence[Any]]
Arrays = Mapping[str, Sequence[NDArray[Any]]]


def save_model_weights(model: Any, path: Path) -> None:
    """Write the weights of a model to a file of any name, at the places where ``keras.Model.load_weights`` reads them.

    Raises
    ------
    ResourceError
        The file cannot be written.
    """
    numbered = {
        id(weight): (layer, number)
        for layer, weights in _weights_by_layer(model).items()
        for number, weight in enumerate(weights)
    }
    stored = []
    for place in keras_places(model):
        layer, number = numbered[id(place.variable)]
        stored.append(
            StoredWeight(
                path=place.path,
                layer=layer,
                values=evaluate(place.variable),
                place=number,
                owner=place.layer,
                name=place.variable.path,
                constant=_is_constant(place.variable),
                replica_axis=assignment_of(place.variable).axis,
            )
        )
    write_stored_weights(path, stored)


def load_model_weights(model: Any, path: Path) -> None:
    """Set the weights of a model from a file of a model with the same layers.

    The layers are found by their names or, when these differ (as automatic names do), by their places in the layout of
    Keras. Layers of constants may be missing: a fit folder has only the layers of its replicas.

    Raises
    ------
    DataError
        Not a file of weights, or that of another model; the model is unchanged then.
    ResourceError
        The file is missing, cannot be read or is too large.
    """
    stored = read_stored_weights(path, size=8 * sum(prod(weight.shape) for weight in model.weights))
    for variables, arrays in _ways_to_match(model, path, stored):
        matched = _matching(variables, arrays)
        if matched is not None:
            compare_shapes(path, arrays, matched)
            break
    else:
        by_layer: dict[str, list[NDArray[Any]]] = {}
        for stored_weight in stored:
            by_layer.setdefault(stored_weight.layer, []).append(stored_weight.values)
        compare_shapes(path, by_layer, _weights_by_layer(model))
        raise DataError(f"{path}: weights of another architecture", hint="use the model that they were saved from")
    for name, weights in matched.items():
        for weight, array in zip(weights, arrays[name], strict=True):
            weight.assign(array)


def _ways_to_match(model: Any, path: Path, stored: Sequence[StoredWeight]) -> Iterator[tuple[Variables, Arrays]]:
    """Yield the variables of the model and the arrays of the file by layer, by place, and by number as in format 1."""
    if all(weight.place is not None for weight in stored):
        ordered = group_by_layer(path, stored)
        yield _weights_by_layer(model), {layer: [one.values for one in weights] for layer, weights in ordered.items()}
    by_path = {weight.path: [weight.values] for weight in stored}
    yield {place.path: [place.variable] for place in keras_places(model)}, by_path
    yield {f"weights/{number:03d}_{weight.name}": [weight] for number, weight in enumerate(model.weights)}, by_path


def _matching(variables: Variables, arrays: Arrays) -> Variables | None:
    """Return the variables that the arrays are for; None if one is missing that is no constant, or one is unknown."""
    missing = [weight for name in set(variables) - set(arrays) for weight in variables[name]]
    if set(arrays) <= set(variables) and all(_is_constant(weight) for weight in missing):
        return {name: variables[name] for name in arrays}
    return None


def _is_constant(weight: Any) -> bool:
    """Return whether training never changes a weight and all replicas share it."""
    return not weight.trainable and assignment_of(weight).shared


def _weights_by_layer(model: Any) -> dict[str, list[Any]]:
    """Return the weights of each layer in the order of ``layer.weights``; shared ones belong to the first layer."""
    by_layer: dict[str, list[Any]] = {}
    seen: set[int] = set()
    for layer in (*model.layers, model):
        for weight in layer.weights:
            if id(weight) not in seen:
                seen.add(id(weight))
                by_layer.setdefault(layer.name, []).append(weight)
    return by_layer
