"""Durations: as text, and the time that is left."""

from __future__ import annotations

import time
from collections.abc import Callable


def format_seconds(seconds: float) -> str:
    """Return a duration in seconds, minutes or hours.

    >>> format_seconds(45), format_seconds(200), format_seconds(7500)
    ('45 s', '3 min 20 s', '2 h 05 min')
    """
    rounded = round(seconds)
    if rounded < 60:
        return f"{rounded} s"
    if rounded < 3600:
        return f"{rounded // 60} min {rounded % 60:02d} s"
    return f"{rounded // 3600} h {rounded % 3600 // 60:02d} min"


class TimeLeft:
    """Estimate of the remaining time from the pace since the first report, which comes after compilation."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._start: tuple[float, int] | None = None

    def estimate(self, done: int, total: int) -> float | None:
        """Return the remaining seconds; None for the first report and at the end."""
        now = self._clock()
        if self._start is None:
            self._start = (now, done)
        since, first = self._start
        if done <= first or done >= total:
            return None
        return (now - since) / (done - first) * (total - done)
