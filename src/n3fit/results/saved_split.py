"""The split into training and validation of each replica, written beside its pseudodata."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from n3fit.results.number_text import number_texts
from n3fit.results.point_table import point_rows
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


class SplitFormat:
    """The CSV files of the split of each replica.

    Parameters
    ----------
    datasets : sequence of DatasetRecord
    split : PointSplit or ModeSplit
    """

    def __init__(self, datasets: Sequence[DatasetRecord], split: PointSplit | ModeSplit) -> None:
        self._split = split
        if isinstance(split, ModeSplit):
            modes = range(split.training.shape[1])
            self._rows = "mode,pseudodata,part\n" + "".join([f"{mode},%s,%s\n" for mode in modes])
        else:
            self._rows = point_rows(datasets, "part")
            self._points = max((dataset.stop for dataset in datasets), default=0)

    def text(self, index: int) -> str:
        """Return one line for each point or mode of the replica at ``index``: ``part`` is training or validation.

        Points of data sets with weight zero are in neither part; theirs is empty.
        """
        split = self._split
        parts = np.where(split.training[index], "training", "validation").tolist()
        if isinstance(split, ModeSplit):
            pairs = zip(number_texts(split.values[index]), parts, strict=True)
            return self._rows % tuple(chain.from_iterable(pairs))
        cells = [""] * self._points
        for point, part in zip(split.points.tolist(), parts, strict=True):
            cells[point] = part
        return self._rows % tuple(cells)
