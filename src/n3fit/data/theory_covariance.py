"""The theory covariance of the points of a fit, as a sum of squares of few directions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.data.covariance_checks import cached_factors, owners_of, responsible_for
from n3fit.errors import DataError
from n3fit.storage.cache import ArrayStore
from n3fit.typing import Booleans, Floats

ROOTS = ArrayStore("theory_covariance_roots", version=1)

USER = "user"
"""Name of the matrix of the user among the sources of a covariance."""

EXACT = 1e-10
"""Differences between mirrored correlations that rounding in double precision causes."""

TOLERANCE = 1e-5
"""Largest difference between mirrored correlations, and largest negative eigenvalue relative to the largest one, that
come from numbers written with about six digits."""


@dataclass(frozen=True, eq=False)
class TheoryCovariance:
    """The covariance A A^T of N points from columns A, so that it is symmetric and positive by construction.

    Parameters
    ----------
    columns : array (N, K)
        Read-only.
    sources : mapping of str to int
        Number of columns of each prescription, in the order of the columns; ``user`` is the matrix of the user.
    in_fitting : bool
        Whether it is part of the covariance of chi2.
    in_sampling : bool
        Whether it is part of the covariance of the pseudodata.
    """

    columns: Floats
    sources: Mapping[str, int]
    in_fitting: bool = True
    in_sampling: bool = True

    def __post_init__(self) -> None:
        """Make the columns read-only and check their number.

        Raises
        ------
        ValueError
            The sources do not add up to the columns.
        """
        columns = np.array(self.columns, dtype=np.float64)
        columns.setflags(write=False)
        object.__setattr__(self, "columns", columns)
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))
        if columns.ndim != 2 or columns.shape[1] != sum(self.sources.values()):
            raise ValueError(f"columns of shape {columns.shape} do not belong to the sources {dict(self.sources)}")

    @cached_property
    def matrix(self) -> Floats:
        """The covariance (N, N), read-only."""
        matrix: Floats = self.columns @ self.columns.T
        matrix = 0.5 * (matrix + matrix.T)
        matrix.setflags(write=False)
        return matrix

    @cached_property
    def variances(self) -> Floats:
        """The diagonal (N,) of the covariance, read-only."""
        variances: Floats = np.einsum("ij,ij->i", self.columns, self.columns)
        variances.setflags(write=False)
        return variances


def matrix_columns(matrix: Floats, datasets: Sequence[CommonData], what: str) -> tuple[Floats, tuple[str, ...]]:
    """Return columns (N, K) whose covariance A A^T is a given matrix (N, N), and remarks on what was mended.

    Parameters
    ----------
    matrix : array (N, N)
    datasets : sequence of CommonData
        Of N points.
    what : str
        Name of the matrix, for messages.

    Raises
    ------
    DataError
        The matrix is not a covariance: not finite, not symmetric, or with a negative eigenvalue beyond rounding.
    """
    infinite: Booleans = np.any(~np.isfinite(matrix), axis=1)
    _refuse(infinite, datasets, what, "is not finite")
    variances = np.diagonal(matrix)
    _refuse(variances < 0.0, datasets, what, "has a negative variance")
    used: Booleans = variances > 0.0
    _refuse(~used & (matrix != 0.0).any(axis=1), datasets, what, "correlates a point without variance")
    sigma = np.sqrt(variances[used])
    correlation = matrix[np.ix_(used, used)] / np.outer(sigma, sigma)
    difference = np.abs(correlation - correlation.T)
    asymmetric = np.zeros_like(used)
    asymmetric[used] = (difference > TOLERANCE).any(axis=1)
    largest = difference.max(initial=0.0)
    _refuse(asymmetric, datasets, what, f"is not symmetric: mirrored correlations differ by up to {largest:.1e}")
    remarks = []
    if largest > EXACT:
        remarks.append(f"{what}: mirrored correlations differ by up to {largest:.1e}; the mean is used")
    symmetric = 0.5 * (correlation + correlation.T)
    factors, text = _positive_factors(symmetric, used, datasets, what)
    columns = np.zeros((len(used), factors.shape[1]))
    columns[used] = sigma[:, None] * factors
    return columns, (*remarks, *text)


def _positive_factors(
    symmetric: Floats, used: Booleans, datasets: Sequence[CommonData], what: str
) -> tuple[Floats, tuple[str, ...]]:
    """Return F (n, K) with F F^T the correlations (n, n) of the points ``used`` (N,), and a remark, if any."""
    stored = cached_factors(ROOTS, symmetric, lambda: _diagonalise(symmetric))
    eigenvalues, vectors = stored["eigenvalues"], stored["vectors"]
    top = float(eigenvalues.max(initial=0.0))
    rounding = len(eigenvalues) * np.finfo(np.float64).eps * top
    smallest = float(eigenvalues.min(initial=0.0))
    if smallest < -TOLERANCE * top:
        direction = np.zeros(len(used))
        direction[used] = vectors[:, 0]
        raise DataError(
            f"{what}: expected a covariance, received a matrix whose correlations have the negative eigenvalue "
            f"{smallest:.3e} (largest: {top:.3e}), mainly in {responsible_for(direction, datasets)}"
        )
    remark: tuple[str, ...] = ()
    if smallest < -rounding:
        count = int((eigenvalues < -rounding).sum())
        remark = (f"{what}: {count} eigenvalues slightly below zero (smallest {smallest:.1e}) are taken as zero",)
    kept = eigenvalues > max(rounding, -smallest)  # positive ones of that size are rounding as well
    factors: Floats = vectors[:, kept] * np.sqrt(eigenvalues[kept])
    return factors, remark


def _diagonalise(correlation: Floats) -> dict[str, Floats]:
    eigenvalues, vectors = np.linalg.eigh(correlation)
    return {"eigenvalues": eigenvalues, "vectors": vectors}


def _refuse(points: Booleans, datasets: Sequence[CommonData], what: str, fault: str) -> None:
    """Raise an error that names the marked points (N,), if there are any."""
    if points.any():
        raise DataError(f"{what}: the covariance of {owners_of(points, datasets)} {fault}")
