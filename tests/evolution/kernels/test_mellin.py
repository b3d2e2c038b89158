"""Mellin transforms of basis functions and their inversion, against other integrals."""

from __future__ import annotations

import numpy as np
import pytest
from eko import mellin as eko_mellin

from n3fit.evolution.kernels import anomalous_dimensions
from n3fit.evolution.kernels.interpolation import InterpolationBasis
from n3fit.evolution.kernels.mellin import build_contour, talbot_path
from n3fit.theory.xgrids import export_xgrid


def integrate_pieces(basis: InterpolationBasis, index: int, n: complex) -> complex:
    """Integrate y^(n-1) p(y) over the support of one basis function, with many points on each of its pieces."""
    roots, weights = np.polynomial.legendre.leggauss(40)
    total = 0.0j
    for area in basis.areas[index]:
        low, high = area[:2]
        log_y = low + 0.5 * (high - low) * (roots + 1)
        values = basis.evaluate(np.exp(log_y))[:, index]
        total += complex(np.sum(0.5 * (high - low) * weights * np.exp(n * log_y) * values))
    return total


@pytest.mark.parametrize("dense", [1, 8])
def test_transforms_equal_integrals_also_of_narrow_functions(dense: int) -> None:
    """On nodes eight times as dense as those of exportgrids the closed form has no digits left near x = 1."""
    upper = np.linspace(0.9, 1.0, 8 * dense + 1)
    basis = InterpolationBasis(np.concatenate([np.geomspace(1e-3, 0.9, 16)[:-1], upper]))
    points = np.array([[1.5 + 0.2j, 2.0 - 3.0j, 0.6 + 9.0j]])
    log_x = np.log(basis.xgrid[:1])
    transform = anomalous_dimensions.compiled_loops().transform
    for index in range(6, len(basis), 7):  # those below reach down to x, where the contour closes on the other side
        found = transform(points, log_x, basis.pieces[index])[0] * np.exp(points[0] * log_x[0])
        expected = [integrate_pieces(basis, index, n) for n in points[0]]
        np.testing.assert_allclose(found, expected, rtol=1e-8, err_msg=str(index))


def convolve(x: float) -> float:
    """Integrate (x/y) log(y/x) log(y)^2 over log(y) from log(x) to 0: the moments of z log(1/z) are 1 / (N + 1)^2."""
    roots, weights = np.polynomial.legendre.leggauss(60)
    half = -0.5 * np.log(x)
    s = half * (roots - 1)
    return float(np.sum(half * weights * x * np.exp(-s) * (s - np.log(x)) * s**2))


@pytest.mark.parametrize("singlet", [True, False])
def test_inversion_of_a_kernel_that_hardly_damps(singlet: bool) -> None:
    """Polynomials in log(x) have no error of interpolation, only that of the path and its nodes."""
    basis = InterpolationBasis([*export_xgrid()[:-1:4], 1.0])
    expected = np.array([convolve(x) for x in basis.xgrid[:-1]])
    contour = build_contour(basis, singlet=singlet, nodes=120)
    found = contour.invert(1 / (contour.points + 1) ** 2)[:-1] @ np.log(basis.xgrid) ** 2
    np.testing.assert_allclose(found, expected, rtol=5e-6)
    np.testing.assert_allclose(found[12:], expected[12:], rtol=1e-8)


@pytest.mark.parametrize("singlet", [True, False])
def test_the_path_is_that_of_eko(singlet: bool) -> None:
    parameters, log_x = np.array([0.51, 0.6, 0.8, 0.98]), np.array([-20.0, -3.0, -0.01, 0.0])
    points, jacobian = talbot_path(parameters, log_x, singlet=singlet)
    for row, log in enumerate(log_x[:-1]):
        radius = 0.4 * 16.0 / (0.1 - log)
        for column, t in enumerate(parameters):
            assert points[row, column] == pytest.approx(eko_mellin.Talbot_path.py_func(t, radius, float(singlet)))
            expected = eko_mellin.Talbot_jac.py_func(t, radius, float(singlet)) / (1j * np.pi)
            assert jacobian[row, column] == pytest.approx(expected)
    assert not jacobian[-1].any()
