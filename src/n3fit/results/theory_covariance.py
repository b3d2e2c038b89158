"""The theory covariance in a fit folder: its columns as arrays, and the table that validphys (nnpdf 4.1.5) reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from n3fit.data.categories import category_of
from n3fit.data.theory_covariance import USER, TheoryCovariance
from n3fit.errors import DataError
from n3fit.results.layout import THEORY_COVARIANCE
from n3fit.results.records import DatasetRecord, FitDescription
from n3fit.storage.arrays import arrays_to_bytes, read_arrays
from n3fit.typing import Integers

TABLE_PREFIX = "datacuts_theory_theorycovmatconfig_"
"""First part of the names of validphys' tables that depend on ``theorycovmatconfig``."""

_NUMBER = "%.7e"


@dataclass(frozen=True, eq=False)
class StoredCovariance:
    """A theory covariance with the numbers (N,) of its points in the files of their data sets, from 0."""

    covariance: TheoryCovariance
    points: Integers


def covariance_to_bytes(stored: StoredCovariance) -> bytes:
    """Return the content of the file of the columns."""
    return arrays_to_bytes({"columns": stored.covariance.columns, "points": stored.points})


def read_theory_covariance(folder: Path, description: FitDescription) -> StoredCovariance | None:
    """Read the theory covariance from a fit folder, None for a fit without one.

    Raises
    ------
    DataError, ResourceError
        The file is missing, damaged, or does not belong to this fit.
    """
    record = description.theory_covariance
    if record is None:
        return None
    path = folder / THEORY_COVARIANCE
    content = read_arrays(path, {"columns", "points"})
    size = max((dataset.stop for dataset in description.datasets), default=0)
    expected = {"columns": ((size, sum(record.columns.values())), "f"), "points": ((size,), "i")}
    for name, (shape, kind) in expected.items():
        received = content[name]
        if received.shape != shape or received.dtype.kind != kind:
            raise DataError(
                f"{path}: {name}: expected numbers of the shape {shape}, received {received.dtype} of {received.shape}",
                hint="the file is damaged; restore it or fit again",
            )
    covariance = TheoryCovariance(
        content["columns"], record.columns, in_fitting=record.in_fitting, in_sampling=record.in_sampling
    )
    return StoredCovariance(covariance, content["points"])


def table_name(sources: Mapping[str, int]) -> str:
    """Return the name of validphys' table for prescriptions, for a matrix of the user, or for both."""
    if USER not in sources:
        kind = "theory_covmat_custom"
    elif len(sources) == 1:
        kind = "user_covmat"
    else:
        kind = "total_theory_covmat"
    return f"{TABLE_PREFIX}{kind}.csv"


def covariance_to_text(datasets: Sequence[DatasetRecord], stored: StoredCovariance) -> str:
    """Return the table of the matrix (N, N); rows and columns are labelled by group, data set and point."""
    return "".join(_table_lines(datasets, stored))


def _table_lines(datasets: Sequence[DatasetRecord], stored: StoredCovariance) -> Iterator[str]:
    labels = [
        (category_of(dataset.name, dataset.process_type), dataset.name, str(point))
        for dataset in datasets
        for point in stored.points[dataset.start : dataset.stop].tolist()
    ]
    names = ("group", "dataset", "id")
    for level, name in enumerate(names):
        yield "\t".join([name, "", "", *(label[level] for label in labels)]) + "\n"
    yield "\t".join([*names, *("" for _ in labels)]) + "\n"
    row_format = "\t".join([_NUMBER] * len(labels)) + "\n"
    for label, row in zip(labels, stored.covariance.matrix, strict=True):
        yield "\t".join(label) + "\t" + row_format % tuple(np.asarray(row).tolist())
