"""The products that sums of squares are computed with."""

from __future__ import annotations

import numpy as np
import pytest
from support.problems import make_sums

from n3fit.compression.forms import SumsOfSquares
from n3fit.compression.squares_plan import START_STEP, SquaresPlan, plan_squares

COLUMNS = 120
BLOCKS = (
    make_sums([3, 12, 8], COLUMNS, start=40),
    make_sums([20, 31, 16, 40], COLUMNS, start=10, rank=9),
    make_sums([1, 30], COLUMNS, start=63),
    make_sums([17, 2], COLUMNS, start=95),
)


def evaluate(plan: SquaresPlan, pdf: np.ndarray) -> np.ndarray:
    """Compute the sums for a PDF (COLUMNS,) with the products of a plan."""
    sums = []
    for group in plan.groups:
        columns = pdf[group.start :] if group.basis is None else pdf[group.start :] @ group.basis
        sums += [((columns @ run.functionals) ** 2 * run.signs).reshape(run.rows, -1).sum(axis=1) for run in group.runs]
    result = np.empty(len(plan.order))
    result[plan.order] = np.concatenate(sums)
    return result


def test_groups_of_a_plan() -> None:
    """The block of few independent functionals has a basis; two of the others start in the same interval of columns."""
    plan = plan_squares(BLOCKS, 1e-7)
    assert sorted(plan.order.tolist()) == list(range(11))
    bases = [None if group.basis is None else group.basis.shape for group in plan.groups]
    assert bases == [(COLUMNS - 10, 9), None, None]
    assert [group.start for group in plan.groups] == [10, START_STEP, 2 * START_STEP]
    for group in plan.groups:
        for run in group.runs:
            assert run.functionals.shape[1] == len(run.signs) == run.rows * run.width
    assert sum(run.rows for group in plan.groups for run in group.runs) == 11


def test_products_of_a_plan_are_the_sums() -> None:
    pdf = np.random.default_rng(8).normal(size=COLUMNS)
    expected = np.concatenate([block.predict(pdf.reshape(-1, 8)) for block in BLOCKS])
    np.testing.assert_allclose(evaluate(plan_squares(BLOCKS, 1e-15), pdf), expected, rtol=1e-10, atol=1e-10)


def test_counts_must_add_up() -> None:
    with pytest.raises(ValueError, match="expected counts that add up to .* of functionals, received 4, 3 and 3"):
        SumsOfSquares(np.ones((3, 2)), np.ones(3), np.array([4]))
