"""Formatting of numbers, durations, losses and tables as text."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping, Sequence


def format_number(value: float | None, spec: str = ".3f") -> str:
    """Return a number in the format ``spec``, and a dash for None and numbers that are not finite.

    >>> format_number(1.25), format_number(12.3456, ".4g"), format_number(float("nan"))
    ('1.250', '12.35', '-')
    """
    return "-" if value is None or not math.isfinite(value) else format(value, spec)


def format_range(limits: tuple[float, float] | None) -> str:
    """Return ``[low, high]`` with four digits, and a dash for None.

    >>> format_range((0.5, 1.23456)), format_range(None)
    ('[0.5, 1.235]', '-')
    """
    return "-" if limits is None else f"[{limits[0]:.4g}, {limits[1]:.4g}]"


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


def format_bytes(size: float) -> str:
    """Return a size in bytes, kB, MB, GB or TB, powers of 1000.

    >>> format_bytes(999), format_bytes(1500), format_bytes(2.5e9)
    ('999 B', '1.5 kB', '2.5 GB')
    """
    units = ("kB", "MB", "GB", "TB")
    if size < 1000:
        return f"{size:.0f} B"
    power = min(len(units), int(math.log10(size) / 3 + 1e-9))
    return f"{size / 1000**power:.1f} {units[power - 1]}"


def format_losses(losses: Mapping[str, float]) -> list[str]:
    """Return ``name value`` for each loss.

    >>> format_losses({"training": 1.23456, "validation": 2.0})
    ['training 1.235', 'validation 2']
    """
    return [f"{name} {value:.4g}" for name, value in losses.items()]


def describe_epoch(doing: str, epoch: int, total: int) -> str:
    """Return the current activity with the epoch.

    >>> describe_epoch("training, epoch 200 of 1000", 300, 1000)
    'training, epoch 300 of 1000'
    """
    return f"{doing.partition(',')[0]}, epoch {epoch} of {total}"


def align(header: Sequence[str], rows: Iterable[Sequence[str]], sides: str) -> list[str]:
    """Return a table as lines of text; ``sides`` has ``<`` or ``>`` for each column.

    >>> align(("set", "points"), [("NMC", "204"), ("HERA", "42")], "<>")
    ['set   points', 'NMC      204', 'HERA      42']
    """
    cells = [tuple(header), *(tuple(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    return [
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)).rstrip()
        for row in cells
    ]


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
