"""The figure of parallel coordinates of a scan: a line for each trial through its parameters and its loss."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.scan_losses import are_wide, losses_of, shorten
from n3fit.report.scan_parameters import ScanParameter, compact_number
from n3fit.report.style import INK, MUTED, VERMILION, new_figure
from n3fit.results.tries import Try
from n3fit.typing import Floats

ABSENT = -0.1
"""Place of the trials without a value, below the axis."""

BEST = 5
"""Number of the best trials that are drawn above the others."""

Axis = tuple[str, Floats, tuple[str, ...], bool]
"""Label, numbers (n,), categories, and whether the axis is logarithmic."""


def coordinates_figure(tries: Sequence[Try], parameters: Sequence[ScanParameter]) -> PlottedFigure | None:
    """Return the figure, None for less than two trials that did not fail or if trials do not differ."""
    losses = losses_of(tries)
    known = np.isfinite(losses)
    if known.sum() < 2 or not parameters:
        return None
    order = np.argsort(-losses[known], kind="stable")  # the best ones are drawn last
    axes: list[Axis] = [
        (entry.label, entry.numbers[known][order], entry.categories, entry.logarithmic) for entry in parameters
    ]
    chosen = np.flatnonzero(known)[order]
    return PlottedFigure(
        name="scan_coordinates",
        title="Parallel coordinates",
        caption=f"A line for each trial that did not fail, dark for small losses; the {BEST} best ones in colour. "
        "Trials without a parameter, such as the nodes of a layer that they do not have, are below the axis.",
        draw=partial(_draw, [*axes, ("loss", losses[known][order], (), are_wide(losses))]),
        numbers={"trial": np.array([tries[index].tid for index in chosen]), "loss": losses[known][order]}
        | {entry.name: np.array([entry.shown(index) for index in chosen]) for entry in parameters},
        wide=True,
        raster=True,
    )


def _draw(columns: Sequence[Axis]) -> Figure:
    figure = new_figure(11.2, 4.4, left=0.4, right=0.55, bottom=0.65, top=0.2)
    axes = figure.subplots()
    axes.grid(visible=False)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    heights = np.array([_heights(column) for column in columns])
    trials = heights.shape[1]
    shades = colormaps["Blues"](0.12 + 0.88 * np.linspace(0, 1, trials) ** 2)
    places = np.arange(len(columns))
    lines = [np.stack([places, heights[:, index]], axis=1) for index in range(trials)]
    axes.add_collection(LineCollection(lines, colors=shades, linewidths=0.8))
    axes.add_collection(LineCollection(lines[-BEST:], colors=VERMILION, linewidths=1.4, alpha=0.9))
    for position, column in enumerate(columns):
        _draw_axis(axes, position, column)
    axes.set_xlim(-0.25, len(columns) - 0.6)
    absent = bool((heights == ABSENT).any())
    axes.set_ylim(ABSENT - 0.03 if absent else -0.04, 1.04)
    axes.set_xticks(range(len(columns)), [textwrap.fill(label, 12) for label, *_ in columns])
    axes.tick_params(axis="x", length=0, pad=4, labelsize=8.5 if len(columns) > 10 else 10)
    axes.set_yticks([])
    return figure


def _heights(column: Axis) -> Floats:
    """Return the places (n,) of values on their axis, from 0 to 1; those of trials without a value are below."""
    _, numbers, categories, logarithmic = column
    low, high = _limits(numbers)
    if categories:
        heights = (numbers + 0.5) / len(categories)
    elif logarithmic:
        heights = np.log(numbers / low) / np.log(high / low)
    else:
        heights = (numbers - low) / (high - low) if high > low else 0.5 + 0 * numbers
    return np.where(np.isfinite(heights), heights, ABSENT)


def _limits(numbers: Floats) -> tuple[float, float]:
    return float(np.nanmin(numbers)), float(np.nanmax(numbers))


def _draw_axis(axes: Axes, position: int, column: Axis) -> None:
    """Draw the vertical line of a parameter with its categories, or its smallest, middle and largest value."""
    _, numbers, categories, logarithmic = column
    axes.plot([position, position], [0, 1], color=MUTED, linewidth=1.0, zorder=3)
    if categories:
        marks = [((place + 0.5) / len(categories), name) for place, name in enumerate(categories)]
    else:
        low, high = _limits(numbers)
        middle = float(np.sqrt(low * high)) if logarithmic else (low + high) / 2
        values = {0.0: low, 0.5: middle, 1.0: high} if high > low else {0.5: low}
        marks = [(height, compact_number(value)) for height, value in values.items()]
    if not np.isfinite(numbers).all():
        marks.append((ABSENT, "none"))
    for height, text in marks:
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8}
        axes.text(position + 0.04, height, shorten(text), fontsize=8, color=INK, va="center", zorder=4, bbox=box)
