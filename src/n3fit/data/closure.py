"""Data of closure tests: measurements drawn for a known true PDF.

Level 0 are the predictions of that PDF, level 1 adds one fluctuation of the experimental uncertainties, and level 2
the fluctuations of the replicas around level 1 (arXiv:1410.8849, section 4.1; arXiv:2111.05787, section 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from n3fit.data.commondata import UNCORRELATED, WITHIN_SET, CommonData
from n3fit.data.covariance import covariance_matrix, point_slices, systematic_shifts
from n3fit.data.pseudodata import PseudodataGenerator
from n3fit.errors import DataError
from n3fit.typing import Floats

PURPOSE = "closure test"
"""What the random numbers of level 1 are for: they are others than those of replicas with the same seed."""

SPECIAL = "SPECIAL"
"""Type of the systematics that are correlated by a name of their own."""


@dataclass(frozen=True, eq=False)
class ClosureTruth:
    """The truth behind the data of a closure test; N points.

    Parameters
    ----------
    level : int
        0, 1 or 2.
    pdf_set, sha256 : str
        The PDF set whose member 0 is true, and the hash of that member.
    filterseed : int or None
        Seed of the fluctuation that all replicas share; None at level 0.
    predictions : array (N,)
        The true values: the data of level 0.
    covariance : array (N, N)
        Covariance of the estimators: the experimental one at the true values, that of the fluctuation of level 1, and
        that of the theory where chi2 has it.
    """

    level: int
    pdf_set: str
    sha256: str
    filterseed: int | None
    predictions: Floats
    covariance: Floats


@dataclass(frozen=True)
class WrongUncertainties:
    """Systematics that a closure test gives wrongly, on purpose (arXiv:2503.17447).

    Parameters
    ----------
    datasets : tuple of str
        The data sets that have them.
    treatments : tuple of str
        ADD, MULT or both.
    correlations : tuple of str
        Any of CORR, UNCORR, THEORYCORR, THEORYUNCORR, and SPECIAL for systematics with any other name.
    factor : float
        Their size over the true one.
    """

    datasets: tuple[str, ...]
    treatments: tuple[str, ...]
    correlations: tuple[str, ...]
    factor: float

    def rescale(self, datasets: Sequence[CommonData]) -> list[CommonData]:
        """Return the data sets with these systematics rescaled.

        Raises
        ------
        DataError
            A data set is not among them.
        """
        missing = sorted(set(self.datasets) - {dataset.name for dataset in datasets})
        if missing:
            raise DataError(
                f"closuretest.inconsistent_data_settings.inconsistent_datasets: {', '.join(missing)}: not in the fit",
                hint="use names of dataset_inputs",
            )
        return [self._rescale_one(dataset) if dataset.name in self.datasets else dataset for dataset in datasets]

    def _rescale_one(self, dataset: CommonData) -> CommonData:
        plain = UNCORRELATED | WITHIN_SET
        names = [name if name in plain else SPECIAL for name in dataset.systematic_correlations]
        matching = [
            kind in self.treatments and name in self.correlations
            for kind, name in zip(dataset.systematic_kinds, names, strict=True)
        ]
        factors = np.where(matching, self.factor, 1.0) if matching else np.ones(0)
        return replace(dataset, systematics=dataset.systematics * factors)


def replace_central(dataset: CommonData, central: Floats) -> CommonData:
    """Return a data set with other central values (n,).

    Multiplicative systematics keep their relative size, all other uncertainties their absolute size.

    Raises
    ------
    DataError
        A value is not finite, or a measured value is zero and has a multiplicative systematic.
    """
    return replace(dataset, central=central, systematics=systematic_shifts(dataset, central))


def closure_datasets(
    datasets: Sequence[CommonData],
    predictions: Mapping[str, Floats],
    *,
    filterseed: int | None,
    positive: bool = False,
    wrong: WrongUncertainties | None = None,
) -> tuple[list[CommonData], Floats]:
    """Replace the central values of the data sets.

    Parameters
    ----------
    datasets : sequence of CommonData
        The measured data after cuts, N points.
    predictions : mapping of str to array (n,)
        The true values of each data set.
    filterseed : int or None
        Seed of the fluctuation of level 1; None gives the data of level 0.
    positive : bool
        Draw the fluctuation again while a cross-section is negative.
    wrong : WrongUncertainties, optional
        Uncertainties that are rescaled after the fluctuation; without one they stay.

    Returns
    -------
    list of CommonData
    array (N, N)
        Experimental covariance at the true values. The fluctuation is a draw from it.

    Raises
    ------
    DataError
        See :func:`replace_central`; or the covariance is singular; or no draw had positive cross-sections.
    """
    true = [replace_central(dataset, predictions[dataset.name]) for dataset in datasets]
    covariance = covariance_matrix(true)
    if filterseed is None:
        return true, covariance
    fluctuations = PseudodataGenerator(true, covariance, positive=positive)
    drawn = fluctuations.draw(seed=filterseed, replica=0, purpose=PURPOSE)
    slices = point_slices(true)
    fluctuated = [replace_central(dataset, drawn[slices[dataset.name]]) for dataset in true]
    return fluctuated if wrong is None else wrong.rescale(fluctuated), covariance
