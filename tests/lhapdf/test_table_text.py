"""Tables of numbers against Python's own formatting of each number."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from n3fit.lhapdf.table_text import format_plainly, format_table


def one_by_one(values: np.ndarray) -> bytes:
    return "".join(" ".join(f"{value:.8e}" for value in row) + "\n" for row in values.tolist()).encode()


def test_numbers_of_all_sizes() -> None:
    random = np.random.default_rng(3)
    values = random.normal(size=(4000, 14)) * 10 ** random.uniform(-97, 97, size=(4000, 14))
    assert format_table(values) == one_by_one(values)


def test_numbers_of_pdfs() -> None:
    random = np.random.default_rng(4)
    values = random.normal(size=(5000, 14)) * 10 ** random.uniform(-12, 2, size=(5000, 14))
    values[:, [0, 13]] = 0.0
    assert format_table(values) == one_by_one(values)


def test_ties_and_what_lies_next_to_them() -> None:
    """Decimal ties of ten digits, which double precision holds exactly or to one side, and their neighbours."""
    random = np.random.default_rng(5)
    whole = random.integers(10**8, 10**9, size=3000)
    exact = whole + 0.5  # nine digits before the point: held exactly, rounded to even
    scaled = np.concatenate([exact * 10.0**power for power in (-20, -9, -8, -3, 0, 5, 20)])
    values = np.stack([scaled, np.nextafter(scaled, 0), np.nextafter(scaled, np.inf), -scaled], axis=1)
    assert format_table(values) == one_by_one(values)


def test_powers_of_ten_and_what_lies_next_to_them() -> None:
    powers = np.array([float(f"1e{power}") for power in range(-97, 98)])
    near = [powers, np.nextafter(powers, 0), np.nextafter(powers, np.inf), powers * 9.999999995, powers * 9.9999999949]
    values = np.stack(near, axis=1)
    assert format_table(values) == one_by_one(values)
    assert format_table(np.array([[9.999999996, 0.99999999949]])) == b"1.00000000e+01 9.99999999e-01\n"


@pytest.mark.parametrize("extreme", [1e-300, 5e-324, 1.7e308, -1e-99, 1e100, np.inf, -np.inf, np.nan])
def test_extreme_numbers_beside_others(extreme: float) -> None:
    values = np.array([[1.0, extreme], [-0.0, 0.0]])
    assert format_table(values) == one_by_one(values)
    assert format_plainly(values) == one_by_one(values)


def test_signed_zeros_and_single_columns() -> None:
    assert format_table(np.array([[0.0], [-0.0]])) == b"0.00000000e+00\n-0.00000000e+00\n"


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=2, max_size=2))
def test_any_two_numbers(pair: list[float]) -> None:
    values = np.array([pair])
    assert format_table(values) == one_by_one(values)
