"""Quadrature of the sum rules against incomplete Beta functions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import beta, betaincc

from n3fit.theory.integration import SMALLEST_X, integration_nodes


def exact(a: float, b: float) -> float:
    """Integrate x^-a (1 - x)^b from 1e-9 to 1, for a < 2 and b > 0."""
    if a < 1:
        return beta(1 - a, 1 + b) * betaincc(1 - a, 1 + b, SMALLEST_X)
    # one integration by parts
    end = SMALLEST_X ** (1 - a) * (1 - SMALLEST_X) ** b
    return (end - b * beta(2 - a, b) * betaincc(2 - a, b, SMALLEST_X)) / (a - 1)


@settings(max_examples=60, deadline=None)
@given(a=st.floats(-1.5, 1.3).filter(lambda a: abs(a - 1) > 1e-3), b=st.floats(0.5, 8.0))
def test_powers(a, b):
    nodes, weights = integration_nodes()
    assert weights @ (nodes**-a * (1 - nodes) ** b) == pytest.approx(exact(a, b), rel=1e-6)


@pytest.mark.parametrize("power", [0, 1, 2])
def test_logarithms(power):
    """The integral of log(x)^n from e to 1, by parts."""
    nodes, weights = integration_nodes()
    e, log = SMALLEST_X, np.log(SMALLEST_X)
    expected = [1 - e, -1 + e - e * log, 2 - 2 * e + 2 * e * log - e * log**2][power]
    assert weights @ np.log(nodes) ** power == pytest.approx(expected, rel=1e-10)


def test_nodes_lie_inside_in_ascending_order():
    nodes, weights = integration_nodes(64)
    assert nodes.shape == weights.shape == (64,)
    assert nodes[0] > SMALLEST_X
    assert nodes[-1] < 1
    assert (np.diff(nodes) > 0).all()
    assert (weights > 0).all()
    assert weights.sum() == pytest.approx(1 - SMALLEST_X, rel=1e-9)


def test_breaks_keep_piecewise_integrands_exact():
    """The integral of |log(x / 0.01)| over log x, which has a kink at 0.01."""
    for breaks, tolerance in (((0.01, 5.0, 1e-12), 1e-12), ((), 1e-2)):
        nodes, weights = integration_nodes(breaks=breaks)
        integral = weights @ (np.abs(np.log(nodes / 0.01)) / nodes)
        assert integral == pytest.approx((np.log(1e7) ** 2 + np.log(100) ** 2) / 2, rel=tolerance)
    assert integral != pytest.approx((np.log(1e7) ** 2 + np.log(100) ** 2) / 2, rel=1e-7)


def test_every_interval_has_some_nodes():
    knots = np.geomspace(1e-9, 1, 81)
    nodes, weights = integration_nodes(64, knots)
    assert (np.histogram(nodes, knots)[0] >= 4).all()
    assert weights.sum() == pytest.approx(1 - SMALLEST_X, rel=1e-12)
