"""Losses of trials: which are shown, and axes and marks of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis

from n3fit.report.axes import label_logarithmic
from n3fit.results.tries import Try
from n3fit.typing import Booleans, Floats

_SHOWN_SPREAD = 4.0
_WIDE = 6.0


def losses_of(tries: Sequence[Try]) -> Floats:
    """Return the losses (n,) of trials, nan for those that failed."""
    return np.array([trial.loss if trial.ended_well else math.nan for trial in tries])


def are_wide(losses: Floats) -> bool:
    """Return whether losses are shown on a logarithmic axis: positive ones, a quarter of them six times the best."""
    known = losses[np.isfinite(losses)]
    return bool(known.size) and bool(known.min() > 0) and bool(np.quantile(known, 0.75) > _WIDE * known.min())


def loss_limits(losses: Floats) -> tuple[float, float]:
    """Return the range of losses that is shown.

    It is that of all losses on a logarithmic axis, else from the best up to four times the distance to the median.
    """
    known = losses[np.isfinite(losses)]
    low, high = float(known.min()), float(known.max())
    if are_wide(losses):
        pad = (high / low) ** 0.06
        return low / pad, high * pad
    shown = min(high, low + _SHOWN_SPREAD * (float(np.median(known)) - low))
    pad = 0.06 * (shown - low) or 0.05 * abs(low) or 1.0
    return low - pad, shown + pad


def scatter_losses(axes: Axes, x: Floats, losses: Floats, colour: str, *, size: float) -> None:
    """Draw losses as marks; those above the axis are triangles at its end."""
    top = axes.get_ylim()[1]
    with np.errstate(invalid="ignore"):
        above: Booleans = losses > top
    known = np.isfinite(losses) & ~above
    style: dict[str, Any] = {"color": colour, "alpha": 0.6, "linewidths": 0}
    axes.scatter(x[known], losses[known], s=size, **style)
    axes.scatter(x[above], np.full(above.sum(), top), s=size, marker="^", clip_on=False, **style)


def set_loss_axis(axes: Axes, axis: Axis, losses: Floats) -> None:
    """Set scale and limits of an axis of losses."""
    if not np.isfinite(losses).any():
        return
    limits = loss_limits(losses)
    set_scale, set_limits = (axes.set_xscale, axes.set_xlim) if axis is axes.xaxis else (axes.set_yscale, axes.set_ylim)
    if are_wide(losses):
        set_scale("log")
        label_logarithmic(axis, *limits)
    set_limits(*limits)


def shorten(name: str, longest: int = 16) -> str:
    """Return the name of a category, without its end where it is too long."""
    return name if len(name) <= longest else f"{name[: longest - 1]}…"


def spread(number: int) -> Floats:
    """Return offsets (n,) in [-0.3, 0.3] that separate marks at the same place, the same every time."""
    golden = (math.sqrt(5) - 1) / 2
    places = 0.6 * (np.arange(number, dtype=np.float64) * golden % 1) - 0.3
    return np.asarray(places, dtype=np.float64)
