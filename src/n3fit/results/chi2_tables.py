"""Chi2 to the central data, by data set, by experiment and in total."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from n3fit.data.chi2 import chi2_values
from n3fit.results.outcome import DatasetSummary

Floats = NDArray[np.float64]
LEVELS = ("datasets", "experiments", "total")

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Chi2Table:
    """Chi2 of G groups of points for R replicas and for their mean prediction, not divided by the points.

    Correlations inside a group are kept, those between groups are not part of a group's number. What cannot be
    computed is nan.

    Parameters
    ----------
    names : tuple of G str
    points : (G,)
    t0, experimental : (G,)
        Of the mean prediction, with the t0 and the experimental covariance.
    t0_replicas, experimental_replicas : (R, G)
    """

    names: tuple[str, ...]
    points: NDArray[np.int64]
    t0: Floats
    experimental: Floats
    t0_replicas: Floats
    experimental_replicas: Floats

    def per_point(self, chi2: Floats) -> Floats:
        """Divide ``(..., G)`` by the number of points; nan without points."""
        result: Floats = chi2 / np.where(self.points > 0, self.points, np.nan)
        return result


def chi2_tables(
    datasets: Sequence[DatasetSummary],
    *,
    central: Floats,
    predictions: Floats,
    mean_prediction: Floats,
    experimental_covariance: Floats,
    t0_covariance: Floats,
) -> dict[str, Chi2Table]:
    """Give the tables of all ``LEVELS``.

    Parameters
    ----------
    datasets
        D data sets that share the N points.
    central, mean_prediction : (N,)
    predictions : (R, N)
    experimental_covariance, t0_covariance : (N, N)
    """
    stacked = np.vstack([mean_prediction, predictions])
    tables = {}
    for level, groups in _groups(datasets).items():
        columns = {
            kind: _columns(groups, stacked, central, covariance, kind)
            for kind, covariance in (("t0", t0_covariance), ("experimental", experimental_covariance))
        }
        tables[level] = Chi2Table(
            names=tuple(groups),
            points=np.array([indices.size for indices in groups.values()], dtype=np.int64),
            t0=columns["t0"][0],
            experimental=columns["experimental"][0],
            t0_replicas=columns["t0"][1:],
            experimental_replicas=columns["experimental"][1:],
        )
    return tables


def _groups(datasets: Sequence[DatasetSummary]) -> dict[str, dict[str, NDArray[np.int64]]]:
    """Give the indices of the points of each group at each level."""
    by_dataset = {dataset.name: np.arange(dataset.slice.start, dataset.slice.stop) for dataset in datasets}
    by_experiment: dict[str, list[NDArray[np.int64]]] = {}
    for dataset in datasets:
        by_experiment.setdefault(dataset.experiment, []).append(by_dataset[dataset.name])
    total = {"total": np.concatenate(list(by_dataset.values()))} if by_dataset else {}
    return {
        "datasets": by_dataset,
        "experiments": {name: np.concatenate(indices) for name, indices in by_experiment.items()},
        "total": total,
    }


def _columns(
    groups: Mapping[str, NDArray[np.int64]], predictions: Floats, central: Floats, covariance: Floats, kind: str
) -> Floats:
    """Give the chi2 of each prediction and group, (R, G)."""
    result = np.full((predictions.shape[0], len(groups)), np.nan)
    for column, (name, indices) in enumerate(groups.items()):
        chosen = predictions[:, indices]
        finite = np.isfinite(chosen).all(axis=1)
        block = covariance[np.ix_(indices, indices)]
        if not finite.any() or indices.size == 0:
            continue
        try:
            result[finite, column] = chi2_values(chosen[finite], central[indices], block)
        except np.linalg.LinAlgError:
            logger.warning("%s: the %s covariance is not positive definite, so it has no chi2", name, kind)
    return result
