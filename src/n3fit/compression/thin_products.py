"""Constant matrices as products of thin ones, up to the rounding error of the full product.

The matrix of folded tables has columns of zeros (nodes below the smallest x of its data), and its rows depend on fewer
numbers than there are nodes and flavours: its singular values fall so fast that often less than half of them differ
from zero in single precision. A product with two thin matrices is then cheaper than one with the full matrix.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from threadpoolctl import threadpool_limits

from n3fit.storage.cache import ArrayStore, content_key
from n3fit.typing import Array, Floats

SINGULAR_VALUES = 0.25
"""Singular values below this times the rounding error, relative to the largest one, are omitted.

That changes a product by less than the rounding of the full product does.
"""

WORTH = 0.8
"""Fraction of the entries of the matrix below which two factors are used."""

SMALLEST = 64
"""Number of rows and columns below which matrices are not split."""

STORE = ArrayStore("products", version=2)


@dataclass(frozen=True)
class ThinProduct:
    """A matrix (K, n) that acts on vectors (n,).

    Parameters
    ----------
    start : int
        The first column that is not zero.
    factors : tuple of arrays
        One or two, (n - start, K), or (n - start, r) and (r, K): vectors ``v[start:]`` are multiplied from the left
        with the first, then with the second.
    """

    start: int
    factors: tuple[Floats, ...]

    @property
    def size(self) -> int:
        """Entries of all factors, as many as multiplications for a vector."""
        return sum(factor.size for factor in self.factors)


def thin_product(matrix: Floats, precision: float) -> ThinProduct:
    """Return a matrix as the product that takes the fewest operations.

    Parameters
    ----------
    matrix : (K, n)
    precision : float
        Relative rounding error of the numbers in which the product is computed.
    """
    used = np.flatnonzero(matrix.any(axis=0))
    start = int(used[0]) if len(used) else 0
    part = matrix[:, start:]
    full = ThinProduct(start, (np.ascontiguousarray(part.T),))
    if min(part.shape) < SMALLEST:
        return full
    key = content_key(SINGULAR_VALUES, WORTH, precision, part)
    stored = STORE.get_or_compute(key, lambda: _split(part, precision))
    if "first" not in stored:
        return full
    return ThinProduct(start, (stored["first"], stored["second"]))


def _lower_bound(matrix: Floats) -> int:
    """Return a lower bound of the number of singular values that are kept.

    Eigenvalues of ``A^T A``, found much faster than singular values, are good to double precision: those above 1e-12
    of the largest belong to singular values above 1e-6, which are kept in single precision and in double.
    """
    gram = matrix.T @ matrix if matrix.shape[0] > matrix.shape[1] else matrix @ matrix.T
    values = np.linalg.eigvalsh(gram)
    return int(np.count_nonzero(values > 1e-12 * values[-1]))


def _split(matrix: Floats, precision: float) -> dict[str, Array]:
    """Return the factors (n, r) and (r, K) of a matrix (K, n), or nothing but their rank r where they do not pay.

    The rank is then a lower bound.
    """
    # the number of threads must not change the factors
    with threadpool_limits(limits=1, user_api="blas"):
        rank = _lower_bound(matrix)
        if not _pays(rank, matrix):
            return {"rank": np.array(rank)}
        left, values, right = np.linalg.svd(matrix, full_matrices=False)
        rank = max(1, int(np.count_nonzero(values > SINGULAR_VALUES * precision * values[0])))
        if not _pays(rank, matrix):
            return {"rank": np.array(rank)}
        return {
            "first": np.ascontiguousarray(right[:rank].T),
            "second": np.ascontiguousarray((left[:, :rank] * values[:rank]).T),
        }


def _pays(rank: int, matrix: Floats) -> bool:
    """Return whether two factors have few enough entries."""
    return rank * sum(matrix.shape) < WORTH * matrix.size
