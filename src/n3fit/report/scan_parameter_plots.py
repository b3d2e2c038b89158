"""The figure of the losses of a scan against every parameter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from n3fit.report.axes import label_logarithmic
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.scan_importance import value_groups
from n3fit.report.scan_losses import losses_of, scatter_losses, set_loss_axis, shorten, spread
from n3fit.report.scan_parameters import OPTIMIZER, ScanParameter
from n3fit.report.style import FIT_COLOURS, INK, new_figure
from n3fit.results.tries import Try
from n3fit.typing import Floats, Integers

_COLUMNS = 3
_FEW = 60
_FEWEST_FOR_MEDIAN = 3
"""Trials in a group, on average, of which a median is drawn."""


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
        caption="Trials that did not fail. The dark line joins medians of groups of equally many trials, where there "
        "are enough of them; dark bars are medians of categories; the star is the best trial."
        f"{' Colours are optimisers.' if names else ''} Triangles at the upper edge are larger losses.",
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
        scatter_losses(axes, places[chosen], losses[chosen], FIT_COLOURS[colour % len(FIT_COLOURS)], size=size)
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
        if np.count_nonzero(kept) >= _FEWEST_FOR_MEDIAN * len(middles):
            axes.plot(*np.transpose(middles), color=INK, linewidth=1.4, alpha=0.85)
        if logarithmic:
            axes.set_xscale("log")
            label_logarithmic(axes.xaxis, *axes.get_xlim())
        elif np.array_equal(values[kept], np.round(values[kept])):
            axes.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    best = int(np.nanargmin(losses))
    if kept[best]:
        axes.plot(places[best], losses[best], "*", color=INK, markersize=12, markeredgecolor="white")
