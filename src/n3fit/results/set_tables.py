"""Chi2 and predictions of PDF sets as CSV, with all digits."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

import numpy as np

from n3fit.data.categories import process_groups
from n3fit.data.commondata import CommonData
from n3fit.data.fit_data import FitData
from n3fit.results.set_chi2 import SetChi2
from n3fit.results.set_predictions import SetPredictions

_CHI2_COLUMNS = ("pdf", "level", "name", "points", "covariance", "member", "chi2")
_POINT_COLUMNS = ("process", "dataset", "point", "x", "q2", "y", "kinematics", "data", "data_error", "data_error_t0")
_PREDICTION_COLUMNS = ("pdf", "central", "low", "high", "deviation", "mean")


def chi2_to_csv(sets: Sequence[SetChi2]) -> str:
    """Return one line for each set, group, covariance and member, not divided by the points.

    The members are ``central``, ``mean`` (of a set of replicas) and the numbers from 1.
    """
    return _to_csv(_CHI2_COLUMNS, (line for entry in sets for line in _chi2_lines(entry)))


def predictions_to_csv(data: FitData, predictions: Sequence[SetPredictions]) -> str:
    """Return one line for each point and set: kinematics, data, and prediction with its 68 % interval and deviation.

    ``point`` is the position in the file of the data set, from 0.
    """
    return _to_csv((*_POINT_COLUMNS, *_PREDICTION_COLUMNS), _prediction_lines(data, predictions))


def _chi2_lines(entry: SetChi2) -> Iterable[tuple[Any, ...]]:
    for row in entry.rows:
        values = {"central": row.central, "mean": row.mean} | {
            str(number): value for number, value in enumerate(row.members, start=1)
        }
        for member, value in values.items():
            if not np.isnan(value) or member != "mean":
                yield entry.label, row.level, row.name, row.points, row.covariance, member, repr(value)


def _prediction_lines(data: FitData, predictions: Sequence[SetPredictions]) -> Iterable[tuple[Any, ...]]:
    experimental, t0 = (np.sqrt(np.diag(entry)) for entry in (data.experimental_covariance, data.t0_covariance))
    bands = [(entry, entry.band(), entry.mean) for entry in predictions]
    for process, datasets in process_groups(data.datasets).items():
        for dataset in datasets:
            for row, place in enumerate(range(*data.slices[dataset.name].indices(len(data)))):
                numbers = (dataset.x[row], dataset.q2[row], dataset.y[row])
                errors = (data.central[place], experimental[place], t0[place])
                point = (process, dataset.name, int(dataset.indices[row]), *map(_number, numbers))
                for entry, band, mean in bands:
                    values = [band.central[place], band.low[place], band.high[place], band.deviation[place]]
                    values.append(np.nan if mean is None else mean[place])
                    yield (
                        *(*point, _kinematics(dataset, row), *map(_number, errors)),
                        *(entry.label, *map(_number, values)),
                    )


def _kinematics(dataset: CommonData, row: int) -> str:
    """Return every kinematic variable of a point, such as ``pT = 25, y = 0.4``."""
    return ", ".join(f"{name} = {values[row]:.6g}" for name, values in dataset.kinematics.items())


def _number(value: float) -> str:
    return "" if np.isnan(value) else repr(float(value))


def _to_csv(header: Sequence[str], lines: Iterable[tuple[Any, ...]]) -> str:
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(lines)
    return stream.getvalue()
