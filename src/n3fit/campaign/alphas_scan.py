"""The determination of alpha_s from the fits of a campaign."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from n3fit.campaign.correlated_replicas import AlphasDetermination, determine_alphas
from n3fit.campaign.expansion import Run
from n3fit.data.fit_data import FitData
from n3fit.data.whitening import whiten_residuals
from n3fit.errors import DataError
from n3fit.results import FitFolder
from n3fit.results.pseudodata_chi2 import pseudodata_chi2, read_pseudodata
from n3fit.typing import Floats, Integers

_SAME = 1e-9
"""Largest distance between the same value of alpha_s in a file and in the card of a theory."""


@dataclass(frozen=True, eq=False)
class AlphasScan:
    """alpha_s, and the chi2 that it follows from.

    Parameters
    ----------
    determination : AlphasDetermination
        A values, R replicas.
    central_chi2 : (A,)
        Of the mean prediction at each value to the central data; nan without a chosen replica.
    points : int
        Number of data in chi2.
    """

    determination: AlphasDetermination
    central_chi2: Floats
    points: int

    def columns(self) -> tuple[Floats, Integers, Floats, Floats]:
        """Return for each alpha_s its value, the number of curves with a fit there, their mean chi2, and the central.

        The curves are the accepted ones; nan without any.
        """
        found = self.determination
        chi2 = found.chi2[found.accepted]
        counts = np.isfinite(chi2).sum(axis=0)
        mean = np.nansum(chi2, axis=0) / np.where(counts > 0, counts, np.nan)
        return found.alphas, counts, mean, self.central_chi2


def alphas_of(fit: FitFolder) -> float:
    """Return alpha_s(MZ) in the theory card of a fit.

    Raises
    ------
    DataError
        The card has none.
    """
    value = fit.description.theory.get("card", {}).get("alphas")
    if not isinstance(value, int | float):
        raise DataError(f"{fit.path}: expected alphas in the card of its theory, received {value!r}")
    return float(value)


def scan_alphas(
    runs: Sequence[Run], fits: Mapping[str, FitFolder], data: FitData, *, fewest_points: int | None = None
) -> AlphasScan:
    """Determine alpha_s from correlated replicas.

    Parameters
    ----------
    runs : sequence of Run
    fits : mapping
        The fits that are there, by the name of their run.
    data : FitData
        With the covariance of chi2, which must be the same at every value of alpha_s.
    fewest_points : int, optional
        See :func:`n3fit.campaign.correlated_replicas.determine_alphas`.

    Raises
    ------
    DataError
        The fits have other data or pseudodata than each other, or too few curves have a minimum.
    """
    present = [run for run in runs if run.name in fits]
    values = {run.name: _checked_alphas(run, fits[run.name]) for run in present}
    alphas = sorted(set(values.values()))
    if not alphas:
        raise DataError("alpha_s: expected fits, received none")
    batches = sorted({run.batch for run in present})
    numbers = sorted({int(number) for run in present for number in fits[run.name].replicas})
    chi2 = np.full((len(batches), len(numbers), len(alphas)), np.nan)
    central = np.full(len(alphas), np.nan)
    known: dict[int, tuple[str, Floats]] = {}
    for run in present:
        fit = fits[run.name]
        _check_data(fit, data)
        pseudodata = read_pseudodata(fit)
        _check_pseudodata(run.name, fit, pseudodata, known)
        points, column = data.fitted_points, alphas.index(values[run.name])
        own = pseudodata_chi2(fit.results.predictions[:, points], pseudodata[:, points], data.loss_covariance)
        place = (batches.index(run.batch), np.searchsorted(numbers, fit.replicas), column)
        if np.isfinite(chi2[place]).any():
            raise DataError(f"{fit.path}: alpha_s is {values[run.name]:g}, as in another run", hint="leave one out")
        chi2[place] = np.where(fit.passing, own, np.nan)
        residual = whiten_residuals(fit.mean_prediction[points], data.central[points], data.loss_covariance)
        total = float(np.sum(residual**2))
        central[column] = total if np.isnan(central[column]) else min(total, central[column])
    found = determine_alphas(np.array(alphas), np.array(numbers), chi2, fewest_points=fewest_points)
    return AlphasScan(found, central, len(data.fitted_points))


def _checked_alphas(run: Run, fit: FitFolder) -> float:
    found = alphas_of(fit)
    if run.alphas is not None and abs(found - run.alphas) > _SAME:
        raise DataError(
            f"run {run.name}: theory {run.theory} has alpha_s(MZ) = {found:g}, the campaign file says {run.alphas:g}",
            hint="correct alphas under theories",
        )
    return found


def _check_data(fit: FitFolder, data: FitData) -> None:
    if not np.array_equal(fit.points.central, data.central):
        raise DataError(
            f"{fit.path}: other central data than in the first run",
            hint="use the same data sets and cuts, and in a closure test the same faketheoryid and filterseed",
        )


def _check_pseudodata(name: str, fit: FitFolder, pseudodata: Floats, known: dict[int, tuple[str, Floats]]) -> None:
    """Check that replicas have the pseudodata that they have in the runs before, and add those to ``known``."""
    for number, values in zip(fit.replicas.tolist(), pseudodata, strict=True):
        first, expected = known.setdefault(number, (name, values))
        if not np.array_equal(values, expected):
            raise DataError(
                f"run {name}: the pseudodata of replica {number} are not those of run {first}",
                hint="use the same mcseed and, with use_t0_sampling, the same theory.t0theoryid",
            )
