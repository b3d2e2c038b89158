import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from n3fit.report.words import breakable, duration, number, percent, ranges, scientific, signed, with_deviation


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (59.94, "59.9 s"), (60, "1 min 00 s"), (330.1, "5 min 30 s"), (7384, "2 h 03 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_numbers() -> None:
    assert [number(1.005), number(12.0, 0), number(-0.5, 1)] == ["1.00", "12", "−0.5"]
    assert [number(math.nan), number(math.inf), number(None)] == ["–", "–", "–"]
    assert [signed(1.25), signed(-0.31), signed(math.nan)] == ["+1.2", "−0.3", "–"]
    assert [scientific(1.23e-7), scientific(math.inf), scientific(None)] == ["1.2e−07", "–", "–"]
    assert with_deviation(1.0, 0.25, 1) == "1.0 ± 0.2"
    assert with_deviation(1.0, math.nan) == "1.00"
    assert [percent(0.5, 0.01), percent(math.nan, 0.1)] == ["50.00 ± 1.00 %", "–"]


def test_names_break_after_underscores_and_stay_escaped() -> None:
    assert breakable("A_<b>_C") == "A_<wbr>&lt;b&gt;_<wbr>C"


@given(st.sets(st.integers(1, 60)))
def test_ranges_name_every_number_once(numbers: set[int]) -> None:
    said: list[int] = []
    for part in filter(None, ranges(sorted(numbers)).split(", ")):
        first, _, last = part.partition("–")
        said += range(int(first), int(last or first) + 1)
    assert said == sorted(numbers)
    assert ranges([1, 2, 3, 7, 9, 10]) == "1–3, 7, 9–10"
