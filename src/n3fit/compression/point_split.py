"""Factors of covariances with which the chi2 of every replica's split of the points takes few operations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import DTypeLike, NDArray
from scipy.linalg.lapack import dpotrf, dtrtri
from threadpoolctl import threadpool_limits

from n3fit.data.covariance import correlated_points
from n3fit.typing import Booleans, Floats, Indices, Integers


def correlated_groups(covariance: Floats, smallest: int = 256) -> list[Indices]:
    """Divide points into groups without correlation between them.

    Parameters
    ----------
    covariance : (n, n)
    smallest : int
        Number of points below which groups are joined.

    Returns
    -------
    list of arrays of int
        The points of each group, ascending.
    """
    groups: list[Indices] = []
    for points in sorted(correlated_points(covariance), key=len, reverse=True):
        if groups and len(groups[-1]) < smallest:
            groups[-1] = np.sort(np.concatenate([groups[-1], points]))
        else:
            groups.append(points)
    return groups


def held_out_roots(
    matrices: Sequence[NDArray[np.floating]], masks: Booleans, dtype: DTypeLike = np.float64
) -> tuple[Integers, list[Floats]]:
    """Factorise the inverse of the blocks of the held-out points, for each replica.

    Parameters
    ----------
    matrices : sequence of (n, n)
        Positive definite.
    masks : (R, n) bool
        False for held-out points.
    dtype : dtype
        Type of the roots, which are computed in float64.

    Returns
    -------
    indices : (R, v)
        The held-out points; replicas with fewer of them than others are padded with point 0.
    roots : list of (R, v, v)
        For each matrix M the lower triangular K with ``K^T K = (M_VV)^-1``; zero in the padding.

    Raises
    ------
    numpy.linalg.LinAlgError
        A block is not positive definite.
    """
    held_out = [np.flatnonzero(~mask) for mask in masks]
    longest = max(1, *(len(points) for points in held_out))
    indices = np.zeros((len(masks), longest), dtype=np.int64)
    roots = [np.zeros((len(masks), longest, longest), dtype=dtype) for _ in matrices]
    with threadpool_limits(limits=1, user_api="blas"):  # for matrices this small several threads only wait
        for replica, points in enumerate(held_out):
            count = len(points)
            indices[replica, :count] = points
            for matrix, root in zip(matrices, roots, strict=True):
                if count:
                    root[replica, :count, :count] = _inverse_root(matrix[np.ix_(points, points)])
    return indices, roots


def _inverse_root(matrix: NDArray[np.floating]) -> NDArray[np.float64]:
    """Compute the lower triangular inverse of the Cholesky factor of a matrix (n, n), which may be overwritten.

    LAPACK orders matrices by columns: the upper triangle of ``U^T U``, read by rows, is the lower one of ``L L^T``.
    """
    columns = np.asarray(matrix, dtype=np.float64).T
    factor, failure = dpotrf(columns, lower=0, clean=1, overwrite_a=1)
    if failure:
        raise np.linalg.LinAlgError(f"the leading block of {failure} rows is not positive definite")
    inverse, _ = dtrtri(factor, lower=0, overwrite_c=1)
    root: NDArray[np.float64] = inverse.T
    return root
