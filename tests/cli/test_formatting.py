"""Formatting of numbers, durations and tables."""

import math

import pytest

from n3fit.cli.formatting import TimeLeft, align, format_number, format_range, format_seconds


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (1.25, ".3f", "1.250"),
        (1e-12, ".4g", "1e-12"),
        (None, ".3f", "-"),
        (math.nan, ".4g", "-"),
        (math.inf, ".2f", "-"),
    ],
)
def test_format_number(value: float | None, spec: str, text: str) -> None:
    assert format_number(value, spec) == text


def test_format_range() -> None:
    assert format_range((-0.25, 1.123456)) == "[-0.25, 1.123]"
    assert format_range(None) == "-"


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (200, "3 min 20 s"), (7500, "2 h 05 min")]
)
def test_format_seconds(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


def test_time_left() -> None:
    clock = Clock()
    left = TimeLeft(clock)
    assert left.estimate(100, 400) is None
    clock.now = 5.0
    assert left.estimate(200, 400) == pytest.approx(10.0)
    assert left.estimate(400, 400) is None


def test_align() -> None:
    assert align(("name", "n"), [("a", "1"), ("long name", "100")], "<>") == [
        "name         n",
        "a            1",
        "long name  100",
    ]
