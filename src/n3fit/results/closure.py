"""Estimators of closure tests, of one fit and over many (arXiv:1410.8849, section 4; arXiv:2111.05787, section 3).

With the predictions g_r of R replicas, their mean <g>, the truth f, the data D of level 1, and the experimental
covariance C at the truth, per point of a group with n points:

- chi2 of the mean: ``(<g> - D)^T C^-1 (<g> - D) / n``, and that of the truth with f for <g>;
- Delta_chi2: chi2 of the mean over that of the truth, minus one; below zero the fit follows the fluctuations of D;
- bias: ``(<g> - f)^T C^-1 (<g> - f) / n``;
- variance: mean over replicas of ``(g_r - <g>)^T C^-1 (g_r - <g>) / n``;
- phi: ``sqrt(<chi2 of g_r> - chi2 of <g>)``, which with one covariance is the square root of the variance.

Bias and variance are averages over what the experiments might have measured when many fits with their own level 1 are
taken together: for faithful uncertainties the square root of their ratio, R_bv, is one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from n3fit.errors import DataError
from n3fit.results.closure_arrays import closure_groups, read_closure_arrays
from n3fit.results.folder import FitFolder
from n3fit.typing import Booleans, Floats


@dataclass(frozen=True)
class ClosureRow:
    """The estimators of one group of points, per point; nan where there is none.

    ``level`` is ``datasets``, ``experiments`` or ``total``. ``coverage`` is the fraction of the points whose true
    value lies within one standard deviation of the replicas around their mean; nan for fewer than two replicas.
    ``ratio`` is the square root of bias over variance of this fit alone.
    """

    level: str
    name: str
    points: int
    chi2: float
    chi2_truth: float
    delta_chi2: float
    phi: float
    bias: float
    variance: float
    ratio: float
    coverage: float


@dataclass(frozen=True)
class ClosureEstimates:
    """The closure test of one fit.

    Parameters
    ----------
    path : Path
        The fit folder.
    test_level : int
        0, 1 or 2.
    pdf_set, sha256 : str
        The PDF set whose member 0 is the truth, and the hash of that member.
    filterseed : int or None
        Seed of the fluctuation of level 1.
    replicas : int
        Number of replicas that enter the means.
    rows : tuple of ClosureRow
        Every data set, every experiment, and last everything.
    """

    path: Path
    test_level: int
    pdf_set: str
    sha256: str
    filterseed: int | None
    replicas: int
    rows: tuple[ClosureRow, ...]

    @property
    def total(self) -> ClosureRow:
        """The row of all points."""
        return self.rows[-1]


def closure_estimates(fit: FitFolder, replicas: Sequence[int] | None = None) -> ClosureEstimates:
    """Compute the estimators of the closure test that a fit is.

    Parameters
    ----------
    fit : FitFolder
    replicas : sequence of int, optional
        Numbers of the replicas to take; by default those chosen for the means of the fit.

    Raises
    ------
    DataError
        The fit is no closure test, a file is damaged, or no replica is chosen.
    ResourceError
        The file of the closure test is missing.
    """
    test = fit.description.closure
    if test is None:
        raise DataError(
            f"{fit.path}: not a closure test", hint="fit a card with closuretest: `n3fit explain closuretest`"
        )
    chosen = fit.chosen if replicas is None else np.isin(fit.replicas, replicas)
    if not chosen.any():
        raise DataError(f"{fit.path}: no replica is chosen, so there are no means", hint="fit more replicas")
    closure = read_closure_arrays(fit)
    among_all = np.isin(fit.manifest.replicas, fit.replicas[chosen])
    inside = _inside(fit.results.predictions[chosen], closure.truth)
    groups, rows = closure_groups(fit.description.datasets), []
    for (level, name, points), products in zip(groups, closure.products(fit.description.datasets), strict=True):
        coverage = float(inside[points].mean()) if chosen.sum() > 1 and points.size else np.nan
        rows.append(group_estimates(level, name, points.size, products, among_all, coverage))
    return ClosureEstimates(
        path=fit.path,
        test_level=test.level,
        pdf_set=test.pdf_set,
        sha256=test.sha256,
        filterseed=test.filterseed,
        replicas=int(chosen.sum()),
        rows=tuple(rows),
    )


def group_estimates(
    level: str, name: str, points: int, products: Floats, chosen: Booleans, coverage: float = np.nan
) -> ClosureRow:
    """Compute the estimators of one group from the products (R + 1, R + 1) of its residuals."""
    among = products[:-1, :-1][np.ix_(chosen, chosen)]
    with_data = products[:-1, -1][chosen]
    of_data = float(products[-1, -1])
    bias = float(among.mean())
    variance = float(among.diagonal().mean()) - bias
    chi2 = bias - 2 * float(with_data.mean()) + of_data
    chi2_replicas = float((among.diagonal() - 2 * with_data).mean()) + of_data
    count = max(points, 1)
    return ClosureRow(
        level=level,
        name=name,
        points=points,
        chi2=chi2 / count,
        chi2_truth=of_data / count,
        delta_chi2=chi2 / of_data - 1 if of_data > 0 else np.nan,
        phi=float(np.sqrt(max(chi2_replicas - chi2, 0.0) / count)),
        bias=bias / count,
        variance=variance / count,
        ratio=float(np.sqrt(bias / variance)) if variance > 0 else np.nan,
        coverage=coverage,
    )


def _inside(predictions: Floats, truth: Floats) -> Booleans:
    """Return at which points (N,) the truth is within a standard deviation of the replicas (R, N) around their mean."""
    if len(predictions) < 2:
        return np.zeros(len(truth), dtype=np.bool_)
    distance = np.abs(predictions.mean(axis=0) - truth)
    inside: Booleans = distance < predictions.std(axis=0, ddof=1)
    return inside
