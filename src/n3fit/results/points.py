"""The points that a fit used, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

import numpy as np
from numpy.typing import NDArray

from n3fit.results.arrays import FitArrays
from n3fit.results.outcome import DatasetSummary

Floats = NDArray[np.float64]


def points_to_csv(datasets: Sequence[DatasetSummary], arrays: FitArrays) -> str:
    """Give one line for each point that the cuts kept; Q2 in GeV2, errors are total one-sigma errors."""
    columns = {
        "x": arrays.x,
        "q2": arrays.q2,
        "y": arrays.y,
        "central": arrays.central,
        "experimental_error": arrays.experimental_error,
        "t0_error": arrays.t0_error,
    }
    return _to_csv(datasets, columns)


def pseudodata_to_csv(datasets: Sequence[DatasetSummary], pseudodata: Floats) -> str:
    """Give one line for each point; ``pseudodata`` (N,) of one replica."""
    return _to_csv(datasets, {"pseudodata": pseudodata})


def _to_csv(datasets: Sequence[DatasetSummary], columns: dict[str, Floats]) -> str:
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(["dataset", "point", *columns])
    for dataset in datasets:
        for point, index in enumerate(range(dataset.slice.start, dataset.slice.stop)):
            writer.writerow([dataset.name, point, *(repr(float(values[index])) for values in columns.values())])
    return stream.getvalue()
