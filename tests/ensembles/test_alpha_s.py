"""The uncertainty of alpha_s in quadrature beside that of the PDFs."""

from __future__ import annotations

import numpy as np
import pytest

from n3fit.ensembles.alpha_s import AlphaVariation, add_alpha_s
from n3fit.ensembles.bands import Band
from n3fit.errors import CommandLineError

BAND = Band(central=np.array([2.0]), low=np.array([1.7]), high=np.array([2.4]), deviation=np.array([0.5]))


def variation(low: float = 0.116, high: float = 0.120) -> AlphaVariation:
    return AlphaVariation(np.zeros((2, 1, 14)), (low, high))


def test_half_the_difference_is_added_in_quadrature_to_each_side() -> None:
    found = add_alpha_s(BAND, np.array([1.4]), np.array([2.2]))  # half the difference is 0.4
    assert float(found.central[0]) == 2.0
    assert float(found.low[0]) == pytest.approx(2.0 - 0.5)
    assert float(found.high[0]) == pytest.approx(2.0 + np.sqrt(0.32))
    assert float(found.deviation[0]) == pytest.approx(np.sqrt(0.41))


def test_the_difference_is_rescaled_and_its_sign_does_not_count() -> None:
    found = add_alpha_s(BAND, np.array([2.2]), np.array([1.4]), ratio=3.0)
    assert float(found.deviation[0]) == pytest.approx(1.3)
    same = add_alpha_s(BAND, np.array([2.2]), np.array([1.4]), ratio=0.0)
    assert (float(same.low[0]), float(same.high[0])) == pytest.approx((1.7, 2.4))


def test_a_central_value_outside_of_the_interval_has_no_width_on_that_side() -> None:
    skewed = Band(central=np.array([2.0]), low=np.array([2.1]), high=np.array([2.3]), deviation=np.array([0.1]))
    assert float(add_alpha_s(skewed, np.array([1.0]), np.array([1.4])).low[0]) == pytest.approx(1.8)


def test_ratio_of_uncertainties() -> None:
    assert variation().ratio(None, label="set") == 1.0
    assert variation().ratio(0.001, label="set") == pytest.approx(0.5)
    assert variation().ratio(0.0, label="set") == 0.0


@pytest.mark.parametrize("values", [(np.nan, np.nan), (0.118, 0.118)])
def test_the_values_of_the_members_are_needed(values: tuple[float, float]) -> None:
    assert variation(*values).ratio(None, label="set") == 1.0
    with pytest.raises(CommandLineError, match=r"set: alpha_s_error: expected members with AlphaS_MZ"):
        variation(*values).ratio(0.001, label="set")


@pytest.mark.parametrize("error", [-0.001, np.nan])
def test_errors_that_are_no_uncertainty(error: float) -> None:
    with pytest.raises(CommandLineError, match=r"set: alpha_s_error: expected a number that is not negative"):
        variation().ratio(error, label="set")
