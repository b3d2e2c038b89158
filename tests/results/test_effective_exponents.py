"""Effective exponents against functions whose exponents are known."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from support import outcomes

from n3fit.errors import FitError
from n3fit.results import FitFolder
from n3fit.results.effective_exponents import fitted_flavours, large_x_exponents, next_ranges, small_x_exponents
from n3fit.results.xgrid import export_xgrid
from n3fit.theory.bases import FITTING_BASES
from n3fit.theory.flavours import FK_TO_FLAVOUR, fitting_to_fk

ALPHA = np.linspace(0.5, 0.9, 21)
BETA = np.linspace(3.0, 5.0, 21)


def test_powers_have_their_exponents_at_every_x() -> None:
    x = np.geomspace(1e-7, 0.9, 50)
    np.testing.assert_allclose(small_x_exponents(-x * x**-1.25, x), 1.25, rtol=1e-12)
    np.testing.assert_allclose(large_x_exponents(x * (1 - x) ** 3.5, x), 3.5, rtol=1e-9)


@pytest.fixture
def make_fit(write: Callable[..., FitFolder]) -> Callable[..., FitFolder]:
    """Write a fit of 21 replicas whose fitted flavours are x**(1 - alpha) or, at large x, x (1 - x)**beta."""

    def make(fitbasis: str = "EVOL", **options: Any) -> FitFolder:
        flavours = FITTING_BASES[fitbasis][::-1]
        x = export_xgrid()[:, np.newaxis]
        small = np.where(x < 0.1, x ** (1 - ALPHA), x * (1 - x) ** BETA).T
        fitted = np.stack([(2 if name == "t3" else 1) * small for name in flavours], axis=-1)
        pdf = fitted @ fitting_to_fk(fitbasis, flavours).T @ FK_TO_FLAVOUR.T
        outcome = outcomes.make_outcome(21, sets=outcomes.SMALL_SETS)
        parameters = [{"fl": name, "smallx": (0, 1), "largex": (1, 2), "trainable": name == "g"} for name in flavours]
        fit = write(
            replace(outcome, pdf=pdf, fitbasis=fitbasis, flavours=flavours, positivity_passed=np.ones(21, bool)),
            **{"parameters": parameters} | options,
        )
        np.testing.assert_allclose(fitted_flavours(fit), fitted, rtol=1e-9, atol=1e-12)
        return fit

    return make


def test_ranges_are_twice_the_interval_of_68_percent(make_fit: Callable[..., FitFolder]) -> None:
    ranges = {entry.fl: entry for entry in next_ranges(make_fit())}
    assert list(ranges) == list(FITTING_BASES["EVOL"][::-1])
    assert ranges["g"].trainable
    assert not ranges["v"].trainable
    for name in ("sng", "g", "t8"):  # percentiles 16 and 84 of 0.5 ... 0.9, doubled around 0.7
        assert ranges[name].smallx == pytest.approx((0.7 - 0.272, 0.7 + 0.272), rel=1e-6)
        assert ranges[name].largex == pytest.approx((4 - 1.36, 4 + 1.36), rel=1e-6)


def test_a_factor_shifts_the_exponents_and_the_range_covers_both_x(make_fit: Callable[..., FitFolder]) -> None:
    fit = make_fit()
    (t3,) = (entry for entry in next_ranges(fit) if entry.fl == "t3")
    x = [fit.xgrid[np.argmin(np.abs(np.log(fit.xgrid / node)))] for node in (1e-6, 1e-3)]
    shift = np.log(2) / np.log(1 / np.array(x))
    assert t3.smallx == pytest.approx((0.428 + shift[0], 0.972 + shift[1]), rel=1e-6)


@pytest.mark.parametrize("fitbasis", ["NN31IC", "FLAVOUR"])
def test_other_bases_and_feature_scaling(make_fit: Callable[..., FitFolder], fitbasis: str) -> None:
    flavours = FITTING_BASES[fitbasis][::-1]
    ranges = next_ranges(make_fit(fitbasis, parameters=[{"fl": name, "smallx": (0, 1)} for name in flavours]))
    assert [entry.largex for entry in ranges] == [None] * 8
    assert ranges[-1].smallx == pytest.approx((0.428, 0.972), rel=1e-6)


def test_ranges_stop_where_sum_rules_diverge_and_need_replicas(make_fit: Callable[..., FitFolder]) -> None:
    fit = make_fit()
    x = fit.xgrid[:, np.newaxis]
    wild = np.where(x < 0.1, x ** (1 - ALPHA - 0.3), x * (1 - x) ** (BETA - 3)).T[..., np.newaxis] * np.ones(8)
    pdf = wild @ fitting_to_fk("EVOL", fit.description.flavours).T @ FK_TO_FLAVOUR.T
    ranges = {entry.fl: entry for entry in next_ranges(replace(fit, pdf=pdf))}
    assert ranges["v3"].smallx == (pytest.approx(0.728, rel=1e-6), 1.0)
    assert ranges["t3"].smallx[1] == pytest.approx(1.272, rel=1e-6)
    assert ranges["g"].largex == (0.0, pytest.approx(2.36, rel=1e-6))
    one = replace(fit, arrays=replace(fit.arrays, selected=np.arange(21) == 4))
    with pytest.raises(FitError, match="expected at least 2 good replicas to take ranges from, received 1"):
        next_ranges(one)
