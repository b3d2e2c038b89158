"""Sums of squares of functionals against plain numpy."""

import keras
import numpy as np
from support.problems import make_sums

from n3fit.compression.squares_plan import plan_squares
from n3fit.layers.observables import SquaresMap

RANDOM = np.random.default_rng(1)
COLUMNS = 120
BLOCKS = (
    make_sums([3, 12, 8], COLUMNS, start=40),
    make_sums([20, 31, 16, 40], COLUMNS, start=10, rank=9),
    make_sums([1, 30], COLUMNS, start=63),
    make_sums([17, 2], COLUMNS, start=95),
)


def predict(pdfs: np.ndarray) -> np.ndarray:
    """Compute all sums, block by block."""
    return np.concatenate([block.predict(pdfs.reshape(len(pdfs), -1, 8)) for block in BLOCKS], axis=-1)


def apply(pdfs: np.ndarray) -> np.ndarray:
    dtype = keras.config.floatx()
    tensor = keras.ops.convert_to_tensor(pdfs.reshape(1, 3, COLUMNS // 8, 8), dtype=dtype)
    return np.asarray(SquaresMap(plan_squares(BLOCKS, float(np.finfo(dtype).eps)))(tensor))[0]


def test_sums_of_squares(double_precision: None) -> None:
    pdfs = RANDOM.normal(size=(3, COLUMNS))
    np.testing.assert_allclose(apply(pdfs), predict(pdfs), rtol=1e-10, atol=1e-10)


def test_sums_of_squares_in_single_precision() -> None:
    pdfs = RANDOM.normal(size=(3, COLUMNS))
    expected = predict(pdfs)
    np.testing.assert_allclose(apply(pdfs), expected, atol=1e-5 * np.abs(expected).max())


def test_replicas_do_not_mix() -> None:
    pdfs = RANDOM.normal(size=(3, COLUMNS))
    broken = pdfs.copy()
    broken[1] = np.inf
    np.testing.assert_array_equal(apply(broken)[[0, 2]], apply(pdfs)[[0, 2]])
