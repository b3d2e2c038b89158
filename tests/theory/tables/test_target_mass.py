"""Forms of the target-mass corrections, for a structure function whose integrals are known."""

import numpy as np
import pytest

from n3fit.theory.tables.target_mass import target_mass_terms

X, MU = 0.6, 0.88 / 4


def integral(terms):
    """Compute the convolution of the kernel with the function 1: the integral of kernel / z from xi to 1."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    z = terms.xi + (1 - terms.xi) * (nodes + 1) / 2
    return float(np.sum(weights * terms.kernel(z) / z) * (1 - terms.xi) / 2)


@pytest.mark.parametrize("kind", ["F2", "FL"])
def test_integrals_of_a_constant(kind):
    """For F2 = 1: h2 = 1/xi - 1 and g2 = xi - 1 - log(xi)."""
    exact, single = (target_mass_terms(kind, X, mu=MU, form=form) for form in (3, 1))
    rho = np.sqrt(1 + 4 * X**2 * MU)
    factors = {"F2": (6 / rho**4, 12 / rho**5), "FL": (4 / rho**2, 8 / rho**3)}[kind]
    h2, g2 = 1 / exact.xi - 1, exact.xi - 1 - np.log(exact.xi)
    assert exact.xi == pytest.approx(2 * X / (1 + rho))
    assert integral(single) == pytest.approx(factors[0] * MU * X**3 * h2, rel=1e-12)
    assert integral(exact) - integral(single) == pytest.approx(factors[1] * MU**2 * X**4 * g2, rel=1e-10)
    assert exact.own == single.own


def test_the_approximation_takes_the_function_out_of_the_integrals():
    """Exact with a F2 that falls like (1 - u)^2 for h2 is not needed: at small corrections all forms agree."""
    for kind in ("F2", "FL", "F3"):
        forms = [target_mass_terms(kind, X, mu=1e-9, form=form) for form in (1, 2, 3)]
        for terms in forms:
            assert terms.own == pytest.approx(1, abs=1e-8)
            assert abs(terms.f2) + abs(integral(terms)) < 1e-8


def test_x_f3_has_one_integral():
    terms = target_mass_terms("F3", X, mu=MU, form=3)
    assert terms == target_mass_terms("F3", X, mu=MU, form=1)
    rho = np.sqrt(1 + 4 * X**2 * MU)
    assert integral(terms) == pytest.approx(-2 * MU * X**3 / rho**3 * np.log(terms.xi), rel=1e-10)
