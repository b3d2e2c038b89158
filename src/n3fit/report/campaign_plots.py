"""Figures of the runs of a campaign: chi2 of each run, and bias against variance of closure tests."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.style import BLUE, INK, MUTED, VERMILION, new_figure
from n3fit.typing import Floats

_MOST_LABELS = 30


def runs_figure(names: Sequence[str], central: Floats, mean: Floats, deviation: Floats) -> PlottedFigure:
    """Return the figure of chi2 per point of each run.

    Parameters
    ----------
    names : sequence of N str
    central, mean, deviation : (N,)
        Of the mean prediction; mean and standard deviation over the replicas.
    """
    return PlottedFigure(
        name="runs_chi2",
        title="χ² of the runs",
        caption="χ² per point of the mean prediction of each run, and of its replicas with their standard deviation.",
        draw=partial(_draw_runs, tuple(names), central, mean, deviation),
        numbers={"run": np.array(names), "central": central, "replicas_mean": mean, "replicas_deviation": deviation},
    )


def ratio_figure(names: Sequence[str], ratio: Floats, low: Floats, high: Floats) -> PlottedFigure:
    """Return the figure of R_bv with its interval for each of N groups of points, the last one being all data."""
    return PlottedFigure(
        name="closure_ratio",
        title="Bias over variance",
        caption=(
            "Square root of mean bias over mean variance by experiment and in total, with the bootstrap interval of "
            "95 % over the fits: one for faithful uncertainties, above one when they are too small."
        ),
        draw=partial(_draw_ratio, tuple(names), ratio, low, high),
        numbers={"group": np.array(names), "ratio": ratio, "low": low, "high": high},
    )


def _draw_runs(names: tuple[str, ...], central: Floats, mean: Floats, deviation: Floats) -> Figure:
    figure = new_figure(5.4, 4.3, bottom=1.15, top=0.4)
    axes = figure.add_subplot()
    places = np.arange(len(names))
    axes.errorbar(places, mean, yerr=np.nan_to_num(deviation), fmt="o", color=BLUE, markersize=4, linewidth=1.2,
                  label="replicas")  # fmt: skip
    axes.plot(places, central, "s", color=VERMILION, markersize=4.5, label="mean prediction")
    step = -(-len(names) // _MOST_LABELS)
    axes.set_xticks(
        places[::step].tolist(), list(names[::step]), rotation=60, ha="right", rotation_mode="anchor", fontsize=8
    )
    axes.set_xlim(-0.6, len(names) - 0.4)
    axes.set_ylabel(r"$\chi^2$ per point")
    axes.grid(visible=False, axis="x")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2)
    return figure


def _draw_ratio(names: tuple[str, ...], ratio: Floats, low: Floats, high: Floats) -> Figure:
    height = max(2.2, 0.9 + 0.32 * len(names))
    figure = new_figure(5.4, height, left=1.5)
    axes = figure.add_subplot()
    places = -np.arange(len(names))
    axes.axvline(1.0, color=MUTED, linewidth=1.2, linestyle="--")
    axes.hlines(places, low, high, color=BLUE, linewidth=2.2)
    axes.plot(ratio, places, "o", color=INK, markersize=5)
    axes.set_yticks(places.tolist(), list(names))
    axes.set_ylim(-len(names) + 0.4, 0.6)
    axes.set_xlabel(r"$R_{bv}$")
    axes.grid(visible=False, axis="y")
    return figure
