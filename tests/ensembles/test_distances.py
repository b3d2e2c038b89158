import numpy as np
import pytest

from n3fit.ensembles.distances import distances, expected_shift
from n3fit.errors import CommandLineError


def test_two_halves_of_one_gaussian_ensemble_are_at_distance_one() -> None:
    values = np.random.default_rng(5).normal(3.0, 0.2, (2, 100, 20_000))
    found = distances(*values)
    # the squares average to 1, up to the uncertainty of the variance of 100 replicas
    assert np.mean(found.central**2) == pytest.approx(1.0, abs=0.04)
    assert np.mean(found.uncertainty**2) == pytest.approx(1.0, abs=0.08)
    # for |normal| the mean is sqrt(2 / pi)
    assert np.mean(found.central) == pytest.approx(np.sqrt(2 / np.pi), abs=0.02)


def test_a_shift_by_one_standard_deviation() -> None:
    random = np.random.default_rng(6)
    first, second = random.normal(0.0, 2.0, (80, 4000)), random.normal(2.0, 2.0, (120, 4000))
    found = distances(first, second)
    assert np.median(found.central) == pytest.approx(expected_shift(80, 120), rel=0.01)
    assert expected_shift(100, 100) == pytest.approx(np.sqrt(50.0))
    wider = distances(first, 2.0 * second)
    # variances 4 and 16 with relative uncertainties sqrt(2 / 79) and sqrt(2 / 119)
    assert np.median(wider.uncertainty) == pytest.approx(12.0 / np.hypot(4 * 0.159, 16 * 0.1296), rel=0.05)


def test_distances_do_not_depend_on_units_and_order() -> None:
    first, second = np.random.default_rng(7).normal(size=(2, 30, 5))
    found, scaled = distances(first, second), distances(-7.0 * second + 2.0, -7.0 * first + 2.0)
    np.testing.assert_allclose(found.central, scaled.central, rtol=1e-10)
    np.testing.assert_allclose(found.uncertainty, scaled.uncertainty, rtol=1e-10)


def test_distance_of_constant_quantities() -> None:
    assert np.isnan(distances(np.ones((5, 1)), np.ones((6, 1))).central).all()


def test_too_few_replicas() -> None:
    with pytest.raises(CommandLineError, match="at least 4 replicas of each fit, received 3"):
        distances(np.ones((3, 1)), np.ones((9, 1)))
