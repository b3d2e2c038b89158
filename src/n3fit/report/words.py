"""Numbers and names as the page writes them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup

from n3fit.results.layout import format_replicas

_DASH = "–"


def breakable(name: str) -> Markup:
    """Escape a name and let it break after underscores on narrow screens."""
    return Markup("_<wbr>").join(name.split("_"))


def number(value: float | None, digits: int = 2) -> str:
    """Write a number for a table; a dash when there is none or it is not finite."""
    if value is None or not np.isfinite(value):
        return _DASH
    return f"{value:.{digits}f}".replace("-", "−")


def signed(value: float) -> str:
    """Write a number with its sign, a true minus among them."""
    return f"{value:+.1f}".replace("-", "−") if np.isfinite(value) else _DASH


def scientific(value: float | None) -> str:
    """Write a small or large number; a dash when there is none or it is not finite."""
    return f"{value:.1e}".replace("-", "−") if value is not None and np.isfinite(value) else _DASH


def with_deviation(mean: float, deviation: float, digits: int = 2) -> str:
    """Write a mean and its standard deviation, or the mean alone when there is none."""
    if not np.isfinite(deviation):
        return number(mean, digits)
    return f"{number(mean, digits)} ± {number(deviation, digits)}"


def duration(seconds: float) -> str:
    """Write seconds as people say them."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def ranges(numbers: Sequence[int]) -> str:
    """Write replica numbers briefly: ``1–20, 25``."""
    return format_replicas(numbers, dash="–")


def percent(fraction: float, deviation: float) -> str:
    """Write a share and its standard deviation in percent."""
    return f"{with_deviation(100 * fraction, 100 * deviation)} %" if np.isfinite(fraction) else _DASH
