"""Effective exponents of functions with known exponents."""

import numpy as np
import pytest

from n3fit.ensembles.effective_exponents import fitted_flavours, large_x_exponents, next_ranges, small_x_exponents
from n3fit.errors import DataError, FitError
from n3fit.theory.bases import FITTING_BASES
from n3fit.theory.exponents import ExponentRange
from n3fit.theory.flavours import FK_TO_FLAVOUR, fitting_to_fk
from n3fit.theory.xgrids import export_xgrid

X = export_xgrid()
ALPHA = np.linspace(0.5, 0.9, 21)
BETA = np.linspace(3.0, 5.0, 21)


def test_powers_have_their_exponents_at_every_x() -> None:
    x = np.geomspace(1e-7, 0.9, 50)
    np.testing.assert_allclose(small_x_exponents(-x * x**-1.25, x), 1.25, rtol=1e-12)
    np.testing.assert_allclose(large_x_exponents(x * (1 - x) ** 3.5, x), 3.5, rtol=1e-9)


def make_pdf(fitbasis: str = "EVOL", small_power: float = 0.0, large_power: float = 0.0) -> np.ndarray:
    """Return 21 replicas whose fitted flavours are x**(1 - alpha) or, at large x, x (1 - x)**beta."""
    flavours = FITTING_BASES[fitbasis].flavours[::-1]
    x = X[:, np.newaxis]
    shape = np.where(x < 0.1, x ** (1 - ALPHA - small_power), x * (1 - x) ** (BETA - large_power)).T
    fitted = np.stack([(0.5 if name == "t3" else 1) * shape for name in flavours], axis=-1)
    pdf = fitted @ fitting_to_fk(fitbasis, flavours).T @ FK_TO_FLAVOUR.T
    np.testing.assert_allclose(fitted_flavours(pdf, fitbasis, flavours), fitted, rtol=1e-9, atol=1e-12)
    return pdf


def ranges_after(pdf: np.ndarray, fitbasis: str = "EVOL", *, scaling: bool = False) -> dict[str, ExponentRange]:
    """Return the ranges of the next iteration by flavour."""
    before = [
        ExponentRange(name, (0.0, 1.0), None if scaling else (1.0, 2.0), name == "g")
        for name in FITTING_BASES[fitbasis].flavours[::-1]
    ]
    return {entry.flavour: entry for entry in next_ranges(pdf, X, fitbasis, before, source="toy")}


def test_ranges_are_twice_the_interval_of_68_percent() -> None:
    ranges = ranges_after(make_pdf())
    assert list(ranges) == list(FITTING_BASES["EVOL"].flavours[::-1])
    assert ranges["g"].trainable
    assert not ranges["v"].trainable
    for name in ("sng", "g", "t8"):  # percentiles 16 and 84 of 0.5 ... 0.9, doubled around 0.7
        assert ranges[name].smallx == pytest.approx((0.7 - 0.272, 0.7 + 0.272), rel=1e-6)
        assert ranges[name].largex == pytest.approx((4 - 1.36, 4 + 1.36), rel=1e-6)


def test_a_factor_shifts_the_exponents_and_the_range_covers_both_x() -> None:
    t3 = ranges_after(make_pdf())["t3"]
    x = [X[np.argmin(np.abs(np.log(X / node)))] for node in (1e-6, 1e-3)]
    shift = np.log(2) / np.log(1 / np.array(x))
    assert t3.smallx == pytest.approx((0.428 - shift[1], 0.972 - shift[0]), rel=1e-6)


@pytest.mark.parametrize("fitbasis", ["NN31IC", "FLAVOUR"])
def test_other_bases_and_feature_scaling(fitbasis: str) -> None:
    ranges = ranges_after(make_pdf(fitbasis), fitbasis, scaling=True)
    assert [entry.largex for entry in ranges.values()] == [None] * 8
    assert list(ranges.values())[-1].smallx == pytest.approx((0.428, 0.972), rel=1e-6)


def test_ranges_stop_where_integrals_diverge_and_need_replicas() -> None:
    pdf = make_pdf(small_power=0.3, large_power=3.0)
    ranges = ranges_after(pdf)
    assert ranges["v3"].smallx == (pytest.approx(0.728, rel=1e-6), 1.0)
    for name in ("v", "v8", "t3", "t8"):
        assert ranges[name].smallx[1] == 1.0
    assert ranges["sng"].smallx[1] == ranges["g"].smallx[1] == pytest.approx(1.272, rel=1e-6)
    steep = ranges_after(make_pdf(small_power=0.6))
    assert steep["t3"].smallx[1] == 1.0
    assert steep["t8"].smallx == (1.0, 1.0)
    assert ranges["g"].largex == (0.0, pytest.approx(2.36, rel=1e-6))
    with pytest.raises(FitError, match="toy: expected at least 2 good replicas for the ranges, received 1"):
        ranges_after(pdf[:1])


def test_a_flavour_that_vanishes_is_named() -> None:
    pdf = make_pdf()
    pdf[3] = 0.0
    with np.errstate(divide="ignore"), pytest.raises(DataError, match=r"toy: .* of a replica vanishes at x = "):
        ranges_after(pdf)
