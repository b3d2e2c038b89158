"""Checks that covariance matrices are symmetric and positive definite; errors name the data sets responsible."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.data.covariance import correlated_points
from n3fit.errors import DataError
from n3fit.storage.cache import ArrayStore, content_key
from n3fit.typing import Array, Booleans, Floats, Integers

ASYMMETRY = 1e-10
"""Largest difference between mirrored correlations that rounding can cause."""

RESPONSIBLE = 0.1
"""Share of an eigenvector above which a data set is named."""

CACHED_SIZE = 500
"""Rows of a matrix below which factorising is faster than reading from the cache."""

CHOLESKY = ArrayStore("cholesky", version=2)


def correlation_matrix(covariance: Floats, datasets: Sequence[CommonData] = ()) -> tuple[Floats, Floats]:
    """Return the correlations (N, N) and standard deviations (N,) of a covariance.

    Raises
    ------
    DataError
        The matrix is not square, not finite, not symmetric, does not belong to the data sets, or has a variance that
        is not positive.
    """
    _check_shape(covariance, datasets)
    infinite: Booleans = np.any(~np.isfinite(covariance), axis=1)
    if infinite.any():
        raise DataError(f"the covariance of {owners_of(infinite, datasets)} is not finite")
    variances = np.diagonal(covariance)
    if not (variances > 0.0).all():
        bad = variances <= 0.0
        raise DataError(
            f"the covariance of {owners_of(bad, datasets)} has a variance that is not positive "
            f"(smallest: {variances.min():.3e})",
            hint="give every point an uncertainty",
        )
    sigma = np.sqrt(variances)
    correlation = covariance / np.outer(sigma, sigma)
    difference = np.abs(correlation - correlation.T)
    if difference.max(initial=0.0) > ASYMMETRY:
        bad = (difference > ASYMMETRY).any(axis=1)
        raise DataError(
            f"the covariance of {owners_of(bad, datasets)} is not symmetric: mirrored correlations differ by up to "
            f"{difference.max():.3e}"
        )
    return 0.5 * (correlation + correlation.T), sigma


def check_positive(eigenvalues: Floats, eigenvectors: Floats, datasets: Sequence[CommonData] = ()) -> None:
    """Check that all eigenvalues of a correlation matrix are positive beyond rounding.

    Parameters
    ----------
    eigenvalues, eigenvectors : arrays (N,), (N, k)
        Increasing eigenvalues of the correlation matrix; in the columns the eigenvectors of the first k.
    datasets : sequence of CommonData
        The data sets, for the message.

    Raises
    ------
    DataError
        One is not; the message names the data sets, the smallest eigenvalue and the condition number.
    """
    smallest, largest = float(eigenvalues[0]), float(eigenvalues[-1])
    limit = len(eigenvalues) * np.finfo(np.float64).eps * largest
    if smallest > limit:
        return
    condition = largest / smallest if smallest > 0.0 else np.inf
    word = "singular" if abs(smallest) <= limit else "not positive definite"
    raise DataError(
        f"the covariance of {responsible_for(eigenvectors[:, 0], datasets)} is {word}: the smallest eigenvalue of its "
        f"correlation matrix is {smallest:.3e}, the condition number {condition:.3e}",
        hint="look for points that appear twice or uncertainties that are all correlated; leave the data set out",
    )


def cached_factors(
    store: ArrayStore, matrix: Floats, factorise: Callable[[], Mapping[str, Array]]
) -> Mapping[str, Array]:
    """Return the read-only factors of a matrix, those of a large one from the cache if they are there."""
    if len(matrix) >= CACHED_SIZE:
        return store.get_or_compute(content_key(matrix), factorise)
    factors = factorise()
    for factor in factors.values():
        factor.setflags(write=False)
    return factors


def cholesky_or_explain(covariance: Floats, datasets: Sequence[CommonData] = ()) -> Floats:
    """Return the lower Cholesky factor L (N, N) of a covariance matrix, C = L L^T.

    Raises
    ------
    DataError
        The matrix is not a covariance; the message names the data sets, the smallest eigenvalue and the condition
        number.
    """
    _check_shape(covariance, datasets)
    stored = cached_factors(CHOLESKY, covariance, lambda: _factorise(covariance, datasets))
    factor, start = np.zeros(covariance.shape), 0
    for points in np.split(stored["points"], np.cumsum(stored["sizes"])[:-1]):
        entries = stored["factors"][start : start + len(points) ** 2]
        factor[np.ix_(points, points)] = entries.reshape(len(points), -1)
        start += len(entries)
    factor.setflags(write=False)
    return factor


def check_covariance(covariance: Floats, datasets: Sequence[CommonData] = ()) -> None:
    """Check that a matrix is a covariance; one with its Cholesky factor in the cache was checked before.

    Raises
    ------
    DataError
        As in :func:`cholesky_or_explain`.
    """
    _check_shape(covariance, datasets)
    if len(covariance) < CACHED_SIZE or not CHOLESKY.contains(content_key(covariance)):
        cholesky_or_explain(covariance, datasets)


def _check_shape(covariance: Floats, datasets: Sequence[CommonData]) -> None:
    size = sum(len(dataset) for dataset in datasets)
    if covariance.ndim != 2 or covariance.shape[0] != covariance.shape[1] or (datasets and len(covariance) != size):
        expected = (size, size) if datasets else "(N, N)"
        raise DataError(f"expected a covariance matrix of shape {expected}, received {covariance.shape}")


def _factorise(covariance: Floats, datasets: Sequence[CommonData]) -> dict[str, Array]:
    """Compute the Cholesky factors of the groups of points without correlation between them, one after the other.

    Returns
    -------
    dict
        ``points`` (N,) of all groups, the ``sizes`` of the groups, and the entries of their ``factors``.
    """
    groups = correlated_points(covariance)
    try:
        scaled = [correlation_matrix(covariance[np.ix_(points, points)]) for points in groups]
    except DataError:
        correlation_matrix(covariance, datasets)  # its message names all data sets
        raise
    factors = _cholesky_factors([correlation for correlation, _ in scaled], groups, datasets)
    blocks = [sigma[:, None] * factor for (_, sigma), factor in zip(scaled, factors, strict=True)]
    return {
        "points": np.concatenate(groups),
        "sizes": np.array([len(points) for points in groups]),
        "factors": np.concatenate([block.ravel() for block in blocks]),
    }


def _cholesky_factors(
    correlations: Sequence[Floats], groups: Sequence[Integers], datasets: Sequence[CommonData]
) -> list[Floats]:
    size = sum(map(len, groups))
    try:
        factors = [_cholesky(correlation) for correlation in correlations]
        smallest = min(float(np.min(np.diagonal(factor))) for factor in factors)
        doubtful = bool(smallest**2 < 1e3 * size * np.finfo(np.float64).eps)
    except np.linalg.LinAlgError:
        doubtful = True
    # the squared diagonal of the factor bounds the smallest eigenvalue from above: only when it is small is the
    # slower diagonalisation needed to find out whether the matrix is singular
    if doubtful:
        check_positive(*_eigensystem(correlations, groups), datasets)
        factors = [_cholesky(correlation) for correlation in correlations]
    return factors


def _cholesky(correlation: Floats) -> Floats:
    factor: Floats = np.linalg.cholesky(correlation).astype(np.float64, copy=False)
    return factor


def _eigensystem(correlations: Sequence[Floats], groups: Sequence[Integers]) -> tuple[Floats, Floats]:
    """Return all eigenvalues (N,) of the blocks of a matrix, increasing, and the eigenvector (N, 1) of the smallest."""
    systems = [np.linalg.eigh(correlation) for correlation in correlations]
    worst = int(np.argmin([values[0] for values, _ in systems]))
    vector = np.zeros((sum(map(len, groups)), 1))
    vector[groups[worst], 0] = systems[worst][1][:, 0]
    return np.sort(np.concatenate([values for values, _ in systems])), vector


def owners_of(points: Booleans, datasets: Sequence[CommonData]) -> str:
    """Return the names of the data sets of the marked points, each with its first marked point."""
    names = []
    start = 0
    for dataset in datasets:
        marked = np.flatnonzero(points[start : start + len(dataset)])
        if marked.size:
            names.append(f"{dataset.name} (point {dataset.indices[marked[0]]})")
        start += len(dataset)
    return ", ".join(names) or f"point {int(np.flatnonzero(points)[0])}"


def responsible_for(direction: Floats, datasets: Sequence[CommonData]) -> str:
    """Return the names of the data sets in which a direction in the space of points mainly lies."""
    names = []
    start = 0
    for dataset in datasets:
        if np.sum(direction[start : start + len(dataset)] ** 2) > RESPONSIBLE:
            names.append(dataset.name)
        start += len(dataset)
    return ", ".join(names) or "the data"
