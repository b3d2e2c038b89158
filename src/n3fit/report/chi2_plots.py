"""Chi2 of the data sets, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from n3fit.report.curve_records import record_legend, record_points
from n3fit.report.drawn_curves import DrawnPoints
from n3fit.report.format_numbers import format_with_deviation
from n3fit.report.labelled_fit import LabelledFit
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.source import Source
from n3fit.report.style import INK, PALE, new_figure
from n3fit.report.tables import Chi2Cell, Chi2Line, chi2_lines

_ROW = 0.26  # inches


def chi2_figures(fits: Sequence[LabelledFit]) -> list[PlottedFigure]:
    """Return the figure of all data sets and the total, or none when no chi2 is finite."""
    lines = [line for line in chi2_lines(fits) if line.kind != "experiment"]
    if not any(cell is not None and np.isfinite(cell.t0) for line in lines for cell in line.cells):
        return []
    return [
        PlottedFigure(
            name="chi2_datasets",
            title="χ² per point by data set",
            caption="χ² of the mean prediction to the central data with the t₀ covariance; bars show the standard "
            "deviation over the replicas, grey boxes that of a χ² distribution.",
            draw=partial(_draw, [fit.source for fit in fits], lines),
            numbers=_numbers(fits, lines),
            wide=True,
        )
    ]


def _draw(sources: Sequence[Source], lines: Sequence[Chi2Line]) -> Figure:
    """Draw the values of each source, in the order of the cells of the lines."""
    longest = max(len(line.name) for line in lines)
    figure = new_figure(11.2, 0.9 + _ROW * max(len(lines), 3), left=0.3 + 0.078 * longest, top=0.15)
    axes = figure.subplots()
    _draw_expected(axes, lines)
    _draw_values(axes, sources, lines)
    axes.set_yticks(_rows(lines), [line.name for line in lines], fontsize=9)
    axes.set_ylim(-0.7, len(lines) - 0.3)
    axes.set_xlabel("$\\chi^2$ / point of the mean prediction ($t_0$)")
    axes.grid(visible=False, axis="y")
    legend = axes.legend()
    numbers = {source.label: number for number, source in enumerate(sources)}
    record_legend(legend, [numbers.get(text.get_text()) for text in legend.get_texts()])
    return figure


def _rows(lines: Sequence[Chi2Line]) -> np.ndarray:
    """Return the vertical positions of the lines, from the top down."""
    return np.arange(len(lines))[::-1]


def _draw_expected(axes: Axes, lines: Sequence[Chi2Line]) -> None:
    """Draw boxes of one standard deviation of a chi2 distribution around 1."""
    points = np.array([max(cell.points for cell in line.cells if cell is not None) for line in lines])
    width = np.sqrt(2.0 / np.maximum(points, 1))
    axes.barh(_rows(lines), 2 * width, left=1 - width, height=0.62, color=PALE, label="1 ± √(2 / points)", zorder=1)
    axes.axvline(1, color=INK, linewidth=0.8, zorder=1)


def _draw_values(axes: Axes, sources: Sequence[Source], lines: Sequence[Chi2Line]) -> None:
    """Draw a marker with an error bar for each source and line, the sources above one another within a line."""
    for index, fit in enumerate(sources):
        offset = 0.18 * ((len(sources) - 1) / 2 - index)
        cells = [line.cells[index] for line in lines]
        values = [np.nan if cell is None else cell.t0 for cell in cells]
        spread = [np.nan if cell is None else cell.replicas_deviation for cell in cells]
        bars = axes.errorbar(values, _rows(lines) + offset, xerr=spread, fmt=fit.marker, markersize=5, color=fit.colour,
                             elinewidth=1.1, linestyle="none", label=fit.label, zorder=2)  # fmt: skip
        texts = [_text(line.name, line.cells[index]) for line in lines]
        points = DrawnPoints(axes, index, fit.label, fit.colour, np.array(values), _rows(lines) + offset, texts)
        record_points(points, bars.get_children())


def _text(name: str, cell: Chi2Cell | None) -> str:
    if cell is None:
        return name
    chi2 = format_with_deviation(cell.t0, cell.replicas_deviation, 3)
    return f"{name}\nχ² / point {chi2}, {cell.points} points"


def _numbers(fits: Sequence[LabelledFit], lines: Sequence[Chi2Line]) -> dict[str, np.ndarray]:
    """Return one row for each fit and group of points that it has."""
    rows = [
        (fit.label, line.name, cell.points, cell.t0, cell.experimental, cell.replicas_mean, cell.replicas_deviation)
        for index, fit in enumerate(fits)
        for line in lines
        if (cell := line.cells[index]) is not None
    ]
    names = ("fit", "name", "points", "chi2_t0", "chi2_experimental", "chi2_replicas_mean", "chi2_replicas_deviation")
    return {name: np.array([row[column] for row in rows]) for column, name in enumerate(names)}
