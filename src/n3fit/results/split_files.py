"""The pseudodata of the replicas with their split into training and validation, in the tables that validphys reads."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import compress

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.results.layout import replica_path
from n3fit.results.number_text import number_texts
from n3fit.results.saved_split import ModeSplit, PointSplit
from n3fit.storage.staged_files import StagedFiles
from n3fit.typing import Floats

_PREFIX = {False: "datacuts_theory_fitting_", True: "datacuts_theory_closuretest_fitting_"}
"""Begin of the names, by whether the fit is a closure test."""


def write_split_tables(
    files: StagedFiles,
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
    files : StagedFiles
        Of the fit folder.
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
        lines = [f"{row}\t{text}\n" for row, text in zip(rows, number_texts(values[index]), strict=True)]
        for name, mask in tables.items():
            text = "".join([f"{header}\treplica {number}\n", *compress(lines, mask.tolist())])
            files.write(f"{replica_path(number)}/{_PREFIX[closure]}{name}.csv", text)
