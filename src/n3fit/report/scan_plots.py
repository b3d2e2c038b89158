"""Figures of a scan: losses trial by trial and against every parameter, importances, and times."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from n3fit.report.axes import label_logarithmic
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.scan_importance import Importance, value_groups
from n3fit.report.scan_parameters import OPTIMIZER, ScanParameter
from n3fit.report.style import BLUE, FIT_COLOURS, INK, MUTED, PALE, VERMILION, new_figure
from n3fit.results.tries import Try
from n3fit.typing import Booleans, Floats, Integers

_COLUMNS = 3
_SHOWN_SPREAD = 4.0
_WIDE = 6.0
_FEW = 60
_UNITS = ((3600.0, "h"), (60.0, "min"), (1.0, "s"))


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
    _scatter(axes, trials.astype(np.float64), losses, BLUE, size=13)
    failed = ~np.isfinite(losses)
    top = axes.get_ylim()[1]
    axes.plot(trials[failed], np.full(failed.sum(), top), "x", color=MUTED, markersize=5, clip_on=False, label="failed")
    axes.step(trials, best, where="post", color=VERMILION, label="best so far")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("trial")
    axes.set_ylabel("loss")
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0.2)
    return figure


def parameters_figure(tries: Sequence[Try], parameters: Sequence[ScanParameter]) -> PlottedFigure | None:
    """Return the figure of the losses against every parameter, None if trials do not differ."""
    losses = losses_of(tries)
    if not parameters or not np.isfinite(losses).any():
        return None
    optimizer = next((entry for entry in parameters if entry.name == OPTIMIZER), None)
    colours = np.zeros(len(tries)) if optimizer is None else np.nan_to_num(optimizer.numbers)
    names = () if optimizer is None else optimizer.categories
    panels = [(entry.label, entry.numbers, entry.categories, entry.logarithmic) for entry in parameters]
    return PlottedFigure(
        name="scan_parameters",
        title="Loss against every parameter",
        caption="Trials that did not fail. The dark line joins medians of groups of equally many trials, dark bars are "
        f"medians of categories; the star is the best trial.{' Colours are optimisers.' if names else ''} Triangles at "
        "the upper edge are larger losses.",
        draw=partial(_draw_parameters, panels, losses, colours.astype(np.int64), names),
        numbers={"trial": np.array([trial.tid for trial in tries]), "loss": losses}
        | {entry.name: np.array([entry.shown(index) for index in range(len(tries))]) for entry in parameters},
        wide=True,
        raster=len(tries) * len(parameters) > 4000,
    )


def _draw_parameters(
    panels: Sequence[tuple[str, Floats, tuple[str, ...], bool]],
    losses: Floats,
    colours: Integers,
    names: Sequence[str],
) -> Figure:
    rows = math.ceil(len(panels) / _COLUMNS)
    top = 0.55 if names else 0.15
    figure = new_figure(11.2, 2.75 * rows + top, top=top)
    grid = figure.subplots(rows, _COLUMNS, sharey=True, squeeze=False, gridspec_kw={"hspace": 0.46, "wspace": 0.09})
    for axes, (label, values, categories, logarithmic) in zip(grid.ravel(), panels, strict=False):
        _draw_panel(axes, values, categories, losses, colours, logarithmic=logarithmic)
        axes.set_xlabel(label)
    for axes in grid.ravel()[len(panels) :]:
        axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_ylabel("loss")
    if names:
        marks = [
            figure.axes[0].plot([], [], "o", color=FIT_COLOURS[number % len(FIT_COLOURS)], markersize=5, label=name)[0]
            for number, name in enumerate(names)
        ]
        figure.legend(handles=marks, loc="upper center", ncols=len(names), frameon=False)
    return figure


def _draw_panel(
    axes: Axes,
    values: Floats,
    categories: Sequence[str],
    losses: Floats,
    colours: Integers,
    *,
    logarithmic: bool,
) -> None:
    """Draw the losses against one parameter."""
    set_loss_axis(axes, axes.yaxis, losses)
    kept = np.isfinite(values) & np.isfinite(losses)
    places = values + spread(len(values)) if categories else values
    size = 24.0 if len(values) <= _FEW else 9.0
    for colour in np.unique(colours[kept]):
        chosen = kept & (colours == colour)
        _scatter(axes, places[chosen], losses[chosen], FIT_COLOURS[colour % len(FIT_COLOURS)], size=size)
    if categories:
        for position in np.unique(values[kept]):
            median = np.median(losses[kept & (values == position)])
            axes.plot([position - 0.32, position + 0.32], [median, median], color=INK, linewidth=2)
        axes.set_xticks(range(len(categories)), [shorten(name).replace("_", "\n") for name in categories])
        axes.tick_params(axis="x", labelsize=9 if len(categories) < 5 else 7.5)
        axes.set_xlim(-0.6, len(categories) - 0.4)
    else:
        groups = value_groups(values[kept], distinct=False)
        middles = [
            (np.median(values[kept][groups == group]), np.median(losses[kept][groups == group]))
            for group in np.unique(groups)
        ]
        axes.plot(*np.transpose(middles), color=INK, linewidth=1.4, alpha=0.85)
        if logarithmic:
            axes.set_xscale("log")
            label_logarithmic(axes.xaxis, *axes.get_xlim())
        elif np.array_equal(values[kept], np.round(values[kept])):
            axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    best = int(np.nanargmin(losses))
    if kept[best]:
        axes.plot(places[best], losses[best], "*", color=VERMILION, markersize=12, markeredgecolor="white")


def _scatter(axes: Axes, x: Floats, losses: Floats, colour: str, *, size: float) -> None:
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
