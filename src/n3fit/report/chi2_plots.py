"""Chi2 of each data set, side by side."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from n3fit.report.figures import PlottedFigure
from n3fit.report.pictures import INK, PALE, new_figure
from n3fit.report.shown_fit import ShownFit
from n3fit.report.tables import Chi2Line, chi2_lines

_ROW = 0.26  # inches


def chi2_figures(fits: Sequence[ShownFit]) -> list[PlottedFigure]:
    """Give the figure of all data sets, or none when no chi2 is finite."""
    lines = [line for line in chi2_lines(fits) if line.kind != "experiment"]
    values = np.array([[np.nan if cell is None else cell.t0 for cell in line.cells] for line in lines])
    if not np.isfinite(values).any():
        return []
    longest = max(len(line.name) for line in lines)
    figure = new_figure(11.2, 0.9 + _ROW * max(len(lines), 3), left=0.3 + 0.078 * longest, top=0.15)
    axes = figure.subplots()
    rows = np.arange(len(lines))[::-1]
    points = np.array([max(cell.points for cell in line.cells if cell is not None) for line in lines])
    width = np.sqrt(2.0 / np.maximum(points, 1))
    axes.barh(rows, 2 * width, left=1 - width, height=0.62, color=PALE, label="1 ± √(2 / points)", zorder=1)
    axes.axvline(1, color=INK, linewidth=0.8, zorder=1)
    for place, shown in enumerate(fits):
        offset = 0.18 * ((len(fits) - 1) / 2 - place)
        cells = [line.cells[place] for line in lines]
        spread = [np.nan if cell is None else cell.replicas_deviation for cell in cells]
        axes.errorbar(values[:, place], rows + offset, xerr=spread, fmt=shown.marker, markersize=5, color=shown.colour,
                      elinewidth=1.1, linestyle="none", label=shown.label, zorder=2)  # fmt: skip
    axes.set_yticks(rows, [line.name for line in lines], fontsize=9)
    axes.set_ylim(-0.7, len(lines) - 0.3)
    axes.set_xlabel("$\\chi^2$ / point of the mean prediction ($t_0$)")
    axes.grid(visible=False, axis="y")
    axes.legend()
    return [
        PlottedFigure(
            name="chi2_datasets",
            title="χ² per point by data set",
            caption="χ² of the mean prediction to the central data with the t₀ covariance; bars show the standard "
            "deviation over the replicas, grey boxes that of a χ² distribution.",
            figure=figure,
            numbers=_numbers(fits, lines),
            wide=True,
        )
    ]


def _numbers(fits: Sequence[ShownFit], lines: Sequence[Chi2Line]) -> dict[str, np.ndarray]:
    """Give one line for each fit and group of points that it has."""
    rows = [
        (shown.label, line.name, cell.points, cell.t0, cell.experimental, cell.replicas_mean, cell.replicas_deviation)
        for place, shown in enumerate(fits)
        for line in lines
        if (cell := line.cells[place]) is not None
    ]
    names = ("fit", "name", "points", "chi2_t0", "chi2_experimental", "chi2_replicas_mean", "chi2_replicas_deviation")
    return {name: np.array([row[place] for row in rows]) for place, name in enumerate(names)}
