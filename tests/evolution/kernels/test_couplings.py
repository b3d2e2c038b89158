"""The running coupling."""

import numpy as np
import pytest

from n3fit.evolution.kernels.couplings import StrongCoupling
from n3fit.theory.theory_card import TheoryCard


def test_reference_value():
    assert StrongCoupling(TheoryCard()).alpha_s(91.2, 5) == pytest.approx(0.118, rel=1e-12)


def test_renormalisation_group_equation():
    """d a / d ln Q^2 = -a^2 (beta0 + beta1 a + beta2 a^2), MS-bar, nf = 4, for the exact solution."""
    coupling = StrongCoupling(TheoryCard(ModEv="EXA"))
    nf, q, step = 4, 3.0, 1e-4
    derivative = (coupling.reduced(q * np.exp(step), nf) - coupling.reduced(q * np.exp(-step), nf)) / (4 * step)
    a = coupling.reduced(q, nf)
    beta = (11 - 2 / 3 * nf, 102 - 38 / 3 * nf, 2857 / 2 - 5033 / 18 * nf + 325 / 54 * nf**2)
    assert derivative == pytest.approx(-(a**2) * (beta[0] + beta[1] * a + beta[2] * a**2), rel=1e-5)


def test_matching_at_the_bottom_threshold():
    """At NNLO with pole masses a(5) = a(4) (1 - 14/3 a^2)... at the pole mass (hep-ph/9706430)."""
    coupling = StrongCoupling(TheoryCard())
    four, five = coupling.reduced(4.92, 4), coupling.reduced(4.92, 5)
    assert five == pytest.approx(four, rel=3e-3)
    assert five != four


def test_exact_and_expanded_solutions_differ_little():
    exact, expanded = (StrongCoupling(TheoryCard(ModEv=mode)).alpha_s(1.65, 4) for mode in ("EXA", "TRN"))
    assert exact == pytest.approx(expanded, rel=5e-3)
    assert exact != expanded
