"""The correlations between distributions as a map."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from n3fit.ensembles.correlations import FEWEST_REPLICAS, correlation_matrix
from n3fit.ensembles.ensemble_on_grid import EnsembleOnGrid
from n3fit.ensembles.partons import Basis, Parton
from n3fit.report.figures import PlottedFigure, file_name
from n3fit.report.pictures import INK, new_figure

Floats = NDArray[np.float64]

POINTS = (1e-4, 1e-3, 1e-2, 3e-2, 0.1, 0.2, 0.3, 0.5, 0.7)
_WORDS = "10⁻⁴, 10⁻³, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7"


def correlation_figure(snapshot: EnsembleOnGrid, basis: Basis = "flavour") -> PlottedFigure | None:
    """Give the map of the correlations between flavours and points in x; None for fewer than three members."""
    if snapshot.kind == "central" or len(snapshot.members) < FEWEST_REPLICAS:
        return None
    x = np.array(POINTS)
    partons = snapshot.shown_partons(basis)
    matrix = correlation_matrix(snapshot, partons, x)
    names = np.repeat([parton.name for parton in partons], len(x))
    places = np.tile(x, len(partons))
    rows, columns = np.indices(matrix.shape)
    return PlottedFigure(
        name=f"correlation_{basis}_{file_name(snapshot.label)}_{snapshot.q:.4g}GeV",
        title=f"Correlations of {snapshot.label} at {snapshot.q:.4g} GeV ({basis} basis)",
        caption=f"Correlation coefficients between the members; within each block x increases through {_WORDS}, to "
        "the right and downwards.",
        figure=_draw(matrix, partons, len(x), snapshot.q),
        numbers={
            "first": names[rows.ravel()],
            "first x": places[rows.ravel()],
            "second": names[columns.ravel()],
            "second x": places[columns.ravel()],
            "correlation": matrix.ravel(),
        },
    )


def _draw(matrix: Floats, partons: list[Parton], size: int, q: float) -> Figure:
    figure = new_figure(5.4, 4.7, left=0.5, bottom=0.4, right=0.5)
    axes = figure.subplots()
    image = axes.imshow(matrix, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="none", aspect="auto")
    middles = [(place + 0.5) * size - 0.5 for place in range(len(partons))]
    labels = [f"${parton.formula}$" for parton in partons]
    axes.set_xticks(middles, labels)
    axes.set_yticks(middles, labels)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    for place in range(1, len(partons)):
        axes.axhline(place * size - 0.5, color=INK, linewidth=0.6)
        axes.axvline(place * size - 0.5, color=INK, linewidth=0.6)
    axes.set_title(f"$Q$ = {q:.4g} GeV", loc="right", fontsize=9.5, fontweight="normal")
    bar = figure.colorbar(image, ax=axes, pad=0.02, fraction=0.05, ticks=[-1, -0.5, 0, 0.5, 1])
    bar.outline.set_visible(False)
    return figure
