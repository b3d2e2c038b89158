"""Distances between two ensembles against x, for each distribution of a basis."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from n3fit.ensembles.distances import distances, expected_shift
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.ensembles.partons import Basis
from n3fit.report.axes import add_note, set_x_axis
from n3fit.report.band_plots import common_points
from n3fit.report.curve_records import record_curve, record_legend
from n3fit.report.drawn_curves import DrawnCurve
from n3fit.report.plotted_figure import PlottedFigure
from n3fit.report.style import BLUE, GREEN, INK, MUTED, ORANGE, PURPLE, SKY, VERMILION, new_figure
from n3fit.typing import Floats

_COLOURS = (VERMILION, BLUE, SKY, GREEN, ORANGE, PURPLE, MUTED, INK, INK)
_LINES = ("-",) * 8 + ("--",)
_LARGEST_X = 0.9


def distance_figures(first: EnsembleOnGrid, second: EnsembleOnGrid, basis: Basis) -> list[PlottedFigure]:
    """Return the figures of the distances between central values and between uncertainties.

    Both must be replicas at the same scale; see :mod:`n3fit.ensembles.distances` for the definition.

    Raises
    ------
    CommandLineError
        One of them has fewer than four replicas.
    """
    x = common_points([first, second], "both")
    x = x[x <= _LARGEST_X]
    partons = first.shown_partons(basis)
    by_parton = [distances(first.members_of(parton, x), second.members_of(parton, x)) for parton in partons]
    shift = expected_shift(len(first.members), len(second.members))
    between = f"{first.label} and {second.label} at {first.q:.4g} GeV ({basis} basis)"
    central = np.stack([entry.central for entry in by_parton])
    uncertainty = np.stack([entry.uncertainty for entry in by_parton])
    return [
        PlottedFigure(
            name=f"distance_{kind}_{basis}_{first.q:.4g}GeV",
            title=f"Distances between {words}, {between}",
            caption=caption,
            draw=partial(_draw, x, {parton.name: parton.formula for parton in partons}, values, marked, first.q),
            numbers={"x": x, **{parton.name: row for parton, row in zip(partons, values, strict=True)}},
        )
        for kind, words, values, marked, caption in (
            ("central", "central values", central, shift,
             "In units of the statistical uncertainty of the mean: around 1 for fits that describe the same "
             f"distribution; the dashed line, {shift:.1f}, is a shift by one standard deviation of the PDF."),
            ("uncertainty", "uncertainties", uncertainty, None,
             "Difference of the variances in units of its statistical uncertainty: around 1 for equal fits."),
        )
    ]  # fmt: skip


def _draw(x: Floats, formulas: Mapping[str, str], values: Floats, marked: float | None, q: float) -> Figure:
    """Draw one line for each distribution, ``values`` (P, n), and the distance ``marked``; formulas are by name."""
    figure = new_figure(5.4, 3.9, top=0.62)
    axes = figure.subplots()
    looks = zip(formulas.items(), values, _COLOURS, _LINES, strict=False)
    for number, ((name, formula), row, colour, style) in enumerate(looks):
        lines = axes.plot(x, row, color=colour, linestyle=style, linewidth=1.4, label=f"${formula}$")
        record_curve(DrawnCurve(axes, number, name, colour, x, row), lines)
    axes.axhline(1, color=MUTED, linewidth=0.8, zorder=0)
    finite = values[np.isfinite(values)]
    top = max(4.0, 1.08 * float(finite.max()) if finite.size else 0.0)
    if marked is not None and marked < 1.5 * top:
        top = max(top, 1.15 * marked)
        _mark(axes, marked)
    set_x_axis(axes, "both")
    axes.set_ylim(0, top)
    axes.set_ylabel("distance")
    add_note(axes, f"$Q$ = {q:.4g} GeV")
    legend = figure.legend(loc="upper center", ncols=len(formulas), handlelength=1.1, columnspacing=0.9,
                           handletextpad=0.35, borderpad=0.2)  # fmt: skip
    record_legend(legend, range(len(axes.get_legend_handles_labels()[0])))
    return figure


def _mark(axes: Axes, distance: float) -> None:
    axes.axhline(distance, color=MUTED, linewidth=1, linestyle=(0, (4, 2)), zorder=0)
    axes.text(0.99, distance, "one standard deviation", color=MUTED, fontsize=9, ha="right", va="bottom",
              transform=axes.get_yaxis_transform())  # fmt: skip
