"""Basis functions of the x-grid."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from n3fit.errors import TheoryError
from n3fit.evolution.kernels.interpolation import InterpolationBasis, standard_xgrid

BASIS = InterpolationBasis(standard_xgrid())


def test_standard_grid_has_the_usual_nodes():
    grid = standard_xgrid()
    assert len(grid) == 50
    assert grid[0] == pytest.approx(2e-7)
    assert grid[-1] == 1
    # nodes in the metadata of published tables
    np.testing.assert_allclose(grid[[1, 25, 48]], [3.034304765867952e-07, 0.006496206194633799, 0.9309440808717544])


def test_basis_functions_are_one_at_their_node_and_zero_at_the_others():
    np.testing.assert_allclose(BASIS.evaluate(BASIS.xgrid), np.eye(50), atol=1e-9)


@given(st.floats(min_value=2.1e-7, max_value=1.0))
@settings(deadline=None)
def test_polynomials_of_degree_four_in_log_x_are_reproduced(x):
    weights = BASIS.evaluate(x)[0]
    log = np.log(BASIS.xgrid)
    for power in range(5):
        assert weights @ log**power == pytest.approx(np.log(x) ** power, rel=1e-8, abs=1e-8)


def test_equal_to_eko():
    points = np.geomspace(2.5e-7, 0.99, 23)
    expected = [[function(x) for function in BASIS.dispatcher] for x in points]
    np.testing.assert_allclose(BASIS.evaluate(points), expected, atol=1e-10)


def test_zero_below_the_grid():
    assert not BASIS.evaluate([1e-8]).any()


@pytest.mark.parametrize(
    "nodes",
    [[0.1, 0.5, 1.0], [0.1, 0.2, 0.2, 0.3, 0.5, 1.0], [0.1, 0.2, 0.3, 0.4, 0.5, 0.9], [0.0, 0.2, 0.3, 0.4, 0.5, 1.0]],
)
def test_invalid_grids(nodes):
    with pytest.raises(TheoryError, match="x-grid"):
        InterpolationBasis(nodes)
