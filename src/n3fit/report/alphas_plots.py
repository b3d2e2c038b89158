"""Figures of a scan of alpha_s: chi2 against alpha_s, and the minima of the replicas."""

from __future__ import annotations

from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from n3fit.report.histograms import set_count_axis
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.style import BLUE, INK, MUTED, VERMILION, new_figure
from n3fit.typing import Floats

_LABEL = r"$\alpha_s(m_Z)$"
_MOST_CURVES = 60
_FINE = 80
_FEWEST_OF_PARABOLA = 3
_WIDTHS = 6
"""Widths of the central 68 % beyond which minima are drawn in the last bins."""


def profile_figure(
    alphas: Floats, replica_rise: Floats, curves: Floats, central: Floats, *, value: float, uncertainty: float
) -> PlottedFigure:
    """Return the figure of chi2 against alpha_s.

    Parameters
    ----------
    alphas : (A,)
    replica_rise : (R, A)
        Chi2 of each replica to its pseudodata above the minimum of its parabola; nan for what is missing.
    curves : (R, 3)
        Minimum, lowest value (zero) and curvature of the parabola of each replica.
    central : (A,)
        Chi2 of the mean prediction to the central data, above its smallest value.
    value, uncertainty : float
        alpha_s.
    """
    draw = partial(_draw_profile, alphas, replica_rise, curves, central, value=value, uncertainty=uncertainty)
    return PlottedFigure(
        name="alphas_profile",
        title="χ² against αₛ",
        caption=(
            "Rise of χ² of each replica to its own pseudodata above the minimum of its parabola (lines), their median "
            "(points), and that of the mean prediction to the central data with its parabola (squares). Band: mean "
            "and standard deviation of the minima."
        ),
        draw=draw,
        numbers={"alphas": alphas, "replicas_median": column_medians(replica_rise), "central": central},
    )


def minima_figure(minima: Floats, *, value: float, uncertainty: float, limits: tuple[float, float]) -> PlottedFigure:
    """Return the histogram of the minima (R,); ``limits`` are the smallest and largest alpha_s of the fits."""
    return PlottedFigure(
        name="alphas_minima",
        title="αₛ of the replicas",
        caption=(
            "Minima of the parabolas of the replicas, with the Gaussian of their mean and standard deviation. Dotted: "
            "first and last value of the scan. Minima far outside are in the last bins."
        ),
        draw=partial(_draw_minima, minima, value=value, uncertainty=uncertainty, limits=limits),
        numbers={"minimum": minima},
    )


def _draw_profile(
    alphas: Floats, rise: Floats, curves: Floats, central: Floats, *, value: float, uncertainty: float
) -> Figure:
    figure = new_figure(5.4, 3.9)
    axes = figure.add_subplot()
    margin = 0.08 * np.ptp(alphas)
    fine = np.linspace(alphas[0] - margin, alphas[-1] + margin, _FINE)
    axes.axvspan(value - uncertainty, value + uncertainty, color=BLUE, alpha=0.13, linewidth=0)
    axes.axvline(value, color=BLUE, linewidth=1.2)
    for minimum, lowest, curvature in curves[:_MOST_CURVES]:
        axes.plot(fine, lowest + curvature * (fine - minimum) ** 2, color=MUTED, linewidth=0.6, alpha=0.45)
    median = column_medians(rise)
    axes.plot(alphas, median, "o", color=INK, markersize=4.5, label="median of the replicas", zorder=4)
    axes.plot(alphas, central, "s", color=VERMILION, markersize=4.5, label="mean prediction", zorder=4)
    known = np.isfinite(central)
    if known.sum() >= _FEWEST_OF_PARABOLA:
        shift = alphas.mean()
        parabola = np.polynomial.Polynomial.fit(alphas[known] - shift, central[known], 2)
        axes.plot(fine, parabola(fine - shift), color=VERMILION, linewidth=1.0, linestyle="--", zorder=3)
    top = 1.3 * max(float(np.nanmax(median)), float(np.nanmax(central)), 1.0)
    axes.set_xlim(fine[0], fine[-1])
    axes.set_ylim(-0.03 * top, top)
    axes.set_xlabel(_LABEL)
    axes.set_ylabel(r"$\chi^2$ above its minimum")
    axes.legend(loc="upper center")
    _few_ticks(axes)
    return figure


def _draw_minima(minima: Floats, *, value: float, uncertainty: float, limits: tuple[float, float]) -> Figure:
    figure = new_figure(5.4, 3.9)
    axes = figure.add_subplot()
    low, median, high = np.quantile(minima, [0.16, 0.5, 0.84])
    far = _WIDTHS * (high - low) / 2
    low, high = max(float(minima.min()), median - far), min(float(minima.max()), median + far)
    margin = max(0.08 * (high - low), 0.25 * uncertainty)
    edges = np.linspace(low - margin, high + margin, max(8, min(30, round(2 * np.sqrt(len(minima))))) + 1)
    axes.hist(np.clip(minima, edges[0], edges[-1]), bins=edges.tolist(), facecolor=BLUE, alpha=0.75, edgecolor="none")
    fine = np.linspace(edges[0], edges[-1], 200)
    if uncertainty > 0:
        density = np.exp(-0.5 * ((fine - value) / uncertainty) ** 2) / (uncertainty * np.sqrt(2 * np.pi))
        axes.plot(fine, density * len(minima) * (edges[1] - edges[0]), color=INK, linewidth=1.3,
                  label=f"{value:.5f} ± {uncertainty:.5f}")  # fmt: skip
    for limit in limits:
        if edges[0] < limit < edges[-1]:
            axes.axvline(limit, color=MUTED, linestyle=":", linewidth=1.4)
    axes.set_xlim(edges[0], edges[-1])
    axes.set_ylim(0, 1.3 * axes.get_ylim()[1])
    set_count_axis(axes)
    axes.set_xlabel(_LABEL)
    axes.legend(loc="upper right")
    _few_ticks(axes)
    return figure


def column_medians(values: Floats) -> Floats:
    """Return the median of the finite values in each column (R, A); nan without any."""
    return np.array(
        [np.median(column[np.isfinite(column)]) if np.isfinite(column).any() else np.nan for column in values.T]
    )


def _few_ticks(axes: Axes) -> None:
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6))
    axes.ticklabel_format(axis="x", useOffset=False)
