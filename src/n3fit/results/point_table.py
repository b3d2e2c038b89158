"""The points of a fit, their groups, and their CSV file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np

from n3fit.results.number_text import csv_cells, number_texts
from n3fit.results.records import DatasetRecord
from n3fit.typing import Floats, Integers

LEVELS = ("datasets", "experiments", "total")
"""Levels at which points are grouped."""


@dataclass(frozen=True, eq=False)
class PointTable:
    """The N points of a fit, in the order of its data sets.

    Parameters
    ----------
    x, q2, y : (N,)
        Kinematics, Q2 in GeV2; nan where a data set has none.
    central : (N,)
        Central data.
    experimental_error, t0_error : (N,)
        Total one-sigma uncertainties: square roots of the diagonals of the covariances.
    """

    x: Floats
    q2: Floats
    y: Floats
    central: Floats
    experimental_error: Floats
    t0_error: Floats

    def __len__(self) -> int:
        """Return the number of points N."""
        return self.central.size


def point_groups(datasets: Sequence[DatasetRecord]) -> dict[str, dict[str, Integers]]:
    """Return the indices of the points of each group, by level and name; without points there is no total."""
    by_dataset = {dataset.name: np.arange(dataset.start, dataset.stop) for dataset in datasets}
    by_experiment: dict[str, list[Integers]] = {}
    for dataset in datasets:
        by_experiment.setdefault(dataset.experiment, []).append(by_dataset[dataset.name])
    return {
        "datasets": by_dataset,
        "experiments": {name: np.concatenate(parts) for name, parts in by_experiment.items()},
        "total": {"total": np.concatenate(list(by_dataset.values()))} if by_dataset else {},
    }


def points_to_csv(datasets: Sequence[DatasetRecord], points: PointTable) -> str:
    """Return one line for each point that the cuts kept."""
    columns = {entry.name: number_texts(getattr(points, entry.name)) for entry in fields(points)}
    cells = [",".join(row) for row in zip(*columns.values(), strict=True)]
    return point_rows(datasets, *columns) % tuple(cells)


def point_rows(datasets: Sequence[DatasetRecord], *columns: str) -> str:
    """Return a CSV file with one line for each point: ``%s`` stands for what follows data set and number of the point.

    Parameters
    ----------
    datasets
    *columns : str
        Names of the columns after these.
    """
    lines = [f"{','.join(['dataset', 'point', *columns])}\n"]
    for dataset, name in zip(datasets, csv_cells([dataset.name for dataset in datasets]), strict=True):
        escaped = name.replace("%", "%%")
        lines += [f"{escaped},{point},%s\n" for point in range(dataset.stop - dataset.start)]
    return "".join(lines)
