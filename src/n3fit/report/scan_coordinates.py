"""The figure of parallel coordinates of a scan: a line for each trial through its parameters and its loss."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.scan_parameters import ScanParameter
from n3fit.report.scan_plots import losses_of
from n3fit.report.style import INK, MUTED, VERMILION, new_figure
from n3fit.results.tries import Try
from n3fit.typing import Floats

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
        "Trials without a parameter have a gap there.",
        draw=partial(_draw, [*axes, ("loss", losses[known][order], (), False)]),
        numbers={"trial": np.array([tries[index].tid for index in chosen]), "loss": losses[known][order]}
        | {entry.name: np.array([entry.shown(index) for index in chosen]) for entry in parameters},
        wide=True,
        raster=True,
    )


def _draw(columns: Sequence[Axis]) -> Figure:
    figure = new_figure(11.2, 4.3, left=0.5, right=0.6, bottom=1.0, top=0.3)
    axes = figure.subplots()
    axes.grid(visible=False)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)
    heights = np.array([_heights(column) for column in columns])
    trials = heights.shape[1]
    shades = colormaps["Blues"](0.12 + 0.88 * np.linspace(0, 1, trials) ** 2)
    lines = [_pieces(heights[:, index]) for index in range(trials)]
    colours = [shades[index] for index, pieces in enumerate(lines) for _ in pieces]
    axes.add_collection(LineCollection([piece for pieces in lines for piece in pieces], colors=colours, linewidths=0.8))
    best = [piece for pieces in lines[-BEST:] for piece in pieces]
    axes.add_collection(LineCollection(best, colors=VERMILION, linewidths=1.8, alpha=0.9))
    for position, column in enumerate(columns):
        _draw_axis(axes, position, column)
    axes.set_xlim(-0.25, len(columns) - 0.6)
    axes.set_ylim(-0.04, 1.04)
    labels = [label.replace(": ", ":\n") for label, *_ in columns]
    crowded = len(columns) > 8
    axes.set_xticks(range(len(columns)), labels, rotation=28 if crowded else 0, ha="right" if crowded else "center")
    axes.tick_params(axis="x", length=0, pad=6)
    axes.set_yticks([])
    return figure


def _heights(column: Axis) -> Floats:
    """Return the places (n,) of values on their axis, from 0 to 1."""
    _, numbers, categories, logarithmic = column
    if categories:
        return (numbers + 0.5) / len(categories)
    low, high = _limits(numbers)
    if logarithmic:
        result: Floats = np.log(numbers / low) / np.log(high / low)
        return result
    return (numbers - low) / (high - low) if high > low else np.where(np.isfinite(numbers), 0.5, np.nan)


def _limits(numbers: Floats) -> tuple[float, float]:
    return float(np.nanmin(numbers)), float(np.nanmax(numbers))


def _pieces(heights: Floats) -> list[Floats]:
    """Return the parts of a line (m, 2) between gaps; a single point is a short dash."""
    known = np.flatnonzero(np.isfinite(heights))
    parts = np.split(known, np.flatnonzero(np.diff(known) > 1) + 1)
    return [
        np.stack([part, heights[part]], axis=1)
        if len(part) > 1
        else np.array([[part[0] - 0.08, heights[part[0]]], [part[0] + 0.08, heights[part[0]]]])
        for part in parts
        if len(part)
    ]


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
        marks = [(height, f"{value:.3g}") for height, value in values.items()]
    for height, text in marks:
        shown = text if len(text) < 17 else f"{text[:15]}…"
        box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.75, "pad": 0.8}
        axes.text(position + 0.04, height, shown, fontsize=8.5, color=INK, va="center", zorder=4, bbox=box)
