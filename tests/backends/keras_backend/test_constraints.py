"""Sums of weights end between the limits for every input."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from keras import ops

from n3fit.backends import operations as op
from n3fit.backends.keras_backend.constraints import MinMaxWeight

finite = st.floats(-1e6, 1e6, width=32)


def apply(constraint, weights):
    return op.evaluate(constraint(ops.convert_to_tensor(weights, dtype="float32")))


@given(
    weights=hnp.arrays("float32", st.tuples(st.integers(1, 3), st.integers(1, 4)), elements=finite),
    limits=st.tuples(st.floats(-10, 10), st.floats(-10, 10)).map(sorted),
)
@settings(max_examples=60, deadline=None)
def test_sums_end_inside_the_limits(weights, limits):
    low, high = limits
    result = apply(MinMaxWeight(low, high), weights)
    assert np.isfinite(result).all()
    sums = result.sum(axis=1, dtype=float)
    slack = 1e-5 * (1 + np.abs(limits).max() + np.abs(result).sum(axis=1, dtype=float))
    assert (sums >= low - slack).all()
    assert (sums <= high + slack).all()


@given(weights=hnp.arrays("float32", (2, 3), elements=st.floats(-1, 1, width=32)))
@settings(max_examples=20, deadline=None)
def test_rows_inside_stay_bit_by_bit(weights):
    np.testing.assert_array_equal(apply(MinMaxWeight(-4.0, 4.0), weights), weights)


def test_a_sum_outside_is_scaled_to_the_limit():
    np.testing.assert_allclose(apply(MinMaxWeight(1.0, 2.0), [[1.0, 3.0], [0.1, 0.4]]), [[0.5, 1.5], [0.2, 0.8]])


@pytest.mark.parametrize("value", [0.0, 1e-12, -3.0, 0.5, 7.0, np.inf, -np.inf])
def test_single_entries_are_clipped(value):
    np.testing.assert_allclose(apply(MinMaxWeight(-2.0, -1.0), [[value]]), [[np.clip(value, -2.0, -1.0)]])


def test_a_vanishing_sum_is_moved_and_not_scaled():
    np.testing.assert_allclose(apply(MinMaxWeight(1.0, 2.0), [[5.0, -5.0]]), [[5.5, -4.5]])


@pytest.mark.parametrize("weights", [[[3.5e-44, 3.5e-44]], [[1e-38, 2e-38]]])
def test_a_sum_that_is_too_small_to_be_scaled_is_moved(weights):
    """The factor from 7e-44 to the limit is above the largest number."""
    assert apply(MinMaxWeight(1.0, 2.0), weights).sum() == pytest.approx(1.0, rel=1e-6)


def test_a_row_with_nan_does_not_change_the_others():
    result = apply(MinMaxWeight(1.0, 2.0), [[np.nan, 1.0], [4.0, 4.0], [np.inf, 1.0]])
    assert np.isnan(result[0]).any()
    np.testing.assert_allclose(result[1:], [[1.0, 1.0], [1.0, 1.0]])


@pytest.mark.parametrize("rate", [0.0, 0.25, 1.0])
def test_the_sum_moves_the_fraction_of_the_way_given_by_the_rate(rate):
    """As ``keras.constraints.MinMaxNorm``, with the sum in place of the norm."""
    weights = np.array([[1.0, 3.0], [0.1, 0.4], [0.5, 1.0], [5.0, -5.0]], dtype="float32")
    nearest = np.array([2.0, 1.0, 1.5, 1.0])
    sums = apply(MinMaxWeight(1.0, 2.0, rate=rate), weights).sum(axis=1)
    np.testing.assert_allclose(sums, (1 - rate) * weights.sum(axis=1) + rate * nearest, rtol=1e-6, atol=1e-6)


def test_positive_rows_are_those_of_keras_for_any_rate():
    """One positive entry per row: sum and norm are the same."""
    weights = ops.convert_to_tensor([[4.0], [0.5], [1.5]])
    for rate in (0.3, 1.0):
        ours = op.evaluate(MinMaxWeight(1.0, 2.0, rate=rate)(weights))
        keras_norm = keras.constraints.MinMaxNorm(1.0, 2.0, rate=rate, axis=1)
        np.testing.assert_allclose(ours, op.evaluate(keras_norm(weights)), rtol=1e-5)


@pytest.mark.parametrize("rate", [-0.1, 1.5, float("nan")])
def test_a_rate_outside_zero_and_one_is_refused(rate):
    with pytest.raises(ValueError, match="rate must be between 0 and 1"):
        MinMaxWeight(1.0, 2.0, rate=rate)


def test_limits_are_attributes_and_the_configuration_can_be_restored():
    constraint = MinMaxWeight(min_value=-1, max_value=2, rate=0.5)
    assert (constraint.min_value, constraint.max_value, constraint.rate) == (-1.0, 2.0, 0.5)
    assert MinMaxWeight.from_config(constraint.get_config()).get_config() == constraint.get_config()


def test_limits_in_the_wrong_order_are_refused():
    with pytest.raises(ValueError, match="must not exceed"):
        MinMaxWeight(2.0, 1.0)
