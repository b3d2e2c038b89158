"""The truncated singlet solution against the exact one, from which it differs in higher orders only."""

from __future__ import annotations

import numpy as np
import pytest

from n3fit.evolution.kernels.anomalous_dimensions import iterated_singlet_kernels, truncated_singlet_kernels

COUPLINGS = (0.4, 1.0)  # of the final and the initial scale, times a small number


@pytest.fixture(scope="module")
def gamma() -> np.ndarray:
    random = np.random.default_rng(8)
    return random.normal(size=(6, 3, 2, 2)) + 1j * random.normal(size=(6, 3, 2, 2))


def distance(gamma: np.ndarray, size: float) -> float:
    """Return the largest difference from the exact solution for couplings of a size."""
    to, start = (size * coupling for coupling in COUPLINGS)
    exact = iterated_singlet_kernels(gamma, a_to=to, a_from=start, nf=4, steps=200)
    found = truncated_singlet_kernels(gamma, a_to=to, a_from=start, nf=4)
    return float(np.abs(found - exact).max())


def test_the_leading_order_is_exact(gamma: np.ndarray) -> None:
    assert distance(gamma[:, :1], 0.02) < 1e-12


@pytest.mark.parametrize("order", [2, 3])
def test_the_difference_is_of_the_next_power_of_the_coupling(gamma: np.ndarray, order: int) -> None:
    ratio = distance(gamma[:, :order], 2e-3) / distance(gamma[:, :order], 1e-3)
    assert ratio == pytest.approx(2.0**order, rel=0.05)


def test_no_evolution_is_the_identity(gamma: np.ndarray) -> None:
    found = truncated_singlet_kernels(gamma, a_to=0.01, a_from=0.01, nf=5)
    np.testing.assert_allclose(found, np.broadcast_to(np.eye(2), found.shape), rtol=0, atol=1e-14)
