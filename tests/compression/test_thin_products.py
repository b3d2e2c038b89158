"""Thin products against the full matrix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from n3fit.compression import thin_products
from n3fit.compression.thin_products import SMALLEST, ThinProduct, thin_product
from n3fit.storage import CACHE_VARIABLE

SINGLE = float(np.finfo(np.float32).eps)


def falling(rows, columns, start, seed):
    """Return a matrix with zero columns before ``start`` and singular values that fall by a factor of two each."""
    random = np.random.default_rng(seed)
    count = min(rows, columns - start)
    left, _ = np.linalg.qr(random.normal(size=(rows, count)))
    right, _ = np.linalg.qr(random.normal(size=(columns - start, count)))
    return np.pad((left * 0.5 ** np.arange(count)) @ right.T, ((0, 0), (start, 0)))


def multiply(product: ThinProduct, vectors: np.ndarray) -> np.ndarray:
    """Compute the products (..., K) of the matrix with vectors (..., n)."""
    result = vectors[..., product.start :]
    for factor in product.factors:
        result = result @ factor
    return result


@settings(max_examples=50, deadline=None)
@given(
    rows=st.integers(1, 150), columns=st.integers(2, 150), fraction=st.floats(0, 0.99), seed=st.integers(0, 2**32 - 1)
)
def test_product_is_that_of_the_matrix(rows, columns, fraction, seed):
    start = int(fraction * columns)
    matrix = falling(rows, columns, start, seed)
    product = thin_product(matrix, SINGLE)
    vectors = np.random.default_rng(seed).normal(size=(4, columns))
    bound = SINGLE * np.linalg.norm(vectors, axis=1, keepdims=True)
    assert np.all(np.abs(multiply(product, vectors) - vectors @ matrix.T) <= bound)
    assert product.start == start
    assert product.size <= rows * (columns - start)


def test_rank_follows_the_precision():
    matrix = falling(200, 150, 30, seed=1)
    ranks = [thin_product(matrix, precision).factors[0].shape[1] for precision in (SINGLE, 1e-3)]
    # 2^-r > precision / 4
    assert ranks == [25, 12]
    assert thin_product(matrix, SINGLE).size == 25 * (200 + 120)


def test_full_rank_is_not_split():
    matrix = np.random.default_rng(3).normal(size=(200, 150))
    (factor,) = thin_product(matrix, SINGLE).factors
    np.testing.assert_array_equal(factor, matrix.T)


def test_small_matrices_are_not_split():
    matrix = falling(SMALLEST - 1, 500, 0, seed=2)
    assert len(thin_product(matrix, SINGLE).factors) == 1


@pytest.mark.parametrize("shape", [(3, 5), (0, 5)])
def test_matrix_of_zeros(shape):
    product = thin_product(np.zeros(shape), SINGLE)
    np.testing.assert_array_equal(multiply(product, np.ones((2, 5))), np.zeros((2, shape[0])))


@pytest.mark.parametrize(("matrix", "factors"), [(falling(200, 150, 30, seed=1), 2), (np.ones((64, 64)), 2)])
def test_decisions_are_the_same_from_the_cache(matrix, factors):
    first, second = thin_product(matrix, SINGLE), thin_product(matrix, SINGLE)
    assert len(first.factors) == len(second.factors) == factors
    for one, other in zip(first.factors, second.factors, strict=True):
        np.testing.assert_array_equal(one, other)


def test_full_matrix_is_not_analysed_again(tmp_path, monkeypatch):
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    matrix = np.random.default_rng(3).normal(size=(200, 150))
    first = thin_product(matrix, SINGLE)
    monkeypatch.setattr(thin_products, "_split", lambda *_: pytest.fail("computed again"))
    (factor,) = thin_product(matrix, SINGLE).factors
    np.testing.assert_array_equal(factor, first.factors[0])
