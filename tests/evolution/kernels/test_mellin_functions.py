"""Formulas on arrays of points against eko's own compiled functions of one point."""

from __future__ import annotations

from importlib import import_module

import numpy as np
import pytest
from ekore.harmonics import cache as harmonics

from n3fit.evolution.kernels import mellin_functions
from n3fit.evolution.kernels.array_functions import on_arrays
from n3fit.evolution.kernels.flavour_structure import evolution_code

POINTS = np.array([1.2 + 0.3j, 3.0 + 4.0j, -7.3 + 2.0j, -30.2 + 11.0j, 0.4 + 20.0j])
SPINS = {False: "unpolarized", True: "polarized"}


def one_by_one(function: str, *arguments: object, shape: tuple[int, ...]) -> np.ndarray:
    """Return the values of a compiled function of ekore at all points; None stands for the harmonic sums."""
    module, _, name = function.rpartition(".")
    compiled = getattr(import_module(f"ekore.{module}"), name)
    found = [compiled(n, *(harmonics.reset() if entry is None else entry for entry in arguments)) for n in POINTS]
    return np.array(found).reshape(len(POINTS), *shape)


@pytest.mark.parametrize("polarised", [False, True])
def test_singlet_dimensions(polarised: bool) -> None:
    found = mellin_functions.singlet_dimensions(2, POINTS, 4, polarised=polarised)
    place = f"anomalous_dimensions.{SPINS[polarised]}.space_like"
    first = one_by_one(f"{place}.as1.gamma_singlet", None, 4, shape=(2, 2))
    second = one_by_one(f"{place}.as2.gamma_singlet", 4, None, shape=(2, 2))
    np.testing.assert_allclose(found, np.stack([first, second], axis=1), rtol=1e-11)


@pytest.mark.parametrize(("mode", "name"), list(enumerate(("gamma_nsp", "gamma_nsm", "gamma_nsv"))))
def test_non_singlet_dimensions_at_three_loops(mode: int, name: str) -> None:
    found = mellin_functions.non_singlet_dimensions(3, POINTS, 5, polarised=False)
    expected = one_by_one(f"anomalous_dimensions.unpolarized.space_like.as3.{name}", 5, None, shape=())
    np.testing.assert_allclose(found[mode, :, 2], expected, rtol=1e-12)


def test_first_moment_takes_the_limit_of_the_valence_function() -> None:
    """At N = 1 the conserved number of quarks: eko divides by N - 1 beside it."""
    points = np.array([2.0 + 1.0j, 1.0 + 0.0j, 3.0 + 1.0j])
    found = mellin_functions.non_singlet_dimensions(3, points, 4, polarised=False)
    assert np.isfinite(found).all()
    assert np.abs(found[1, 1, :2]).max() < 1e-5
    others = mellin_functions.non_singlet_dimensions(3, points[[0, 2]], 4, polarised=False)
    np.testing.assert_array_equal(found[:, [0, 2]], others)


@pytest.mark.parametrize(("method", "tolerance"), [("EXA", 1e-12), ("EXP", 2e-2), ("TRN", 2e-2)])
@pytest.mark.parametrize("order", [1, 2, 3])
def test_non_singlet_kernels_solve_the_evolution_equation(method: str, tolerance: float, order: int) -> None:
    """The exponential of the integral of gamma(a) / beta(a); the other two solutions differ in higher orders."""
    random = np.random.default_rng(order)
    gamma = random.normal(size=(3, 4, order)) + 1j * random.normal(size=(3, 4, order))
    found = mellin_functions.non_singlet_kernels(gamma, evolution_code(method), 0.01, 0.024, 4)
    nodes, weights = np.polynomial.legendre.leggauss(40)
    log_a = np.log(0.024) + 0.5 * np.log(0.01 / 0.024) * (nodes + 1.0)
    powers = np.exp(np.outer(np.arange(order), log_a))
    betas = np.array([25 / 3, 154 / 3, 2857 / 2 - 5033 * 4 / 18 + 325 * 16 / 54])[:order]  # of four flavours
    integrand = np.tensordot(gamma, powers, 1) / (betas @ powers)
    expected = np.exp(integrand @ weights * 0.5 * np.log(0.01 / 0.024))
    np.testing.assert_allclose(found, expected, rtol=tolerance if order > 1 else 1e-12)


@pytest.mark.parametrize("logarithm", [0.0, 0.7])
def test_matching_elements(logarithm: float) -> None:
    place = "operator_matrix_elements.unpolarized.space_like"
    first, second = mellin_functions.singlet_matching(2, POINTS, logarithm, 4, polarised=False)
    np.testing.assert_allclose(
        first, one_by_one(f"{place}.as1.A_singlet", None, logarithm, shape=(3, 3)), rtol=1e-12, atol=1e-15
    )
    expected = one_by_one(f"{place}.as2.A_hq_ps", None, logarithm, shape=())
    np.testing.assert_allclose(second[:, 2, 1], expected, rtol=1e-11)
    first, second = mellin_functions.non_singlet_matching(2, POINTS, logarithm, polarised=True)
    assert not first.any()
    expected = one_by_one("operator_matrix_elements.polarized.space_like.as2.A_qq_ns", None, logarithm, shape=())
    np.testing.assert_allclose(second[:, 0, 0], expected, rtol=1e-12)


def test_functions_of_eko_stay_as_they_are() -> None:
    module = import_module("ekore.harmonics.w1")
    before = dict(vars(module))
    rebuilt = on_arrays("ekore.harmonics.w1")
    assert vars(module) == before
    assert rebuilt.S1 is not module.S1
    assert complex(rebuilt.S1(np.array([2.0 + 0.0j]))[0]) == pytest.approx(1.5)  # 1 + 1/2
