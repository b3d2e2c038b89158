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
from n3fit.typing import Floats

SINGULAR_VALUES = 0.25
"""Singular values below this times the rounding error, relative to the largest one, are omitted.

That changes a product by less than the rounding of the full product does.
"""

WORTH = 0.8
"""Fraction of the entries of the matrix below which two factors are used."""

SMALLEST = 64
"""Number of rows and columns below which matrices are not split."""

STORE = ArrayStore("products", version=1)


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
    if min(part.shape) < SMALLEST or not _may_pay(part):
        return full
    key = content_key(SINGULAR_VALUES, precision, part)
    stored = STORE.get_or_compute(key, lambda: _split(part, precision))
    split = ThinProduct(start, (stored["first"], stored["second"]))
    return split if split.size < WORTH * full.size else full


def _may_pay(matrix: Floats) -> bool:
    """Return whether two factors may have few enough entries, from a lower bound of the rank.

    Eigenvalues of ``A^T A``, found much faster than singular values, are good to double precision: those above 1e-12
    of the largest belong to singular values above 1e-6, which are kept in single precision and in double.
    """
    gram = matrix.T @ matrix if matrix.shape[0] > matrix.shape[1] else matrix @ matrix.T
    with threadpool_limits(limits=1, user_api="blas"):  # several threads wait for each other in every step
        values = np.linalg.eigvalsh(gram)
    rank = np.count_nonzero(values > 1e-12 * values[-1])
    return bool(rank * sum(matrix.shape) < WORTH * matrix.size)


def _split(matrix: Floats, precision: float) -> dict[str, Floats]:
    """Compute the factors (n, r) and (r, K) of a matrix (K, n) from its singular values."""
    # the number of threads must not change the factors
    with threadpool_limits(limits=1, user_api="blas"):
        left, values, right = np.linalg.svd(matrix, full_matrices=False)
    rank = max(1, int(np.count_nonzero(values > SINGULAR_VALUES * precision * values[0])))
    return {
        "first": np.ascontiguousarray(right[:rank].T),
        "second": np.ascontiguousarray((left[:, :rank] * values[:rank]).T),
    }
