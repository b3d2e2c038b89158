"""The coupling from its equation alone."""

from __future__ import annotations

import numpy as np
import pytest

from n3fit.evolution.kernels.couplings import StrongCoupling
from n3fit.lhapdf.alpha_running import (
    beta_coefficients,
    expand_alpha_s,
    integrate_nodes,
    match_downwards,
    match_upwards,
    run_alpha_s,
)
from n3fit.theory.theory_card import TheoryCard


@pytest.mark.parametrize(
    ("nf", "expected"),
    # hep-ph/9701390, the numbers of eq. (10), times (4, 16, 64, 256)
    [
        (3, (9.0, 64.0, 643.8333333, 12090.3781)),
        (4, (8.3333333, 51.3333333, 406.3518519, 8035.1864)),
        (5, (7.6666667, 38.6666667, 180.9074074, 4826.1563)),
    ],
)
def test_beta_function(nf: int, expected: tuple[float, ...]) -> None:
    assert beta_coefficients(nf) == pytest.approx(expected, rel=1e-7)


def test_one_loop_in_closed_form_up_and_down() -> None:
    scales = [2.0, 91.2, 10.0, 1e4]
    b0 = (11 - 10 / 3) / (4 * np.pi)
    expected = [1 / (1 / 0.118 + b0 * np.log(q**2 / 91.2**2)) for q in scales]
    np.testing.assert_allclose(run_alpha_s(0.118, 91.2, scales, nf=5, order=0), expected, rtol=1e-8)


def test_two_loops_obey_the_implicit_solution() -> None:
    """1/a + b ln(a / (1 + b a)), b = beta1 / beta0, grows by beta0 ln Q^2."""
    b0, b1, *_ = beta_coefficients(4)
    a = run_alpha_s(0.3, 2.0, [2.0, 50.0], nf=4, order=1) / (4 * np.pi)
    left = 1 / a + b1 / b0 * np.log(a / (1 + b1 / b0 * a))
    assert left[1] - left[0] == pytest.approx(b0 * np.log(50.0**2 / 2.0**2), rel=1e-7)


def test_matching_is_inverted() -> None:
    assert match_upwards(match_downwards(0.22, order=2), order=2) == pytest.approx(0.22, rel=1e-13)
    assert match_downwards(0.22, order=1) == match_upwards(0.22, order=1) == 0.22


def test_nodes_through_two_thresholds_with_one_of_them_twice() -> None:
    scales = np.array([1.2, 1.65, 4.92, 4.92, 91.2, 500.0])
    at_mb = run_alpha_s(0.118, 91.2, [4.92], nf=5, order=2)[0]
    below = match_downwards(at_mb, order=2)
    at_mc, middle = run_alpha_s(below, 4.92, [1.51, 1.65], nf=4, order=2)
    lowest = run_alpha_s(match_downwards(at_mc, order=2), 1.51, [1.2], nf=3, order=2)[0]
    highest = run_alpha_s(0.118, 91.2, [500.0], nf=5, order=2)[0]
    expected = [lowest, middle, below, at_mb, 0.118, highest]
    found = integrate_nodes(scales, np.array([9, 9, 9, 9, 0.118, 9.0]), (1.51, 4.92), z_mass=91.19, order=2)
    np.testing.assert_allclose(found, expected, rtol=1e-7)


@pytest.mark.parametrize("order", range(4))
def test_expanded_solution_differs_from_the_exact_one_at_the_next_order(order: int) -> None:
    """Halving the coupling at fixed a ln Q^2 makes the relative difference 2^(order + 1) times smaller."""
    differences = []
    for start in (0.04, 0.02):
        q = 91.2 * np.exp(-0.5 / start)
        exact, expanded = (run(start, 91.2, [q], nf=5, order=order)[0] for run in (run_alpha_s, expand_alpha_s))
        differences.append(abs(expanded / exact - 1))
    if order == 0:
        assert max(differences) < 1e-8
    else:
        assert differences[0] / differences[1] == pytest.approx(2 ** (order + 1), rel=0.15)


@pytest.mark.parametrize(("order", "tolerance"), [(0, 1e-9), (1, 1e-9), (2, 1e-4)])
def test_expanded_solution_equals_that_of_eko(order: int, tolerance: float) -> None:
    """At three loops eko keeps the two-loop solution in one term, which is of higher order."""
    coupling = StrongCoupling(TheoryCard(PTO=order, ModEv="TRN"))
    scales = [5.0, 10.0, 1000.0]
    expected = [coupling.alpha_s(q, 5) for q in scales]
    np.testing.assert_allclose(expand_alpha_s(0.118, 91.2, scales, nf=5, order=order), expected, rtol=tolerance)


def test_expanded_solution_ends_at_the_landau_pole() -> None:
    assert np.isnan(expand_alpha_s(0.118, 91.2, [0.05], nf=5, order=2)).all()
