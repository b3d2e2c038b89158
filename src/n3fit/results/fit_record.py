"""What a fit folder records: the description of the fit, its points, and the results of its replicas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, get_type_hints

from numpy.typing import NDArray

from n3fit.errors import DataError
from n3fit.results.layout import ARRAYS, DESCRIPTION
from n3fit.results.point_table import PointTable
from n3fit.results.records import FitDescription, read_record
from n3fit.results.replica_results import ReplicaResults
from n3fit.storage.arrays import arrays_to_bytes, read_arrays

Arrays = Mapping[str, NDArray[Any]]
ArraysT = TypeVar("ArraysT")

_HINT = "the file is damaged; restore it or fit again"
_POINTS, _REPLICAS = "points.", "replicas."


@dataclass(frozen=True, eq=False)
class FitRecord:
    """A fit of R replicas to N points.

    Parameters
    ----------
    description : FitDescription
    points : PointTable
    results : ReplicaResults
    """

    description: FitDescription
    points: PointTable
    results: ReplicaResults


def record_arrays(record: FitRecord) -> dict[str, NDArray[Any]]:
    """Return the arrays of a record by the names that they have in its file."""
    return dict(_arrays_of(record.points, _POINTS)) | dict(_arrays_of(record.results, _REPLICAS))


def record_to_bytes(record: FitRecord) -> bytes:
    """Return the arrays of a record as the content of ``ARRAYS``; the same arrays give the same bytes."""
    return arrays_to_bytes(record_arrays(record))


def read_fit_record(folder: Path) -> FitRecord:
    """Read the record in a fit folder; nothing in its files is run.

    Raises
    ------
    DataError
        A file is damaged, or its arrays do not belong together.
    ResourceError
        A file is missing, cannot be read, or is too large.
    """
    description = read_record(folder / DESCRIPTION, FitDescription)
    path = folder / ARRAYS
    arrays = read_arrays(path, set(_names_of(PointTable, _POINTS)) | set(_names_of(ReplicaResults, _REPLICAS)))
    check_shapes(arrays, description, path)
    return FitRecord(description, _build(PointTable, arrays, _POINTS), _build(ReplicaResults, arrays, _REPLICAS))


def check_shapes(arrays: Arrays, description: FitDescription, path: Path) -> None:
    """Check that the arrays of a file are numbers that fit together and to the description.

    Raises
    ------
    DataError
        An array has another shape than expected; it is named.
    """
    points = max((dataset.stop for dataset in description.datasets), default=0)
    replicas = arrays[f"{_REPLICAS}replicas"].size
    nodes = arrays[f"{_REPLICAS}xgrid"].size
    epochs = arrays[f"{_REPLICAS}training.history_epochs"].size
    flavours = len(description.flavours)
    expected: dict[str, tuple[int, ...]] = {
        "alpha": (replicas, flavours),
        "beta": (replicas, flavours),
        "positivity_losses": (replicas, len(description.positivity_sets)),
        "integrability_losses": (replicas, len(description.integrability_sets)),
        "arc_lengths": (replicas, 5),
        "integrability": (replicas, 5),
        "predictions": (replicas, points),
        "pdf": (replicas, nodes, 14),
        "xgrid": (nodes,),
        "training.history_epochs": (epochs,),
        "training.training_history": (replicas, epochs),
        "training.validation_history": (replicas, epochs),
    }
    for name, array in arrays.items():
        shape = (points,) if name.startswith(_POINTS) else expected.get(name.removeprefix(_REPLICAS), (replicas,))
        if array.shape != shape or array.dtype.kind not in "fib":
            raise DataError(
                f"{path}: {name}: expected numbers of the shape {shape}, received {array.dtype} of {array.shape}",
                hint=_HINT,
            )


def _arrays_of(value: Any, prefix: str) -> Iterator[tuple[str, NDArray[Any]]]:
    """Yield the arrays of a dataclass by name; those of a dataclass inside have its name in front."""
    for entry in fields(value):
        content = getattr(value, entry.name)
        if is_dataclass(content):
            yield from _arrays_of(content, f"{prefix}{entry.name}.")
        else:
            yield f"{prefix}{entry.name}", content


def _names_of(kind: type[Any], prefix: str) -> Iterator[str]:
    hints = get_type_hints(kind)
    for entry in fields(kind):
        if is_dataclass(hints[entry.name]):
            yield from _names_of(hints[entry.name], f"{prefix}{entry.name}.")
        else:
            yield f"{prefix}{entry.name}"


def _build(kind: type[ArraysT], arrays: Arrays, prefix: str) -> ArraysT:
    hints = get_type_hints(kind)
    values = {
        entry.name: _build(hints[entry.name], arrays, f"{prefix}{entry.name}.")
        if is_dataclass(hints[entry.name])
        else arrays[f"{prefix}{entry.name}"]
        for entry in fields(kind)  # type: ignore[arg-type]
    }
    return kind(**values)
