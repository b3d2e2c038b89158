"""Maps of the correlations between distributions."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.figure import Figure

from n3fit.ensembles.correlations import FEWEST_REPLICAS, correlation_matrix
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.ensembles.partons import Basis
from n3fit.report.axes import add_note
from n3fit.report.plotted_figure import PlottedFigure, file_name
from n3fit.report.style import INK, new_figure
from n3fit.typing import Floats

POINTS = (1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.2, 0.3, 0.5, 0.7)
"""The points in x between which correlations are shown."""
_POINTS_IN_WORDS = "10⁻⁴, 10⁻³, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7"


def correlation_figure(ensemble: EnsembleOnGrid, basis: Basis = "flavour") -> PlottedFigure | None:
    """Return the map of the correlations between flavours and points in x, None for fewer than three members."""
    if ensemble.kind == "central" or len(ensemble.members) < FEWEST_REPLICAS:
        return None
    x = np.array(POINTS)
    partons = ensemble.shown_partons(basis)
    matrix = correlation_matrix(ensemble, partons, x)
    names = np.repeat([parton.name for parton in partons], len(x))
    points = np.tile(x, len(partons))
    rows, columns = np.indices(matrix.shape)
    return PlottedFigure(
        name=f"correlation_{basis}_{file_name(ensemble.label)}_{ensemble.q:.4g}GeV",
        title=f"Correlations of {ensemble.label} at {ensemble.q:.4g} GeV ({basis} basis)",
        caption=f"Correlation coefficients between the members; within each block x increases through "
        f"{_POINTS_IN_WORDS}, to the right and downwards.",
        draw=partial(_draw, matrix, [parton.formula for parton in partons], len(x), ensemble.q),
        numbers={
            "first": names[rows.ravel()],
            "first x": points[rows.ravel()],
            "second": names[columns.ravel()],
            "second x": points[columns.ravel()],
            "correlation": matrix.ravel(),
        },
    )


def _draw(matrix: Floats, formulas: Sequence[str], size: int, q: float) -> Figure:
    """Draw the matrix, in blocks of ``size`` points for each pair of distributions."""
    figure = new_figure(5.4, 4.7, left=0.5, bottom=0.4, right=0.5)
    axes = figure.subplots()
    image = axes.imshow(matrix, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="none", aspect="auto")
    centres = [(block + 0.5) * size - 0.5 for block in range(len(formulas))]
    labels = [f"${formula}$" for formula in formulas]
    axes.set_xticks(centres, labels)
    axes.set_yticks(centres, labels)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for block in range(1, len(formulas)):
        axes.axhline(block * size - 0.5, color=INK, linewidth=0.6)
        axes.axvline(block * size - 0.5, color=INK, linewidth=0.6)
    add_note(axes, f"$Q$ = {q:.4g} GeV", colour=INK)
    bar = figure.colorbar(image, ax=axes, pad=0.02, fraction=0.05, ticks=[-1, -0.5, 0, 0.5, 1])
    bar.outline.set_visible(False)
    return figure
