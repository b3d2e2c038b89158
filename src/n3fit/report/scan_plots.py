"""Figures of a scan: losses trial by trial, importances of the parameters, and times."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.scan_importance import Importance
from n3fit.report.scan_losses import losses_of, scatter_losses, set_loss_axis
from n3fit.report.style import BLUE, INK, MUTED, PALE, VERMILION, new_figure
from n3fit.results.tries import Try
from n3fit.typing import Booleans, Floats, Integers

_UNITS = ((3600.0, "h"), (60.0, "min"), (1.0, "s"))


def history_figure(tries: Sequence[Try]) -> PlottedFigure:
    """Return the figure of the losses trial by trial."""
    numbers, losses = np.array([trial.tid for trial in tries]), losses_of(tries)
    best = np.fmin.accumulate(losses)
    return PlottedFigure(
        name="scan_history",
        title="Losses of the trials",
        caption="Every trial in the order of the scan, and the smallest loss so far. Triangles at the upper edge are "
        "larger losses, crosses are failed trials.",
        draw=partial(_draw_history, numbers, losses, best),
        numbers={"trial": numbers, "loss": losses, "best so far": best},
    )


def _draw_history(trials: Integers, losses: Floats, best: Floats) -> Figure:
    figure = new_figure()
    axes = figure.subplots()
    set_loss_axis(axes, axes.yaxis, losses)
    scatter_losses(axes, trials.astype(np.float64), losses, BLUE, size=13)
    failed = ~np.isfinite(losses)
    top = axes.get_ylim()[1]
    axes.plot(trials[failed], np.full(failed.sum(), top), "x", color=MUTED, markersize=5, clip_on=False, label="failed")
    axes.step(trials, best, where="post", color=VERMILION, label="best so far")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("trial")
    axes.set_ylabel("loss")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2)
    return figure


def importance_figure(found: Sequence[Importance], labels: dict[str, str]) -> PlottedFigure | None:
    """Return the figure of the importances, None without any; ``labels`` are those of the parameters by name."""
    if not found:
        return None
    most = max(entry.trials for entry in found)
    names = [labels[entry.name] + ("" if entry.trials == most else f" ({entry.trials} trials)") for entry in found]
    columns = {
        "share": np.array([entry.share for entry in found]),
        "noise": np.array([entry.noise for entry in found]),
        "correlation": np.array([entry.correlation for entry in found]),
        "trials": np.array([entry.trials for entry in found]),
    }
    return PlottedFigure(
        name="scan_importance",
        title="Importance of the parameters",
        caption="Share of the variance of the ranks of the losses that lies between groups of the parameter alone "
        "(ε² of Kruskal and Wallis; a group for each category, up to six of equally many trials for numbers). Ticks: "
        "95 % of random orders are below. ρ: rank correlation with the loss, positive where larger values are worse. "
        "Trials are not spread evenly, so that parameters share what they explain.",
        draw=partial(_draw_importance, names, columns["share"], columns["noise"], columns["correlation"]),
        numbers={"parameter": np.array([entry.name for entry in found]), **columns},
    )


def _draw_importance(names: Sequence[str], shares: Floats, noise: Floats, correlations: Floats) -> Figure:
    figure = new_figure(5.4, max(2.2, 0.32 * len(names) + 0.8), left=2.25, right=0.8, top=0.15)
    axes = figure.subplots()
    places = np.arange(len(names))[::-1]
    colours = [BLUE if share > level else PALE for share, level in zip(shares, noise, strict=True)]
    axes.barh(places, shares, height=0.66, color=colours)
    axes.plot(noise, places, "|", color=INK, markersize=11, markeredgewidth=1.4)
    right = 1.05 * max(float(shares.max()), float(noise.max()), 0.05)
    axes.set_xlim(0, right)
    for place, correlation in zip(places, correlations, strict=True):
        if np.isfinite(correlation):
            text = f"ρ = {correlation:+.2f}".replace("-", "−")
            axes.text(1.02 * right, place, text, va="center", fontsize=9, color=MUTED)
    axes.set_yticks(places, names)
    axes.tick_params(axis="y", length=0)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("share of the variance of the ranks")
    return figure


def time_figure(tries: Sequence[Try]) -> PlottedFigure | None:
    """Return the figure of the time of each trial, None where no time is known."""
    seconds = np.array([trial.seconds for trial in tries])
    if not np.isfinite(seconds).any():
        return None
    numbers, well = np.array([trial.tid for trial in tries]), np.array([trial.ended_well for trial in tries])
    return PlottedFigure(
        name="scan_time",
        title="Time of the trials",
        caption="Time from the beginning to the end of each trial; crosses are failed trials, the line is the median.",
        draw=partial(_draw_time, numbers, seconds, well),
        numbers={"trial": numbers, "seconds": seconds, "ended well": well},
    )


def _draw_time(trials: Integers, seconds: Floats, well: Booleans) -> Figure:
    median = float(np.nanmedian(seconds))
    unit, name = next(((size, text) for size, text in _UNITS if median >= 2 * size), _UNITS[-1])
    figure = new_figure()
    axes = figure.subplots()
    times = seconds / unit
    axes.plot(trials[well], times[well], "o", color=BLUE, markersize=3.5, alpha=0.6, markeredgewidth=0)
    axes.plot(trials[~well], times[~well], "x", color=MUTED, markersize=5)
    axes.axhline(median / unit, color=VERMILION, linewidth=1.2)
    axes.set_ylim(0, 1.06 * float(np.nanmax(times)) or 1.0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("trial")
    axes.set_ylabel(f"time [{name}]")
    return figure
