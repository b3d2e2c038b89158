"""All data of a fit, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from n3fit.data.commondata import CommonData, FloatArray, IntArray
from n3fit.data.covariance import covariance_matrix, experiments, point_slices, weighted_covariance
from n3fit.data.covariance_checks import check_covariance
from n3fit.data.theory_covariance import align_covariance
from n3fit.errors import DataError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class FitData:
    """The data sets of a fit after cuts, one after the other; N points in all.

    All arrays are read-only.

    Parameters
    ----------
    datasets : tuple of CommonData
        The data sets in the order of the runcard.
    slices : mapping of str to slice
        Where the points of each data set lie.
    central : array (N,)
        Central values.
    t0_covariance : array (N, N)
        Covariance with multiplicative uncertainties relative to the t0 prediction, and the theory covariance if any.
    experimental_covariance : array (N, N)
        Covariance of the measurements alone, multiplicative uncertainties relative to the central values.
    loss_covariance : array (N, N)
        The t0 covariance with the weights of the runcard in it: the one for the loss and for the split.
    experiments : tuple of str
        Names of the experiments, in order of first appearance.
    """

    datasets: tuple[CommonData, ...]
    slices: Mapping[str, slice]
    central: FloatArray
    t0_covariance: FloatArray
    experimental_covariance: FloatArray
    loss_covariance: FloatArray
    experiments: tuple[str, ...]

    def __len__(self) -> int:
        """Give the number of points N."""
        return len(self.central)

    def dataset_points(self, name: str) -> FloatArray:
        """Give the central values of one data set (n,)."""
        return self.central[self.slices[name]]

    def experiment_points(self, experiment: str) -> IntArray:
        """Give the positions of the points of one experiment."""
        rows = np.arange(len(self.central))
        chosen = [rows[self.slices[dataset.name]] for dataset in self.datasets if dataset.experiment == experiment]
        return np.concatenate(chosen)


def assemble(
    datasets: Sequence[CommonData],
    t0_predictions: Mapping[str, FloatArray] | None,
    *,
    weights: Mapping[str, float] | None = None,
    theory_covariance: pd.DataFrame | None = None,
) -> FitData:
    """Put the data of a fit together and check that its covariance is one.

    Parameters
    ----------
    datasets : sequence of CommonData
        The data sets after cuts.
    t0_predictions : mapping of str to array (n,), or None
        Prediction of the t0 PDF for each data set; None takes the experimental covariance for t0.
    weights : mapping of str to float, optional
        The ``weight`` of data sets; one where it is missing.
    theory_covariance : DataFrame, optional
        Covariance to be added to that of t0, labelled as in :func:`align_covariance`.

    Raises
    ------
    DataError
        There are no data, a data set appears twice or is empty, a t0 prediction or weight is not usable, or the
        covariance is singular or that of the theory does not fit the data.
    """
    if not datasets:
        raise DataError("there are no data to fit", hint="add data sets under dataset_inputs")
    for dataset in datasets:
        if len(dataset) == 0:
            raise DataError(f"{dataset.name}: the data set has no points", hint="leave it out or loosen the cuts")
    slices = point_slices(datasets)
    experimental = covariance_matrix(datasets)
    t0_covariance = experimental if t0_predictions is None else covariance_matrix(datasets, t0_predictions)
    if theory_covariance is not None:
        t0_covariance = t0_covariance + align_covariance(theory_covariance, datasets)
        t0_covariance.setflags(write=False)
    check_covariance(t0_covariance, datasets)
    central = np.concatenate([dataset.central for dataset in datasets])
    central.setflags(write=False)
    return FitData(
        datasets=tuple(datasets),
        slices=MappingProxyType(slices),
        central=central,
        t0_covariance=t0_covariance,
        experimental_covariance=experimental,
        loss_covariance=weighted_covariance(t0_covariance, datasets, weights or {}),
        experiments=tuple(experiments(datasets)),
    )
