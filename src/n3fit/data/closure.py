"""Data of closure tests: measurements drawn for a known true PDF.

Level 0 are the predictions of that PDF, level 1 adds one fluctuation of the experimental uncertainties, and level 2
the fluctuations of the replicas around level 1 (arXiv:1410.8849, section 4.1; arXiv:2111.05787, section 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from n3fit.data.commondata import CommonData
from n3fit.data.covariance import covariance_matrix, point_slices, systematic_shifts
from n3fit.data.pseudodata import PseudodataGenerator
from n3fit.typing import Floats

PURPOSE = "closure test"
"""What the random numbers of level 1 are for: they are others than those of replicas with the same seed."""


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
    datasets: Sequence[CommonData], predictions: Mapping[str, Floats], *, filterseed: int | None
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
    drawn = PseudodataGenerator(true, covariance).draw(seed=filterseed, replica=0, purpose=PURPOSE)
    slices = point_slices(true)
    return [replace_central(dataset, drawn[slices[dataset.name]]) for dataset in true], covariance
