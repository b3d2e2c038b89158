"""Polygamma functions against scipy on the real axis, and their recurrence and reflection elsewhere."""

from __future__ import annotations

from math import factorial

import numpy as np
import pytest
from scipy import special

from n3fit.evolution.kernels.polygamma import polygamma


@pytest.mark.parametrize("order", range(5))
def test_real_arguments(order: int) -> None:
    x = np.concatenate([np.geomspace(0.05, 200.0, 60), [14.9, 15.0, 15.1]])
    np.testing.assert_allclose(polygamma(x, order), special.polygamma(order, x), rtol=2e-14, atol=1e-15)


def test_complex_digamma_on_both_half_planes() -> None:
    random = np.random.default_rng(1)
    z = random.uniform(-40.0, 40.0, 500) + 1j * random.uniform(-40.0, 40.0, 500)
    np.testing.assert_allclose(polygamma(z, 0), special.digamma(z), rtol=1e-13)


@pytest.mark.parametrize("order", range(5))
def test_recurrence(order: int) -> None:
    random = np.random.default_rng(2)
    z = random.uniform(-10.0, 20.0, 300) + 1j * random.uniform(0.2, 10.0, 300)
    difference = (-1) ** order * factorial(order) / z ** (order + 1)
    scale = np.abs(polygamma(z, order)) + np.abs(difference)
    assert (np.abs(polygamma(z + 1.0, order) - polygamma(z, order) - difference) < 1e-12 * scale).all()


def test_unknown_order() -> None:
    with pytest.raises(ValueError, match="expected 0 to 4, received 5"):
        polygamma(np.array([1.0]), 5)
