"""The toy PDF against the sum rules that define its normalisations (hep-ph/0204316)."""

import numpy as np
import pytest
from scipy.integrate import quad

from n3fit.theory.toy_pdf import les_houches_toy

QUARKS = (-6, -5, -4, -3, -2, -1, 1, 2, 3, 4, 5, 6)


def integral(function):
    """Integrate over x from 0 to 1 in a variable that tames the small-x growth."""
    return quad(lambda t: function(t**4) * 4 * t**3, 0, 1, epsabs=1e-10, limit=200)[0]


@pytest.mark.parametrize(("quark", "number"), [(2, 2.0), (1, 1.0), (3, 0.0)])
def test_valence_sum_rules(quark, number):
    def valence(x):
        values = les_houches_toy([quark, -quark], x)[:, 0]
        return (values[0] - values[1]) / x

    assert integral(valence) == pytest.approx(number, abs=2e-6)


def test_momentum_sum_rule():
    total = integral(lambda x: les_houches_toy([21, *QUARKS], x)[:, 0].sum())
    assert total == pytest.approx(1.0, abs=1e-5)


def test_heavy_quarks_and_photon_vanish_and_order_is_kept():
    x = np.array([1e-4, 0.1, 0.5])
    values = les_houches_toy([4, -5, 22, 21, 0], x)
    assert values.shape == (5, 3)
    assert not values[:3].any()
    np.testing.assert_array_equal(values[3], values[4])
    assert values[3, 1] == pytest.approx(1.7 * 0.1**-0.1 * 0.9**5)
