"""Data compared with theory, point by point, one figure for each data set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from numpy.typing import NDArray

from n3fit.report.axes import label_logarithmic
from n3fit.report.labelled_fit import LabelledFit
from n3fit.report.plotted_figure import PlottedFigure, file_name, with_distinct_names
from n3fit.report.style import INK, MUTED, new_figure
from n3fit.typing import Floats

_MANY = 120
"""Points from which a figure is a raster image: each point is drawn as several marks."""


@dataclass(frozen=True, eq=False)
class DatasetComparison:
    """One data set and the predictions of the F fits that have the same n points of it.

    Parameters
    ----------
    name : str
    fits : tuple of LabelledFit
    x, q2, central, error : (n,)
        Kinematics (nan where undefined; Q2 in GeV2), central data and total experimental uncertainty.
    theory, spread : (F, n)
        Mean and standard deviation of the chosen replicas.
    left_out : tuple of str
        Labels of fits that have other points of the set.
    """

    name: str
    fits: tuple[LabelledFit, ...]
    x: Floats
    q2: Floats
    central: Floats
    error: Floats
    theory: Floats
    spread: Floats
    left_out: tuple[str, ...]


def data_figures(fits: Sequence[LabelledFit]) -> list[PlottedFigure]:
    """Return a figure for each data set of the fits that have a chosen replica, in the order of the first fits."""
    fits = [fit for fit in fits if fit.folder.chosen.any()]
    names = dict.fromkeys(dataset.name for fit in fits for dataset in fit.folder.description.datasets)
    figures = (_data_figure(compare_dataset(name, fits)) for name in names)
    return with_distinct_names([figure for figure in figures if figure is not None])


def compare_dataset(name: str, fits: Sequence[LabelledFit]) -> DatasetComparison:
    """Return data and predictions of a data set, which at least one of the fits must have."""
    owners = [(fit, points) for fit in fits if (points := _points_of(fit, name)) is not None]
    first, first_points = owners[0]
    table = first.folder.points
    same = [(fit, points) for fit, points in owners if _has_same_points(first, first_points, fit, points)]
    predictions = [fit.folder.results.predictions[fit.folder.chosen][:, points] for fit, points in same]
    fits_shown = tuple(fit for fit, _ in same)
    return DatasetComparison(
        name=name,
        fits=fits_shown,
        x=table.x[first_points],
        q2=table.q2[first_points],
        central=table.central[first_points],
        error=table.experimental_error[first_points],
        theory=np.array([values.mean(axis=0) for values in predictions]),
        spread=np.array([values.std(axis=0, ddof=min(1, len(values) - 1)) for values in predictions]),
        left_out=tuple(fit.label for fit, _ in owners if fit not in fits_shown),
    )


def _points_of(fit: LabelledFit, name: str) -> slice | None:
    """Return the points of a data set among those of a fit, None when the fit does not have the set."""
    found = next((dataset for dataset in fit.folder.description.datasets if dataset.name == name), None)
    return None if found is None else slice(found.start, found.stop)


def _has_same_points(first: LabelledFit, first_points: slice, other: LabelledFit, other_points: slice) -> bool:
    mine, others = first.folder.points, other.folder.points
    if first_points.stop - first_points.start != other_points.stop - other_points.start:
        return False
    pairs = ((mine.x, others.x), (mine.q2, others.q2), (mine.central, others.central))
    return all(np.array_equal(a[first_points], b[other_points], equal_nan=True) for a, b in pairs)


def _data_figure(data: DatasetComparison) -> PlottedFigure | None:
    """Return the figure of the ratios to the prediction of the first fit, None when nothing is finite."""
    reference = data.theory[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio, error = data.central / reference, np.abs(data.error / reference)
        theory, spread = data.theory / reference, np.abs(data.spread / reference)
    known = np.isfinite(ratio) & np.isfinite(error)
    if not known.any():
        return None
    return PlottedFigure(
        name=f"data_{file_name(data.name)}",
        title=f"{data.name}, {known.sum()} points",
        caption=_caption(data),
        figure=_draw(data, known, ratio[known], error[known], theory[:, known], spread[:, known]),
        numbers=_numbers(data),
        raster=int(known.sum()) * (1 + len(data.fits)) > _MANY,
    )


def _draw(
    data: DatasetComparison, known: NDArray[np.bool_], ratio: Floats, error: Floats, theory: Floats, spread: Floats
) -> Figure:
    """Draw the known points: ratios of data and their uncertainty (k,), ratios of theory and their spread (F, k)."""
    x, q2 = data.x[known], data.q2[known]
    has_x, has_q2 = _is_positive(x), _is_positive(q2)
    positions = spread_by_q2(x, q2) if has_x else np.arange(1.0, x.size + 1)
    alone = len(data.fits) == 1
    figure = new_figure(5.4, 3.4, right=0.05 if alone and has_q2 else 0.2, top=0.12 if alone else 0.42)
    axes = figure.subplots()
    for fit, mean, width in zip(data.fits, theory, spread, strict=True):
        _draw_theory(axes, positions, mean, width, fit, alone=alone)
    axes.errorbar(positions, ratio, yerr=error, fmt="none", ecolor=MUTED, elinewidth=0.7, alpha=0.6, zorder=1)
    _draw_data(figure, axes, positions, ratio, q2 if alone and has_q2 else None)
    if has_x:
        axes.set_xscale("log")
        label_logarithmic(axes.xaxis, float(positions.min()), float(positions.max()))
    axes.axhline(1, color=INK, linewidth=0.8, zorder=0)
    axes.set_ylim(*_range(ratio, error))
    axes.set_xlabel("$x$" if has_x else "point")
    axes.set_ylabel("data / theory" if alone else "ratio to the first fit")
    if not alone:
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, columnspacing=1.2, handletextpad=0.4)
    return figure


def _draw_theory(axes: Axes, x: Floats, mean: Floats, spread: Floats, fit: LabelledFit, *, alone: bool) -> None:
    colour = INK if alone else fit.colour
    axes.errorbar(x, mean, yerr=spread, fmt="none" if alone else fit.marker, markersize=2.2, color=colour,
                  ecolor=colour, elinewidth=1.8, alpha=0.3 if alone else 0.55, label=fit.label, zorder=2)  # fmt: skip


def _draw_data(figure: Figure, axes: Axes, x: Floats, ratio: Floats, q2: Floats | None) -> None:
    """Draw the data, with a colour for the scale if ``q2`` (GeV2) is not None."""
    if q2 is None:
        axes.scatter(x, ratio, s=9, color=INK, linewidths=0, zorder=3, label="data")
        return
    low, high = _limits(q2)
    dots = axes.scatter(x, ratio, s=11, linewidths=0.25, edgecolors=INK, zorder=3, c=q2, norm=LogNorm(low, high),
                        cmap="viridis")  # fmt: skip
    bar = figure.colorbar(dots, ax=axes, label="$Q^2$ [GeV$^2$]", pad=0.01)
    label_logarithmic(bar.ax.yaxis, low, high)


def _caption(data: DatasetComparison) -> str:
    if not data.left_out:
        return ""
    have = "has" if len(data.left_out) == 1 else "have"
    return f"Not shown: {', '.join(data.left_out)}, which {have} other points of this set."


def _numbers(data: DatasetComparison) -> dict[str, NDArray[np.generic]]:
    """Return one row for each point and fit, in the units of the data; Q2 in GeV2."""
    F, n = data.theory.shape
    return {
        "fit": np.repeat([fit.label for fit in data.fits], n),
        "point": np.tile(np.arange(n), F),
        "x": np.tile(data.x, F),
        "q2": np.tile(data.q2, F),
        "data": np.tile(data.central, F),
        "data_error": np.tile(data.error, F),
        "theory": data.theory.ravel(),
        "theory_error": data.spread.ravel(),
    }


def spread_by_q2(x: Floats, q2: Floats) -> Floats:
    """Return positions (n,) close to ``x``, at which points of the same x are apart, in the order of their Q2.

    A group of points extends over at most 60 % of the distance to its neighbours on a logarithmic axis.
    """
    nodes, group = np.unique(x, return_inverse=True)
    gaps = np.diff(np.log(nodes))
    width = np.minimum(np.append(gaps, np.inf), np.insert(gaps, 0, np.inf))
    width = np.minimum(0.6 * width, 0.3)
    shifts = np.zeros_like(x)
    for number in range(nodes.size):
        members = np.flatnonzero(group == number)
        order = members[np.argsort(q2[members], kind="stable")]
        shifts[order] = np.linspace(-0.5, 0.5, order.size) if order.size > 1 else 0.0
    result: Floats = x * np.exp(shifts * width[group])
    return result


def _is_positive(values: Floats) -> bool:
    return bool((np.isfinite(values) & (values > 0)).all())


def _limits(values: Floats) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    return (low, high) if low < high else (0.9 * low, 1.1 * high)


def _range(ratio: Floats, error: Floats) -> tuple[float, float]:
    """Return the range of the vertical axis, without the few points of very large uncertainty."""
    low, high = np.percentile(ratio - error, 3), np.percentile(ratio + error, 97)
    margin = 0.12 * max(high - low, 0.02)
    return min(float(low), 0.98) - margin, max(float(high), 1.02) + margin
