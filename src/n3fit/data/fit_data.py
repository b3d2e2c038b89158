"""All data of a fit: central values and covariances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.data.covariance import covariance_matrix, experiments, point_slices, weighted_covariance
from n3fit.data.covariance_checks import check_covariance
from n3fit.data.grouping import separate_groups
from n3fit.data.regularisation import regularise
from n3fit.data.theory_covariance import TheoryCovariance
from n3fit.errors import DataError
from n3fit.typing import Floats, Integers


@dataclass(frozen=True, eq=False)
class FitData:
    """The concatenated data sets of a fit after cuts; N points in all.

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
        Covariance with multiplicative uncertainties relative to the t0 prediction.
    experimental_covariance : array (N, N)
        Covariance of the measurements alone, multiplicative uncertainties relative to the central values.
    theory : TheoryCovariance or None
        Covariance of the theory.
    fitted : tuple of CommonData
        The data sets that enter the loss: those with a weight above zero.
    fitted_points : array of int (M,)
        Positions of their points among the N.
    loss_covariance : array (M, M)
        The one for the loss and the split: the t0 covariance of these points with the weights of the runcard in it, and
        that of the theory, which has no weights, where it is used in the fit.
    experiments : tuple of str
        Names of the experiments, in order of first appearance.
    weights : mapping of str to float
        The weights above zero of data sets that are not one.
    """

    datasets: tuple[CommonData, ...]
    slices: Mapping[str, slice]
    central: Floats
    t0_covariance: Floats
    experimental_covariance: Floats
    theory: TheoryCovariance | None
    fitted: tuple[CommonData, ...]
    fitted_points: Integers
    loss_covariance: Floats
    experiments: tuple[str, ...]
    weights: Mapping[str, float]

    def __len__(self) -> int:
        """Return the number of points N."""
        return len(self.central)

    def with_theory(self, covariance: Floats) -> Floats:
        """Return a covariance (N, N) of the data plus that of the theory, where it is part of chi2; read-only."""
        if self.theory is None or not self.theory.in_fitting:
            return covariance
        return _sum(covariance, self.theory.matrix)

    def sampling_covariance(self, *, from_t0: bool) -> Floats:
        """Return the covariance (N, N) of the pseudodata: t0 or experimental, and theory where it is part of it.

        As in the loss, weights divide the part of the measurements; data sets of weight zero fluctuate as measured.
        """
        covariance = self.t0_covariance if from_t0 else self.experimental_covariance
        covariance = weighted_covariance(covariance, self.datasets, self.weights)
        if self.theory is None or not self.theory.in_sampling:
            return covariance
        return _sum(covariance, self.theory.matrix)


def assemble(
    datasets: Sequence[CommonData],
    t0_predictions: Mapping[str, Floats] | None,
    *,
    weights: Mapping[str, float] | None = None,
    groups: Sequence[str] | None = None,
    norm_threshold: float | None = None,
    theory: TheoryCovariance | None = None,
) -> FitData:
    """Build the data of a fit and check that its covariance is positive definite.

    Parameters
    ----------
    datasets : sequence of CommonData
        The data sets after cuts.
    t0_predictions : mapping of str to array (n,), or None
        Prediction of the t0 PDF for each data set; None takes the experimental covariance for t0.
    weights : mapping of str to float, optional
        The ``weight`` of data sets; one where it is missing. A data set of weight zero is predicted and reported, and
        does not enter the loss.
    groups : sequence of str, optional
        The group of each data set; correlations between groups are left out. By default there is one group.
    norm_threshold : float, optional
        See :func:`n3fit.data.regularisation.regularise`.
    theory : TheoryCovariance, optional
        Of all points; neither weights nor groups nor ``norm_threshold`` act on it.

    Raises
    ------
    DataError
        There are no data, a data set appears twice or is empty, a t0 prediction or weight is not usable, no data set
        has a weight above zero, or the covariance is singular.
    """
    if not datasets:
        raise DataError("there are no data to fit", hint="add data sets under dataset_inputs")
    for dataset in datasets:
        if len(dataset) == 0:
            raise DataError(f"{dataset.name}: the data set has no points", hint="leave it out or loosen the cuts")
    slices = point_slices(datasets)

    def prepare(covariance: Floats) -> Floats:
        if groups is not None:
            covariance = separate_groups(covariance, datasets, groups)
        return covariance if norm_threshold is None else regularise(covariance, norm_threshold, datasets)

    experimental = prepare(covariance_matrix(datasets))
    t0_covariance = experimental if t0_predictions is None else prepare(covariance_matrix(datasets, t0_predictions))
    check_covariance(t0_covariance, datasets)
    central = np.concatenate([dataset.central for dataset in datasets])
    central.setflags(write=False)
    fitted = _fitted_datasets(datasets, weights or {})
    points = np.concatenate([np.arange(len(central))[slices[dataset.name]] for dataset in fitted])
    loss_covariance = weighted_covariance(_block(t0_covariance, points), fitted, weights or {})
    if theory is not None and theory.in_fitting:
        loss_covariance = _sum(loss_covariance, _block(theory.matrix, points))
    loss_covariance.setflags(write=False)
    return FitData(
        datasets=tuple(datasets),
        slices=MappingProxyType(slices),
        central=central,
        t0_covariance=t0_covariance,
        experimental_covariance=experimental,
        theory=theory,
        fitted=fitted,
        fitted_points=points,
        loss_covariance=loss_covariance,
        experiments=tuple(experiments(datasets)),
        weights=MappingProxyType({name: weight for name, weight in (weights or {}).items() if weight not in (0, 1)}),
    )


def _block(covariance: Floats, points: Integers) -> Floats:
    """Return the covariance of some points, itself if these are all."""
    return covariance if len(points) == len(covariance) else covariance[np.ix_(points, points)]


def _sum(first: Floats, second: Floats) -> Floats:
    total: Floats = first + second
    total.setflags(write=False)
    return total


def _fitted_datasets(datasets: Sequence[CommonData], weights: Mapping[str, float]) -> tuple[CommonData, ...]:
    """Return the data sets with a weight above zero."""
    for dataset in datasets:
        weight = weights.get(dataset.name, 1.0)
        if not (np.isfinite(weight) and weight >= 0.0):
            raise DataError(f"{dataset.name}: weight: expected a number that is not negative, received {weight}")
    fitted = tuple(dataset for dataset in datasets if weights.get(dataset.name, 1.0) > 0.0)
    if not fitted:
        raise DataError("every data set has weight 0, so there is nothing to fit", hint="give one a positive weight")
    return fitted
