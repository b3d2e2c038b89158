"""The weights of one replica in an HDF5 file, read with care.

The layout is that of Keras' ``.weights.h5``: ``layers/<layer>/vars/<number>``, so that no tool of ours is needed
to look inside. Reading accepts plain arrays of numbers and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from n3fit.errors import DataError, ResourceError
from n3fit.storage import write_atomically

Weights = Mapping[str, list[NDArray[np.floating]]]

LARGEST_FILE = 256 * 2**20
LARGEST_TOTAL = 512 * 2**20
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_HINT = "only weight files written by n3fit are read"


def write_weights(path: Path, weights: Weights) -> None:
    """Write the arrays of each layer, completely or not at all.

    Raises
    ------
    ResourceError
        The place cannot be written to.
    """
    stream = BytesIO()  # in memory first: HDF5 reports a full disk badly
    with h5py.File(stream, "w") as file:
        for layer, arrays in weights.items():
            group = file.create_group(f"layers/{layer.replace('/', '_')}/vars")
            group.parent.attrs["name"] = layer
            for number, array in enumerate(arrays):
                group.create_dataset(str(number), data=np.asarray(array))
    write_atomically(path, stream.getvalue())


def read_weights(path: Path) -> dict[str, list[NDArray[np.floating]]]:
    """Read what :func:`write_weights` wrote.

    Raises
    ------
    DataError
        Not HDF5 (a pickle or an archive, say), truncated, with links, external or virtual data, objects, or larger
        than 512 MB when unpacked.
    ResourceError
        The file is missing, cannot be read or is larger than 256 MB.
    """
    _check_signature(path)
    try:
        with h5py.File(path, "r") as file:
            return _read_layers(file, path)
    except (OSError, KeyError, RuntimeError) as error:
        raise DataError(f"{path}: damaged HDF5 file ({error})", hint="restore it or fit again") from error


def compare_shapes(path: Path, weights: Weights, expected: Weights) -> None:
    """Check that ``weights`` fit into a model with the arrays ``expected``.

    Raises
    ------
    DataError
        Layer by layer, what was expected and what the file holds.
    """
    have = {layer: [array.shape for array in arrays] for layer, arrays in weights.items()}
    want = {layer: [array.shape for array in arrays] for layer, arrays in expected.items()}
    differences = [
        f"{layer}: expected {want.get(layer, 'nothing')}, received {have.get(layer, 'nothing')}"
        for layer in sorted(have | want)
        if have.get(layer) != want.get(layer)
    ]
    if differences:
        raise DataError(
            f"{path}: weights of another architecture; {'; '.join(differences)}",
            hint="use the runcard that the weights were trained with",
        )


def _check_signature(path: Path) -> None:
    try:
        size = path.stat().st_size
        with path.open("rb") as stream:
            start = stream.read(len(_SIGNATURE))
    except FileNotFoundError as error:
        raise ResourceError(f"{path}: missing", hint="the fit folder is incomplete; restore it or fit again") from error
    except OSError as error:
        raise ResourceError(f"{path}: cannot be read ({error.strerror or error})") from error
    if start != _SIGNATURE:
        raise DataError(f"{path}: expected an HDF5 file, received {start!r}", hint=_HINT)
    if size > LARGEST_FILE:
        raise ResourceError(f"{path}: {size} bytes, expected at most {LARGEST_FILE}")


def _read_layers(file: Any, path: Path) -> dict[str, list[NDArray[np.floating]]]:
    total = 0
    layers: dict[str, list[NDArray[np.floating]]] = {}
    for group_name in _hard_links(_group(file, "layers", path), path):
        layer = _group(file, f"layers/{group_name}", path)
        variables = _group(file, f"layers/{group_name}/vars", path)
        names = sorted(_hard_links(variables, path), key=lambda name: (len(name), name))
        arrays = []
        for name in names:
            dataset = variables[name]
            total += _checked_size(dataset, path)
            if total > LARGEST_TOTAL:
                raise DataError(f"{path}: more than {LARGEST_TOTAL} bytes when unpacked", hint=_HINT)
            arrays.append(np.asarray(dataset[()]))
        layers[str(layer.attrs.get("name", group_name))] = arrays
    return layers


def _group(file: Any, name: str, path: Path) -> Any:
    parent, _, last = name.rpartition("/")
    link = (file[parent] if parent else file).get(last, getlink=True)
    if not isinstance(link, h5py.HardLink) or not isinstance(file[name], h5py.Group):
        raise DataError(f"{path}: expected the group {name}", hint=_HINT)
    return file[name]


def _hard_links(group: Any, path: Path) -> list[str]:
    for name in group:
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            raise DataError(f"{path}: {group.name}/{name}: links to other places are refused", hint=_HINT)
    return list(group)


def _checked_size(dataset: Any, path: Path) -> int:
    plain = isinstance(dataset, h5py.Dataset) and not dataset.is_virtual and not dataset.external
    if not plain or dataset.dtype.kind != "f":
        raise DataError(f"{path}: {dataset.name}: expected a plain array of floating-point numbers", hint=_HINT)
    return int(dataset.nbytes)
