"""Histograms over replicas, of one fit or of several in one panel."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.ticker import MaxNLocator

from n3fit.report.labelled_fit import DrawnFit
from n3fit.report.style import INK
from n3fit.typing import Floats

_BINS = 16


def bin_edges(values: Floats) -> list[float]:
    """Return edges of bins that extend beyond all finite values, also when there is only one."""
    known = values[np.isfinite(values)]
    low, high = float(known.min()), float(known.max())
    margin = 0.05 * (high - low) or 0.01 * abs(high) or 0.01
    return np.linspace(low - margin, high + margin, _BINS + 1).tolist()


def draw_histograms(axes: Axes, fits: Sequence[DrawnFit], values: Sequence[Floats], edges: Sequence[float]) -> None:
    """Draw a histogram of the passing replicas of each fit, dotted for all, and a line at the mean of the chosen ones.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
    fits : sequence of DrawnFit
    values : sequence of (R,)
        One array for each fit; numbers that are not finite are left out.
    edges : sequence of float
        Edges of the bins.
    """
    for fit, numbers in zip(fits, values, strict=True):
        known, passing = np.isfinite(numbers), fit.passing
        if not known.any():
            continue
        draw_bars(axes, fit, numbers[known & passing], edges, label="passing" if fit.alone else fit.label)
        if not passing[known].all():
            axes.hist(numbers[known], bins=edges, histtype="step", color=fit.colour, linestyle=":", linewidth=1.3,
                      label="all" if fit.alone else f"{fit.label}, all")  # fmt: skip
        averaged = known & fit.chosen
        if averaged.any():
            mean = float(numbers[averaged].mean())
            axes.axvline(mean, color=INK if fit.alone else fit.colour, linewidth=1.2, linestyle="--",
                         label=f"mean {mean:.3f}")  # fmt: skip
    set_count_axis(axes)


def draw_bars(axes: Axes, fit: DrawnFit, values: Floats, edges: Sequence[float], *, label: str) -> None:
    """Draw a histogram of finite values, pale with an outline when the page has several fits."""
    face = fit.colour if fit.alone else to_rgba(fit.colour, 0.22)
    edge = "none" if fit.alone else fit.colour
    axes.hist(values, bins=edges, histtype="stepfilled", facecolor=face, edgecolor=edge, linewidth=1.3,
              alpha=0.8 if fit.alone else None, label=label)  # fmt: skip


def set_count_axis(axes: Axes) -> None:
    """Set ticks and label of a vertical axis of numbers of replicas."""
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=5))
    axes.set_ylabel("replicas")
