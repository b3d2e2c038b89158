"""The pseudodata of the replicas with their split into training and validation, in the tables that validphys reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.results.layout import replica_folder
from n3fit.results.saved_split import ModeSplit, PointSplit
from n3fit.storage import write_atomically
from n3fit.typing import Booleans, Floats

_PREFIX = {False: "datacuts_theory_fitting_", True: "datacuts_theory_closuretest_fitting_"}
"""Begin of the names, by whether the fit is a closure test."""


def write_split_tables(
    fit: Path,
    replicas: Sequence[int],
    split: PointSplit | ModeSplit,
    *,
    pseudodata: Floats,
    datasets: Sequence[CommonData],
    closure: bool,
) -> None:
    """Write three tables of the fitted pseudodata of each replica: all, those for training, those for validation.

    Their rows are points, numbered from 0 as in the file of the data set, or eigenvectors of the correlation matrix:
    pseudodata in units of their uncertainties along the eigenvector.

    Parameters
    ----------
    fit : Path
        The fit folder.
    replicas : sequence of int
        Their numbers, R.
    split : PointSplit or ModeSplit
    pseudodata : (R, N)
    datasets : sequence of CommonData
        N points.
    closure : bool
        Whether the fit is a closure test.

    Raises
    ------
    ResourceError
        The folder cannot be written to.
    """
    if isinstance(split, ModeSplit):
        header, values = "", split.values * split.deviations
        rows = [f"eigenmode {number}" for number in range(len(split.deviations))]
    else:
        header, values = "group\tdataset\tid", pseudodata[:, split.points]
        labels = [
            f"{dataset.experiment}\t{dataset.name}\t{point}"
            for dataset in datasets
            for point in dataset.indices.tolist()
        ]
        rows = [labels[point] for point in split.points.tolist()]
    for index, number in enumerate(replicas):
        training = split.training[index]
        tables = {
            "pseudodata_table": np.ones_like(training),
            "training_pseudodata": training,
            "validation_pseudodata": ~training,
        }
        for name, mask in tables.items():
            lines = [f"{header}\treplica {number}\n", *_lines(rows, values[index], mask)]
            write_atomically(replica_folder(fit, number) / f"{_PREFIX[closure]}{name}.csv", "".join(lines))


def _lines(rows: Sequence[str], values: Floats, mask: Booleans) -> Iterator[str]:
    for row in np.flatnonzero(mask).tolist():
        yield f"{rows[row]}\t{float(values[row])!r}\n"
