"""Convolutions with all basis functions: closed forms, and yadism's own adaptive integrals."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.special import spence

from n3fit.evolution.kernels.interpolation import InterpolationBasis, standard_xgrid
from n3fit.theory.tables.kernels import DirectKernel, TabulatedKernel
from n3fit.theory.tables.quadrature import convolution_rule

BASIS = InterpolationBasis(standard_xgrid())
POINTS = [3.7e-6, 1e-3, 0.0301, float(BASIS.xgrid[30]), float(BASIS.xgrid[40]) * (1 - 1e-7), 0.65]


def distribution(reg=None, sing=None, loc=None):
    return SimpleNamespace(reg=reg, sing=sing, loc=loc, args={"reg": None, "sing": None, "loc": None})


def dilogarithm(x):
    return spence(1 - x)


# kernel parts and the convolution with f(y) = 1, for which the interpolation is exact
CLOSED_FORMS = {
    "constant": (distribution(reg=lambda z, _: 1.0), lambda x: -np.log(x)),
    "1/z": (distribution(reg=lambda z, _: 1 / z), lambda x: 1 / x - 1),
    "log(1-z)": (distribution(reg=lambda z, _: np.log1p(-z) / (1 / z)), lambda x: -(1 - x) + (1 - x) * np.log(1 - x)),
    "[1/(1-z)]+": (distribution(sing=lambda z, _: 1 / (1 - z)), lambda x: -np.log(x)),
    "[log(1-z)/(1-z)]+": (
        distribution(sing=lambda z, _: np.log1p(-z) / (1 - z)),
        lambda x: dilogarithm(x) - np.pi**2 / 6,
    ),
    "delta": (distribution(loc=lambda x, _: 2.5), lambda x: 2.5),
}


@pytest.mark.parametrize("x", POINTS)
@pytest.mark.parametrize("name", CLOSED_FORMS)
@pytest.mark.parametrize("tabulated", [False, True])
def test_closed_forms(name, x, tabulated):
    kernel, expected = CLOSED_FORMS[name]
    convolver = TabulatedKernel(kernel, z_min=x / 2) if tabulated else DirectKernel(kernel)
    result = convolver.convolve(convolution_rule(BASIS, x))
    assert result.sum() == pytest.approx(expected(x), rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("x", POINTS)
def test_threshold(x):
    """A kernel that opens like the square root above its threshold."""
    lower = 0.2
    kernel = distribution(reg=lambda z, _: np.sqrt(max(np.log(1 / z) - lower, 0.0)))
    rule = convolution_rule(BASIS, x, lower=lower)
    expected = 2 / 3 * max(np.log(1 / x) - lower, 0.0) ** 1.5
    for convolver in (
        DirectKernel(kernel, threshold=lower),
        TabulatedKernel(kernel, z_min=x / 2, threshold=lower),
    ):
        assert convolver.convolve(rule).sum() == pytest.approx(expected, rel=1e-6)


def test_moments_of_the_rule_reproduce_polynomials_in_log_x():
    x = 1e-3
    rule = convolution_rule(BASIS, x)
    log = np.log(BASIS.xgrid)
    for power in range(5):
        # int_log(x)^0 dv v^p
        assert rule.regular.sum(axis=0) @ log**power == pytest.approx(
            -(np.log(x) ** (power + 1)) / (power + 1), rel=1e-9
        )


@pytest.mark.filterwarnings("ignore::scipy.integrate.IntegrationWarning")
@pytest.mark.parametrize("kind", ["NonSinglet", "Gluon", "Singlet"])
@pytest.mark.parametrize("x", [2e-3, 0.35])
def test_equal_to_integrals_of_yadism_for_every_basis_function(kind, x):
    f2_nc = pytest.importorskip("yadism.coefficient_functions.light.f2_nc")
    conv = pytest.importorskip("yadism.esf.conv")
    channel = getattr(f2_nc, kind)(SimpleNamespace(x=x, Q2=10.0), 4)
    rsl = channel[2]()
    expected, _errors = conv.convolve_vector(rsl, BASIS.dispatcher, x)
    result = DirectKernel(rsl).convolve(convolution_rule(BASIS, x))
    np.testing.assert_allclose(result, expected, atol=3e-6 * np.abs(expected).max())
