"""Formatting of numbers and durations for the page, with a true minus sign and a dash for missing numbers."""

from __future__ import annotations

import math

_DASH = "–"


def format_number(value: float | None, digits: int = 2) -> str:
    """Return a number with fixed digits, or a dash for None and numbers that are not finite."""
    return _format(value, f".{digits}f")


def format_signed(value: float | None) -> str:
    """Return a number with its sign and one digit, or a dash for None and numbers that are not finite."""
    return _format(value, "+.1f")


def format_scientific(value: float | None) -> str:
    """Return a number in exponential notation, or a dash for None and numbers that are not finite."""
    return _format(value, ".1e")


def format_with_deviation(mean: float, deviation: float, digits: int = 2) -> str:
    """Return a mean and its standard deviation, or the mean alone when the deviation is not finite."""
    if not math.isfinite(deviation):
        return format_number(mean, digits)
    return f"{format_number(mean, digits)} ± {format_number(deviation, digits)}"


def format_percent(fraction: float, deviation: float) -> str:
    """Return a fraction and its standard deviation in percent, or a dash when the fraction is not finite."""
    return f"{format_with_deviation(100 * fraction, 100 * deviation)} %" if math.isfinite(fraction) else _DASH


def format_duration(seconds: float) -> str:
    """Return a duration in seconds, minutes or hours.

    >>> format_duration(4.25), format_duration(330.1), format_duration(7384)
    ('4.2 s', '5 min 30 s', '2 h 03 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def _format(value: float | None, spec: str) -> str:
    if value is None or not math.isfinite(value):
        return _DASH
    return format(value, spec).replace("-", "−")
