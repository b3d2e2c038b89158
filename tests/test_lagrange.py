"""Growth of the Lagrange multipliers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit.errors import RuncardError
from n3fit.lagrange import lagrange_schedule

positive = st.floats(min_value=1e-3, max_value=1e12)


def test_the_published_methodology() -> None:
    # ln(1e6 / 184.8) = 8.5962366..., divided by 170 updates: 0.0505661...
    initial, multiplier = lagrange_schedule(1e6, 184.8, None, 17000)
    assert initial == 184.8
    assert multiplier == pytest.approx(math.exp(math.log(1e6 / 184.8) / 170), rel=1e-14)
    assert multiplier == pytest.approx(1.051866, rel=1e-6)


def test_both_missing_starts_at_one() -> None:
    assert lagrange_schedule(1e6, None, None, 600) == pytest.approx((1.0, 10.0), rel=1e-14)


def test_initial_missing() -> None:
    assert lagrange_schedule(1e6, None, 10.0, 400) == pytest.approx((100.0, 10.0), rel=1e-14)


def test_both_given_are_kept() -> None:
    assert lagrange_schedule(1e6, 3.0, 1.5, 400) == (3.0, 1.5)


@given(maxlambda=positive, initial=positive, epochs=st.integers(min_value=100, max_value=100_000))
def test_the_last_update_reaches_maxlambda(maxlambda: float, initial: float, epochs: int) -> None:
    start, multiplier = lagrange_schedule(maxlambda, initial, None, epochs)
    assert math.log(start) + math.log(multiplier) * epochs / 100 == pytest.approx(math.log(maxlambda), abs=1e-6)


@given(maxlambda=positive, multiplier=st.floats(min_value=1.0, max_value=1.2), epochs=st.integers(100, 17_000))
def test_the_first_value_leads_to_maxlambda(maxlambda: float, multiplier: float, epochs: int) -> None:
    start, factor = lagrange_schedule(maxlambda, None, multiplier, epochs)
    assert factor == multiplier
    assert math.log(start) + math.log(multiplier) * epochs / 100 == pytest.approx(math.log(maxlambda), abs=1e-6)


@pytest.mark.parametrize(
    ("initial", "multiplier", "epochs"), [(None, 1e10, 17000), (None, 1e-10, 17000), (1e-300, None, 1)]
)
def test_numbers_too_large(initial: float | None, multiplier: float | None, epochs: int) -> None:
    with pytest.raises(RuncardError, match="expected a finite positive start and factor"):
        lagrange_schedule(1e6, initial, multiplier, epochs)
