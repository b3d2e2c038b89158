import math

import pytest

from n3fit.report.format_numbers import (
    format_duration,
    format_number,
    format_percent,
    format_scientific,
    format_signed,
    format_with_deviation,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (59.94, "59.9 s"), (60, "1 min 00 s"), (330.1, "5 min 30 s"), (7384, "2 h 03 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert format_duration(seconds) == text


def test_numbers() -> None:
    assert [format_number(1.005), format_number(12.0, 0), format_number(-0.5, 1)] == ["1.00", "12", "−0.5"]
    assert [format_number(value) for value in (math.nan, math.inf, None)] == ["–", "–", "–"]
    assert [format_signed(value) for value in (1.25, -0.31, math.nan)] == ["+1.2", "−0.3", "–"]
    assert [format_scientific(value) for value in (1.23e-7, math.inf, None)] == ["1.2e−07", "–", "–"]


def test_numbers_with_a_standard_deviation() -> None:
    assert format_with_deviation(1.0, 0.25, 1) == "1.0 ± 0.2"
    assert format_with_deviation(1.0, math.nan) == "1.00"
    assert [format_percent(0.5, 0.01), format_percent(math.nan, 0.1)] == ["50.00 ± 1.00 %", "–"]
