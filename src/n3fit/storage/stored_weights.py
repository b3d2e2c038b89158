"""Arrays of a file of weights: the layout of Keras' ``.weights.h5``, written and read without Keras.

In format 2 ``layers/<key>/vars/<number>`` is an array of a layer; a layer inside a layer is another ``layers/<key>``
below it. As in the files of Keras, the attribute ``name`` of a group ``vars`` is the name of its layer. The root has
the attribute ``n3fit_format``, and each array has ``place`` (its position among the arrays of the outermost layer),
``weight`` (its name), ``constant`` (1 if training never changes it) and ``replica_axis`` (if it holds replicas).

Files of Keras and of format 1 are read too. Format 1 is ``layers/<layer>/vars/<number>`` with the name at the group of
the layer (fit folders), or ``weights/<number>_<name>`` (models).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
from numpy.typing import NDArray

from n3fit.errors import DataError
from n3fit.storage.files import write_atomically
from n3fit.storage.hdf5 import Hdf5Content, read_hdf5

FORMAT = 2
MODEL_FORMAT_1 = "n3fit-weights"
"""Attribute ``format`` of the files of models in format 1."""

GROUPS = ("layers", "vars", "weights")
"""Groups at the root with weights; Keras writes the state of an optimiser to another one."""


@dataclass(frozen=True)
class StoredWeight:
    """An array of a file of weights.

    Parameters
    ----------
    path : str
        Path in the file, such as ``layers/dense/vars/0``.
    layer : str
        Name of the outermost layer that the weight belongs to.
    values : array
    place : int or None
        Position among the arrays of ``layer``; None if the file does not determine the order.
    owner : str
        Name of the layer that has the weight: ``layer`` or one inside it.
    name : str
        Name of the weight, such as ``dense/kernel``.
    constant : bool
        Whether training never changes the weight and all replicas share it.
    replica_axis : int or None
        Axis along which the slices belong to different replicas.
    """

    path: str
    layer: str
    values: NDArray[Any]
    place: int | None
    owner: str = ""
    name: str = ""
    constant: bool = False
    replica_axis: int | None = None


def write_stored_weights(path: Path, weights: Sequence[StoredWeight]) -> None:
    """Write arrays to their paths in a file of any name.

    Raises
    ------
    ResourceError
        The file cannot be written.
    """
    write_atomically(path, weights_to_bytes(weights))  # HDF5 itself does not report a full disk properly


def weights_to_bytes(weights: Sequence[StoredWeight]) -> bytes:
    """Return the content of a file with arrays at their paths; the same arrays give the same bytes."""
    stream = BytesIO()
    with h5py.File(stream, "w") as file:
        file.attrs["n3fit_format"] = FORMAT
        for weight in weights:
            dataset = file.create_dataset(weight.path, data=weight.values)
            dataset.parent.attrs["name"] = weight.owner or weight.layer
            file.require_group(f"{_outermost(weight.path)}vars").attrs["name"] = weight.layer
            attributes: dict[str, Any] = {"place": weight.place, "replica_axis": weight.replica_axis}
            attributes |= {"weight": weight.name or None, "constant": int(weight.constant)}
            dataset.attrs.update({name: value for name, value in attributes.items() if value is not None})
    return stream.getvalue()


def read_stored_weights(path: Path, *, size: int = 0) -> list[StoredWeight]:
    """Read all arrays of a file.

    Parameters
    ----------
    path : Path
    size : int
        Expected number of bytes of the arrays, if it is above the limits of :mod:`n3fit.storage.hdf5`.

    Raises
    ------
    DataError
        Not a file of weights.
    ResourceError
        The file is missing, cannot be read or is too large.
    """
    content = read_hdf5(path, GROUPS, size=size)
    root = content.attributes[""]
    version = root.get("n3fit_format", FORMAT)
    if version != FORMAT:
        raise DataError(f"{path}: expected format {FORMAT}, received {version}", hint="install the newest n3fit")
    if root.get("format") == MODEL_FORMAT_1:
        return _model_of_format_1(content)
    if not {"n3fit_format", *GROUPS} & {*root, *content.attributes}:
        raise DataError(f"{path}: expected the group 'layers'", hint="use a file of weights written by n3fit or Keras")
    by_layer: dict[str, list[str]] = {}
    for array in content.arrays:
        if not re.search(r"(^|/)vars/\d+$", array):
            raise DataError(f"{path}: expected arrays in groups 'vars', received {array}")
        by_layer.setdefault(_outermost(array), []).append(array)
    return [weight for group, arrays in by_layer.items() for weight in _weights_of_layer(content, group, arrays)]


def _weights_of_layer(content: Hdf5Content, group: str, arrays: Sequence[str]) -> list[StoredWeight]:
    """Return the arrays of an outermost layer, whose group is ``layers/<key>/``."""
    own = content.attributes.get(f"{group}vars", {})
    of_format_1 = content.attributes[group.rstrip("/")]
    layer = str(own.get("name", of_format_1.get("name", group.removeprefix("layers/").rstrip("/"))))
    places = _places_by_number([array.removeprefix(group) for array in arrays])
    weights = []
    for array in arrays:
        attributes = content.attributes[array]
        weights.append(
            StoredWeight(
                path=array,
                layer=layer,
                values=content.arrays[array],
                place=_integer(attributes.get("place", places.get(array.removeprefix(group)))),
                owner=str(content.attributes[array.rpartition("/")[0]].get("name", layer)),
                name=str(attributes.get("weight", "")),
                constant=bool(attributes.get("constant", 0)),
                replica_axis=_integer(attributes.get("replica_axis")),
            )
        )
    return weights


def _model_of_format_1(content: Hdf5Content) -> list[StoredWeight]:
    """Return the arrays of a model in format 1, where the name of a weight begins with that of its layer."""
    weights: list[StoredWeight] = []
    for path in sorted(content.arrays, key=lambda path: int(path.split("/")[1].partition("_")[0])):
        name = str(content.attributes[path].get("path", ""))
        layer = name.partition("/")[0]
        place = sum(weight.layer == layer for weight in weights)
        weights.append(StoredWeight(path, layer, content.arrays[path], place, owner=layer, name=name))
    return weights


def _outermost(path: str) -> str:
    """Return the group ``layers/<key>/`` of the outermost layer of an array; empty for a weight of the model itself."""
    return "/".join(path.split("/")[:2]) + "/" if path.startswith("layers/") else ""


def _places_by_number(paths: Sequence[str]) -> dict[str, int]:
    """Return the position of each array of a layer, from the numbers in its path; {} if they do not determine it.

    The weights of a layer precede those of the layers inside it, and ``dense_2`` precedes ``dense_10``. Layers of
    different classes inside one layer have no order.
    """
    classes: dict[tuple[str, ...], set[str]] = {}
    keys: dict[str, list[tuple[bool, str, int]]] = {}
    for path in paths:
        parts = path.split("/")
        keys[path] = [_number_key(part) for part in parts]
        for depth, part in enumerate(parts[:-1]):
            if part != "vars":
                classes.setdefault(tuple(parts[:depth]), set()).add(_number_key(part)[1])
    if any(len(found) > 1 for found in classes.values()):
        return {}
    return {path: place for place, path in enumerate(sorted(paths, key=keys.__getitem__))}


def _number_key(part: str) -> tuple[bool, str, int]:
    """Return the key that sorts ``vars`` first and names by their number."""
    stem = part.rstrip("0123456789")
    return part != "vars", stem.removesuffix("_"), int(part[len(stem) :] or 0)


def _integer(value: str | int | None) -> int | None:
    return value if isinstance(value, int) else None
