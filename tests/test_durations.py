"""Durations as text, and the time that is left."""

import pytest

from n3fit.durations import TimeLeft, format_seconds


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


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
