"""Weights on disk: HDF5 files that hold named arrays and nothing else.

The layout depends on the architecture, not on automatic layer names: ``weights/<number>_<name>``, the number being the
place in ``model.weights``. Reading runs no code from the file: only arrays stored plainly are accepted; links, external
and compressed storage, object types and unexpected shapes are refused before any number is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from n3fit.backends.keras_backend.conversions import evaluate
from n3fit.errors import ResourceError
from n3fit.storage import atomic_path

FORMAT = "n3fit-weights"
VERSION = 1
ROOT = "weights"
HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_ARRAYS = 10_000
MAX_SHOWN = 6
"""Differences named in an error message."""


def named_weights(model: Any) -> dict[str, Any]:
    """Give the variables of a model by their names in a file."""
    return {f"{number:03d}_{weight.name}": weight for number, weight in enumerate(model.weights)}


def write_weights(model: Any, path: Path) -> None:
    """Write the weights of a model to ``path``, whatever its suffix, completely or not at all.

    Raises
    ------
    n3fit.errors.ResourceError
        The file cannot be written.
    """
    with atomic_path(path) as temporary, h5py.File(temporary, "w") as file:
        file.attrs["format"] = FORMAT
        file.attrs["version"] = VERSION
        root = file.create_group(ROOT)
        for name, weight in named_weights(model).items():
            dataset = root.create_dataset(name, data=evaluate(weight))
            dataset.attrs["path"] = weight.path


def read_weights(model: Any, path: Path) -> None:
    """Set the weights of a model from a file written by :func:`write_weights`.

    Names, shapes and types are compared first; when anything differs, the model stays as it was.

    Raises
    ------
    n3fit.errors.ResourceError
        The file is missing, broken, not a file of weights, or that of another model (then the differences are named).
    """
    weights = named_weights(model)
    values = _read_arrays(path, {name: tuple(weight.shape) for name, weight in weights.items()})
    for name, weight in weights.items():
        weight.assign(values[name])


def _read_arrays(path: Path, expected: Mapping[str, tuple[int, ...]]) -> dict[str, NDArray[Any]]:
    _check_signature(path)
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != FORMAT or file.attrs.get("version") != VERSION:
                raise _refused(path, f"expected format {FORMAT!r} version {VERSION}, received something else")
            datasets = _plain_datasets(path, file)
            _compare(path, expected, {name: tuple(dataset.shape) for name, dataset in datasets.items()})
            return {name: np.asarray(dataset[()]) for name, dataset in datasets.items()}
    except (OSError, KeyError, RuntimeError, ValueError, TypeError) as error:
        raise _refused(path, f"the file is truncated or broken ({error})") from error


def _check_signature(path: Path) -> None:
    try:
        with path.open("rb") as stream:
            start = stream.read(len(HDF5_SIGNATURE))
    except OSError as error:
        raise ResourceError(f"{path}: cannot be read ({error.strerror})") from error
    if start != HDF5_SIGNATURE:
        kind = "an empty file" if not start else "a .keras archive" if start[:2] == b"PK" else "something else"
        raise _refused(path, f"expected an HDF5 file, received {kind}")


def _plain_datasets(path: Path, file: Any) -> dict[str, Any]:
    """Give the datasets by name, refusing everything that is not a plain array stored in the file itself."""
    root = _inside(path, file, ROOT)
    if not isinstance(root, h5py.Group) or len(root) > MAX_ARRAYS:
        raise _refused(path, f"{ROOT!r} must be a group of at most {MAX_ARRAYS} arrays")
    found: dict[str, Any] = {}
    for name in root:
        dataset = _inside(path, root, name)
        if not isinstance(dataset, h5py.Dataset) or dataset.external or dataset.is_virtual or dataset.chunks:
            raise _refused(path, f"{name} is not an array stored plainly in this file")
        if dataset.dtype.kind not in "fiub":
            raise _refused(path, f"{name} holds {dataset.dtype}, not numbers")
        found[name] = dataset
    return found


def _inside(path: Path, group: Any, name: str) -> Any:
    link = group.get(name, getlink=True)
    if not isinstance(link, h5py.HardLink):
        raise _refused(path, f"{name!r} is missing" if link is None else f"{name!r} is a link")
    return group[name]


def _compare(path: Path, expected: Mapping[str, tuple[int, ...]], received: Mapping[str, tuple[int, ...]]) -> None:
    differences = [
        f"{name}: expected {expected.get(name, 'nothing')}, received {received.get(name, 'nothing')}"
        for name in sorted({*expected, *received})
        if expected.get(name) != received.get(name)
    ]
    if differences:
        more = f"; and {len(differences) - MAX_SHOWN} more" if len(differences) > MAX_SHOWN else ""
        raise ResourceError(
            f"{path}: the weights are those of another model: {'; '.join(differences[:MAX_SHOWN])}{more}",
            hint="build the model with the same layers and the same number of replicas as the file",
        )


def _refused(path: Path, reason: str) -> ResourceError:
    return ResourceError(f"{path}: not a file of weights: {reason}", hint="give a file written by save_weights")
