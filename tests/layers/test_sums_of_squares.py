"""Sums of squares of functionals against plain numpy, and the products that make them."""

import keras
import numpy as np
import pytest

from n3fit.layers.sums_of_squares import START_STEP, SquaresBlock, SumsOfSquares, plan_squares

RANDOM = np.random.default_rng(1)
COLUMNS = 120


def make_block(counts, *, start=0, rank=None):
    """Give random sums whose functionals vanish before ``start`` and have ``rank`` independent ones at most."""
    counts = np.array(counts)
    size, seen = counts.sum(), COLUMNS - start
    functionals = RANDOM.normal(size=(size, seen))
    if rank is not None:
        functionals = RANDOM.normal(size=(size, rank)) @ functionals[:rank]
    return SquaresBlock(np.pad(functionals, ((0, 0), (start, 0))), RANDOM.choice([-1.0, 1.0], size=size), counts)


BLOCKS = (
    make_block([3, 12, 8], start=40),
    make_block([20, 31, 16, 40], start=10, rank=9),
    make_block([1, 30], start=63),
    make_block([17, 2], start=95),
)


def predict(pdfs):
    """Give all sums, block by block."""
    sums = []
    for block in BLOCKS:
        squares = (pdfs @ block.functionals.T) ** 2 * block.signs
        sums.append(np.add.reduceat(squares, np.cumsum(block.counts) - block.counts, axis=-1))
    return np.concatenate(sums, axis=-1)


def apply(pdfs):
    tensor = keras.ops.convert_to_tensor(pdfs.reshape(1, 3, COLUMNS // 8, 8), dtype=keras.config.floatx())
    return np.asarray(SumsOfSquares(BLOCKS)(tensor))[0]


def test_sums_of_squares(double_precision):
    pdfs = RANDOM.normal(size=(3, COLUMNS))
    np.testing.assert_allclose(apply(pdfs), predict(pdfs), rtol=1e-10, atol=1e-10)


def test_sums_of_squares_in_single_precision():
    pdfs = RANDOM.normal(size=(3, COLUMNS))
    expected = predict(pdfs)
    np.testing.assert_allclose(apply(pdfs), expected, atol=1e-5 * np.abs(expected).max())


def test_replicas_do_not_mix():
    pdfs = RANDOM.normal(size=(3, COLUMNS))
    broken = pdfs.copy()
    broken[1] = np.inf
    np.testing.assert_array_equal(apply(broken)[[0, 2]], apply(pdfs)[[0, 2]])


def test_plan():
    """The block of few independent functionals has a basis; two of the others see the same stretch of columns."""
    groups, order = plan_squares(BLOCKS, 1e-7)
    assert sorted(order.tolist()) == list(range(11))
    bases = [None if group.basis is None else group.basis.shape for group in groups]
    assert bases == [(COLUMNS - 10, 9), None, None]
    assert [group.start for group in groups] == [10, START_STEP, 2 * START_STEP]
    for group in groups:
        for run in group.runs:
            assert run.functionals.shape[1] == len(run.signs) == run.rows * run.width
    assert sum(run.rows for group in groups for run in group.runs) == 11


def test_counts_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="must add up to the number of signs and of functionals, received 4, 3 and 3"):
        SquaresBlock(np.ones((3, 2)), np.ones(3), np.array([4]))
