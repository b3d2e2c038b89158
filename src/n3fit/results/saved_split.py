"""The split into training and validation of each replica, written beside its pseudodata."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

import numpy as np

from n3fit.results.records import DatasetRecord
from n3fit.typing import Booleans, Floats, Integers


@dataclass(frozen=True, eq=False)
class PointSplit:
    """A split point by point: R replicas, M fitted points.

    Parameters
    ----------
    training : (R, M) bool
        The points that each replica trains on; the others are for validation.
    points : (M,) int
        Positions of the fitted points among all points of the fit.
    """

    training: Booleans
    points: Integers


@dataclass(frozen=True, eq=False)
class ModeSplit:
    """A split in the eigenbasis of the correlation matrix: R replicas, M modes by increasing eigenvalue.

    Parameters
    ----------
    training : (R, M) bool
        The modes that each replica trains on; the others are for validation.
    values : (R, M)
        The pseudodata D of each replica in each mode, W D, see :class:`n3fit.data.EigenbasisSplit`.
    deviations : (M,)
        The square roots of the eigenvalues; zero for modes without chi2.
    """

    training: Booleans
    values: Floats
    deviations: Floats


def split_to_csv(datasets: Sequence[DatasetRecord], split: PointSplit | ModeSplit, index: int) -> str:
    """Return one line for each point or mode of the replica at ``index``: ``part`` is training or validation.

    Points of data sets with weight zero are in neither part; theirs is empty.
    """
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    parts = np.where(split.training[index], "training", "validation").tolist()
    if isinstance(split, ModeSplit):
        writer.writerow(["mode", "pseudodata", "part"])
        values = split.values[index].tolist()
        writer.writerows(
            (mode, repr(value), part) for mode, (value, part) in enumerate(zip(values, parts, strict=True))
        )
        return stream.getvalue()
    by_point = dict(zip(split.points.tolist(), parts, strict=True))
    writer.writerow(["dataset", "point", "part"])
    for dataset in datasets:
        for point, place in enumerate(range(dataset.start, dataset.stop)):
            writer.writerow([dataset.name, point, by_point.get(place, "")])
    return stream.getvalue()
