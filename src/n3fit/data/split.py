"""Training and validation: in the eigenbasis of the correlations of all data, or point by point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from n3fit.data.commondata import CommonData
from n3fit.data.covariance import correlated_points
from n3fit.data.covariance_checks import cached_factors, check_positive, correlation_matrix
from n3fit.errors import DataError
from n3fit.seeds import generator
from n3fit.storage.cache import ArrayStore
from n3fit.typing import Booleans, Floats

PURPOSE = "training-validation split"
EIGENBASIS = ArrayStore("eigenbasis", version=1)
DEGENERATE = 1e-12
"""Neighbouring eigenvalues closer than this, relative to the largest, count as one."""


class EigenbasisSplit:
    """Independent combinations of all data, of which a part is for training.

    The correlation matrix C = U diag(lambda) U^T of all points gives W = lambda^(-1/2) U^T diag(1/sigma): the
    components of W (T - D) are independent with unit variance, chi2 is the sum of their squares, and it can be
    divided between training and validation without losing correlations.

    Parameters
    ----------
    covariance : array (N, N)
        Covariance of all points, normally the t0 covariance.
    datasets : sequence of CommonData
        The data sets, for error messages.

    Attributes
    ----------
    whitening : array (N, N)
        W, read-only. Its rows, the modes, go by increasing eigenvalue.
    eigenvalues : array (N,)
        Of the correlation matrix, increasing, read-only.

    Raises
    ------
    DataError
        The matrix is not a covariance or is singular.
    """

    def __init__(self, covariance: Floats, datasets: Sequence[CommonData] = ()) -> None:
        stored = cached_factors(EIGENBASIS, covariance, lambda: _diagonalise(covariance, datasets))
        self.eigenvalues: Floats = stored["eigenvalues"]
        self.whitening: Floats = stored["whitening"]

    def whitening_above(self, threshold: float) -> Floats:
        """Return W with zeros in the rows of the modes whose eigenvalue is below a threshold: they have no chi2."""
        low = self.eigenvalues < threshold
        if not low.any():
            return self.whitening
        whitening: Floats = np.where(low[:, None], 0.0, self.whitening)
        whitening.setflags(write=False)
        return whitening

    def training_masks(
        self, replicas: Sequence[int], *, fraction: float, seed: int, same_for_all: bool = False
    ) -> Booleans:
        """Return the modes that each replica trains on.

        Parameters
        ----------
        replicas : sequence of int
            Replica numbers, R of them.
        fraction : float
            int(fraction N) modes are for training.
        seed : int
            The ``trvlseed`` of the runcard.
        same_for_all : bool
            The same modes for every replica.

        Returns
        -------
        array (R, N) of bool

        Raises
        ------
        DataError
            The fraction does not lie above 0 and up to 1.
        """
        if not 0.0 < fraction <= 1.0:
            raise DataError(f"diagonal_frac must be above 0 and at most 1, received {fraction}")
        size = len(self.eigenvalues)
        return _masks(replicas, seed, "eigenbasis", size, int(fraction * size), same_for_all)


def point_masks(
    datasets: Sequence[CommonData],
    fractions: Mapping[str, float],
    *,
    replicas: Sequence[int],
    seed: int,
    same_for_all: bool = False,
) -> Booleans:
    """Return the points that each replica trains on, chosen data set by data set.

    int(fraction n) of the n points of a data set are for training; the only point of a data set is with the
    probability ``fraction``.

    Parameters
    ----------
    datasets : sequence of CommonData
        The data, N points.
    fractions : mapping of str to float
        The ``frac`` of each data set.
    replicas, seed, same_for_all
        As in :meth:`EigenbasisSplit.training_masks`.

    Returns
    -------
    array (R, N) of bool

    Raises
    ------
    DataError
        A data set has no fraction, or one outside 0 to 1; a replica is left without training data.
    """
    columns = []
    for dataset in datasets:
        if dataset.name not in fractions:
            raise DataError(f"{dataset.name}: there is no fraction of training data for this data set")
        fraction = fractions[dataset.name]
        if not 0.0 <= fraction <= 1.0:
            raise DataError(f"{dataset.name}: frac must be between 0 and 1, received {fraction}")
        if len(dataset) == 1:
            columns.append(_single_point(replicas, seed, dataset.name, fraction, same_for_all))
        else:
            count = int(fraction * len(dataset))
            columns.append(_masks(replicas, seed, dataset.name, len(dataset), count, same_for_all))
    masks = np.concatenate(columns, axis=1)
    idle = [replica for replica, mask in zip(replicas, masks, strict=True) if not mask.any()]
    if idle:
        raise DataError(f"replica {idle[0]} has no point to train on", hint="raise frac or add data")
    return masks


def _masks(replicas: Sequence[int], seed: int, name: str, size: int, training: int, same_for_all: bool) -> Booleans:
    masks = np.zeros((len(replicas), size), dtype=np.bool_)
    for row, replica in enumerate(replicas):
        random = generator(seed, PURPOSE, 0 if same_for_all else replica, name)
        masks[row, random.permutation(size)[:training]] = True
    return masks


def _single_point(replicas: Sequence[int], seed: int, name: str, fraction: float, same_for_all: bool) -> Booleans:
    draws = [generator(seed, PURPOSE, 0 if same_for_all else replica, name).random() for replica in replicas]
    return np.array(draws, dtype=np.float64)[:, None] < fraction


def _diagonalise(covariance: Floats, datasets: Sequence[CommonData]) -> dict[str, Floats]:
    correlation, sigma = correlation_matrix(covariance, datasets)
    eigenvalues, eigenvectors = eigensystem(correlation)
    check_positive(eigenvalues, eigenvectors, datasets)
    modes = _canonical(eigenvalues, eigenvectors).T
    return {"eigenvalues": eigenvalues, "whitening": modes / np.sqrt(eigenvalues)[:, None] / sigma[None, :]}


def eigensystem(matrix: Floats) -> tuple[Floats, Floats]:
    """Return the eigenvalues (N,), increasing, and eigenvectors (N, N), in columns, of a symmetric matrix.

    Each group of points without correlation to others is diagonalised by itself.
    """
    eigenvalues = np.empty(len(matrix))
    eigenvectors = np.zeros_like(matrix)
    start = 0
    for points in correlated_points(matrix):
        columns = np.arange(start, start + len(points))
        eigenvalues[columns], eigenvectors[np.ix_(points, columns)] = np.linalg.eigh(matrix[np.ix_(points, points)])
        start += len(points)
    order = np.argsort(eigenvalues, kind="stable")
    return eigenvalues[order], eigenvectors[:, order]


def _canonical(eigenvalues: Floats, eigenvectors: Floats) -> Floats:
    """Return eigenvectors that depend on the matrix alone, not on the library that diagonalised it.

    In the space of a degenerate eigenvalue the basis is that of a Gram-Schmidt process over the projections of the
    unit vectors, longest first; the largest component of every vector is positive.
    """
    result = eigenvectors.copy()
    edges = np.flatnonzero(np.diff(eigenvalues) > DEGENERATE * eigenvalues[-1]) + 1
    for columns in np.split(np.arange(len(eigenvalues)), edges):
        if len(columns) > 1:
            result[:, columns] = _basis_of_space(eigenvectors[:, columns])
    largest = np.argmax(np.abs(result) > np.max(np.abs(result), axis=0) * (1.0 - 1e-8), axis=0)
    signs = np.sign(result[largest, np.arange(result.shape[1])])
    canonical: Floats = result * signs
    return canonical


def _basis_of_space(vectors: Floats) -> Floats:
    """Return an orthonormal basis (N, k) of the space of orthonormal columns that does not depend on their choice."""
    remaining = vectors.copy()
    basis = np.empty_like(vectors)
    for position in range(vectors.shape[1]):
        lengths = np.sum(remaining**2, axis=1)
        pivot = int(np.argmax(lengths > lengths.max() * (1.0 - 1e-8)))
        coefficients = remaining[pivot] / np.sqrt(lengths[pivot])
        basis[:, position] = remaining @ coefficients
        remaining = remaining - np.outer(basis[:, position], coefficients)
    return basis
