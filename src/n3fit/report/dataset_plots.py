"""A data set alone: its points with their uncertainties, and the correlations between them."""

from __future__ import annotations

from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm, Normalize
from matplotlib.figure import Figure

from n3fit.data.commondata import CommonData
from n3fit.data.covariance import covariance_matrix
from n3fit.report.axes import add_note, label_logarithmic
from n3fit.report.plotted_figure import PlottedFigure, file_name
from n3fit.report.style import BLUE, INK, MUTED, new_figure
from n3fit.typing import Floats

POINT = "point"
_MANY = 150
"""Points from which a figure is a raster image: the matrix and each point have many marks."""

_WIDE = 30.0
"""Ratio of the largest to the smallest value from which an axis is logarithmic."""


def dataset_figure(dataset: CommonData) -> PlottedFigure:
    """Return the figure of the central values with statistical and total uncertainties, and of the correlations."""
    covariance = covariance_matrix([dataset])
    total = np.sqrt(np.diag(covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        correlation = np.where(total > 0, covariance / np.outer(total, total), np.eye(len(total)))
    name = dataset.name if dataset.variant is None else f"{dataset.name}_{dataset.variant}"
    return PlottedFigure(
        name=f"dataset_{file_name(name)}",
        title=f"{dataset.name}, {len(dataset)} points",
        caption="Central values with statistical (thick) and total (thin) uncertainties, and the correlation "
        "coefficients between the points in the order of the file.",
        draw=partial(_draw, dataset, total, correlation),
        numbers={
            POINT: dataset.indices,
            **dataset.kinematics,
            "central": dataset.central,
            "statistical": dataset.statistical,
            "total": total,
        },
        wide=True,
        raster=len(dataset) > _MANY,
    )


def _draw(dataset: CommonData, total: Floats, correlation: Floats) -> Figure:
    """Draw the data beside the matrix, each with its colours."""
    figure = new_figure(10.6, 4.3, left=0.85, bottom=0.6, right=0.75, top=0.5)
    left, right = figure.subplots(1, 2, width_ratios=(1.3, 1), gridspec_kw={"wspace": 0.28})
    figure.suptitle(dataset.label or dataset.name, x=0.08, y=0.975, ha="left", fontsize=11, fontweight="bold")
    _draw_points(figure, left, dataset, total)
    image = right.imshow(correlation, cmap="RdBu_r", vmin=-1, vmax=1, interpolation="none", aspect="equal")
    right.grid(visible=False)
    right.set_xlabel(POINT)
    right.set_ylabel(POINT)
    add_note(right, "correlation", colour=INK)
    bar = figure.colorbar(image, ax=right, pad=0.03, fraction=0.046, ticks=[-1, -0.5, 0, 0.5, 1])
    bar.outline.set_visible(False)
    return figure


def _draw_points(figure: Figure, axes: Axes, dataset: CommonData, total: Floats) -> None:
    """Draw the points against the variable of the metadata, in colours of the variable that differs most besides."""
    name = dataset.plot_x if dataset.plot_x in dataset.kinematics else POINT
    x = dataset.kinematics.get(name, np.arange(1.0, len(dataset) + 1))
    axes.errorbar(x, dataset.central, yerr=total, fmt="none", ecolor=MUTED, elinewidth=0.9, capsize=2, zorder=1)
    if dataset.statistical.any():
        axes.errorbar(x, dataset.central, yerr=dataset.statistical, fmt="none", ecolor=BLUE, elinewidth=2.2, zorder=2)
    other = None if name == POINT else _second_variable(dataset, name)
    if other is None:
        axes.scatter(x, dataset.central, s=16, color=INK, linewidths=0, zorder=3)
    else:
        values = dataset.kinematics[other]
        norm = LogNorm(values.min(), values.max()) if _is_wide(values) else Normalize(values.min(), values.max())
        dots = axes.scatter(x, dataset.central, s=18, c=values, norm=norm, cmap="viridis", linewidths=0.3,
                            edgecolors=INK, zorder=3)  # fmt: skip
        bar = figure.colorbar(dots, ax=axes, pad=0.015, label=_label(dataset, other))
        if _is_wide(values):
            label_logarithmic(bar.ax.yaxis, float(values.min()), float(values.max()))
    if _is_wide(x):
        axes.set_xscale("log")
        label_logarithmic(axes.xaxis, float(x.min()), float(x.max()))
    if _is_wide(dataset.central):
        low = dataset.central - total
        bottom, top = float(np.where(low > 0, low, 0.5 * dataset.central).min()), float((dataset.central + total).max())
        axes.set_yscale("log", nonpositive="clip")
        axes.set_ylim(0.8 * bottom, 1.25 * top)
        label_logarithmic(axes.yaxis, bottom, top)
    axes.set_xlabel(POINT if name == POINT else _label(dataset, name))
    units = f" [{_plain(dataset.units)}]" if dataset.units.strip() else ""
    axes.set_ylabel(f"central value{units}")


def _second_variable(dataset: CommonData, first: str) -> str | None:
    """Return the variable with most different values besides the one of the axis, None where none has several."""
    counts = {name: len(np.unique(values)) for name, values in dataset.kinematics.items() if name != first}
    counts = {name: count for name, count in counts.items() if count > 1}
    preferred = [name for name in ("Q2", "Q") if name in counts]
    return preferred[0] if preferred else max(counts, key=lambda name: counts[name], default=None)


def _is_wide(values: Floats) -> bool:
    return bool((values > 0).all() and values.max() > _WIDE * values.min())


def _label(dataset: CommonData, name: str) -> str:
    return _plain(dataset.kinematic_labels.get(name, "")) or name


def _plain(text: str) -> str:
    """Return a label that matplotlib can draw: as it is where its formulas are complete, else without them."""
    return text if text.count("$") % 2 == 0 else text.replace("$", "")
