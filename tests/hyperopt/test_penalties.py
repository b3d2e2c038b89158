"""Penalties of replicas against closed forms."""

import numpy as np
import pytest

from n3fit.hyperopt.penalties import integrability_penalty, patience, saturation, saturation_nodes


def test_saturation_of_constant_slopes():
    """Slopes 0.5 and 2: 1 / 0.5 + 1 / 2."""
    log_x = np.log10(saturation_nodes())
    values = np.stack([0.5 * log_x, -2.0 * log_x], axis=-1)[np.newaxis]
    np.testing.assert_allclose(saturation(values), [2.5], rtol=1e-6)


def test_saturation_of_two_slopes_has_their_spread():
    """Half of the 99 differences have the slope 1, the others 3, but for one: mean and deviation by hand."""
    nodes = np.log10(saturation_nodes())
    steps = np.where(np.arange(99) < 49, 1.0, 3.0)
    curve = np.concatenate([[0.0], np.cumsum(steps * np.diff(nodes))])
    values = np.stack([curve, curve], axis=-1)[np.newaxis]
    np.testing.assert_allclose(saturation(values), 2 / (steps.mean() + steps.std()), rtol=1e-6)


def test_saturation_nodes():
    nodes = saturation_nodes()
    assert len(nodes) == 100
    np.testing.assert_allclose(nodes[[0, -1]], [1e-6, 1e-4], rtol=1e-12)


def test_patience():
    value = patience(np.array([2.42]), np.array([1000]), epochs=5000, stopping_patience=0.1)
    np.testing.assert_allclose(value, [3.43414347], rtol=1e-8)


def test_patience_without_a_good_epoch_counts_from_the_first():
    value = patience(np.array([1.0]), np.array([-1]), epochs=100, stopping_patience=0.555)
    np.testing.assert_allclose(value, [np.exp(1e-4 * 45)], rtol=1e-12)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([0.5, 0.1, 0.0, 0.2, 0.3], 0.0), ([0.6, 0.5, 1.4, 0, 0], np.e**2 - 1), ([100, 0, 0, 0, 0], np.e**50 - 1)],
)
def test_integrability(numbers, expected):
    np.testing.assert_allclose(integrability_penalty(np.array([numbers], dtype=float)), [expected], rtol=1e-12)
