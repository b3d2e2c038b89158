"""The strong coupling from correlated replicas (arXiv:1802.03398, section 2).

Replica k of the data is fitted at every value of alpha_s(MZ), with the same pseudodata each time. Its chi2 to *these
pseudodata* is a function of alpha_s, close to its minimum a parabola

    chi2_k(a) = chi2_k + c_k (a - a_k)^2 ,

and the minima a_k of many replicas are a Monte Carlo sample of alpha_s, with the PDF uncertainty and its correlation to
alpha_s inside. A fit does not always reach the minimum of its loss; each may be repeated from other initial weights,
and the lowest chi2 is taken for each replica and alpha_s. Curves with too few points or without a minimum are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from n3fit.errors import DataError
from n3fit.typing import Booleans, Floats, Integers

FEWEST_POINTS = 3
"""Points that determine a parabola."""

_QUANTILES = (0.15865525393145707, 0.5, 0.8413447460685429)
"""Of a Gaussian at minus one, zero and plus one standard deviation."""


@dataclass(frozen=True, eq=False)
class Parabolas:
    """Parabolas ``lowest + curvature (a - minimum)^2`` of R curves.

    Parameters
    ----------
    minimum, lowest, curvature : (R,)
        nan for a curve with fewer than three points; without a minimum (curvature not positive), those of the maximum.
    points : (R,) int
        Number of points of each curve.
    deviation : (R,)
        Root mean square distance of the points from the parabola, divided by the degrees of freedom; nan without any.
    """

    minimum: Floats
    lowest: Floats
    curvature: Floats
    points: Integers
    deviation: Floats

    def values(self, alphas: Floats) -> Floats:
        """Return the parabolas (R, n) at ``alphas`` (n,)."""
        shifts = alphas - self.minimum[:, np.newaxis]
        result: Floats = self.lowest[:, np.newaxis] + self.curvature[:, np.newaxis] * shifts**2
        return result


@dataclass(frozen=True, eq=False)
class AlphasDetermination:
    """alpha_s from the minima of R correlated replicas at A values.

    Parameters
    ----------
    alphas : (A,)
        The values of the fits, increasing.
    replicas : (R,) int
    chi2 : (R, A)
        The lowest of all batches; nan where there is none.
    parabolas : Parabolas
        Of all R curves.
    accepted : (R,) bool
        The curves that have enough points and a minimum.
    left_out : mapping of str to int
        Number of the other curves, by reason.
    value, uncertainty : float
        Mean and standard deviation of the minima of the accepted curves.
    value_error, uncertainty_error : float
        Standard deviations of these two for this number of curves, from a bootstrap.
    median, low, high : float
        Median of the minima, and limits of the interval of 68 %.
    outside : int
        Number of accepted minima outside the values of the fits.
    """

    alphas: Floats
    replicas: Integers
    chi2: Floats
    parabolas: Parabolas
    accepted: Booleans
    left_out: Mapping[str, int]
    value: float
    uncertainty: float
    value_error: float
    uncertainty_error: float
    median: float
    low: float
    high: float
    outside: int

    @property
    def minima(self) -> Floats:
        """The minima of the accepted curves."""
        return self.parabolas.minimum[self.accepted]

    @property
    def mean_curve(self) -> Parabolas:
        """The parabola of the mean chi2 over the accepted curves; where it rises by one is not the uncertainty."""
        return fit_parabolas(self.alphas, _mean_without_nan(self.chi2[self.accepted])[np.newaxis])


def fit_parabolas(alphas: Floats, chi2: Floats) -> Parabolas:
    """Fit a parabola to each curve by least squares with equal weights.

    Parameters
    ----------
    alphas : (A,)
    chi2 : (R, A)
        Not divided by the number of data; nan for a point that is missing.
    """
    present = np.isfinite(chi2)
    coefficients = np.full((len(chi2), 3), np.nan)
    deviation = np.full(len(chi2), np.nan)
    centre = float(np.mean(alphas))
    scale = float(np.max(np.abs(alphas - centre))) or 1.0
    x = (alphas - centre) / scale
    for row, mask in enumerate(present):
        count = int(mask.sum())
        if len(np.unique(x[mask])) < FEWEST_POINTS:
            continue
        offset = chi2[row, mask].mean()  # the level of chi2 is thousands, its rise a few
        powers = np.vander(x[mask], 3, increasing=True)
        coefficients[row] = np.linalg.lstsq(powers, chi2[row, mask] - offset, rcond=None)[0]
        rest = chi2[row, mask] - offset - powers @ coefficients[row]
        coefficients[row, 0] += offset
        if count > FEWEST_POINTS:
            deviation[row] = np.sqrt(np.sum(rest**2) / (count - FEWEST_POINTS))
    constant, slope, curvature = coefficients.T
    with np.errstate(divide="ignore", invalid="ignore"):
        minimum = -slope / (2 * curvature)
        lowest = constant - slope**2 / (4 * curvature)
    return Parabolas(
        minimum=centre + scale * minimum,
        lowest=lowest,
        curvature=curvature / scale**2,
        points=present.sum(axis=1),
        deviation=deviation,
    )


def best_of_batches(chi2: Floats) -> Floats:
    """Return the lowest chi2 (R, A) of repeated fits (B, R, A); nan where every fit is missing."""
    lowest = np.where(np.isfinite(chi2), chi2, np.inf).min(axis=0)
    return np.where(np.isfinite(lowest), lowest, np.nan)


def determine_alphas(
    alphas: Floats,
    replicas: Integers,
    chi2: Floats,
    *,
    fewest_points: int | None = None,
    samples: int = 2000,
    seed: int = 1,
) -> AlphasDetermination:
    """Compute alpha_s and its uncertainty from the curves of correlated replicas.

    Parameters
    ----------
    alphas : (A,)
        Different values, in any order.
    replicas : (R,) int
    chi2 : (R, A) or (B, R, A)
        Of each replica to its own pseudodata, not divided by their number; nan for a fit that is missing. With a first
        axis, of repeated fits.
    fewest_points : int, optional
        Points that an accepted curve needs; by default more than half of the values, three at least.
    samples, seed : int
        Of the bootstrap over curves.

    Raises
    ------
    DataError
        Fewer than three values of alpha_s, or fewer than two accepted curves.
    """
    if len(np.unique(alphas)) != len(alphas) or len(alphas) < FEWEST_POINTS:
        raise DataError(
            f"alpha_s: expected {FEWEST_POINTS} different values or more, received {_list(alphas)}",
            hint="fit with more theories",
        )
    order = np.argsort(alphas)
    values = best_of_batches(chi2 if chi2.ndim == 3 else chi2[np.newaxis])[:, order]
    needed = fewest_points if fewest_points is not None else max(FEWEST_POINTS, len(alphas) // 2 + 1)
    parabolas = fit_parabolas(alphas[order], values)
    enough = parabolas.points >= max(needed, FEWEST_POINTS)
    accepted = enough & (parabolas.curvature > 0) & np.isfinite(parabolas.minimum)
    left_out = {
        f"fewer than {needed} fits": int((~enough).sum()),
        "no minimum": int((enough & ~accepted).sum()),
    }
    minima = parabolas.minimum[accepted]
    if len(minima) < 2:
        reasons = ", ".join(f"{reason}: {count}" for reason, count in left_out.items() if count)
        raise DataError(
            f"alpha_s: expected curves of two replicas or more with a minimum, received {len(minima)} of "
            f"{len(values)} ({reasons or 'no further replicas'})",
            hint="fit more replicas, repeat them (batches), or take values of alpha_s that are further apart",
        )
    return AlphasDetermination(
        alphas=alphas[order],
        replicas=replicas,
        chi2=values,
        parabolas=parabolas,
        accepted=accepted,
        left_out={reason: count for reason, count in left_out.items() if count},
        outside=int(((minima < alphas.min()) | (minima > alphas.max())).sum()),
        **_statistics(minima, samples, seed),
    )


def _statistics(minima: Floats, samples: int, seed: int) -> dict[str, float]:
    """Return mean, width and quantiles of the minima, with bootstrap errors of the first two."""
    draws = minima[np.random.default_rng(seed).integers(len(minima), size=(samples, len(minima)))]
    low, median, high = np.quantile(minima, _QUANTILES)
    return {
        "value": float(minima.mean()),
        "uncertainty": float(minima.std(ddof=1)),
        "value_error": float(draws.mean(axis=1).std(ddof=1)),
        "uncertainty_error": float(draws.std(axis=1, ddof=1).std(ddof=1)),
        "median": float(median),
        "low": float(low),
        "high": float(high),
    }


def _mean_without_nan(values: Floats) -> Floats:
    present = np.isfinite(values)
    counts = present.sum(axis=0)
    total = np.where(present, values, 0.0).sum(axis=0)
    return np.where(counts == len(values), total / np.maximum(counts, 1), np.nan)


def _list(values: Floats) -> str:
    return ", ".join(f"{value:g}" for value in values) or "none"
